import type { Storage } from "../../dtype";
import type { BinaryOp, Kernels, ReduceOp, UnaryOp } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import * as codes from "./tasks.generated";

/**
 * Shorter arrays are done faster by plain loops than by a call, where these give the same to the last digit: one element
 * and a thousand have one answer.
 */
const SMALL = 32;

/** Sums of so many contiguous numbers run in float64 here as there. */
const SMALL_SUM = 16;

/** Elements that are worth waking a thread for: of plain arithmetic, and of formulas with an exponential. */
const GRAIN = 16_384;
const GRAIN_EXP = 2_048;

/** What assembly/ has; the rest is left to the reference. */
const unaryOps: { readonly [op in UnaryOp]?: number } = codes.UnaryOp;
const binaryOps: { readonly [op in BinaryOp]?: number } = codes.BinaryOp;
const reduceOps: { readonly [op in ReduceOp]?: number } = codes.ReduceOp;

const exponentials = ["exp", "log", "tanh", "sigmoid", "erf", "silu", "gelu", "geluTanh", "quickGelu"];
const isExponential: readonly boolean[] = Object.keys(codes.UnaryOp).map((op) => exponentials.includes(op));

/** Whether plain loops, which round a float64 result, give what SIMD gives: all but polynomials and 1 / √x. */
const isExact = (code: number) => !isExponential[code] && code !== codes.UnaryOp.rsqrt;

/** How long an operand of {@link Kernels.binary} stays in order, or constant: its period in elements. */
function period(data: Storage, inner: number, n: number): number {
  if (data.length === 1 || inner >= n) return n;
  return inner === 1 ? data.length : inner;
}

type Elementwise = Pick<Kernels, "unary" | "activationBackward" | "binary" | "reduce" | "variance">;

export function elementwiseKernels(runner: Runner, space: Space, reference: Kernels): Elementwise {
  const chunkOf = (code: number, n: number) => runner.chunk(n, isExponential[code] ? GRAIN_EXP : GRAIN);

  const unary: Kernels["unary"] = (op, x, out) => {
    const code = unaryOps[op];
    const n = out.length;
    const isDone =
      code !== undefined &&
      n >= (isExact(code) ? SMALL : 1) &&
      x instanceof Float32Array &&
      runner.run("unary", {
        total: n,
        chunk: chunkOf(code, n),
        op: code,
        x: space.input(x),
        out: space.output(out),
      });
    if (!isDone) reference.unary(op, x, out);
  };

  return {
    unary,

    activationBackward(op, x, g, gx) {
      const code = codes.UnaryOp[op];
      const n = gx.length;
      const isDone =
        n >= (isExact(code) ? SMALL : 1) &&
        x instanceof Float32Array &&
        runner.run("activationBackward", {
          total: n,
          chunk: chunkOf(code, n),
          op: code,
          x: space.input(x),
          g: space.input(g),
          gx: space.output(gx),
        });
      if (!isDone) reference.activationBackward(op, x, g, gx);
    },

    binary(op, a, aInner, b, bInner, out) {
      const n = out.length;
      if (op === "pow" && b.length === 1 && b[0] === 2 && a.length === n && aInner === 1) {
        return unary("square", a, out);
      }
      const code = binaryOps[op];
      const aPeriod = period(a, aInner, n);
      const bPeriod = period(b, bInner, n);
      const segment = Math.min(aPeriod, bPeriod);
      const fits = aPeriod % segment === 0 && bPeriod % segment === 0;
      const isDone =
        code !== undefined &&
        n >= SMALL &&
        fits &&
        a instanceof Float32Array &&
        runner.run("binary", {
          total: n,
          chunk: runner.chunk(n, GRAIN),
          op: code,
          a: space.input(a),
          aInner,
          aLength: a.length,
          b: space.input(b),
          bInner,
          bLength: b.length,
          out: space.output(out),
          segment,
        });
      if (!isDone) reference.binary(op, a, aInner, b, bInner, out);
    },

    reduce(op, x, out, outer, n, inner) {
      const code = reduceOps[op];
      const isExact = op === "max" || op === "min" || (inner === 1 && n < SMALL_SUM);
      const total = outer * inner;
      const isDone =
        code !== undefined &&
        total * n >= (isExact ? SMALL : 1) &&
        x instanceof Float32Array &&
        runner.run("reduce", {
          total,
          chunk: runner.chunk(total, GRAIN / n),
          op: code,
          x: space.input(x),
          out: space.output(out),
          n,
          inner,
        });
      if (!isDone) reference.reduce(op, x, out, outer, n, inner);
    },

    variance(x, out, outer, n, inner, divisor, root) {
      const total = outer * inner;
      const isDone =
        total * n > 0 &&
        x instanceof Float32Array &&
        runner.run("variance", {
          total,
          chunk: runner.chunk(total, GRAIN / 2 / n),
          x: space.input(x),
          out: space.output(out),
          n,
          inner,
          divisor,
          root,
        });
      if (!isDone) reference.variance(x, out, outer, n, inner, divisor, root);
    },
  };
}
