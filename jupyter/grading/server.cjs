"use strict";
/** Speaks Jupyter's protocol with nbgrader: one cell after another. */
const fs = require("node:fs");
const { createRequire } = require("node:module");
const { echo, openSockets } = require("../server/sockets.cjs");
const { Wire } = require("../server/wire.cjs");
const { Inner } = require("./inner.cjs");
const { shown } = require("./show.cjs");

const fromTslab = createRequire(createRequire(__filename).resolve("tslab/package.json"));

/** @typedef {import("../server/wire.cjs").Read & { socket: any }} Request */
/** @typedef {import("./marks.cjs").Marks} Marks */
/** @typedef {{ ename: string, evalue: string, traceback: string[] }} Fault */

class Server {
  /** @param {string} connectionFile @param {Marks} marks */
  constructor(connectionFile, marks) {
    this.marks = marks;
    this.inner = new Inner(marks.isolation);
    this.connection = JSON.parse(fs.readFileSync(connectionFile, "utf8"));
    this.wire = new Wire(this.connection);
    this.count = 0;
    /** @type {Promise<void>} */
    this.work = Promise.resolve();
    this.closed = false;
  }

  async start() {
    this.sockets = await openSockets(this.connection);
    void this.listen(this.sockets.shell);
    void this.listen(this.sockets.control);
    void echo(this.sockets.heartbeat);
    process.on("SIGINT", () => this.inner.interrupt());
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && this.end(), 2000).unref();
  }

  /** @param {any} socket */
  async listen(socket) {
    for await (const frames of socket) {
      let request;
      try {
        request = { socket, ...this.wire.read(frames) };
      } catch (error) {
        process.stderr.write(`gradschool grading: ignored ${/** @type {Error} */ (error).message}\n`);
        continue;
      }
      const one = request;
      if (one.header.msg_type === "execute_request") this.work = this.work.then(() => this.execute(one));
      else this.answer(one);
    }
  }

  /** @param {Request} request */
  answer(request) {
    const name = request.header.msg_type.replace(/_request$/, "");
    this.status("busy", request);
    const content = Object.hasOwn(ANSWERS, name) ? ANSWERS[name](request.content) : null;
    if (name === "interrupt") this.inner.interrupt();
    if (content) this.reply(request, `${name}_reply`, { status: "ok", ...content });
    this.status("idle", request);
    if (name === "shutdown") setTimeout(() => this.end(), 50);
  }

  /** @param {Request} request */
  async execute(request) {
    const { code, silent = false } = request.content;
    const source = typeof code === "string" ? code : "";
    this.status("busy", request);
    if (!silent) this.count++;
    const count = { execution_count: this.count };
    if (!silent) this.publish(request, "execute_input", { code: source, ...count });
    const id = this.marks.idOf(source);
    const error = await (id === null
      ? this.student(request, source)
      : this.graded(request, source, id)
    ).catch((failed) =>
      this.tell(request, "KernelError", `it could not be graded: ${failed?.message ?? failed}`),
    );
    const more = error ? { status: "error", ...error } : { status: "ok", user_expressions: {}, payload: [] };
    this.reply(request, "execute_reply", { ...count, ...more });
    this.status("idle", request);
  }

  /** A cell of the student's, or of the course's prose. @param {Request} request @param {string} source @returns {Promise<Fault | null>} */
  async student(request, source) {
    this.marks.ran(source);
    return this.inner.run(source, (type, content) => this.publish(request, type, content), this.count);
  }

  /** @param {Request} request @param {string} source @param {string} id @returns {Promise<Fault | null>} */
  async graded(request, source, id) {
    this.marks.ran(source);
    const mark = await this.marks.of(id);
    this.publish(request, "display_data", { data: shown(mark), metadata: {} });
    // nbgrader takes the first result that is a number for the points.
    const data = { "text/plain": String(mark.earned) };
    this.publish(request, "execute_result", { data, metadata: {}, execution_count: this.count });
    // Later cells may use what the check gives to go on with; nobody sees what it says there.
    await this.inner.run(this.marks.plain(id), () => {}, this.count);
    return null;
  }

  /** @param {Request} request @param {string} ename @param {string} evalue @returns {Fault} */
  tell(request, ename, evalue) {
    const error = { ename, evalue, traceback: [`${ename}: ${evalue}`] };
    this.publish(request, "error", error);
    return error;
  }

  /** @param {"busy" | "idle"} execution_state @param {Request} request */
  status(execution_state, request) {
    this.publish(request, "status", { execution_state });
  }

  /** @param {Request} request @param {string} type @param {object} content */
  publish(request, type, content) {
    if (!this.closed)
      void this.sockets?.iopub
        .send(this.wire.write(type, request, content, [`kernel.${type}`]))
        .catch(() => {});
  }

  /** @param {Request} request @param {string} type @param {object} content */
  reply(request, type, content) {
    void request.socket.send(this.wire.write(type, request, content, request.identities)).catch(() => {});
  }

  end() {
    this.closed = true;
    this.inner.end();
    this.marks.end();
    setTimeout(() => process.exit(0), 100);
  }
}

const version = fromTslab("@tslab/typescript-for-tslab/package.json").version;
/** @type {Record<string, (content: any) => object>} */
const ANSWERS = {
  kernel_info: () => ({
    ...{ protocol_version: "5.3", implementation: "gradschool-grading", implementation_version: "1.0.0" },
    banner: "gradschool: graded behind a wall",
    language_info: {
      ...{ name: "typescript", version, mimetype: "text/typescript", file_extension: ".ts" },
      codemirror_mode: { name: "javascript", mode: "typescript", typescript: true },
    },
  }),
  history: () => ({ history: [] }),
  comm_info: () => ({ comms: {} }),
  is_complete: () => ({ status: "unknown" }),
  interrupt: () => ({}),
  shutdown: ({ restart }) => ({ restart: Boolean(restart) }),
};

module.exports = { Server };
