import type { IKernelRunShortcut } from "gpu.js";
import { type Engine, messageOf, modeOf } from "./engine";

/** Kernels are made for their sizes; this many are kept, the least recently used go first. */
const CAPACITY = 128;

// biome-ignore lint/complexity/noBannedTypes: any program, GPU.js reads its text
type Program = Function;

/** Compiled kernels by program and sizes, and a record of those that GPU.js could not translate. */
export class KernelCache {
  private readonly kernels = new Map<string, IKernelRunShortcut>();
  private readonly broken = new Map<string, string>();

  constructor(private readonly engine: Engine) {}

  get size(): number {
    return this.kernels.size;
  }

  /** Why `program` is not run here, or "". */
  failure(program: Program): string {
    return this.broken.get(program.name) ?? "";
  }

  /**
   * Runs `program` once per element of `output` (x fastest) on flat inputs and answers GPU.js's result: nested
   * typed arrays, or null when it failed, now and from now on.
   */
  run(program: Program, output: number[], constants: object, inputs: readonly Float32Array[]): unknown {
    if (this.broken.has(program.name)) return null;
    const sizes = inputs.map((x) => x.length);
    const key = `${program.name} ${output} ${Object.values(constants)} ${sizes}`;
    try {
      let kernel = this.kernels.get(key);
      if (kernel) this.kernels.delete(key);
      else kernel = this.make(program, output, constants);
      this.kernels.set(key, kernel);
      const result = kernel(...inputs.map((x, i) => new this.engine.Input(this.own(x) as never, [sizes[i]])));
      const ran = modeOf(kernel);
      if (ran !== this.engine.mode) throw new Error(`GPU.js fell back to ${ran}`);
      return result;
    } catch (error) {
      this.broken.set(program.name, messageOf(error));
      return null;
    }
  }

  private make(program: Program, output: number[], constants: object): IKernelRunShortcut {
    if (this.kernels.size >= CAPACITY) {
      const [oldest, kernel] = this.kernels.entries().next().value as [string, IKernelRunShortcut];
      this.kernels.delete(oldest);
      kernel.destroy();
    }
    return this.engine.gpu.createKernel(program.toString(), { output, constants, precision: "single" });
  }

  /** OpenGL takes no view of shared memory. */
  private own(x: Float32Array): Float32Array {
    const isGL = this.engine.mode === "headlessgl" || this.engine.mode === "webgl2";
    return isGL && !(x.buffer instanceof ArrayBuffer) ? x.slice() : x;
  }
}
