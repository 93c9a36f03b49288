import type { Storage } from "../../dtype";
import type { ActivationOp, BinaryOp, Kernels, ReduceOp, UnaryOp } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";

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

/** The op codes of assembly/elementwise.ts; what is not here is left to the reference. */
const unaryCodes: { readonly [op in UnaryOp]?: number } = {
  neg: 0,
  abs: 1,
  sign: 2,
  square: 3,
  reciprocal: 4,
  sqrt: 5,
  rsqrt: 6,
  exp: 7,
  log: 8,
  tanh: 9,
  sigmoid: 10,
  erf: 11,
  relu: 12,
  silu: 13,
  gelu: 14,
  geluTanh: 15,
  floor: 16,
  ceil: 17,
  round: 18,
  quickGelu: 19,
};
const backwardCodes: Record<ActivationOp, number> = {
  tanh: 9,
  sigmoid: 10,
  relu: 12,
  silu: 13,
  gelu: 14,
  geluTanh: 15,
  quickGelu: 19,
};
/** The op codes of assembly/binary.ts. */
const binaryCodes: { readonly [op in BinaryOp]?: number } = {
  add: 0,
  sub: 1,
  mul: 2,
  div: 3,
  maximum: 4,
  minimum: 5,
};
/** The op codes of assembly/reduce.ts. */
const reduceCodes: { readonly [op in ReduceOp]?: number } = {
  sum: 0,
  max: 1,
  min: 2,
  sumOfSquares: 3,
  norm: 4,
};

const isExponential = (code: number) => (code >= 7 && code <= 15 && code !== 12) || code === 19;

/** Whether plain loops, which round a float64 result, give what SIMD gives: all but polynomials and 1 / √x. */
const isExact = (code: number) => !isExponential(code) && code !== unaryCodes.rsqrt;

/** How long an operand of {@link Kernels.binary} stays in order, or constant: its period in elements. */
function period(data: Storage, inner: number, n: number): number {
  if (data.length === 1 || inner >= n) return n;
  return inner === 1 ? data.length : inner;
}

type Elementwise = Pick<Kernels, "unary" | "activationBackward" | "binary" | "reduce" | "variance">;

export function elementwiseKernels(runner: Runner, space: Space, reference: Kernels): Elementwise {
  const unary: Kernels["unary"] = (op, x, out) => {
    const code = unaryCodes[op];
    const n = out.length;
    if (code === undefined || n === 0 || (n < SMALL && isExact(code)) || !(x instanceof Float32Array)) {
      return reference.unary(op, x, out);
    }
    const [px, po] = [space.input(x), space.output(out)];
    if (!space.ready()) return reference.unary(op, x, out);
    runner.run("unary", n, isExponential(code) ? GRAIN_EXP : GRAIN, code, px, po);
    space.done();
  };

  return {
    unary,

    activationBackward(op, x, g, gx) {
      const code = backwardCodes[op];
      const n = gx.length;
      if (n === 0 || (n < SMALL && isExact(code)) || !(x instanceof Float32Array)) {
        return reference.activationBackward(op, x, g, gx);
      }
      const [px, pg, po] = [space.input(x), space.input(g), space.output(gx)];
      if (!space.ready()) return reference.activationBackward(op, x, g, gx);
      runner.run("activationBackward", n, isExponential(code) ? GRAIN_EXP : GRAIN, code, px, pg, po);
      space.done();
    },

    binary(op, a, aInner, b, bInner, out) {
      const n = out.length;
      if (op === "pow" && b.length === 1 && b[0] === 2 && a.length === n && aInner === 1) {
        return unary("square", a, out);
      }
      const code = binaryCodes[op];
      const aPeriod = period(a, aInner, n);
      const bPeriod = period(b, bInner, n);
      const segment = Math.min(aPeriod, bPeriod);
      const fits = aPeriod % segment === 0 && bPeriod % segment === 0;
      if (code === undefined || n < SMALL || !fits || !(a instanceof Float32Array)) {
        return reference.binary(op, a, aInner, b, bInner, out);
      }
      const [pa, pb, po] = [space.input(a), space.input(b), space.output(out)];
      if (!space.ready()) return reference.binary(op, a, aInner, b, bInner, out);
      runner.run("binary", n, GRAIN, code, pa, aInner, a.length, pb, bInner, b.length, po, segment);
      space.done();
    },

    reduce(op, x, out, outer, n, inner) {
      const code = reduceCodes[op];
      const isExact = op === "max" || op === "min" || (inner === 1 && n < SMALL_SUM);
      const isSmall = outer * n * inner < (isExact ? SMALL : 1);
      if (code === undefined || isSmall || !(x instanceof Float32Array)) {
        return reference.reduce(op, x, out, outer, n, inner);
      }
      const [px, po] = [space.input(x), space.output(out)];
      if (!space.ready()) return reference.reduce(op, x, out, outer, n, inner);
      runner.run("reduce", outer * inner, GRAIN / n, code, px, po, n, inner);
      space.done();
    },

    variance(x, out, outer, n, inner, divisor, root) {
      if (outer * n * inner === 0 || !(x instanceof Float32Array)) {
        return reference.variance(x, out, outer, n, inner, divisor, root);
      }
      const [px, po] = [space.input(x), space.output(out)];
      if (!space.ready()) return reference.variance(x, out, outer, n, inner, divisor, root);
      runner.run("variance", outer * inner, GRAIN / 2 / n, px, po, n, inner, divisor, Number(root));
      space.done();
    },
  };
}
