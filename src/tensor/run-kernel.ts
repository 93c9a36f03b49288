import type { IKernelRunShortcut } from "gpu.js";
import { checkArray, checkList, checkOptions } from "./check";
import { fromStorage } from "./create";
import { messageOf, modeOf, type Runtime, startRuntime } from "./devices/gpu/runtime";
import { expected, expectedKind, refusal, words } from "./expected";
import type { NDArray } from "./ndarray";
import { showShape } from "./shape";

/** What `this` is in a kernel: which number of the result it computes, and the constants it was given. */
export interface KernelThread<C> {
  /** `y` is the row, `x` the column. */
  readonly thread: { readonly x: number; readonly y: number };
  readonly constants: C;
}

export interface RunKernelOptions<C> {
  /** Of the result: the kernel runs once for each of its numbers. */
  readonly size: readonly [rows: number, columns: number];
  /** Matrices (rows, columns), read in the kernel as `x[row][column]`. */
  readonly inputs: readonly NDArray[];
  /** Numbers that the kernel may read as `this.constants.NAME`, such as the ends of its loops. */
  readonly constants?: C;
}

/** Compiled kernels, the least recently used first; this many are kept. */
const compiled = new Map<string, IKernelRunShortcut>();
const CAPACITY = 64;
let runtime: Runtime | undefined;

/**
 * A kernel of your own on GPU.js: `kernel` is run once for every number of a matrix, in the best mode that this machine has,
 * and returns that number.
 *
 * ```ts
 * const doubled = runKernel(
 *   function (x) { return 2 * x[this.thread.y][this.thread.x]; },
 *   { size: [3, 4], inputs: [x] },
 * );
 * ```
 *
 * GPU.js translates the function's **source**. So it has to be a `function`, and all that it can see is its arguments,
 * `this.thread`, `this.constants`, its own variables and `Math`: nothing from outside. It computes in float32. Throws with GPU.js's
 * reason where it cannot be translated.
 */
export function runKernel<C extends object = Record<never, never>>(
  kernel: (this: KernelThread<C>, ...inputs: number[][][]) => number,
  options: RunKernelOptions<C>,
): NDArray {
  if (typeof kernel !== "function") throw expectedKind("runKernel", "a function as kernel", kernel);
  checkOptions(
    "runKernel",
    options,
    "size: [M, N], inputs: [a, b]",
    { size: "numbers", inputs: "list", constants: "object" },
    ["size", "inputs"],
  );
  const { size, inputs, constants = {} } = options;
  if (size.length !== 2 || !size.every((n) => Number.isInteger(n) && n > 0))
    throw expected("runKernel", "a size of rows and columns, both at least 1", words(showShape(size)));
  checkList("runKernel", inputs, "a list of inputs, as in { inputs: [a, b] }");
  for (const x of inputs) {
    checkArray("runKernel", x);
    if (x.ndim !== 2 || x.size === 0)
      throw expected("runKernel", "inputs of shape (rows, columns), not empty", words(showShape(x.shape)));
  }

  runtime ??= startRuntime();
  const { mode, Input } = runtime;
  const sizes = inputs.map((x) => x.shape.join("×"));
  const key = [kernel.toString(), size, sizes, JSON.stringify(constants)].join("\n");
  const matrices = inputs.map(
    (x) => new Input(Float32Array.from(x.flat()) as never, [x.shape[1], x.shape[0]]) as never,
  );
  try {
    const ready = compiled.get(key) ?? make(runtime, kernel, size, constants);
    const rows = ready(...matrices) as Float32Array[];
    if (modeOf(ready) !== mode) throw new Error(`it cannot run on ${mode}`);
    compiled.delete(key);
    compiled.set(key, ready);
    const out = new Float32Array(size[0] * size[1]);
    rows.forEach((row, i) => {
      out.set(row, i * size[1]);
    });
    return fromStorage(out, [...size]);
  } catch (error) {
    const why = `GPU.js cannot run this kernel: ${messageOf(error)}\nIt reads the kernel's source: write it with \`function\`, not as an arrow, and return a number. It sees its arguments, this.thread, this.constants, its own variables and Math, and nothing from outside.`;
    throw refusal("runKernel", why, undefined, error);
  }
}

function make(
  { gpu }: Runtime,
  kernel: (...args: never[]) => number,
  [rows, columns]: readonly [number, number],
  constants: object,
): IKernelRunShortcut {
  if (compiled.size >= CAPACITY) {
    const [oldest, dropped] = compiled.entries().next().value as [string, IKernelRunShortcut];
    compiled.delete(oldest);
    dropped.destroy();
  }
  return gpu.createKernel(kernel.toString(), { output: [columns, rows], constants, precision: "single" });
}
