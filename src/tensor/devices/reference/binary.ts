import type { Storage } from "../../dtype";
import type { BinaryOp, CompareOp, Kernels, Parameters } from "../../kernels";
import { sigmoid, softplus } from "./unary";

/** Functions of two numbers, with broadcasting. */

/** IEEE power; the sign of a remainder is the divisor's (as Python); NaN wins in maximum and minimum. */
const functions: Record<Exclude<BinaryOp, keyof typeof ofOne>, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow(a, b) {
    if (b === 2) return a * a; // what `square` gives, to the last digit
    return a === 1 || b === 0 ? 1 : a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY ? 1 : a ** b;
  },
  maximum: Math.max,
  minimum: Math.min,
  remainder: (a, b) => {
    const r = a % b;
    return r !== 0 && r < 0 !== b < 0 ? r + b : r;
  },
  fmod: (a, b) => a % b,
  atan2: Math.atan2,
  logaddexp: (a, b) =>
    // Equal infinities have no difference; so has NaN, which comes out.
    a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))),
  prelu: (a, b) => (a > 0 ? a : a * b),
  logisticLoss: (a, b) => softplus(a) * (1 - b) + softplus(-a) * b,
  logisticSlope: (a, b) => sigmoid(a) * (1 - b) - sigmoid(-a) * b,
};

const within = (x: number, bound: number) => Math.min(Math.max(x, -bound), bound);

/** What takes a parameter. */
const ofOne = {
  /** From the nearer end, so that both ends are exact. */
  lerp: (weight: number) =>
    weight < 0.5
      ? (a: number, b: number) => a + weight * (b - a)
      : (a: number, b: number) => b - (1 - weight) * (b - a),
  huber: (threshold: number) => (a: number, b: number) => {
    const held = within(a - b, threshold);
    return held * (a - b - held / 2);
  },
  huberSlope: (threshold: number) => (a: number, b: number) => within(a - b, threshold),
} as const;
const takesOne = (op: BinaryOp): op is keyof typeof ofOne =>
  op === "lerp" || op === "huber" || op === "huberSlope";

/** What differs for int32: products in 32 bits, where a double would lose the low ones. The rest wraps by itself. */
const ofIntegers: Partial<typeof functions> = {
  mul: Math.imul,
  prelu: (a, b) => (a > 0 ? a : Math.imul(a, b)),
  pow(a, b) {
    if (b < 0) return a === 1 ? 1 : a === -1 ? 1 - 2 * Math.abs(b % 2) : 0;
    let result = 1;
    for (let square = a, rest = b; rest > 0; rest >>>= 1, square = Math.imul(square, square)) {
      if (rest & 1) result = Math.imul(result, square);
    }
    return result;
  },
};

const functionOf = (op: keyof typeof functions, out: Storage) =>
  (out instanceof Int32Array && ofIntegers[op]) || functions[op];

const comparisons: Record<Exclude<CompareOp, "close">, (a: number, b: number) => number> = {
  eq: (a, b) => (a === b ? 1 : 0),
  ne: (a, b) => (a !== b ? 1 : 0),
  lt: (a, b) => (a < b ? 1 : 0),
  le: (a, b) => (a <= b ? 1 : 0),
  gt: (a, b) => (a > b ? 1 : 0),
  ge: (a, b) => (a >= b ? 1 : 0),
};

/** |a − b| ≤ atol + rtol |b|; infinities are close to themselves alone. */
function close([rtol, atol]: Parameters): (a: number, b: number) => number {
  return (a, b) => {
    const error = Math.abs(a - b);
    const isNear = error <= atol + rtol * Math.abs(b) && error < Number.POSITIVE_INFINITY;
    return isNear || a === b ? 1 : 0;
  };
}

/** Calls `f(a element, b element, i)` under the broadcasting rule of {@link Kernels.binary}. */
function zip(
  a: Storage,
  aInner: number,
  b: Storage,
  bInner: number,
  out: Storage,
  f: (x: number, y: number) => number,
): void {
  const n = out.length;
  if (aInner === 1 && bInner === 1 && a.length === n && b.length === n) {
    for (let i = 0; i < n; i++) out[i] = f(a[i], b[i]);
  } else if (aInner === 1 && a.length === n && b.length === 1) {
    const y = b[0];
    for (let i = 0; i < n; i++) out[i] = f(a[i], y);
  } else {
    for (let i = 0, ai = 0, ac = 0, bi = 0, bc = 0; i < n; i++) {
      out[i] = f(a[ai], b[bi]);
      if (++ac === aInner) {
        ac = 0;
        if (++ai === a.length) ai = 0;
      }
      if (++bc === bInner) {
        bc = 0;
        if (++bi === b.length) bi = 0;
      }
    }
  }
}

export const binary: Kernels["binary"] = (op, a, aInner, b, bInner, out, [p = 0] = []) => {
  const f = takesOne(op) ? ofOne[op](p) : functionOf(op, out);
  zip(a, aInner, b, bInner, out, f);
};

export const compare: Kernels["compare"] = (op, a, aInner, b, bInner, out, parameters = []) => {
  zip(a, aInner, b, bInner, out, op === "close" ? close(parameters) : comparisons[op]);
};
