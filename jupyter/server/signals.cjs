"use strict";
/**
 * A thread that does nothing but wait for SIGINT, which is how Jupyter says "stop". The main thread hears of a signal
 * only when it is idle; but `vm` with `breakOnSigint` ends its script at once, on whatever thread it runs.
 *
 * The waits are nested, so that one signal after the other finds somebody who waits: where nobody does, a signal ends
 * the process.
 */
const vm = require("node:vm");
const { workerData } = require("node:worker_threads");

const script = new vm.Script("wait()");
const never = new Int32Array(new SharedArrayBuffer(4));

/** @param {number} depth */
function wait(depth) {
  if (depth === 0) Atomics.wait(never, 0, 0);
  const context = vm.createContext({ wait: () => wait(depth - 1) });
  for (;;) {
    try {
      script.runInContext(context, { breakOnSigint: true });
    } catch {
      workerData.port.postMessage("interrupt");
    }
  }
}

wait(8);
