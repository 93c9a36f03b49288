"use strict";
/**
 * The course's Jupyter kernel: tslab 1.0.22, with what it hides made visible. Jupyter starts it as
 * `node kernel.cjs {connection_file}`. This file speaks Jupyter's protocol; the cells run in notebook.cjs.
 */
const { typescript } = require("./compile.cjs"); // before anything of tslab's
const jupyter = require("tslab/dist/jupyter");
const { Notebook } = require("./notebook.cjs");

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** Answers to requests that tslab does not know; JupyterLab waits for the first at every start. */
const fixed = {
  history_request: ["history_reply", { status: "ok", history: [] }],
  comm_open: null,
  comm_msg: null,
  comm_close: null,
};

/** A fault of the kernel itself: the cell must end, and say so. */
function broken(error) {
  const evalue = `the kernel failed, not your cell: ${error?.stack ?? error}`;
  return { status: "error", ename: "KernelError", evalue, traceback: [evalue] };
}

class Server extends jupyter.ZmqServer {
  constructor(handler, notebook, connectionFile) {
    super(handler, connectionFile);
    this.notebook = notebook;
    this.queue = Promise.resolve();
    this.arrived = 0;
    this.abortedUpTo = 0;
    this.current = null;
    this.closed = false;
  }

  /**
   * No limit on waiting messages: beyond one, zeromq drops them without a word. And every send is done when it
   * returns: by default the 513th waits for the event loop, which a training loop without await never reaches.
   */
  bindSocket(socket, port) {
    socket.sendHighWaterMark = 0;
    socket.sendTimeout = 0;
    return super.bindSocket(socket, port);
  }

  publishStatus(status, message) {
    if (this.closed) return;
    super.publishStatus(status, message);
    const answer = fixed[message.header.msg_type];
    if (status === "busy" && answer) this.reply(this.shell, message, ...answer);
    // The kernel is busy as long as a cell runs, whatever else it answers meanwhile.
    if (status === "idle" && this.current && message !== this.current)
      super.publishStatus("busy", this.current);
  }

  handleShellMessage(socket, ...parts) {
    const header = parts[parts.findIndex((part) => part.toString() === "<IDS|MSG>") + 2];
    if (!(JSON.parse(header.toString()).msg_type in fixed)) return super.handleShellMessage(socket, ...parts);
    // tslab warns of what it does not know, in the middle of a cell's output.
    const { warn } = console;
    console.warn = () => {};
    const done = super.handleShellMessage(socket, ...parts);
    console.warn = warn;
    return done;
  }

  async handleExecute(socket, message) {
    const ticket = ++this.arrived;
    const turn = this.queue.then(() =>
      ticket <= this.abortedUpTo ? { status: "aborted" } : this.execute(message),
    );
    this.queue = turn;
    this.reply(socket, message, "execute_reply", await turn);
  }

  async execute(message) {
    this.current = message;
    this.publishStatus("busy", message);
    const send = (type, content) => this.reply(this.iopub, message, type, content);
    const content = await this.notebook.run(message.content, send).catch(broken);
    // What was asked for before this failure is known to the asker must not run; what comes later must.
    if (content.status === "error" && message.content.stop_on_error !== false) {
      let seen;
      do {
        seen = this.arrived;
        await sleep(10);
      } while (seen !== this.arrived);
      this.abortedUpTo = this.arrived;
    }
    this.current = null;
    return content;
  }

  reply(socket, message, type, content) {
    if (this.closed) return; // a cell that still runs has nobody to tell
    const reply = message.createReply();
    reply.header.msg_type = type;
    reply.content = content;
    reply.signAndSend(this.connInfo.key, socket);
  }

  handleKernelInfo(socket, message) {
    const info = this.handler.handleKernel();
    info.language_info.version = typescript;
    const banner = `gradschool: TypeScript ${typescript} on Node ${process.version}`;
    this.reply(socket, message, "kernel_info_reply", { status: "ok", ...info, banner });
  }

  handleCommInfoRequest(socket, message) {
    this.reply(socket, message, "comm_info_reply", { status: "ok", comms: {} });
  }

  handleIsComplete(socket, message) {
    this.answer(socket, message, "is_complete_reply", { status: "unknown" }, "handleIsComplete");
  }

  handleInspect(socket, message) {
    const nothing = { status: "ok", found: false, data: {}, metadata: {} };
    this.answer(socket, message, "inspect_reply", nothing, "handleInspect");
  }

  handleComplete(socket, message) {
    const { cursor_pos: at } = message.content;
    const nothing = { status: "ok", matches: [], cursor_start: at, cursor_end: at, metadata: {} };
    this.answer(socket, message, "complete_reply", nothing, "handleComplete");
  }

  /** Help while typing may fail inside the compiler on half-written code; then there is no help, no error. */
  answer(socket, message, type, nothing, method) {
    let content = nothing;
    try {
      content = this.handler[method](message.content);
    } catch {}
    this.reply(socket, message, type, content);
  }

  handleShutdown(socket, message) {
    const restart = Boolean(message.content.restart);
    this.reply(socket, message, "shutdown_reply", { status: "ok", restart });
  }

  /** Workers and timers of cells must not keep a closed kernel alive. */
  close() {
    this.closed = true;
    super.close();
    setTimeout(() => this.notebook.exit(0), 100);
  }
}

/** A kernel whose Jupyter died would train on for nobody. */
function endWithParent(notebook) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) notebook.exit(1);
  }, 2000).unref();
}

function main(connectionFile) {
  if (!connectionFile) {
    process.stderr.write("kernel.cjs: Jupyter starts this file. To open the course: npm start\n");
    process.exit(2);
  }
  const notebook = new Notebook();
  const handler = new jupyter.JupyterHandlerImpl(notebook.executor, false);
  endWithParent(notebook);
  new Server(handler, notebook, connectionFile).init().catch((error) => {
    notebook.stderr(`kernel: cannot listen: ${error.message}\n`);
    notebook.exit(1);
  });
}

main(process.argv[2]);
