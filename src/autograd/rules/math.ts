import { type NDArray, where, zerosLike } from "../../tensor";
import type { OneGradient, TwoGradients } from "./with-pullback";

// Functions of every element that are computed without a kernel: their gradients by the name.

type Right = NDArray | number;

export const math = {
  /** log₂ x: x̄ = g / (x ln 2) */
  log2: (x: NDArray): OneGradient => [x.log2(), (g) => [g.div(x.mul(Math.LN2))]],

  /** log₁₀ x: x̄ = g / (x ln 10) */
  log10: (x: NDArray): OneGradient => [x.log10(), (g) => [g.div(x.mul(Math.LN10))]],

  /** y = tan x: x̄ = g (1 + y²) */
  tan: (x: NDArray): OneGradient => {
    const y = x.tan();
    return [y, (g) => [g.mul(y.square().add(1))]];
  },

  /** asin x: x̄ = g / √(1 − x²) */
  asin: (x: NDArray): OneGradient => [x.asin(), (g) => [g.mul(x.square().neg().add(1).rsqrt())]],

  /** acos x: x̄ = −g / √(1 − x²) */
  acos: (x: NDArray): OneGradient => [x.acos(), (g) => [g.mul(x.square().neg().add(1).rsqrt()).neg()]],

  /** atan x: x̄ = g / (1 + x²) */
  atan: (x: NDArray): OneGradient => [x.atan(), (g) => [g.div(x.square().add(1))]],

  /** sinh x: x̄ = g cosh x */
  sinh: (x: NDArray): OneGradient => [x.sinh(), (g) => [g.mul(x.cosh())]],

  /** cosh x: x̄ = g sinh x */
  cosh: (x: NDArray): OneGradient => [x.cosh(), (g) => [g.mul(x.sinh())]],

  /** The whole part, flat between its jumps: x̄ = 0 */
  trunc: (x: NDArray): OneGradient => [x.trunc(), (g) => [zerosLike(g)]],
} as const;

export const math2 = {
  /** The angle of the point (b, a): ā = g b / (a² + b²), b̄ = −g a / (a² + b²) */
  atan2: (a: NDArray, b: Right): TwoGradients => {
    const square = () => (typeof b === "number" ? a.square().add(b * b) : a.square().add(b.square()));
    return [a.atan2(b), (g) => [() => g.mul(b).div(square()), () => g.mul(a).div(square()).neg()]];
  },

  /** a − b trunc(a / b): ā = g, b̄ = −g trunc(a / b) */
  fmod: (a: NDArray, b: Right): TwoGradients => [a.fmod(b), (g) => [g, () => g.mul(a.div(b).trunc()).neg()]],

  /** log(eᵃ + eᵇ): ā = g σ(a − b), b̄ = g σ(b − a); equal infinities share */
  logaddexp: (a: NDArray, b: Right): TwoGradients => {
    const difference = () => where(a.eq(b), 0, a.sub(b));
    return [
      a.logaddexp(b),
      (g) => [() => g.mul(difference().sigmoid()), () => g.mul(difference().neg().sigmoid())],
    ];
  },
} as const;
