import type { Engine, RangeKernel } from "./engine";
import type { Space } from "./space";
import { startWorker, workerSource } from "./worker";

/** Words of the mailbox (one cache line apart), then the task: kernel, total, chunk and arguments as float64. */
export const CLAIM = 0;
export const FINISHED = 16;
export const SLEEPERS = 32;
const TASK = 64;
const BYTES = 1024;

/** The main thread looks this often for the last piece before it goes to sleep between looks. */
const SPINS = 20_000;

/**
 * Threads on one shared memory, driven from synchronous code. A task is cut into pieces; everybody, the main
 * thread too, claims pieces until none is left. So a thread that is not up yet, asleep or pushed aside by
 * another program costs nothing but its help.
 *
 * A worker without work looks for it for a moment, then sleeps in Atomics.wait. Workers are started at the
 * first task that is worth it, and do not keep the process alive.
 */
export class Pool {
  private readonly words: Int32Array;
  private readonly task: Float64Array;
  private readonly names: RangeKernel[];
  private started = false;
  /** Why there is but one thread although more were wanted. */
  failure: string | null = null;

  constructor(
    private readonly engine: Engine,
    private readonly space: Space,
    readonly threads: number,
  ) {
    const address = space.reserve(BYTES);
    this.words = new Int32Array(engine.memory.buffer, address, TASK);
    this.task = new Float64Array(engine.memory.buffer, address + TASK * 4, (BYTES - TASK * 4) / 8);
    this.words.fill(0);
    this.names = Object.keys(engine.exports) as RangeKernel[];
  }

  /** Runs a kernel over 0 … total in pieces of `chunk`, on all threads, and returns when all is done. */
  run(kernel: RangeKernel, total: number, chunk: number, args: readonly number[]): void {
    if (!this.started) this.start();
    const { words, task } = this;
    const pieces = Math.ceil(total / chunk);
    task[0] = this.names.indexOf(kernel);
    task[1] = total;
    task[2] = chunk;
    task[3] = args.length;
    for (let i = 0; i < args.length; i++) task[4 + i] = args[i];
    Atomics.store(words, FINISHED, 0);
    Atomics.store(words, CLAIM, pieces);
    if (Atomics.load(words, SLEEPERS) > 0) Atomics.notify(words, CLAIM);

    let left = Atomics.load(words, CLAIM);
    while (left > 0) {
      if (Atomics.compareExchange(words, CLAIM, left, left - 1) === left) {
        const begin = (left - 1) * chunk;
        this.engine.exports[kernel](begin, Math.min(total, begin + chunk), ...args);
        Atomics.add(words, FINISHED, 1);
      }
      left = Atomics.load(words, CLAIM);
    }
    this.await(pieces);
  }

  private await(pieces: number): void {
    let done = Atomics.load(this.words, FINISHED);
    for (let spins = 0; done < pieces; spins++) {
      if (spins > SPINS) pause(this.words, done);
      done = Atomics.load(this.words, FINISHED);
    }
  }

  private start(): void {
    this.started = true;
    const { module, memory } = this.engine;
    try {
      for (let i = 1; i < this.threads; i++) {
        const scratch = this.space.reserve(this.engine.exports.scratchBytes());
        const mailbox = this.words.byteOffset;
        startWorker(workerSource, {
          module,
          memory,
          mailbox,
          scratch,
          taskOffset: TASK * 4,
          names: this.names,
        });
      }
    } catch (error) {
      this.failure = `threads could not be started: ${error instanceof Error ? error.message : error}`;
    }
  }
}

/** Sleeps a millisecond or until the count moves; a browser's main thread may not, and goes on looking. */
function pause(words: Int32Array, done: number): void {
  try {
    Atomics.wait(words, FINISHED, done, 1);
  } catch {
    // A browser's main thread.
  }
}

/** How many threads to use: GRADSCHOOL_THREADS, or the processors this process may use, at most 8. */
export function wantedThreads(): number {
  const set = typeof process === "undefined" ? undefined : process.env?.GRADSCHOOL_THREADS;
  if (set !== undefined && set !== "") {
    const count = Number(set);
    if (Number.isInteger(count) && count >= 1) return count;
    throw new Error(`GRADSCHOOL_THREADS: expected a whole number of at least 1, got ${JSON.stringify(set)}`);
  }
  return Math.max(1, Math.min(8, processors()));
}

function processors(): number {
  const os = typeof process === "undefined" ? undefined : process.getBuiltinModule?.("node:os");
  const count = os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  return Math.min(count, quota());
}

/** Processors' worth of time that a Linux container may use: its cgroup says "microseconds period". */
function quota(): number {
  const fs = typeof process === "undefined" ? undefined : process.getBuiltinModule?.("node:fs");
  try {
    const [share, period] = (fs?.readFileSync("/sys/fs/cgroup/cpu.max", "utf8") ?? "max").split(" ");
    return share === "max"
      ? Number.POSITIVE_INFINITY
      : Math.max(1, Math.round(Number(share) / Number(period)));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
