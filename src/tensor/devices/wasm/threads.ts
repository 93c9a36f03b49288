import { expected } from "../../expected";
import { environment, findNodeModule } from "../../node";
import { threadId } from "./contention";
import { instantiate, type WasmModule } from "./module";
import { cpuQuota } from "./quota";

/** What a worker is given. */
interface WorkerTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly mailbox: number;
  readonly scratch: number;
  /** Counted from 1: the main thread is 0. */
  readonly index: number;
  /** Where each thread writes the number that the system gave it, as int32. */
  readonly threadIds: number;
  /** Who computes large products: the text of `Products.bind`, and its other properties. */
  readonly products?: { readonly bind: string; readonly library: unknown; readonly smallest: number };
}

/**
 * The whole program of a worker, as text: no file path is needed, so it runs from the build, from the sources
 * and from a bundle alike. The rest is in assembly/threads.ts.
 */
const program = `
"use strict";
const instantiate = ${instantiate};
const threadId = ${threadId};
function work({ module, memory, mailbox, scratch, index, threadIds, products }) {
  const sgemm = products ? (0, eval)("(" + products.bind + ")")(require, memory, products.library) : () => {};
  const exports = instantiate(module, memory, sgemm);
  exports.start(mailbox, scratch);
  if (products) exports.useBlas(products.smallest);
  if (typeof require === "function") new Int32Array(memory.buffer, threadIds)[index] = threadId(require("node:fs"));
  exports.work(index);
}
if (typeof require === "function") work(require("node:worker_threads").workerData);
else onmessage = (event) => work(event.data);
`;

/**
 * Starts a worker for each scratch, numbers 1, 2, …, which share the tasks in a mailbox and write down their `threadIds`. Answers why that
 * could not be done, or null.
 */
export function startWorkers(
  scratches: readonly number[],
  wasm: WasmModule,
  { mailbox, threadIds }: { readonly mailbox: number; readonly threadIds: number },
): string | null {
  const { module, memory, products: host } = wasm;
  const products = host && { bind: String(host.bind), library: host.library, smallest: host.smallest };
  try {
    scratches.forEach((scratch, i) => {
      startWorker({ module, memory, mailbox, scratch, index: i + 1, threadIds, products });
    });
    return null;
  } catch (error) {
    return `threads could not be started: ${error instanceof Error ? error.message : error}`;
  }
}

/** One that does not keep the process alive: a thread in Node, a web worker elsewhere. */
function startWorker(task: WorkerTask): void {
  const threads = findNodeModule("node:worker_threads");
  if (threads) {
    const worker = new threads.Worker(program, { eval: true, workerData: task, execArgv: [], env: {} });
    worker.unref();
  } else {
    const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
    new Worker(url).postMessage(task);
  }
}

/** The most that GRADSCHOOL_THREADS can ask for: far more than ever paid, far fewer than harm a machine. */
const MOST_THREADS = 64;

/** How many threads to use: GRADSCHOOL_THREADS, or the processors this process may use, at most 8. */
export function wantedThreads(): number {
  const set = environment("GRADSCHOOL_THREADS");
  if (set === undefined) return Math.max(1, Math.min(8, processors()));
  const count = Number(set);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_THREADS) return count;
  throw expected(
    "GRADSCHOOL_THREADS",
    `a whole number from 1 to ${MOST_THREADS}`,
    set,
    "1 switches threads off",
  );
}

function processors(): number {
  const count =
    findNodeModule("node:os")?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  const fs = findNodeModule("node:fs");
  const quota = cpuQuota((path) => {
    try {
      return fs?.readFileSync(path, "utf8") ?? null;
    } catch {
      return null;
    }
  });
  // Threads that wait for each other spend a quota too: half a processor more than whole ones is not worth one.
  return Math.min(count, Math.floor(quota));
}
