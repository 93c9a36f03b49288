"use strict";
/**
 * Runs cells one at a time and knows, for whatever is written or thrown, which cell it belongs to.
 */
const { AsyncLocalStorage } = require("node:async_hooks");
const { inspect } = require("node:util");
const { createConverters, root } = require("./compile.cjs"); // before anything of tslab's
const jupyter = require("tslab/dist/jupyter");
const { createExecutor, createRequire } = require("tslab/dist/executor");
const { Output, encode } = require("./output.cjs");
const traceback = require("./traceback.cjs");

const displaySymbol = Symbol.for("gradschool.display");
const kernelSymbol = Symbol.for("gradschool.kernel");
const turn = () => new Promise((resolve) => setImmediate(resolve));

class Interrupted extends Error {
  name = "Interrupted";
  constructor() {
    super("the cell was stopped");
    this.stack = "";
  }
}

/** One request to run a cell. `stop` aborts what the cell still awaits. */
class Cell {
  constructor(count, source, send) {
    this.count = count;
    this.name = `cell-${count}`;
    this.source = source;
    this.output = new Output(send);
    this.stop = new AbortController();
    this.failures = [];
    this.results = [];
  }
}

class Notebook {
  constructor() {
    this.count = 0;
    this.running = null;
    this.last = null;
    this.cells = new Set();
    this.owners = new AsyncLocalStorage();
    /** An error that came while no cell ran: the next cell, if it starts at once, must not look fine. */
    this.orphan = null;
    this.lastTurn = 0;
    this.stderr = process.stderr.write.bind(process.stderr);
    this.exit = process.exit.bind(process);
    this.executor = createExecutor(
      process.cwd(),
      createConverters(() => this.running, traceback.remember),
      {
        log: (value) => this.running.results.push(value),
        error: (error, ...rest) =>
          this.running.failures.push(rest.length > 0 ? new Error(formatted(error, rest)) : error),
      },
    );
    this.install();
  }

  /** Everything in the process that a cell may touch and that must know its cell. */
  install() {
    traceback.install();
    globalThis.__tslab__.guard = (value) => this.guard(value);
    globalThis.__tslab__.settle = (limit) => this.settle(limit);
    globalThis.__tslab__.require = requireFromCourse(globalThis.__tslab__.require);
    for (const name of ["stdout", "stderr"]) process[name].write = this.writer(name);
    process.exit = () => {
      throw new Error("process.exit: it would end the kernel and lose every variable; use return or throw");
    };
    process.on("SIGINT", () => this.interrupt());
    process.on("uncaughtException", (error) => this.late(error));
    process.on("unhandledRejection", (reason) => this.late(reason));
    jupyter.lastWriteDisplayData = ({ data, transient }, update) => {
      const type = update ? "update_display_data" : "display_data";
      this.target().output.publish(type, { data, metadata: {}, transient });
    };
    globalThis[kernelSymbol] = Object.freeze(this.hook());
  }

  /** What libraries may use, under `globalThis[Symbol.for("gradschool.kernel")]`. */
  hook() {
    const notebook = this;
    return {
      /** Show `{mime: content}` now; returns a handle whose `update` replaces it in place. */
      display(bundle) {
        const id = notebook.target().output.display(bundle);
        return { update: (next) => notebook.target().output.update(id, next) };
      },
      /** Aborted when the reader stops the cell: long asynchronous loops should look at it. */
      get signal() {
        return notebook.target().stop.signal;
      },
    };
  }

  /** The cell that output belongs to: the one that started the work, while it runs; else the one that runs. */
  target() {
    const owner = this.owners.getStore();
    return owner && owner === this.running ? owner : (this.running ?? owner ?? this.last);
  }

  writer(name) {
    const decoder = new TextDecoder();
    return (chunk, encoding, callback) => {
      const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
      this.target()?.output.stream(name, text);
      const done = typeof encoding === "function" ? encoding : callback;
      if (done) process.nextTick(done);
      return true;
    };
  }

  /**
   * Every `await` of a cell passes here: it ends when the reader stops the cell, and lets timers and messages
   * have their turn at least every 50 ms, so that a training loop that awaits can be stopped.
   */
  async guard(value) {
    const signal = this.owners.getStore()?.stop.signal;
    if (performance.now() - this.lastTurn > 50) {
      Promise.resolve(value).catch(() => {}); // may reject meanwhile; it is awaited below
      await turn();
      this.lastTurn = performance.now();
    }
    const result = await value;
    signal?.throwIfAborted();
    return result;
  }

  /** Wait until no timer of any cell is left, `limit` milliseconds at most: a runner's last question. */
  async settle(limit) {
    const end = Date.now() + limit;
    do await new Promise((resolve) => setTimeout(resolve, 20).unref());
    while (Date.now() < end && process.getActiveResourcesInfo().includes("Timeout"));
  }

  interrupt() {
    for (const cell of this.cells) cell.stop.abort(new Interrupted());
    this.cells.clear();
  }

  /** Run one cell. Resolves with the content of the execute_reply. */
  async run({ code, silent = false }, send) {
    const cell = new Cell(silent ? this.count : ++this.count, code, send);
    this.running = this.last = cell;
    this.cells.add(cell);
    if (!silent) cell.output.publish("execute_input", { code, execution_count: cell.count });
    if (this.orphan && Date.now() - this.orphan.time < 1000) this.blame(cell, this.orphan);
    this.orphan = null;
    this.lastTurn = performance.now();
    await this.evaluate(cell, silent);
    // A promise rejected in the last moment of a cell is the cell's own error.
    await turn();
    if (cell.failures.length === 0 && cell.stop.signal.aborted) cell.failures.push(cell.stop.signal.reason);
    if (cell.failures.length === 0 && cell.late) cell.failures.push(cell.late);
    const reply = this.conclude(cell);
    cell.output.flush();
    this.running = null;
    return reply;
  }

  async evaluate(cell, silent) {
    const { signal } = cell.stop;
    const stopped = new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    stopped.catch(() => {});
    try {
      await this.owners.run(cell, async () => {
        await Promise.race([this.executor.execute(cell.source), stopped]);
        if (cell.failures.length > 0 || cell.results.length === 0) return;
        const value = await Promise.race([cell.results[0], stopped]);
        if (value !== undefined && value !== null && !silent) this.show(cell, value);
      });
    } catch (error) {
      cell.failures.push(error);
    }
  }

  show(cell, value) {
    const drawn = typeof value?.[displaySymbol] === "function" ? encode(value[displaySymbol]()) : null;
    // A value may say that there is nothing to see: the handle of what has been displayed already.
    if (drawn && Object.keys(drawn).length === 0) return;
    const bundle = drawn ?? {};
    const data = { "text/plain": bundle["text/plain"] ?? plain(value), ...bundle };
    cell.output.publish("execute_result", { execution_count: cell.count, data, metadata: {} });
  }

  conclude(cell) {
    if (cell.failures.length === 0)
      return { status: "ok", execution_count: cell.count, user_expressions: {}, payload: [] };
    let [error] = cell.failures;
    if (error?.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED") error = new Interrupted();
    const content = traceback.describe(error);
    if (error !== cell.late) cell.output.publish("error", content);
    return { status: "error", execution_count: cell.count, ...content };
  }

  /** An error that nobody awaited: a timer's, or a promise's. */
  late(error) {
    const owner = this.owners.getStore();
    // What a stopped or failed cell leaves behind says nothing new.
    if (owner && error === owner.stop.signal.reason) return;
    if (this.running && (!owner || owner === this.running)) {
      this.running.stop.abort(error);
      return;
    }
    const late = { error, owner, time: Date.now() };
    if (this.running) this.blame(this.running, late);
    else {
      this.orphan = late;
      (owner ?? this.last)?.output.publish("error", traceback.describe(error));
    }
    this.stderr(`${lateTitle(owner)}: ${traceback.describe(error).traceback.join("\n")}\n`);
  }

  /** An earlier cell's error becomes visible in the one that runs now, which then counts as failed. */
  blame(cell, { error, owner }) {
    const content = traceback.describe(error);
    const traced = [`${lateTitle(owner)}:`, ...content.traceback];
    cell.output.publish("error", { ...content, traceback: traced });
    cell.late ??= error;
  }

  close() {
    this.executor.close();
  }
}

const lateTitle = (owner) => `An error that came late${owner ? `, from ${traceback.title(owner.name)}` : ""}`;

/** tslab reports `@module` cells as a format and its values. */
const formatted = (format, values) => require("node:util").format(format, ...values);

/** As Node prints it, except that a text of several lines is left readable. */
const plain = (value) =>
  typeof value === "string" && value.includes("\n") ? value : inspect(value, { maxArrayLength: 20 });

/** `gradschool` is this course's wherever the notebook lies; other packages may come from either place. */
function requireFromCourse(require) {
  const ours = createRequire(root);
  return (id) => {
    if (/^gradschool(\/|$)/.test(id)) return ours(id);
    try {
      return require(id);
    } catch (error) {
      const missing = error?.code === "MODULE_NOT_FOUND" && error.message.includes(`'${id}'`);
      if (!missing || id.startsWith(".")) throw error;
      return ours(id);
    }
  };
}

module.exports = { Notebook };
