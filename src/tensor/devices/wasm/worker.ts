/** What a worker is given. */
export interface WorkerTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the mailbox, of the task behind it, and of this worker's scratch. */
  readonly mailbox: number;
  readonly taskOffset: number;
  readonly scratch: number;
  /** Kernels by number. */
  readonly names: readonly string[];
}

/**
 * The whole program of a worker, as text: no file path is needed, so it runs from the build, from the sources
 * and from a bundle alike. See Pool for the protocol and the words of the mailbox.
 */
export const workerSource = `
"use strict";
function work({ module, memory, mailbox, taskOffset, scratch, names }) {
  const CLAIM = 0, FINISHED = 16, SLEEPERS = 32, SPINS = 20000;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  exports.useScratch(scratch);
  const words = new Int32Array(memory.buffer, mailbox, 64);
  const task = new Float64Array(memory.buffer, mailbox + taskOffset, 64);
  for (let idle = 0; ; idle++) {
    const left = Atomics.load(words, CLAIM);
    if (left > 0) {
      if (Atomics.compareExchange(words, CLAIM, left, left - 1) !== left) continue;
      const total = task[1], chunk = task[2], begin = (left - 1) * chunk;
      exports[names[task[0]]](begin, Math.min(total, begin + chunk), ...task.subarray(4, 4 + task[3]));
      Atomics.add(words, FINISHED, 1);
      Atomics.notify(words, FINISHED);
      idle = 0;
    } else if (idle > SPINS) {
      Atomics.add(words, SLEEPERS, 1);
      Atomics.wait(words, CLAIM, 0);
      Atomics.sub(words, SLEEPERS, 1);
      idle = 0;
    }
  }
}
if (typeof require === "function") work(require("node:worker_threads").workerData);
else onmessage = (event) => work(event.data);
`;

/** Starts a worker that does not keep the process alive: a thread in Node, a web worker elsewhere. */
export function startWorker(source: string, task: WorkerTask): void {
  const threads =
    typeof process === "undefined" ? undefined : process.getBuiltinModule?.("node:worker_threads");
  if (threads) {
    const worker = new threads.Worker(source, { eval: true, workerData: task, execArgv: [], env: {} });
    worker.unref();
  } else {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    new Worker(url).postMessage(task);
  }
}
