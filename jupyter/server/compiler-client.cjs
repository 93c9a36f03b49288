"use strict";
/** The compiler as the server sees it: questions and promises of answers. */
const path = require("node:path");
const { Worker } = require("node:worker_threads");

/** Milliseconds that the compiler may go on with what nobody waits for any more. */
const patience = 10_000;

/**
 * @typedef {object} Pending
 * @property {object} message
 * @property {(answer: any) => void} resolve
 * @property {(reason: Error) => void} reject
 */

class CompilerClient {
  constructor() {
    /** @type {Map<number, Pending>} */
    this.pending = new Map();
    this.count = 0;
    /** Cells that begin with `@module`, for a compiler that has to begin anew. @type {unknown[]} */
    this.modules = [];
    /** @type {Worker | null} */
    this.worker = this.start();
  }

  start() {
    const file = path.join(__dirname, "..", "compiler", "compiler.cjs");
    const worker = new Worker(file, { workerData: { modules: this.modules } });
    worker.on("message", ({ id, answer, fault }) => this.settle(id, answer, fault));
    worker.on("error", (error) => this.fail(`the compiler failed: ${error?.stack ?? error}`));
    return worker;
  }

  /** The answer to `{ type, … }`; rejects with the reason if there is none. @param {string} type @param {object} request @returns {Promise<any>} */
  ask(type, request) {
    return new Promise((resolve, reject) => {
      const id = ++this.count;
      const message = { id, type, ...request };
      this.pending.set(id, { message, resolve, reject });
      this.worker ??= this.start();
      this.worker.postMessage(message);
    });
  }

  /** @param {number} id @param {any} answer @param {string} [fault] */
  settle(id, answer, fault) {
    const waiting = this.pending.get(id);
    if (answer?.module) this.modules.push(answer.module);
    this.pending.delete(id);
    if (fault === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(fault));
  }

  /** Nobody waits any more for what it was asked so far, which may have no end. What it is asked from now on has. */
  giveUpLater() {
    const { count } = this;
    setTimeout(() => {
      const old = [...this.pending.keys()].filter((id) => id <= count);
      if (old.length === 0) return;
      this.end();
      for (const id of old) this.settle(id, undefined, "given up");
      if (this.pending.size === 0) return;
      this.worker = this.start();
      for (const { message } of this.pending.values()) this.worker.postMessage(message);
    }, patience).unref();
  }

  /** Whatever it was asked, it does not answer; it is started when it is asked again. @param {string} reason */
  fail(reason) {
    this.end();
    for (const id of [...this.pending.keys()]) this.settle(id, undefined, reason);
  }

  end() {
    this.worker?.removeAllListeners();
    void this.worker?.terminate();
    this.worker = null;
  }
}

module.exports = { CompilerClient };
