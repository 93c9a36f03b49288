import type { IKernelRunShortcut } from "gpu.js";
import { HeapArray } from "../wasm/heap-array";
import type { Program } from "./programs";
import { isGL, messageOf, modeOf, type Runtime } from "./runtime";

/** Kernels are made for their sizes; this many are kept, the least recently used go first. */
const CAPACITY = 128;

/** A result that stays on the GPU, one number or four to the texel. */
export interface Texture {
  readonly output: ArrayLike<number>;
  /** Its texels as they lie. */
  renderRawOutput(): Float32Array;
  delete(): void;
}

export type Input = Float32Array | Texture;
export type Run<Result> = (
  program: Program,
  output: number[],
  constants: object,
  inputs: readonly Input[],
) => Result;

/** GPU.js cannot run a program here. */
export class Untranslatable extends Error {}

/** Compiled kernels by program and sizes, and a record of those that GPU.js could not translate. */
export class KernelCache {
  private readonly kernels = new Map<string, IKernelRunShortcut>();
  private readonly broken = new Map<Program, string>();

  constructor(private readonly runtime: Runtime) {}

  get size(): number {
    return this.kernels.size;
  }

  /**
   * Runs `program` once per element of `output` (x fastest) on flat inputs or textures and answers GPU.js's result, nested
   * typed arrays. Throws {@link Untranslatable} when that failed, now and from now on.
   */
  readonly run: Run<unknown> = (program, output, constants, inputs) =>
    this.call(program, output, constants, inputs, false);

  /** Gives `work` a `run` whose results stay on the GPU until `work` is done. */
  onGpu(work: (run: Run<Texture>) => void): void {
    const textures: Texture[] = [];
    try {
      work((program, output, constants, inputs) => {
        const texture = this.call(program, output, constants, inputs, true) as Texture;
        textures.push(texture);
        return texture;
      });
    } finally {
      for (const texture of textures) texture.delete();
    }
  }

  private call(
    program: Program,
    output: number[],
    constants: object,
    inputs: readonly Input[],
    keep: boolean,
  ): unknown {
    const known = this.broken.get(program);
    if (known !== undefined) throw new Untranslatable(known);
    const sizes = inputs.map((x) => (x instanceof Float32Array ? x.length : Array.from(x.output).join("×")));
    const key = `${program.name} ${output} ${Object.values(constants)} ${sizes}`;
    try {
      let kernel = this.kernels.get(key);
      if (kernel) this.kernels.delete(key);
      else kernel = this.make(program, output, constants, keep);
      this.kernels.set(key, kernel);
      const result = kernel(...inputs.map((x) => this.argument(x)));
      const ran = modeOf(kernel);
      if (ran !== this.runtime.mode) throw new Error(`GPU.js fell back to ${ran}`);
      return result;
    } catch (error) {
      const reason = messageOf(error);
      this.broken.set(program, reason);
      throw new Untranslatable(reason);
    }
  }

  private make(program: Program, output: number[], constants: object, keep: boolean): IKernelRunShortcut {
    if (this.kernels.size >= CAPACITY) {
      const [oldest, kernel] = this.kernels.entries().next().value as [string, IKernelRunShortcut];
      this.kernels.delete(oldest);
      kernel.destroy();
    }
    return this.runtime.gpu.createKernel(program.source, {
      output,
      constants,
      precision: "single",
      pipeline: keep,
      immutable: keep,
    });
  }

  /** OpenGL takes no view of shared memory. */
  private argument(x: Input): never {
    if (!(x instanceof Float32Array)) return x as never;
    const own = isGL(this.runtime.mode) && HeapArray.isInstance(x) ? x.slice() : x;
    return new this.runtime.Input(own as never, [x.length]) as never;
  }
}
