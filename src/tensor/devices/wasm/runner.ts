import type { Engine, RangeKernel } from "./engine";
import { Pool, wantedThreads } from "./pool";
import type { Space } from "./space";

/** Calls kernels, on one thread or on many. */
export class Runner {
  private readonly pool: Pool | null;
  /** Why there is but one thread, or "". */
  private readonly single: string;

  constructor(
    private readonly engine: Engine,
    space: Space,
    threads = wantedThreads(),
  ) {
    engine.exports.useScratch(space.reserve(engine.exports.scratchBytes()));
    const isShared = engine.shared === "yes";
    this.pool = isShared && threads > 1 ? new Pool(engine, space, threads) : null;
    this.single = isShared ? "one processor, or GRADSCHOOL_THREADS=1" : `no shared memory: ${engine.shared}`;
  }

  /** The length of the pieces into which 0 … total is cut, so that none is shorter than `grain`. */
  chunk(total: number, grain: number): number {
    const pieces = this.pool ? Math.min(this.pool.threads, Math.floor(total / grain)) : 1;
    if (pieces <= 1) return total;
    // Whole tiles and cache lines where that leaves the pieces about equal.
    const step = total >= 64 * pieces ? 16 : total >= 8 * pieces ? 4 : 1;
    return Math.ceil(total / pieces / step) * step;
  }

  /** Runs a kernel over 0 … total, at least `grain` of it on each thread that takes part. */
  run(kernel: RangeKernel, total: number, grain: number, ...args: number[]): void {
    const chunk = this.chunk(total, grain);
    if (chunk === total || !this.pool) this.engine.exports[kernel](0, total, ...args);
    else this.pool.run(kernel, total, chunk, args);
  }

  info() {
    const why = this.pool ? this.pool.failure : this.single;
    return { threads: this.pool && !why ? this.pool.threads : 1, ...(why ? { threadsOff: why } : {}) };
  }
}
