"use strict";
/**
 * The thread that speaks with Jupyter: it takes requests, has cells compiled, sends them to the main thread one after
 * the other, and publishes what they show. It answers while a cell runs, however busy that is.
 */
const fs = require("node:fs");
const { createRequire } = require("node:module");
const { workerData } = require("node:worker_threads");
const { CompilerClient } = require("./compiler-client.cjs");
const { installCommand, packageOf } = require("../packages.cjs");
const { Pulse } = require("./pulse.cjs");
const { echo, openSockets } = require("./sockets.cjs");
const { Stopper } = require("./stop.cjs");
const { Wire } = require("./wire.cjs");

const fromTslab = createRequire(createRequire(__filename).resolve("tslab/package.json"));
const typescript = fromTslab("@tslab/typescript-for-tslab/package.json").version;

const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** Not through process.stderr: that would wait for the main thread. */
const warn = (/** @type {string} */ text) => fs.writeSync(2, `kernel: ${text}\n`);
const stopped = {
  ename: "KeyboardInterrupt",
  evalue: "the cell was stopped",
  traceback: ["KeyboardInterrupt: the cell was stopped before it ran"],
};

const deaf =
  "cells have changed what Node itself stands on (a method of Array.prototype, say), so that none can run any more; " +
  "the kernel starts again: run the cells from the top";

/** A request as it came in. @typedef {import("./wire.cjs").Read & { socket: Socket }} Request */
/** @typedef {import("./sockets.cjs").Socket} Socket */
/** The content of Jupyter's `error` message. @typedef {{ ename: string, evalue: string, traceback: string[] }} Fault */
/** How a cell ended; `declared` is null if it ran to its end. @typedef {{ error: Fault | null, declared: string[] | null, line: number | null }} Ended */
/** @typedef {import("node:worker_threads").MessagePort} Port */

/** A fault of the kernel itself: the cell must end, and say so. @param {any} error @returns {Fault} */
function broken(error) {
  const evalue = `the kernel failed, not your cell: ${error?.stack ?? error}`;
  return { ename: "KernelError", evalue, traceback: [evalue] };
}

/** So many cells are looked at for what an answer needs. */
const MOST_TEXTS = 500;

class Server {
  /** @param {{ connectionFile: string, stop: Int32Array, cells: Port, signals: Port }} data */
  constructor({ connectionFile, stop, cells, signals }) {
    this.connection = JSON.parse(fs.readFileSync(connectionFile, "utf8"));
    this.wire = new Wire(this.connection);
    this.cells = cells;
    this.compiler = new CompilerClient();
    this.stopper = new Stopper(stop, (number) => this.send({ type: "stop", number }));
    this.pulse = new Pulse(
      stop,
      (number) => this.send({ type: "beat", number }),
      () => this.giveUp(),
    );
    /** @type {Request[]} */
    this.queue = [];
    this.arrived = 0;
    this.count = 0;
    /** @type {Request | null} */
    this.current = null;
    this.closed = false;
    /** Requests by the number under which the main thread knows them: a timer may still write to an old cell. @type {Request[]} */
    this.requests = [];
    /** @type {(ended: Ended) => void} */
    this.done = () => {};
    /** @type {(() => void) | null} */
    this.abandon = null;
    /**
     * What the cells so far have declared; and names that a cell would have declared, or declared anew, had it compiled,
     * or run to its end.
     */
    this.declarations = "";
    /** @type {Map<string, { count: number, ran: boolean, line?: number | null }>} */
    this.lost = new Map();
    /** Texts of the cells so far, oldest first, each with the names that it was the last to declare. @type {{ source: string, names: string[], isChange: boolean }[]} */
    this.texts = [];
    /** @type {Set<string>} */
    this.untyped = new Set();
    cells.on("message", (message) => this.hear(message));
    signals.on("message", () => this.interrupt());
  }

  async start() {
    this.sockets = await openSockets(this.connection);
    void this.listen(this.sockets.shell);
    void this.listen(this.sockets.control);
    void echo(this.sockets.heartbeat);
    this.endWithParent();
  }

  /** @param {Socket} socket */
  async listen(socket) {
    for await (const frames of socket) {
      try {
        this.receive({ socket, ...this.wire.read(frames) });
      } catch (error) {
        warn(`ignored ${/** @type {Error} */ (error).message}`);
      }
    }
  }

  /** @param {Request} request */
  receive(request) {
    if (request.header.msg_type === "execute_request") {
      this.arrived++;
      this.queue.push(request);
      if (!this.current) void this.work();
      return;
    }
    this.status("busy", request);
    void this.answer(request).then(() => {
      this.status("idle", request);
      // The kernel is busy as long as a cell runs, whatever else it answers meanwhile.
      if (this.current) this.status("busy", this.current);
      if (request.header.msg_type === "shutdown_request") this.close();
    });
  }

  /** @param {Request} request */
  async answer(request) {
    const { header, content } = request;
    const name = header.msg_type.replace(/_request$/, "");
    // What Jupyter need not know of, or sends without a wish for an answer, has none.
    const known = Object.hasOwn(this.answers, name);
    const answer = known ? await this.answers[name].call(this, content).catch(() => null) : null;
    if (answer) this.reply(request, `${name}_reply`, { status: "ok", ...answer });
  }

  /** By the name of the request, what answers it. @type {Record<string, (this: Server, content: any) => Promise<object>>} */
  answers = {
    async kernel_info() {
      const mode = { name: "javascript", mode: "typescript", typescript: true };
      return {
        ...{ protocol_version: "5.3", implementation: "tslab", implementation_version: "1.0.22" },
        banner: `gradschool: TypeScript ${typescript} on Node ${process.version}`,
        language_info: {
          ...{ name: "typescript", version: typescript, mimetype: "text/typescript", file_extension: ".ts" },
          codemirror_mode: mode,
        },
      };
    },
    async history() {
      return { history: [] };
    },
    async comm_info() {
      return { comms: {} };
    },
    async interrupt() {
      this.interruptByMessage();
      return {};
    },
    async shutdown({ restart }) {
      return { restart: Boolean(restart) };
    },
    async is_complete({ code }) {
      return this.compiler.ask("isComplete", { source: text(code) }).catch(() => ({ status: "unknown" }));
    },
    async complete({ code, cursor_pos: at }) {
      const { source, position } = this.place(code, at);
      const nothing = { start: position, end: position, matches: [] };
      const request = { declarations: this.declarations, source, position };
      const found = await this.compiler.ask("complete", request).catch(() => nothing);
      const [start, end] = [found.start, found.end].map((at) => points(source, at));
      return { matches: found.matches, cursor_start: start, cursor_end: end, metadata: {} };
    },
    async inspect({ code, cursor_pos: at }) {
      const request = { declarations: this.declarations, ...this.place(code, at) };
      const data = await this.compiler.ask("inspect", request).catch(() => null);
      return { found: data !== null, data: data ?? {}, metadata: {} };
    },
  };

  /** Jupyter counts characters, JavaScript units of 16 bits. @param {unknown} code @param {unknown} at */
  place(code, at) {
    const source = text(code);
    const whole = typeof at !== "number";
    return {
      source,
      position: whole ? source.length : [...source].slice(0, Math.max(0, at)).join("").length,
    };
  }

  /** Runs what is in the queue. */
  async work() {
    for (let request = this.queue.shift(); request; request = this.queue.shift()) {
      this.current = request;
      this.status("busy", request);
      const silent = request.content.silent === true;
      if (!silent) this.count++;
      const count = { execution_count: this.count };
      const source = text(request.content.code);
      if (!silent) this.publish(request, "execute_input", { code: source, ...count });
      const error = await this.run(request, source, silent).catch((error) =>
        this.tell(request, broken(error)),
      );
      const more = error
        ? { status: "error", ...error }
        : { status: "ok", user_expressions: {}, payload: [] };
      if (error && request.content.stop_on_error !== false) await this.abortQueue();
      this.current = null;
      this.reply(request, "execute_reply", { ...count, ...more });
      this.status("idle", request);
    }
  }

  /** What was asked for before this failure is known to the asker must not run; what comes later must. */
  async abortQueue() {
    let seen;
    do {
      seen = this.arrived;
      await sleep(10);
    } while (seen !== this.arrived);
    for (const request of this.queue.splice(0)) {
      this.status("busy", request);
      this.reply(request, "execute_reply", { status: "aborted" });
      this.status("idle", request);
    }
  }

  /**
   * The error with which the cell ended, or null.
   * @param {Request} request
   * @param {string} source
   * @param {boolean} silent
   * @returns {Promise<Fault | null>}
   */
  async run(request, source, silent) {
    const { declarations: previous, count } = this;
    const wanted = { declarations: previous, source, count, lost: this.lost, cells: this.texts };
    const compiled = await this.compile(wanted);
    const { names = [] } = compiled;
    if (compiled.error) {
      for (const name of names) this.lost.set(name, { count, ran: false });
      return this.tell(request, compiled.error);
    }
    this.note(request, compiled.untyped ?? []);
    if (!compiled.script) {
      for (const name of names) this.lost.delete(name);
      this.keepText(source, names);
      this.declarations = compiled.declarations;
      return null;
    }
    /** @type {Promise<Ended>} */
    const ended = new Promise((resolve) => {
      this.done = resolve;
    });
    const id = this.requests.push(request) - 1;
    const { declarations, untyped, ...code } = compiled;
    const lost = [...this.lost.keys()];
    this.send({ type: "run", id, count, name: `cell-${count}`, source, silent, lost, ...code });
    this.pulse.start();
    const { error, declared, line } = await ended;
    this.pulse.stop();
    for (const name of names) {
      if (declared === null || declared.includes(name)) this.lost.delete(name);
      else this.lost.set(name, { count, ran: true, line });
    }
    this.keepText(
      source,
      declared === null ? names : names.filter((/** @type {string} */ name) => declared.includes(name)),
    );
    if (declared === null) {
      this.declarations = declarations;
      return null;
    }
    const kept = await this.compiler.ask("partial", { previous, declarations, assigned: declared });
    this.declarations = kept.declarations;
    return error;
  }

  /**
   * The cell is now the last one that declared these names; a text that is the last for none is of no use any more, unless all that
   * it does is to change what others declare. @param {string} source @param {string[]} names
   */
  keepText(source, names) {
    const isChange = names.length === 0 && /^[^\n"'`]*[^=!<>]=(?![=>])/m.test(source);
    for (const text of this.texts) text.names = text.names.filter((name) => !names.includes(name));
    this.texts = [
      ...this.texts.filter((text) => text.source !== source && (text.names.length > 0 || text.isChange)),
      { source, names, isChange },
    ].slice(-MOST_TEXTS);
  }

  /** A stop ends the wait for the compiler, which itself cannot be stopped. @param {object} request @returns {Promise<any>} */
  compile(request) {
    return new Promise((resolve, reject) => {
      this.abandon = () => {
        resolve({ error: stopped });
        this.compiler.giveUpLater();
      };
      this.compiler.ask("convert", request).then(resolve, reject);
    }).finally(() => {
      this.abandon = null;
    });
  }

  /** @param {Request} request @param {Fault} error */
  tell(request, error) {
    this.publish(request, "error", error);
    return error;
  }

  /** Packages without types: said once of each. @param {Request} request @param {readonly string[]} ids */
  note(request, ids) {
    for (const id of ids) {
      if (this.untyped.has(id)) continue;
      this.untyped.add(id);
      const name = packageOf(id) ?? id;
      const types = `@types/${name.replace(/^@/, "").replace("/", "__")}`;
      const told = `Note: "${id}" comes without types, so all of it is \`any\`. If there are types: ${installCommand(types)}\n`;
      this.publish(request, "stream", { name: "stdout", text: told });
    }
  }

  /** To the main thread; as a text, so that it makes its own arrays of it, and none that cells have changed. @param {object} message */
  send(message) {
    this.cells.postMessage(JSON.stringify(message));
  }

  /** The main thread will never answer again: say so, and let Jupyter start another kernel. */
  giveUp() {
    const error = { ename: "KernelError", evalue: deaf, traceback: [`KernelError: ${deaf}`] };
    const { current } = this;
    if (current) {
      this.tell(current, error);
      this.reply(current, "execute_reply", { status: "error", execution_count: this.count, ...error });
      this.status("idle", current);
    }
    warn(deaf);
    setTimeout(end, 200);
  }

  /** What the main thread says. @param {any} message */
  hear(message) {
    if (message.type === "done") this.done(message);
    else this.publish(this.requests[message.id], message.message, message.content);
  }

  interrupt() {
    this.abandon?.();
    this.stopper.stop();
  }

  /** By signal where there are signals: a time limit on the main thread hears it first, and child processes do. */
  interruptByMessage() {
    if (process.platform === "win32") this.interrupt();
    else process.kill(process.pid, "SIGINT");
  }

  /** @param {"busy" | "idle"} execution_state @param {Request} request */
  status(execution_state, request) {
    this.publish(request, "status", { execution_state });
  }

  /** @param {Request} request @param {string} type @param {object | string} content */
  publish(request, type, content) {
    if (this.closed) return; // a cell that still runs has nobody to tell
    const topic = [`kernel.${type}`];
    void this.sockets?.iopub.send(this.wire.write(type, request, content, topic)).catch(() => {});
  }

  /** @param {Request} request @param {string} type @param {object} content */
  reply(request, type, content) {
    if (this.closed) return;
    void request.socket.send(this.wire.write(type, request, content, request.identities)).catch(() => {});
  }

  /** Whatever cells still do, they must not keep a closed kernel alive. */
  close() {
    this.closed = true;
    for (const socket of Object.values(this.sockets ?? {})) socket.close();
    setTimeout(() => this.send({ type: "exit", code: 0 }), 50);
    setTimeout(end, 1000);
  }

  /** A kernel whose Jupyter died would train on for nobody. */
  endWithParent() {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) end();
    }, 2000).unref();
  }
}

/** The whole process at once, whatever its main thread does. */
const end = () => process.kill(process.pid, "SIGKILL");

const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
const points = (/** @type {string} */ source, /** @type {number} */ at) => [...source.slice(0, at)].length;

new Server(workerData).start().catch((error) => {
  warn(`cannot listen: ${error.message}`);
  process.exit(1);
});
