import { expected } from "../../expected";
import type { ActivationOp, Kernels, UnaryOp } from "../../kernels";

/** Functions of one number, and the derivatives of activations. */

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
export const sigmoid = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** 1 − σ(x) */
const rest = (x: number) => sigmoid(-x);

/** log(1 + eˣ), without overflow. */
export const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

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

const functions: Record<UnaryOp, (x: number, p: number, q: number, r: number) => number> = {
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
  log2: Math.log2,
  log10: Math.log10,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
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
  trunc: Math.trunc,
  softplus,
  logSigmoid: (x) => -softplus(-x),
  mish: (x) => x * Math.tanh(softplus(x)),
  leakyRelu: (x, slope) => (x > 0 ? x : slope * x),
  elu: (x, alpha) => (x > 0 ? x : alpha * Math.expm1(x)),
  clamp: (x, min, max) => Math.min(Math.max(x, min), max),
  nanToNum(x, nan, posinf, neginf) {
    if (Number.isNaN(x)) return nan;
    return x === Number.POSITIVE_INFINITY ? posinf : x === Number.NEGATIVE_INFINITY ? neginf : x;
  },
};

/** Gradients of what is straight on one side, where g passes whatever it is. */
const pulled = {
  relu: (g: number, x: number) => (x <= 0 ? 0 : g),
  leakyRelu: (g: number, x: number, slope: number) => (x > 0 ? g : slope * g),
  elu: (g: number, x: number, alpha: number) => (x <= 0 ? g * alpha * Math.exp(x) : g),
  clamp: (g: number, x: number, min: number, max: number) => (x >= min && x <= max ? g : 0),
} as const;

/** Written so that nothing cancels: σ(x) σ(−x), not σ(x) − σ(x)². */
const derivatives: Record<Exclude<ActivationOp, keyof typeof pulled>, (x: number) => number> = {
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
  softplus: sigmoid,
  // tanh s + x (1 − tanh² s) σ(x) with s = log(1 + eˣ)
  mish: (x) => {
    const t = softplus(x);
    return Math.tanh(t) + 4 * x * sigmoid(2 * t) * rest(2 * t) * sigmoid(x);
  },
};

export const unary: Kernels["unary"] = (op, x, out, [p = 0, q = 0, r = 0] = []) => {
  const f = op === "square" && out instanceof Int32Array ? (v: number) => Math.imul(v, v) : functions[op];
  if (typeof f !== "function") throw expected("unary", `one of ${Object.keys(unary).join(", ")}`, op);
  for (let i = 0; i < out.length; i++) out[i] = f(x[i], p, q, r);
};

export const activationBackward: Kernels["activationBackward"] = (op, x, g, gx, [p = 0, q = 0] = []) => {
  if (op in pulled) {
    const f = pulled[op as keyof typeof pulled];
    for (let i = 0; i < gx.length; i++) gx[i] = f(g[i], x[i], p, q);
    return;
  }
  const f = derivatives[op as keyof typeof derivatives];
  for (let i = 0; i < gx.length; i++) gx[i] = g[i] * f(x[i]);
};
