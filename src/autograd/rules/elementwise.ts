import {
  type ActivationOp,
  elements,
  type Floats,
  fromStorage,
  kernels,
  type NDArray,
  zerosLike,
} from "../../tensor";
import type { One } from "./ruled";

/** −x */
export const neg = (x: NDArray): One => [x.neg(), (g) => [g.neg()]];

/** |x|: x̄ = g sign x, where the sign of 0 and of NaN is 0 */
export const abs = (x: NDArray): One => [x.abs(), (g) => [g.mul(x.sign())]];

/** y = eˣ: x̄ = g y */
export const exp = (x: NDArray): One => {
  const y = x.exp();
  return [y, (g) => [g.mul(y)]];
};

/** y = eˣ − 1: x̄ = g (y + 1) */
export const expm1 = (x: NDArray): One => {
  const y = x.expm1();
  return [y, (g) => [g.mul(y.add(1))]];
};

/** ln x: x̄ = g / x */
export const log = (x: NDArray): One => [x.log(), (g) => [g.div(x)]];

/** ln(1 + x): x̄ = g / (1 + x) */
export const log1p = (x: NDArray): One => [x.log1p(), (g) => [g.div(x.add(1))]];

/** y = √x: x̄ = g / 2y */
export const sqrt = (x: NDArray): One => {
  const y = x.sqrt();
  return [y, (g) => [g.div(y.mul(2))]];
};

/** y = 1 / √x: x̄ = −g y³ / 2 */
export const rsqrt = (x: NDArray): One => {
  const y = x.rsqrt();
  return [y, (g) => [g.mul(y.square().mul(y)).mul(-0.5)]];
};

/** x²: x̄ = 2 g x */
export const square = (x: NDArray): One => [x.square(), (g) => [g.mul(x).mul(2)]];

/** y = 1 / x: x̄ = −g y² */
export const reciprocal = (x: NDArray): One => {
  const y = x.reciprocal();
  return [y, (g) => [g.mul(y.square()).neg()]];
};

/** sin x: x̄ = g cos x */
export const sin = (x: NDArray): One => [x.sin(), (g) => [g.mul(x.cos())]];

/** cos x: x̄ = −g sin x */
export const cos = (x: NDArray): One => [x.cos(), (g) => [g.mul(x.sin()).neg()]];

/** y = tanh x: x̄ = g (1 − y²) */
export const tanh = (x: NDArray): One => [x.tanh(), (g) => [activationBackward("tanh", x, g)]];

/** y = 1 / (1 + e⁻ˣ): x̄ = g y (1 − y) */
export const sigmoid = (x: NDArray): One => [x.sigmoid(), (g) => [activationBackward("sigmoid", x, g)]];

/** max(x, 0): x̄ = g where x > 0 or NaN, else 0 */
export const relu = (x: NDArray): One => [x.relu(), (g) => [activationBackward("relu", x, g)]];

/** 2/√π ∫₀ˣ exp(−t²) dt: x̄ = g 2/√π exp(−x²) */
export const erf = (x: NDArray): One => [
  x.erf(),
  (g) => [g.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI))],
];

/** Steps (sign, floor, ceil, round) are flat between the jumps: x̄ = 0. */
export const step = (x: NDArray, op: "sign" | "floor" | "ceil" | "round"): One => [
  x[op](),
  (g) => [zerosLike(g)],
];

/** g ⊙ op′(x) in one kernel; relu's selects. */
export function activationBackward(op: ActivationOp, x: NDArray, g: NDArray): NDArray {
  const out = kernels().empty(x.dtype, x.size) as Floats;
  kernels().activationBackward(op, elements(x) as Floats, elements(g.to(x.dtype)) as Floats, out);
  return fromStorage(out, x.shape);
}
