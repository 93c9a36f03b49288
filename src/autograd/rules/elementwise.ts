import { activationBackward, type NanToNumOptions, type NDArray, zerosLike } from "../../tensor";
import type { OneGradient } from "./with-pullback";

/** −x */
export const neg = (x: NDArray): OneGradient => [x.neg(), (g) => [g.neg()]];

/** |x|: x̄ = g sign x, where the sign of 0 and of NaN is 0 */
export const abs = (x: NDArray): OneGradient => [x.abs(), (g) => [g.mul(x.sign())]];

/** y = eˣ: x̄ = g y */
export const exp = (x: NDArray): OneGradient => {
  const y = x.exp();
  return [y, (g) => [g.mul(y)]];
};

/** y = eˣ − 1: x̄ = g (y + 1) */
export const expm1 = (x: NDArray): OneGradient => {
  const y = x.expm1();
  return [y, (g) => [g.mul(y.add(1))]];
};

/** ln x: x̄ = g / x */
export const log = (x: NDArray): OneGradient => [x.log(), (g) => [g.div(x)]];

/** ln(1 + x): x̄ = g / (1 + x) */
export const log1p = (x: NDArray): OneGradient => [x.log1p(), (g) => [g.div(x.add(1))]];

/** y = √x: x̄ = g / 2y */
export const sqrt = (x: NDArray): OneGradient => {
  const y = x.sqrt();
  return [y, (g) => [g.div(y.mul(2))]];
};

/** y = 1 / √x: x̄ = −g y³ / 2 */
export const rsqrt = (x: NDArray): OneGradient => {
  const y = x.rsqrt();
  return [y, (g) => [g.mul(y.square().mul(y)).mul(-0.5)]];
};

/** x²: x̄ = 2 g x */
export const square = (x: NDArray): OneGradient => [x.square(), (g) => [g.mul(x).mul(2)]];

/** y = 1 / x: x̄ = −g y² */
export const reciprocal = (x: NDArray): OneGradient => {
  const y = x.reciprocal();
  return [y, (g) => [g.mul(y.square()).neg()]];
};

/** sin x: x̄ = g cos x */
export const sin = (x: NDArray): OneGradient => [x.sin(), (g) => [g.mul(x.cos())]];

/** cos x: x̄ = −g sin x */
export const cos = (x: NDArray): OneGradient => [x.cos(), (g) => [g.mul(x.sin()).neg()]];

/** log₂ x: x̄ = g / (x ln 2) */
export const log2 = (x: NDArray): OneGradient => [x.log2(), (g) => [g.div(x.mul(Math.LN2))]];

/** log₁₀ x: x̄ = g / (x ln 10) */
export const log10 = (x: NDArray): OneGradient => [x.log10(), (g) => [g.div(x.mul(Math.LN10))]];

/** y = tan x: x̄ = g (1 + y²) */
export const tan = (x: NDArray): OneGradient => {
  const y = x.tan();
  return [y, (g) => [g.mul(y.square().add(1))]];
};

/** asin x: x̄ = g / √(1 − x²) */
export const asin = (x: NDArray): OneGradient => [x.asin(), (g) => [g.mul(x.square().neg().add(1).rsqrt())]];

/** acos x: x̄ = −g / √(1 − x²) */
export const acos = (x: NDArray): OneGradient => [
  x.acos(),
  (g) => [g.mul(x.square().neg().add(1).rsqrt()).neg()],
];

/** atan x: x̄ = g / (1 + x²) */
export const atan = (x: NDArray): OneGradient => [x.atan(), (g) => [g.div(x.square().add(1))]];

/** sinh x: x̄ = g cosh x */
export const sinh = (x: NDArray): OneGradient => [x.sinh(), (g) => [g.mul(x.cosh())]];

/** cosh x: x̄ = g sinh x */
export const cosh = (x: NDArray): OneGradient => [x.cosh(), (g) => [g.mul(x.sinh())]];

/** y = tanh x: x̄ = g (1 − y²) */
export const tanh = (x: NDArray): OneGradient => [x.tanh(), (g) => [activationBackward("tanh", x, g)]];

/** y = 1 / (1 + e⁻ˣ): x̄ = g y (1 − y) */
export const sigmoid = (x: NDArray): OneGradient => [
  x.sigmoid(),
  (g) => [activationBackward("sigmoid", x, g)],
];

/** max(x, 0): x̄ = g where x > 0 or NaN, else 0 */
export const relu = (x: NDArray): OneGradient => [x.relu(), (g) => [activationBackward("relu", x, g)]];

/** 2/√π ∫₀ˣ exp(−t²) dt: x̄ = g 2/√π exp(−x²) */
export const erf = (x: NDArray): OneGradient => [
  x.erf(),
  (g) => [g.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI))],
];

/** Numbers for NaN and infinities: x̄ = g elsewhere, 0 there */
export const nanToNum = (x: NDArray, options?: NanToNumOptions): OneGradient => [
  x.nanToNum(options),
  (g) => [g.maskedFill(x.isFinite().logicalNot(), 0)],
];

/** Steps (sign, floor, ceil, round, trunc) are flat between the jumps: x̄ = 0. */
export const step = (x: NDArray, op: "sign" | "floor" | "ceil" | "round" | "trunc"): OneGradient => [
  x[op](),
  (g) => [zerosLike(g)],
];
