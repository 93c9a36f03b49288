import { allocate, type Storage } from "../dtype";
import { expected } from "../expected";
import type { ActivationOp, BinaryOp, CompareOp, Floats, Kernels, UnaryOp } from "../kernels";
import { attention, attentionBackward } from "./reference-attention";
import { batchNorm, batchNormBackward } from "./reference-batch-norm";
import { conv, convBackwardInput, convBackwardWeight } from "./reference-conv";
import { layerNorm, layerNormBackward } from "./reference-layer-norm";
import { averagePool, averagePoolBackward, maxPool, maxPoolBackward } from "./reference-pooling";
import { reduce, variance } from "./reference-reduce";

/**
 * Plain loops, any dtype: the living definition of "correct". Every other device is tested against this one.
 * Sums run in float64, whatever the arrays hold.
 */

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const sigmoid = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** 1 − σ(x) */
const rest = (x: number) => sigmoid(-x);

/** erf(x) = 2/√π ∫₀ˣ exp(−t²) dt to double precision: its Maclaurin series below |x| = 2.5, 1 − erfc above. */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (Number.isNaN(x) || z === 0) return x;
  if (z >= 2.5) return Math.sign(x) * (1 - erfc(z));
  let term = z;
  let sum = z;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * z * z) / (2 * n + 1);
    sum += term;
  }
  return (Math.sign(x) * 2 * sum * Math.exp(-z * z)) / Math.sqrt(Math.PI);
}

/** 1 − erf(x), from its continued fraction for x ≥ 2.5, where 1 − erf would cancel (Abramowitz & Stegun 7.1.6, 7.1.14). */
function erfc(x: number): number {
  if (!(x >= 2.5)) return x < -2.5 ? 2 - erfc(-x) : 1 - erf(x);
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI));
}

/** Φ(x), the distribution function of the normal distribution. */
const phi = (x: number) => 0.5 * erfc(-x * Math.SQRT1_2);

/** 2 √(2/π) (x + 0.044715 x³): σ of it is the gate of geluTanh, ½ (1 + tanh(√(2/π) (x + 0.044715 x³))). */
const geluSlope = (x: number) => 2 * SQRT_2_OVER_PI * (x + 0.044715 * x * x * x);

/** To the nearest integer, halves to the even one (IEEE 754, as PyTorch). */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : Math.ceil(x);
  return floor % 2 === 0 ? floor : Math.ceil(x); // ceil keeps the sign of −0
}

const unary: Record<UnaryOp, (x: number) => number> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0), // 0 for NaN, as PyTorch
  square: (x) => x * x,
  reciprocal: (x) => 1 / x,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid,
  erf,
  relu: (x) => (x < 0 ? 0 : x),
  silu: (x) => x * sigmoid(x),
  gelu: (x) => x * phi(x),
  quickGelu: (x) => x * sigmoid(1.702 * x),
  geluTanh: (x) => x * sigmoid(geluSlope(x)),
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfEven,
};

/** Written so that nothing cancels: σ(x) σ(−x), not σ(x) − σ(x)². */
const derivative: Record<Exclude<ActivationOp, "relu">, (x: number) => number> = {
  silu: (x) => sigmoid(x) * (1 + x * rest(x)),
  // Φ(x) + x · φ(x)
  gelu: (x) => phi(x) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI),
  quickGelu: (x) => sigmoid(1.702 * x) * (1 + 1.702 * x * rest(1.702 * x)),
  geluTanh: (x) => {
    const u = geluSlope(x);
    return sigmoid(u) * (1 + x * rest(u) * 2 * SQRT_2_OVER_PI * (1 + 3 * 0.044715 * x * x));
  },
  tanh: (x) => 4 * sigmoid(2 * x) * rest(2 * x),
  sigmoid: (x) => sigmoid(x) * rest(x),
};

/** IEEE power; the sign of a remainder is the divisor's (as Python); NaN wins in maximum and minimum. */
const binary: Record<BinaryOp, (a: number, b: number) => number> = {
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
};

/** What differs for int32: products in 32 bits, where a double would lose the low ones. The rest wraps by itself. */
const integer: Partial<Record<BinaryOp, (a: number, b: number) => number>> = {
  mul: Math.imul,
  pow(a, b) {
    if (b < 0) return a === 1 ? 1 : a === -1 ? 1 - 2 * Math.abs(b % 2) : 0;
    let result = 1;
    for (let square = a, rest = b; rest > 0; rest >>>= 1, square = Math.imul(square, square)) {
      if (rest & 1) result = Math.imul(result, square);
    }
    return result;
  },
};

const binaryOf = (op: BinaryOp, out: Storage) => (out instanceof Int32Array && integer[op]) || binary[op];

const compare: Record<CompareOp, (a: number, b: number) => number> = {
  eq: (a, b) => (a === b ? 1 : 0),
  ne: (a, b) => (a !== b ? 1 : 0),
  lt: (a, b) => (a < b ? 1 : 0),
  le: (a, b) => (a <= b ? 1 : 0),
  gt: (a, b) => (a > b ? 1 : 0),
  ge: (a, b) => (a >= b ? 1 : 0),
};

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

const isBetter = {
  max: (x: number, best: number) => x > best || (Number.isNaN(x) && !Number.isNaN(best)),
  min: (x: number, best: number) => x < best || (Number.isNaN(x) && !Number.isNaN(best)),
};

export const reference: Kernels = {
  alloc: allocate,
  empty: allocate,
  now: () => 0,
  free: () => {},

  copy(shape, x, offset, strides, out, outOffset, outStrides) {
    // The innermost axis in a plain loop, the others as an odometer.
    const last = shape.length - 1;
    const n = last < 0 ? 1 : shape[last];
    const [step, outStep] = last < 0 ? [0, 0] : [strides[last], outStrides[last]];
    let rows = 1;
    for (let axis = 0; axis < last; axis++) rows *= shape[axis];
    const index = new Array<number>(Math.max(0, last)).fill(0);
    let from = offset;
    let to = outOffset;
    for (let row = 0; row < rows; row++) {
      if (step === 1 && outStep === 1 && n > 64) out.set(x.subarray(from, from + n), to);
      else for (let i = 0, p = from, q = to; i < n; i++, p += step, q += outStep) out[q] = x[p];
      for (let axis = last - 1; axis >= 0; axis--) {
        from += strides[axis];
        to += outStrides[axis];
        if (++index[axis] < shape[axis]) break;
        from -= strides[axis] * shape[axis];
        to -= outStrides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
  },

  unary(op, x, out) {
    const f = op === "square" && out instanceof Int32Array ? (v: number) => Math.imul(v, v) : unary[op];
    if (typeof f !== "function") throw expected("unary", `one of ${Object.keys(unary).join(", ")}`, op);
    for (let i = 0; i < out.length; i++) out[i] = f(x[i]);
  },

  activationBackward(op, x, g, gx) {
    if (op === "relu") {
      for (let i = 0; i < gx.length; i++) gx[i] = x[i] <= 0 ? 0 : g[i];
      return;
    }
    const f = derivative[op];
    for (let i = 0; i < gx.length; i++) gx[i] = g[i] * f(x[i]);
  },

  binary(op, a, aInner, b, bInner, out) {
    zip(a, aInner, b, bInner, out, binaryOf(op, out));
  },

  compare(op, a, aInner, b, bInner, out) {
    zip(a, aInner, b, bInner, out, compare[op]);
  },

  reduce,
  variance,

  argReduce(op, x, out, outer, n, inner) {
    const better = isBetter[op];
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < inner; j++) {
        const first = o * n * inner + j;
        let best = 0;
        for (let i = 1; i < n; i++) if (better(x[first + i * inner], x[first + best * inner])) best = i;
        out[o * inner + j] = best;
      }
    }
  },

  matmul(a, b, out, { batch, m, k, n, transposeA, transposeB, sharedA, sharedB }, bias) {
    const row = new Float64Array(n);
    for (let s = 0; s < batch; s++) {
      const a0 = sharedA ? 0 : s * m * k;
      const b0 = sharedB ? 0 : s * k * n;
      for (let i = 0; i < m; i++) {
        row.fill(0);
        if (bias) row.set(bias);
        for (let p = 0; p < k; p++) {
          const x = a[a0 + (transposeA ? p * m + i : i * k + p)];
          if (transposeB) for (let j = 0; j < n; j++) row[j] += x * b[b0 + j * k + p];
          else for (let j = 0, at = b0 + p * n; j < n; j++) row[j] += x * b[at + j];
        }
        out.set(row, (s * m + i) * n);
      }
    }
  },

  conv,
  convBackwardInput,
  convBackwardWeight,
  attention,
  attentionBackward,

  crossEntropy(x, classes, loss, max, logSum, n) {
    for (let r = 0, at = 0; r < classes.length; r++, at += n) {
      const top = rowMax(x, at, n);
      let total = 0;
      for (let i = at; i < at + n; i++) total += Math.exp(x[i] - top);
      const rest = Math.log(total);
      max[r] = top;
      logSum[r] = rest;
      loss[r] = classes[r] < 0 ? 0 : top - x[at + classes[r]] + rest;
    }
  },

  crossEntropyBackward(x, classes, max, logSum, g, gx, n) {
    for (let r = 0, at = 0; r < classes.length; r++, at += n) {
      const factor = classes[r] < 0 ? 0 : g[r];
      for (let i = at; i < at + n; i++)
        gx[i] = classes[r] < 0 ? 0 : factor * Math.exp(x[i] - max[r] - logSum[r]);
      if (classes[r] >= 0) gx[at + classes[r]] -= factor;
    }
  },

  softmax(x, y, rows, n) {
    for (let at = 0; at < rows * n; at += n) {
      const max = rowMax(x, at, n);
      let total = 0;
      for (let i = at; i < at + n; i++) total += y[i] = Math.exp(x[i] - max);
      for (let i = at; i < at + n; i++) y[i] /= total;
    }
  },

  softmaxBackward(y, g, gx, rows, n) {
    for (let at = 0; at < rows * n; at += n) {
      let dot = 0;
      for (let i = at; i < at + n; i++) dot += g[i] * y[i];
      for (let i = at; i < at + n; i++) gx[i] = y[i] * (g[i] - dot);
    }
  },

  logSoftmax(x, y, rows, n) {
    for (let at = 0; at < rows * n; at += n) {
      const max = rowMax(x, at, n);
      let total = 0;
      for (let i = at; i < at + n; i++) total += Math.exp(x[i] - max);
      const logTotal = Math.log(total);
      for (let i = at; i < at + n; i++) y[i] = x[i] - max - logTotal;
    }
  },

  logSoftmaxBackward(y, g, gx, rows, n) {
    for (let at = 0; at < rows * n; at += n) {
      let total = 0;
      for (let i = at; i < at + n; i++) total += g[i];
      for (let i = at; i < at + n; i++) gx[i] = g[i] - Math.exp(y[i]) * total;
    }
  },

  layerNorm,
  layerNormBackward,
  batchNorm,
  batchNormBackward,

  maxPool,
  maxPoolBackward,
  averagePool,
  averagePoolBackward,

  gatherRows(table, indices, out, n) {
    for (let r = 0; r < indices.length; r++) {
      for (let i = 0, from = indices[r] * n, to = r * n; i < n; i++) out[to + i] = table[from + i];
    }
  },

  scatterAddRows(table, indices, x, n) {
    for (let r = 0; r < indices.length; r++) {
      for (let i = 0, to = indices[r] * n, from = r * n; i < n; i++) table[to + i] += x[from + i];
    }
  },

  adam(weight, grad, m, v, { step, lr, beta1, beta2, eps, weightDecay, decoupled }) {
    const mScale = 1 / (1 - beta1 ** step);
    const vScale = 1 / (1 - beta2 ** step);
    const shrink = decoupled ? 1 - lr * weightDecay : 1;
    const pull = decoupled ? 0 : weightDecay;
    for (let i = 0; i < weight.length; i++) {
      const g = grad[i] + pull * weight[i];
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      weight[i] = weight[i] * shrink - (lr * m[i] * mScale) / (Math.sqrt(v[i] * vScale) + eps);
    }
  },
};

function rowMax(x: Floats, at: number, n: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = at; i < at + n; i++) if (!(x[i] <= max)) max = x[i];
  return max;
}
