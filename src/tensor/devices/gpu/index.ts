import type { Device } from "../../device";
import type { ActivationOp, AttentionSizes, Floats, Kernels, MatmulSizes, UnaryOp } from "../../kernels";
import { attentionFrom } from "../attention-from";
import { KernelCache, Untranslatable } from "./cache";
import { crossover, type Timing, time } from "./crossover";
import { flatProduct, packedProduct } from "./matmul";
import * as programs from "./programs";
import { isGL, type Mode, startRuntime } from "./runtime";
import { rowsBackward, rowsForward } from "./softmax";

export interface GpuOptions {
  /** The modes of GPU.js to try, in order. Default: all synchronous ones, the fastest first. */
  readonly modes?: readonly Mode[];
  /**
   * Send everything from this much work on, whether it is worth it or not: multiply-adds of a product, elements of the
   * rest. 0 sends all that GPU.js can do. Default: what is faster there, as measured.
   */
  readonly smallest?: number;
}

/**
 * Kinds of work (multiply-adds of a product, elements of the rest), and how little of each cannot be worth a look:
 * a call to OpenGL and back takes longer.
 */
const LEAST = { matmul: 128 ** 3, softmax: 2 ** 16, exp: 2 ** 16 };
type Kind = keyof typeof LEAST;

/** Indices are float32 in OpenGL: exact up to here. */
const LARGEST = 2 ** 24;

const unaryPrograms: { readonly [op in UnaryOp]?: programs.Program } = {
  exp: programs.exp,
  sigmoid: programs.sigmoid,
  silu: programs.silu,
  geluTanh: programs.geluTanh,
};
const backwardPrograms: { readonly [op in ActivationOp]?: programs.Program } = {
  silu: programs.siluBackward,
  geluTanh: programs.geluTanhBackward,
};

/**
 * The device on GPU.js: products, softmax and formulas with exponentials in float32, in the best synchronous mode that
 * runs here, as far as it is faster than `fallback`, which does all the rest.
 *
 * From which size on that is so, only the machine knows: it is measured once for each kind of work, when the first
 * call comes that might be large enough. (So near that size the last digits of a result may differ from one process
 * to the next; the option `smallest` rules that out.) `info()` says which mode runs, why no better one does, what was
 * measured, how many calls ran here or fell back, and why the last one did.
 */
export function createGpu(fallback: Kernels, options: GpuOptions = {}): Device {
  const runtime = startRuntime(options.modes);
  const cache = new KernelCache(runtime);
  const product = isGL(runtime.mode) ? packedProduct : flatProduct;
  const measured = new Map<Kind, { smallest: number; large: Timing }>();
  /** How often each kernel ran on GPU.js. */
  const ran = new Map<string, number>();
  let fellBack = 0;
  let lastReason = "";
  /** Why GPU.js is asked no more, or "". */
  let lost = "";

  /** Why this call is not for GPU.js, or "". */
  function objection(kind: Kind, work: number, arrays: readonly { length: number }[]): string {
    if (lost) return lost;
    for (const x of arrays) {
      if (!(x instanceof Float32Array)) return "not float32";
      if (x.length === 0) return "no elements";
      if (x.length > LARGEST) return `more than ${LARGEST} elements`;
    }
    const least = options.smallest ?? LEAST[kind];
    if (work < least) return `less work than ${least}`;
    if (options.smallest !== undefined) return "";
    const { smallest } = measure(kind);
    if (smallest === Number.POSITIVE_INFINITY) return `${runtime.mode} is slower at every size`;
    return work < smallest ? `less work than ${smallest}` : "";
  }

  /** Computes the last of `arrays` on GPU.js if that is worth it and works, else elsewhere. Answers whether here. */
  function compute(
    op: string,
    kind: Kind,
    work: number,
    arrays: readonly { length: number }[],
    here: () => void,
    elsewhere: () => void,
  ): boolean {
    let reason: string;
    try {
      reason = objection(kind, work, arrays);
      if (!reason) {
        here();
        // A GPU that a browser or the system takes away says nothing: from then on every result is read as zeros.
        if (!isGL(runtime.mode) || hasNonZero(arrays[arrays.length - 1] as Float32Array)) {
          ran.set(op, (ran.get(op) ?? 0) + 1);
          return true;
        }
        if (runtime.isLost()) lost = "the OpenGL context was lost";
        reason = lost || "nothing but zeros, computed again to be sure";
      }
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      reason = error.message;
    }
    leave(op, reason);
    elsewhere();
    return false;
  }

  function leave(op: string, reason: string): void {
    fellBack++;
    lastReason = `${op}: ${reason}`;
  }

  function map(program: programs.Program, inputs: Floats[], out: Floats): void {
    out.set(cache.run(program, [out.length], {}, inputs as Float32Array[]) as Float32Array);
  }

  /** From which amount of work on this kind is faster here. */
  function measure(kind: Kind): { smallest: number; large: Timing } {
    let found = measured.get(kind);
    if (!found) {
      const [small, large] = [128, 384].map((n) => timeOn(kind, n));
      found = { smallest: Math.ceil(crossover(small, large)), large };
      measured.set(kind, found);
    }
    return found;
  }

  /** Both ways on (n, n). */
  function timeOn(kind: Kind, n: number): Timing {
    const [a, b, out] = [0, 1, 2].map(() => fallback.alloc("float32", n * n) as Float32Array);
    const sizes = { ...PLAIN, m: n, k: n, n };
    const here: Record<Kind, () => void> = {
      matmul: () => product(cache, a, b, out, sizes),
      softmax: () => rowsForward(cache, runtime.mode, "softmax", a, out, n, n),
      exp: () => map(programs.exp, [a], out),
    };
    const there: Record<Kind, () => void> = {
      matmul: () => fallback.matmul(a, b, out, sizes),
      softmax: () => fallback.softmax(a, out, n, n),
      exp: () => fallback.unary("exp", a, out),
    };
    try {
      return time(kind === "matmul" ? n ** 3 : n * n, here[kind], there[kind]);
    } finally {
      for (const x of [a, b, out]) fallback.free(x);
    }
  }

  const kernels: Kernels = {
    ...fallback,

    matmul(a, b, out, sizes, bias) {
      const work = sizes.batch * sizes.m * sizes.n * sizes.k;
      const here = () => product(cache, a as Float32Array, b as Float32Array, out as Float32Array, sizes);
      const elsewhere = () => fallback.matmul(a, b, out, sizes, bias);
      const isHere = compute("matmul", "matmul", work, [a, b, out], here, elsewhere);
      if (isHere && bias) fallback.binary("add", out, 1, bias, 1, out);
    },

    unary(op, x, out, parameters) {
      const program = unaryPrograms[op];
      const elsewhere = () => fallback.unary(op, x, out, parameters);
      if (!program) elsewhere();
      else
        compute(op, "exp", out.length, [x, out], () => map(program, [x as Floats], out as Floats), elsewhere);
    },

    activationBackward(op, x, g, gx, parameters) {
      const program = backwardPrograms[op];
      const elsewhere = () => fallback.activationBackward(op, x, g, gx, parameters);
      if (!program) elsewhere();
      else compute(`${op}Backward`, "exp", gx.length, [x, g, gx], () => map(program, [x, g], gx), elsewhere);
    },
  };
  for (const op of ["softmax", "logSoftmax"] as const) {
    const backward = `${op}Backward` as const;
    kernels[op] = (x, y, rows, n) => {
      const here = () => rowsForward(cache, runtime.mode, op, x as Float32Array, y as Float32Array, rows, n);
      compute(op, "softmax", rows * n, [x, y], here, () => fallback[op](x, y, rows, n));
    };
    kernels[backward] = (y, g, gx, rows, n) => {
      const here = () =>
        rowsBackward(cache, op, y as Float32Array, g as Float32Array, gx as Float32Array, rows, n);
      compute(backward, "softmax", rows * n, [y, g, gx], here, () => fallback[backward](y, g, gx, rows, n));
    };
  }

  // Where its products are worth sending, attention is made of them and of softmax; else the fallback has one kernel for it.
  const composed = attentionFrom({ ...kernels });
  const isWorth = (op: string, sizes: AttentionSizes, arrays: readonly Floats[]) => {
    const { batch, heads, queries, keys, width } = sizes;
    const reason = objection("matmul", batch * heads * queries * keys * width, arrays);
    if (reason) leave(op, reason);
    return !reason;
  };
  kernels.attention = (q, k, v, mask, out, weights, sizes) => {
    const { attention: there } = isWorth("attention", sizes, [q, k, v, out]) ? composed : fallback;
    there(q, k, v, mask, out, weights, sizes);
  };
  kernels.attentionBackward = (g, q, k, v, weights, gq, gk, gv, sizes) => {
    const isHere = isWorth("attentionBackward", sizes, [g, q, k, v, weights]);
    (isHere ? composed : fallback).attentionBackward(g, q, k, v, weights, gq, gk, gv, sizes);
  };

  return {
    name: "gpu",
    kernels,
    info: () => ({
      mode: runtime.mode,
      ...Object.fromEntries(Object.entries(runtime.refused).map(([mode, why]) => [`no ${mode}`, why])),
      ...Object.fromEntries(
        [...measured].map(([kind, { smallest, large }]) => [kind, inWords(smallest, large)]),
      ),
      callsOnGpu: total(ran),
      ...(ran.size > 0 ? { ranOnGpu: Array.from(ran, ([op, calls]) => `${op} ${calls}`).join(", ") } : {}),
      callsFellBack: fellBack,
      ...(lastReason ? { lastFallback: lastReason } : {}),
      kernelsCached: cache.size,
    }),
  };
}

const total = (counts: ReadonlyMap<string, number>): number =>
  Array.from(counts.values()).reduce((sum, count) => sum + count, 0);

function hasNonZero(x: Float32Array): boolean {
  for (let i = 0; i < x.length; i++) if (x[i] !== 0) return true;
  return false;
}

const PLAIN: Omit<MatmulSizes, "m" | "k" | "n"> = {
  batch: 1,
  transposeA: false,
  transposeB: false,
  sharedA: false,
  sharedB: false,
};

/** "sent from 2^27.3, …" or "never sent, …", with what was measured at (384, 384). */
function inWords(smallest: number, { gpu, fallback }: Timing): string {
  const when =
    smallest < Number.POSITIVE_INFINITY ? `sent from 2^${Math.log2(smallest).toFixed(1)}` : "never sent";
  return `${when}; (384, 384) takes ${gpu.toPrecision(2)} ms here, ${fallback.toPrecision(2)} ms on the device behind`;
}
