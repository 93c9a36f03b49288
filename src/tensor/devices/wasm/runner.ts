import type { Exports, RangeKernel } from "./engine";
import type { Space } from "./space";

/** Calls kernels, on one thread or on many. */
export class Runner {
  constructor(
    private readonly exports: Exports,
    space: Space,
  ) {
    exports.useScratch(space.reserve(exports.scratchBytes()));
  }

  /** Runs a kernel over 0 … total, at least `grain` of it on each thread that takes part. */
  run(kernel: RangeKernel, total: number, _grain: number, ...args: number[]): void {
    this.exports[kernel](0, total, ...args);
  }
}
