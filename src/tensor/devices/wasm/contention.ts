import { findNodeModule } from "../../node";

/**
 * Waiting, in processors' worth: more, and there are too many threads. Two threads alone on two processors wait 0.2 in the
 * mean for those on which the engine collects and compiles, and up to 0.6 over a window; beside one busy program, 0.9 and
 * no less than 0.7.
 */
const TOO_LONG = 0.65;

/** Milliseconds over which waiting is measured; while one thread more is tried, so that a wrong try costs little. */
const WINDOW = 200;
const TRIAL = 100;

/** Milliseconds until one thread more is tried: at first, and at most, as it doubles with each try that fails. */
const FIRST_WAIT = 400;
const LONGEST_WAIT = 4000;

/** Tells for how many nanoseconds so far a thread was ready to run while other programs had the processors. */
export type RunDelay = (thread: number) => number;

/**
 * How many of our threads the machine has processors for just now. Threads that must share a processor, with each other
 * or with another program, wait for each other's pieces, and two can take twice as long as one. Pieces of unequal length
 * look alike from within; so what counts is how long the system says that our threads stood in line.
 */
export class Contention {
  active: number;
  private total = 0;
  private since: number;
  private tryAt = 0;
  private wait = FIRST_WAIT;
  private trying = false;

  constructor(
    private readonly threads: number,
    private readonly delay: RunDelay,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.active = threads;
    this.since = clock();
  }

  /** To be called now and then while there is work; answers whether `active` has changed. */
  look(): boolean {
    const now = this.clock();
    const elapsed = now - this.since;
    if (elapsed < (this.trying ? TRIAL : WINDOW)) return false;
    let total = 0;
    for (let thread = 0; thread < this.threads; thread++) total += this.delay(thread);
    const missing = (total - this.total) / 1e6 / elapsed;
    this.total = total;
    this.since = now;
    // After a pause the window says little.
    if (elapsed > 5 * WINDOW) return false;
    if (missing > TOO_LONG && this.active > 1) {
      this.active = Math.max(1, this.active - Math.max(1, Math.round(missing)));
      this.wait = this.trying ? Math.min(2 * this.wait, LONGEST_WAIT) : FIRST_WAIT;
      this.trying = false;
      this.tryAt = now + this.wait;
      return true;
    }
    this.trying = this.active < this.threads && now >= this.tryAt;
    if (this.trying) this.active++;
    return this.trying;
  }
}

/**
 * The system's own account on Linux, by the numbers that it gives to threads (0: not there yet). Null elsewhere: then all
 * threads stay.
 */
export function linuxRunDelay(threadIds: Int32Array): RunDelay | null {
  const fs = findNodeModule("node:fs");
  if (!fs?.existsSync("/proc/thread-self/schedstat")) return null;
  const files = new Map<number, number>();
  const text = new Uint8Array(64);
  const decoder = new TextDecoder();
  return (thread) => {
    const id = threadIds[thread];
    if (id === 0) return 0;
    try {
      let file = files.get(id);
      if (file === undefined) {
        file = fs.openSync(`/proc/self/task/${id}/schedstat`, "r");
        files.set(id, file);
      }
      // "time on a processor, time in line, turns", in nanoseconds.
      const length = fs.readSync(file, text, 0, text.length, 0);
      return Number(decoder.decode(text.subarray(0, length)).split(" ")[1]);
    } catch {
      return 0;
    }
  };
}

/** The number that Linux gave to the thread that asks; 0 elsewhere. Self-contained: workers get it as text. */
export function threadId(fs: Pick<typeof import("node:fs"), "readlinkSync"> | null): number {
  try {
    return Number(fs?.readlinkSync("/proc/thread-self").split("/").pop() ?? 0);
  } catch {
    return 0;
  }
}
