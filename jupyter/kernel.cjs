"use strict";
/**
 * The course's Jupyter kernel. Jupyter starts it as `node kernel.cjs {connection_file}`. Three threads share the work,
 * so that a cell that never gives way can still be answered for, and stopped:
 *
 *   - this one, the main one, runs the cells (cells/);
 *   - server/ speaks Jupyter's protocol, orders the requests, and stops cells;
 *   - compiler/ turns cells into JavaScript and gives help while typing. TypeScript's heap lies there, so that it
 *     does not slow down the collections of a training.
 *
 * On this thread the cells may change whatever they can reach: Array.prototype, Promise, process. So what runs beside
 * them here (cells/) is loaded into a realm of its own, with its own Array and its own Promise.
 */
const path = require("node:path");
const { MessageChannel, Worker } = require("node:worker_threads");
const { loadInRealm } = require("./cells/realm.cjs");

/** Shared memory: the last stop that was answered; the last beat (server/) that was heard. */
const stop = new Int32Array(new SharedArrayBuffer(8));

/** @param {string | undefined} connectionFile */
function main(connectionFile) {
  if (!connectionFile) {
    process.stderr.write("kernel.cjs: Jupyter starts this file. To open the course: npm start\n");
    process.exit(2);
  }
  const [cells, signals] = [new MessageChannel(), new MessageChannel()];
  const workerData = { connectionFile, stop, cells: cells.port2, signals: signals.port2 };
  const server = new Worker(path.join(__dirname, "server", "server.cjs"), {
    workerData,
    transferList: [cells.port2, signals.port2],
  });
  const exit = process.exit.bind(process);
  server.on("exit", (code) => exit(code));
  server.on("error", (error) => {
    process.stderr.write(`kernel: ${error?.stack ?? error}\n`);
    exit(1);
  });
  // Windows has no signals; there Jupyter asks by message.
  if (process.platform !== "win32") {
    new Worker(path.join(__dirname, "server", "signals.cjs"), {
      workerData: { port: signals.port1 },
      transferList: [signals.port1],
    }).unref();
  }
  const { Notebook } = loadInRealm(path.join(__dirname, "cells", "notebook.cjs"));
  new Notebook(cells.port1, stop);
}

main(process.argv[2]);
