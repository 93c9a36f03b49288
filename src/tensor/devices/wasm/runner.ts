import { findNodeModule } from "../../node";
import { Contention, linuxRunDelay, threadId } from "./contention";
import type { WasmModule } from "./module";
import type { Space } from "./space";
import { type TaskMemory, type Tasks, writers } from "./tasks.generated";
import { startWorkers, wantedThreads } from "./threads";

/** Bytes of the counters in a mailbox, and of the whole; the task follows the counters. See assembly/threads.ts. */
const COUNTERS = 320;
const MAILBOX = 1024;

/** Shared tasks between two looks at how busy the machine is: a look costs as much as a small task. */
const LOOK_AFTER = 64;

interface Callable<Name extends keyof Tasks> {
  readonly place: number;
  readonly write: (typeof writers)[Name];
}

/** Calls kernels, on one thread or on many: writes the task into the mailbox, and has it done. */
export class Runner {
  private readonly task: TaskMemory;
  private readonly mailbox: number;
  /** What the workers get for good, taken before arrays fill the heap: scratch for each, and a place for the threads' numbers. */
  private readonly scratches: readonly number[];
  private readonly threadIds: number;
  private readonly maySleep: boolean;
  /** Their places in the table of functions, and who writes their tasks. */
  private readonly kernels: { readonly [Name in keyof Tasks]: Callable<Name> };
  private workersStarted = false;
  private driving = false;
  private contention: Contention | null = null;
  private shared = 0;
  private threads: number;
  /** Why there is but one thread, or "". */
  private single: string;

  constructor(
    private readonly wasm: WasmModule,
    private readonly space: Space,
    threads = wantedThreads(),
  ) {
    const { exports, memory } = wasm;
    const names = Object.keys(exports);
    const kernels = Object.entries(writers).map(([name, write]) => [
      name,
      { place: names.indexOf(name), write },
    ]);
    this.kernels = Object.fromEntries(kernels);
    this.mailbox = space.reserve(MAILBOX);
    new Uint8Array(memory.buffer, this.mailbox, MAILBOX).fill(0);
    const at = this.mailbox + COUNTERS;
    const bytes = MAILBOX - COUNTERS;
    this.task = {
      i32: new Int32Array(memory.buffer, at, bytes / 4),
      f32: new Float32Array(memory.buffer, at, bytes / 4),
      f64: new Float64Array(memory.buffer, at, bytes / 8),
      u8: new Uint8Array(memory.buffer, at, bytes),
    };
    exports.start(this.mailbox, space.reserve(exports.scratchBytes()));
    this.maySleep = maySleep(memory);
    const isShared = wasm.shared === "yes";
    this.threads = isShared ? threads : 1;
    const workers = { length: this.threads - 1 };
    this.threadIds = space.reserve(4 * this.threads);
    this.scratches = Array.from(workers, () => space.reserve(exports.scratchBytes()));
    this.single = isShared ? "one processor, or GRADSCHOOL_THREADS=1" : `no shared memory: ${wasm.shared}`;
  }

  /** The length of the pieces into which 0 … total is cut, so that none is shorter than `grain`. */
  chunk(total: number, grain: number): number {
    const pieces = Math.min(this.threads, Math.floor(total / grain));
    if (pieces <= 1) return total;
    // Whole tiles and cache lines where that leaves the pieces about equal.
    const step = total >= 64 * pieces ? 16 : total >= 16 * pieces ? 8 : 1;
    return Math.ceil(total / pieces / step) * step;
  }

  /**
   * Runs a kernel on arrays of the space, then whatever else uses the same pointers, and returns what was borrowed for
   * them. Answers false, with nothing done, where the space had no room for one of them: then take another way.
   */
  run<Name extends keyof Tasks>(kernel: Name, task: Tasks[Name], then?: () => void): boolean {
    if (!this.space.ready()) return false;
    this.perform(kernel, task);
    then?.();
    this.space.done();
    return true;
  }

  /** Runs one kernel more, inside of {@link run}. */
  perform<Name extends keyof Tasks>(kernel: Name, task: Tasks[Name]): void {
    const { place, write } = this.kernels[kernel];
    // Still so: an earlier call was cut short, by a limit in time or by the reader. Others may be at its pieces.
    if (this.driving) {
      this.wasm.exports.settle();
      this.driving = false;
    }
    const hasPieces = write(place, task, this.task);
    if (!hasPieces) this.wasm.exports.call();
    else {
      if (!this.workersStarted) this.startWorkers();
      this.driving = true;
      this.wasm.exports.drive(this.maySleep);
      this.driving = false;
      if (++this.shared % LOOK_AFTER === 0) this.look();
    }
  }

  /** On a busy machine fewer threads take part, until it is free again. The pieces stay as they are. */
  private look(): void {
    if (this.contention?.look()) this.wasm.exports.activate(this.contention.active);
  }

  private startWorkers(): void {
    const { wasm, scratches, mailbox, threads, threadIds } = this;
    this.workersStarted = true;
    const ids = new Int32Array(wasm.memory.buffer, threadIds, threads).fill(0);
    ids[0] = threadId(findNodeModule("node:fs"));
    const failure = startWorkers(scratches, wasm, { mailbox, threadIds });
    if (failure === null) {
      const delay = linuxRunDelay(ids);
      if (delay) this.contention = new Contention(threads, delay);
      wasm.exports.activate(threads);
      return;
    }
    this.threads = 1;
    this.single = failure;
  }

  info(): Record<string, string | number> {
    const { threads, single, contention } = this;
    if (threads === 1) return { threads, threadsOff: single };
    return contention && contention.active < threads
      ? { threads, threadsActive: contention.active }
      : { threads };
  }
}

/** Whether this thread may wait for another; a browser's main thread may only look again and again. */
function maySleep({ buffer }: WebAssembly.Memory): boolean {
  try {
    Atomics.wait(new Int32Array(buffer, 0, 1), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}
