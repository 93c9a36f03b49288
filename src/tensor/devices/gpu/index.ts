import type { Device } from "../../device";
import type { ActivationOp, Floats, Kernels, MatmulSizes, UnaryOp } from "../../kernels";
import { KernelCache } from "./cache";
import { type Mode, startEngine } from "./engine";
import * as programs from "./programs";

export interface GpuOptions {
  /** The modes of GPU.js to try, in order. */
  readonly modes?: readonly Mode[];
  /** Send everything from this much work on (multiply-adds of a product, elements of the rest). */
  readonly smallest?: number;
}

/** What is worth the way to the GPU and back, unless the options say otherwise. */
const SMALLEST_PRODUCT = 32 ** 3;
const SMALLEST_MAP = 4096;
/** Indices are float32 in OpenGL: exact up to here. */
const LARGEST = 2 ** 24;

const unaryPrograms: { readonly [op in UnaryOp]?: (x: Float32Array) => number } = {
  exp: programs.exp,
  sigmoid: programs.sigmoid,
  silu: programs.silu,
  geluTanh: programs.geluTanh,
};
const backwardPrograms: { readonly [op in ActivationOp]?: (x: Float32Array, g: Float32Array) => number } = {
  silu: programs.siluBackward,
  geluTanh: programs.geluTanhBackward,
};

/**
 * The device on GPU.js: products, softmax and formulas with exponentials in float32, in the best synchronous
 * mode that runs here. The rest goes to `fallback`: plain sums and copies, which the way to the GPU and back
 * would only slow down, small calls, and other dtypes. `info()` says which mode runs, why no better one does,
 * and how many calls ran here or fell back, and why the last one did.
 */
export function createGpu(fallback: Kernels, options: GpuOptions = {}): Device {
  const engine = startEngine(options.modes);
  const cache = new KernelCache(engine);
  const smallestProduct = options.smallest ?? SMALLEST_PRODUCT;
  const smallestMap = options.smallest ?? SMALLEST_MAP;
  let ran = 0;
  let fellBack = 0;
  let lastReason = "";

  /** Notes why a call goes elsewhere. */
  function refuse(op: string, reason: string): false {
    fellBack++;
    lastReason = `${op}: ${reason}`;
    return false;
  }

  function takes(op: string, work: number, smallest: number, ...arrays: { length: number }[]): boolean {
    for (const x of arrays) {
      if (!(x instanceof Float32Array)) return refuse(op, "not float32");
      if (x.length === 0) return refuse(op, "no elements");
      if (x.length > LARGEST) return refuse(op, `more than ${LARGEST} elements`);
    }
    return work >= smallest || refuse(op, `less work than ${smallest}`);
  }

  /** Runs a program with one number per thread into `out`; false if GPU.js could not. */
  function run(
    program: (...inputs: Float32Array[]) => number,
    output: [number] | [number, number],
    constants: object,
    inputs: readonly Floats[],
    out: Floats,
  ): boolean {
    const result = cache.run(program, output, constants, inputs as readonly Float32Array[]);
    if (result === null) return refuse(program.name, cache.failure(program));
    if (output.length === 1) out.set(result as Float32Array);
    else for (const [i, row] of (result as Float32Array[]).entries()) out.set(row, i * output[0]);
    return true;
  }

  const counted = (done: boolean): boolean => {
    if (done) ran++;
    return done;
  };

  function matmul(a: Floats, b: Floats, out: Floats, sizes: MatmulSizes): boolean {
    const { batch, m, k, n, transposeA, transposeB, sharedA, sharedB } = sizes;
    if (!takes("matmul", batch * m * n * k, smallestProduct, a, b, out)) return false;
    const constants: programs.MatmulConstants = {
      k,
      lastRow: m - 1,
      aBatch: sharedA ? 0 : m * k,
      aRow: transposeA ? 1 : k,
      aCol: transposeA ? m : 1,
      bBatch: sharedB ? 0 : k * n,
      bRow: transposeB ? 1 : n,
      bCol: transposeB ? k : 1,
    };
    const inputs = [a, b] as Float32Array[];
    const result = cache.run(programs.matmul, [n, Math.ceil(m / 4), batch], constants, inputs);
    if (result === null) return refuse("matmul", cache.failure(programs.matmul));
    const blocks = result as Float32Array[][][];
    for (let z = 0; z < batch; z++) {
      for (let i = 0, to = z * m * n; i < m; i++) {
        const row = blocks[z][i >> 2];
        for (let j = 0; j < n; j++) out[to++] = row[j][i & 3];
      }
    }
    return true;
  }

  /** exp(x − max) and its sum stand behind softmax and logSoftmax. */
  function rowsForward(kernel: "softmax" | "logSoftmax", x: Floats, y: Floats, rows: number, n: number) {
    if (!takes(kernel, rows * n, smallestMap, x, y)) return false;
    const program = kernel === "softmax" ? programs.softmax : programs.logSoftmax;
    const [max, total] = [new Float32Array(rows), new Float32Array(rows)];
    return (
      run(programs.rowMax, [rows], { n }, [x], max) &&
      run(programs.rowExpSum, [rows], { n }, [x, max], total) &&
      run(program, [n, rows], { n }, [x, max, total], y)
    );
  }

  const kernels: Kernels = {
    ...fallback,

    matmul(a, b, out, sizes) {
      if (!counted(matmul(a as Floats, b as Floats, out as Floats, sizes))) fallback.matmul(a, b, out, sizes);
    },

    softmax(x, y, rows, n) {
      if (!counted(rowsForward("softmax", x, y, rows, n))) fallback.softmax(x, y, rows, n);
    },

    logSoftmax(x, y, rows, n) {
      if (!counted(rowsForward("logSoftmax", x, y, rows, n))) fallback.logSoftmax(x, y, rows, n);
    },

    softmaxBackward(y, g, gx, rows, n) {
      const dot = new Float32Array(rows);
      const done =
        takes("softmaxBackward", rows * n, smallestMap, y, g, gx) &&
        run(programs.rowDot, [rows], { n }, [g, y], dot) &&
        run(programs.softmaxBackward, [n, rows], { n }, [y, g, dot], gx);
      if (!counted(done)) fallback.softmaxBackward(y, g, gx, rows, n);
    },

    logSoftmaxBackward(y, g, gx, rows, n) {
      const total = new Float32Array(rows);
      const done =
        takes("logSoftmaxBackward", rows * n, smallestMap, y, g, gx) &&
        run(programs.rowSum, [rows], { n }, [g], total) &&
        run(programs.logSoftmaxBackward, [n, rows], { n }, [y, g, total], gx);
      if (!counted(done)) fallback.logSoftmaxBackward(y, g, gx, rows, n);
    },

    unary(op, x, out) {
      const program = unaryPrograms[op];
      const done =
        program !== undefined &&
        takes(op, out.length, smallestMap, x, out) &&
        run(program, [out.length], {}, [x as Floats], out as Floats);
      if (!counted(done)) fallback.unary(op, x, out);
    },

    activationBackward(op, x, g, gx) {
      const program = backwardPrograms[op];
      const done =
        program !== undefined &&
        takes(`${op} backward`, gx.length, smallestMap, x, g, gx) &&
        run(program, [gx.length], {}, [x, g], gx);
      if (!counted(done)) fallback.activationBackward(op, x, g, gx);
    },
  };

  return {
    name: "gpu",
    kernels,
    info: () => ({
      mode: engine.mode,
      ...Object.fromEntries(Object.entries(engine.refused).map(([mode, why]) => [`no ${mode}`, why])),
      callsOnGpu: ran,
      callsFellBack: fellBack,
      ...(lastReason ? { lastFallback: lastReason } : {}),
      kernelsCached: cache.size,
    }),
  };
}
