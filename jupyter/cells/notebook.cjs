"use strict";
/**
 * Runs cells one at a time, as the server asks, and knows of whatever is written or thrown which cell it belongs to.
 *
 * A cell can be cut short anywhere (see server/stop.cjs), this file's own functions included: then not even `finally`
 * runs. So a cell's end is not the end of a function here but a message, `stop`, that comes after the cut.
 */
const { AsyncLocalStorage } = require("node:async_hooks");
const vm = require("node:vm");
const { Output, bundleText, encode } = require("./output.cjs");
const { Modules } = require("./require.cjs");
const { plain } = require("./text.cjs");
const traceback = require("./traceback.cjs");
const tslab = require("./tslab.cjs");
const { Variables } = require("./variables.cjs");

const displaySymbol = Symbol.for("gradschool.display");
const kernelSymbol = Symbol.for("gradschool.kernel");
const haltedSymbol = Symbol.for("gradschool.halted");
const turn = () => new Promise((resolve) => setImmediate(resolve));
const { apply } = Reflect;
const has = Object.hasOwn;

/** How often the await of a stopped cell may be caught before it simply never ends. */
const patience = 100;

/** Something thrown, and what is known of it. @typedef {{ error: unknown }} Failure */
/** An error that came when its cell was over. @typedef {Failure & { owner: Cell | undefined, time: number }} Late */

/** One request to run a cell. `stop` aborts what the cell still awaits. */
class Cell {
  /** @param {RunRequest} request @param {(type: string, content: object) => void} publish */
  constructor(request, publish) {
    this.request = request;
    this.count = request.count;
    this.name = request.name;
    this.output = new Output(publish);
    this.stop = new AbortController();
    /** @type {InstanceType<typeof Variables> | null} */
    this.variables = null;
    /** @type {Failure | null} */
    this.error = null;
    /** @type {Failure | null} */
    this.late = null;
    this.catches = 0;
    /** @type {"running" | "ending" | "ended"} */
    this.phase = "running";
  }
}

class Notebook {
  /** @param {import("node:worker_threads").MessagePort} port @param {Int32Array} stop */
  constructor(port, stop) {
    this.port = port;
    this.stop = stop;
    /** @type {Cell | null} */
    this.running = null;
    /** @type {Cell | null} */
    this.last = null;
    /** Cells whose awaits a stop ends: all that have run since the last one. @type {Set<Cell>} */
    this.cells = new Set();
    /** @type {InstanceType<typeof AsyncLocalStorage<Cell | undefined>>} */
    this.owners = new AsyncLocalStorage();
    /** An error that came while no cell ran: the next cell, if it starts at once, must not look fine. @type {Late | null} */
    this.orphan = null;
    this.lastTurn = 0;
    /** What the cell that was cut short fails with, until the server's message comes. @type {unknown} */
    this.cut = null;
    /** @type {Set<NodeJS.Timeout>} */
    this.intervals = new Set();
    this.stderr = process.stderr.write.bind(process.stderr);
    this.exit = process.exit.bind(process);
    /** @type {Record<PropertyKey, unknown>} */
    this.values = {};
    /** Names of the variables that an import made. @type {Set<PropertyKey>} */
    this.imported = new Set();
    this.modules = new Modules(tslab.module(() => this.target().output));
    this.install();
    port.on("message", (/** @type {string} */ text) => this.receive(JSON.parse(text)));
  }

  /** @param {Message} message */
  receive(message) {
    this.owners.enterWith(undefined); // a cell that was cut short may have left its mark
    if (message.type === "run") this.run(message);
    else if (message.type === "stop") this.stopped(message);
    else if (message.type === "beat") Atomics.store(this.stop, 1, message.number);
    else this.exit(message.code);
  }

  /** Everything in the process that a cell may touch and that must know its cell. */
  install() {
    traceback.install();
    const guard = cells.guarded(
      () => this.check(),
      () => this.breath(),
    );
    this.guard = guard;
    const settle = (/** @type {number} */ limit) => this.settle(limit);
    // The last two are called through the debugger's door, on top of what the thread does at that moment.
    const idle = () => traceback.framesOf(new cells.Error()).length === 0;
    const fixed = { guard, settle, halt: () => this.halt(), idle };
    const { globalThis: global } = cells;
    Object.defineProperty(global, "__tslab__", { value: Object.freeze(fixed) });
    Object.defineProperty(global, kernelSymbol, { value: Object.freeze(this.hook()) });
    for (const name of /** @type {const} */ (["stdout", "stderr"])) process[name].write = this.writer(name);
    process.exit = () => {
      throw new cells.Error(
        "process.exit: it would end the kernel and lose every variable; use return or throw",
      );
    };
    ignoreInterrupts(process);
    this.rememberIntervals(global);
    this.fatal = /** @type {any} */ (process)._fatalException; // Node's own; no type tells of it
    process.on("uncaughtException", (error) => this.late(error));
    process.on("unhandledRejection", (reason) => this.late(reason));
  }

  /** What libraries may use, under `globalThis[Symbol.for("gradschool.kernel")]`. */
  hook() {
    const notebook = this;
    return {
      /** Show `{mime: content}` now; returns a handle whose `update` replaces it in place. @param {Record<string, unknown>} bundle */
      display(bundle) {
        const id = notebook.target().output.display(bundle);
        return {
          update: (/** @type {Record<string, unknown>} */ next) => notebook.target().output.update(id, next),
        };
      },
      /** Whether a cell that failed would have replaced this value: what is shown there is not what it is. @param {unknown} value */
      outdated(value) {
        const { lost } = notebook.target().request;
        return lost.some((name) => name in notebook.values && notebook.values[name] === value);
      },
      /** What the cells call by this name, and whether it came by an import; undefined if nothing. @param {string} name */
      variable(name) {
        if (!Object.hasOwn(notebook.values, name)) return undefined;
        return { value: notebook.values[name], imported: notebook.imported.has(name) };
      },
      /** What the cell gives to the check of that exercise, `{ source, javascript }`, if it can stand alone. @param {string} id */
      answer(id) {
        const { answers } = notebook.target().request;
        return answers && has(answers, id) ? { ...answers[id] } : undefined;
      },
      /** As cells have it. @param {string} name */
      require(name) {
        return notebook.modules.require(name);
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
    const found = owner && owner === this.running ? owner : (this.running ?? owner ?? this.last);
    return /** @type {Cell} */ (found); // whoever asks was called by a cell
  }

  /** @param {"stdout" | "stderr"} name @returns {typeof process.stdout.write} */
  writer(name) {
    const decoder = new TextDecoder();
    /** @param {string | Uint8Array} chunk @param {any} [encoding] @param {() => void} [callback] */
    const write = (chunk, encoding, callback) => {
      const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
      this.target()?.output.stream(name, text);
      const done = typeof encoding === "function" ? encoding : callback;
      if (done) process.nextTick(done);
      return true;
    };
    return write;
  }

  /** Every `await` of a cell asks this before it waits, and calls the answer afterwards. */
  check() {
    const owner = this.owners.getStore();
    return () => {
      if (!owner?.stop.signal.aborted) return null;
      // A loop that catches what ends it, and goes on: let it wait for ever.
      if (++owner.catches > patience) return new Promise(() => {});
      throw owner.stop.signal.reason;
    };
  }

  /** So that a training loop that awaits can be stopped: a turn for messages at least every 50 ms. */
  breath() {
    if (performance.now() - this.lastTurn <= 50) return null;
    return turn().then(() => {
      this.lastTurn = performance.now();
    });
  }

  /** Wait until no timer of any cell is left, `limit` milliseconds at most: a runner's last question. @param {number} limit */
  async settle(limit) {
    const end = Date.now() + limit;
    do await new Promise((resolve) => setTimeout(resolve, 20).unref());
    while (Date.now() < end && process.getActiveResourcesInfo().includes("Timeout"));
  }

  /** @param {RunRequest} request */
  run(request) {
    const cell = new Cell(request, (type, content) => this.publish(request.id, type, content));
    this.running = this.last = cell;
    this.cells.add(cell);
    if (this.orphan && Date.now() - this.orphan.time < 1000) this.blame(cell, this.orphan);
    this.orphan = null;
    this.lastTurn = performance.now();
    this.owners.run(cell, () => this.evaluate(cell));
  }

  /** @param {Cell} cell */
  evaluate(cell) {
    const { script, awaits, sideOutputs } = cell.request;
    traceback.remember(cell.request);
    this.modules.takeTranslations(sideOutputs);
    const variables = new Variables(this.values, this.imported);
    cell.variables = variables;
    try {
      const opening = awaits ? "(async function" : "(function";
      const call = vm.runInThisContext(`${opening} (exports, require) { ${script}\n})`);
      const value = apply(call, undefined, [variables.exports, this.modules.require]);
      if (!awaits) this.returned(cell);
      else
        cells.waitFor(
          value,
          () => this.returned(cell),
          (error) => this.fail(cell, error),
        );
    } catch (error) {
      this.fail(cell, error);
    }
  }

  /** The cell's last statement is done: its value is shown, once it is there. @param {Cell} cell */
  returned(cell) {
    if (cell.phase !== "running") return;
    const value = cell.variables?.take(cell.request.lastExpression);
    cells.waitFor(
      value,
      (value) => {
        try {
          if (cell.phase !== "running") return;
          if (value !== undefined && value !== null && !cell.request.silent) this.show(cell, value);
          this.end(cell);
        } catch (error) {
          this.fail(cell, error);
        }
      },
      (error) => this.fail(cell, error),
    );
  }

  /** @param {Cell} cell @param {any} value */
  show(cell, value) {
    const drawn = typeof value?.[displaySymbol] === "function" ? encode(value[displaySymbol]()) : null;
    // A value may say that there is nothing to see: the handle of what has been displayed already.
    if (drawn && Object.keys(drawn).length === 0) return;
    const data = { "text/plain": drawn?.["text/plain"] ?? plain(value), ...drawn };
    cell.output.result(data, cell.count);
  }

  /** @param {Cell} cell @param {unknown} error */
  fail(cell, error) {
    if (cell.phase !== "running") return;
    cell.error = { error };
    this.end(cell);
  }

  /** The cell is over, except that a promise rejected in its last moment is still its own error. @param {Cell} cell */
  async end(cell) {
    cell.phase = "ending";
    await turn();
    if (cell.phase === "ending") this.conclude(cell, cell.error ?? cell.late ?? null);
  }

  /** @param {Cell} cell @param {Failure | null} failure */
  conclude(cell, failure) {
    const content = failure && traceback.describe(failure.error);
    cell.phase = "ended";
    if (content && failure !== cell.late) cell.output.error(content);
    cell.output.close();
    if (this.running === cell) this.running = null;
    if (!content) cell.variables?.finish();
    const declared = content ? (cell.variables?.kept() ?? []) : null;
    const line = failure ? traceback.lineIn(cell.name, failure.error) : null;
    this.post({ type: "done", id: cell.request.id, error: content, declared, line });
  }

  /** The reader pressed stop, and whatever ran on this thread has been cut short or is waiting. @param {{ number: number }} message */
  stopped({ number }) {
    if (this.stop[0] >= number) return;
    if (this.cut) {
      Reflect.get(cells.globalThis, haltedSymbol)?.();
      for (const interval of this.intervals) clearInterval(interval);
      this.intervals.clear();
    }
    const reason = this.cut ?? new traceback.KeyboardInterrupt();
    this.cut = null;
    const { running } = this;
    for (const cell of this.cells) cell.stop.abort(reason);
    this.cells.clear();
    Atomics.store(this.stop, 0, number);
    // What an error says of itself may have been what never ended: then this says it.
    if (running && running.phase !== "ended") this.conclude(running, { error: reason });
  }

  /**
   * Called on top of whatever runs, just before it is cut short. Node would find its record of what calls what in
   * disorder afterwards, and end the process; for an exception that nobody catches, it puts the record in order.
   */
  halt() {
    this.cut = new traceback.KeyboardInterrupt();
    apply(this.fatal, process, [this.cut, false]);
  }

  /** An error that nobody awaited: a timer's, or a promise's. */
  late(/** @type {unknown} */ error) {
    if (traceback.isInterrupt(error)) return; // what a stopped cell leaves behind says nothing new
    const owner = this.owners.getStore();
    if (this.running && (!owner || owner === this.running)) {
      if (this.running.phase === "ending") this.running.error ??= { error };
      else this.fail(this.running, error);
      this.running?.stop.abort(error);
      return;
    }
    // What a failed cell leaves behind says nothing new either.
    if (owner && error === owner.stop.signal.reason) return;
    const late = { error, owner, time: Date.now() };
    if (this.running) this.blame(this.running, late);
    else {
      this.orphan = late;
      (owner ?? this.last)?.output.error(traceback.describe(error));
    }
    this.stderr(`${lateTitle(owner)}: ${traceback.describe(error).traceback.join("\n")}\n`);
  }

  /** An earlier cell's error becomes visible in the one that runs now, which then counts as failed. @param {Cell} cell @param {Late} late */
  blame(cell, { error, owner }) {
    const content = traceback.describe(error);
    const traced = [`${lateTitle(owner)}:`, ...content.traceback];
    cell.output.error({ ...content, traceback: traced });
    cell.late ??= { error };
  }

  /** An interval that loops for ever would loop again after every stop: it ends with the first. @param {typeof globalThis} global */
  rememberIntervals(global) {
    const { setInterval: set, clearInterval: clear } = global;
    global.setInterval = /** @type {typeof setInterval} */ (
      (/** @type {unknown[]} */ ...args) => {
        const interval = apply(set, undefined, args);
        this.intervals.add(interval);
        return interval;
      }
    );
    global.clearInterval = (interval) => {
      this.intervals.delete(/** @type {NodeJS.Timeout} */ (interval));
      return clear(interval);
    };
  }

  /** @param {number} id @param {string} type @param {object} content */
  publish(id, type, content) {
    this.post({ type: "publish", id, message: type, content: bundleText(content) });
  }

  /** @param {object} message */
  post(message) {
    this.port.postMessage(message);
  }
}

/** @param {Cell | undefined} owner */
const lateTitle = (owner) => `An error that came late${owner ? `, from ${traceback.title(owner.name)}` : ""}`;

/**
 * A listener for SIGINT, a library's perhaps, would take the signal away from the kernel. In a notebook it is the stop
 * button's: the signal of `globalThis[Symbol.for("gradschool.kernel")]` tells of it.
 * @param {any} process
 */
function ignoreInterrupts(process) {
  for (const name of ["on", "addListener", "once", "prependListener", "prependOnceListener"]) {
    const add = process[name];
    process[name] = /** @this {unknown} */ function (
      /** @type {unknown} */ event,
      /** @type {unknown[]} */ ...rest
    ) {
      return event === "SIGINT" ? this : apply(add, this, [event, ...rest]);
    };
  }
}

module.exports = { Notebook };
