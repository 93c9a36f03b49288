"use strict";
/** The course's ordinary kernel inside the wall, for the cells of a student. Nothing that it says is believed. */
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { Pipe } = require("../server/pipe.cjs");
const { Wire } = require("../server/wire.cjs");

const root = path.resolve(__dirname, "..", "..");

/** Seconds that a cell may take, and all of them; and what it may print in all. */
const CELL = 30;
const ALL = 180;
const MOST = 8 * 2 ** 20;
/** What the code in there may use. Threads count as processes. */
const LIMITS = { seconds: ALL, mebibytes: 2048, output: MOST, processes: 256, file: 16 };
/** What of the project it sees: no sources, and so no hidden check. */
const READABLE = ["dist", "jupyter", "node_modules", "package.json", "recorded", "pretrained"];

/** Kinds of messages that a cell may show by. */
const SHOWN = ["stream", "display_data", "execute_result", "update_display_data", "clear_output"];

/** @typedef {{ ename: string, evalue: string, traceback: string[] }} Fault */
/** @typedef {(type: string, content: object) => void} Publish */

class Inner {
  /** @param {import("../../src/grading/wall").Isolation} isolation */
  constructor(isolation) {
    this.isolation = isolation;
    this.wire = new Wire({});
    this.left = ALL * 1000;
    /** @type {string | null} */
    this.gone =
      isolation.name === "bubblewrap"
        ? null
        : `cells do not run here, for want of bubblewrap (${isolation.name})`;
    /** @type {import("node:child_process").ChildProcess | null} */
    this.child = null;
    /** @type {import("../server/pipe.cjs").Channel | null} */
    this.shell = null;
    /** @type {import("../server/pipe.cjs").Channel | null} */
    this.control = null;
    /** @type {{ id: string, publish: Publish, done: (fault: Fault | null) => void, printed: number } | null} */
    this.current = null;
  }

  /** @returns {import("../../src/grading/wall/isolation").Command} */
  command() {
    return wall().wrapped(this.isolation, LIMITS, {
      command: [
        process.execPath,
        "--expose-gc",
        "--max-old-space-size=1024",
        path.join(root, "jupyter", "kernel.cjs"),
        path.join(__dirname, "connection.json"),
      ],
      readable: READABLE.map((name) => path.join(root, name)).filter((one) => fs.existsSync(one)),
      env: { GRADSCHOOL_SHORT: "1", GRADSCHOOL_LANG: process.env.GRADSCHOOL_LANG ?? "en" },
    });
  }

  start() {
    const command = this.command();
    const { options, close } = wall().startOptions(command, ["ignore", "ignore", "ignore", "pipe"]);
    const child = spawn(command.file, command.args, { ...options, detached: true });
    close();
    this.child = child;
    const pipe = new Pipe(/** @type {any} */ (child.stdio[3]));
    this.shell = pipe.channel("shell");
    this.control = pipe.channel("control");
    void this.hear(pipe.channel("iopub"), false);
    void this.hear(this.shell, true);
    child.on("error", () => this.lost("the kernel in the wall could not be started"));
    child.on("exit", () => this.lost("its process has ended"));
  }

  /**
   * The error with which the cell ended, or null. @param {string} source @param {Publish} publish @param {number} count of the cell
   * @returns {Promise<Fault | null>}
   */
  async run(source, publish, count) {
    if (source.trim() === "") return null;
    if (this.gone !== null) {
      publish("stream", { name: "stdout", text: `Not run: ${this.gone}.\n` });
      return null;
    }
    if (!this.child) this.start();
    const content = {
      code: source,
      silent: false,
      store_history: true,
      stop_on_error: false,
      allow_stdin: false,
    };
    const frames = this.wire.write("execute_request", null, content);
    const id = JSON.parse(String(frames[2])).msg_id;
    const start = Date.now();
    const limit = Math.min(CELL * 1000, this.left);
    const late = setTimeout(() => this.interrupt(), limit);
    const later = setTimeout(() => this.lost("a cell took too long and could not be stopped"), limit + 5000);
    const fault = await new Promise((/** @type {(fault: Fault | null) => void} */ done) => {
      /** @type {Publish} */
      const counted = (type, content) =>
        publish(type, "execution_count" in content ? { ...content, execution_count: count } : content);
      this.current = { id, publish: counted, done, printed: 0 };
      void this.shell?.send(frames);
    });
    this.current = null;
    clearTimeout(late);
    clearTimeout(later);
    this.left -= Date.now() - start;
    if (this.left <= 0 && this.gone === null) this.lost(`all cells together may take ${ALL} s`);
    return fault;
  }

  /** @param {import("../server/pipe.cjs").Channel} channel @param {boolean} isReply */
  async hear(channel, isReply) {
    for await (const frames of channel) {
      const { current } = this;
      const message = this.read(frames);
      if (!current || !message || message.parent !== current.id) continue;
      const { type, content } = message;
      if (isReply) {
        if (type === "execute_reply") this.finish(content);
      } else if (SHOWN.includes(type) || type === "error") {
        current.printed += JSON.stringify(content).length;
        if (current.printed > MOST) this.lost("a cell printed too much");
        else current.publish(type, type === "error" ? faultOf(content) : content);
      }
    }
  }

  /** The reply may come before the last output does: both travel by one pipe, in order. @param {any} content */
  finish(content) {
    const { current } = this;
    setImmediate(() => current?.done(content.status === "error" ? faultOf(content) : null));
  }

  /** @param {Buffer[]} frames */
  read(frames) {
    try {
      const start = frames.findIndex((frame) => frame.toString() === "<IDS|MSG>");
      const [header, parent, , content] = frames
        .slice(start + 2, start + 6)
        .map((frame) => JSON.parse(frame.toString()));
      if (typeof content !== "object" || content === null) return null;
      return { type: String(header.msg_type), parent: parent.msg_id, content };
    } catch {
      return null;
    }
  }

  interrupt() {
    if (this.child) void this.control?.send(this.wire.write("interrupt_request", null, {}));
  }

  /** No cell runs any more. @param {string} why */
  lost(why) {
    if (this.gone !== null) return;
    this.gone = why;
    this.end();
    const { current } = this;
    if (!current) return;
    const fault = { ename: "WallError", evalue: why, traceback: [`WallError: ${why}; no cell below runs`] };
    current.publish("error", fault);
    current.done(fault);
  }

  end() {
    this.gone ??= "the kernel has ended";
    if (this.child) wall().endGroup(this.child);
  }
}

/** @returns {typeof import("../../src/grading/wall")} */
const wall = () =>
  /** @type {any} */ (
    require(/** @type {string} */ (path.join(root, "dist", "grading", "wall", "index.js")))
  );

/** @param {any} content @returns {Fault} */
const faultOf = ({ ename, evalue, traceback }) => ({
  ename: text(ename),
  evalue: text(evalue),
  traceback: Array.isArray(traceback) ? traceback.map(text) : [],
});
const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");

module.exports = { Inner };
