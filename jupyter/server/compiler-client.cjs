"use strict";
/** The compiler as the server sees it: questions and promises of answers. */
const path = require("node:path");
const { Worker } = require("node:worker_threads");

/** Milliseconds that the compiler may go on with what nobody waits for any more. */
const patience = 3000;

class CompilerClient {
  constructor() {
    this.pending = new Map();
    this.count = 0;
    /** Cells that begin with `@module`, for a compiler that has to begin anew. */
    this.modules = [];
    this.start();
  }

  start() {
    const file = path.join(__dirname, "..", "compiler", "compiler.cjs");
    this.worker = new Worker(file, { workerData: { modules: this.modules } });
    this.worker.on("message", ({ id, answer, fault }) => this.settle(id, answer, fault));
    this.worker.on("error", (error) => this.restart(`the compiler failed: ${error?.stack ?? error}`));
  }

  /** The answer to `{ type, … }`; rejects with the reason if there is none. */
  ask(type, request) {
    return new Promise((resolve, reject) => {
      const id = ++this.count;
      this.pending.set(id, { resolve, reject });
      if (!this.worker) this.start();
      this.worker.postMessage({ id, type, ...request });
    });
  }

  settle(id, answer, fault) {
    const waiting = this.pending.get(id);
    if (answer?.module) this.modules.push(answer.module);
    this.pending.delete(id);
    if (fault === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(fault));
  }

  /** Nobody waits for its answer any more. It may be one that never comes. */
  giveUpLater() {
    const { count } = this;
    setTimeout(() => {
      if ([...this.pending.keys()].some((id) => id <= count)) this.restart("the compiler was started again");
    }, patience).unref();
  }

  restart(reason) {
    this.worker.removeAllListeners();
    this.worker.terminate();
    const { pending } = this;
    this.pending = new Map();
    this.worker = null; // started when it is asked again
    for (const { reject } of pending.values()) reject(new Error(reason));
  }
}

module.exports = { CompilerClient };
