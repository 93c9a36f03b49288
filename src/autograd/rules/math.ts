import { lerp, type NDArray, where } from "../../tensor";
import type { TwoGradients } from "./with-pullback";

// Two operands, less common than those of arithmetic.ts.

type Right = NDArray | number;

/** The angle of the point (b, a): ā = g b / (a² + b²), b̄ = −g a / (a² + b²); 0 at the point (0, 0), as PyTorch */
export const atan2 = (a: NDArray, b: Right): TwoGradients => {
  const perSquare = (g: NDArray) => {
    const squares = typeof b === "number" ? a.square().add(b * b) : a.square().add(b.square());
    return g.div(squares.maskedFill(squares.eq(0), Number.POSITIVE_INFINITY));
  };
  return [a.atan2(b), (g) => [() => perSquare(g.mul(b)), () => perSquare(g.mul(a)).neg()]];
};

/** a − b trunc(a / b): ā = g, b̄ = −g trunc(a / b) */
export const fmod = (a: NDArray, b: Right): TwoGradients => [
  a.fmod(b),
  (g) => [g, () => g.mul(a.div(b).trunc()).neg()],
];

/** log(eᵃ + eᵇ): ā = g σ(a − b), b̄ = g σ(b − a); equal infinities share */
export const logaddexp = (a: NDArray, b: Right): TwoGradients => {
  const difference = () => where(a.eq(b), 0, a.sub(b));
  return [
    a.logaddexp(b),
    (g) => [() => g.mul(difference().sigmoid()), () => g.mul(difference().neg().sigmoid())],
  ];
};

/** a + w (b − a): ā = (1 − w) g, b̄ = w g */
export const mix = (a: NDArray, b: NDArray, weight: number): TwoGradients => [
  lerp(a, b, weight),
  (g) => [() => g.mul(1 - weight), () => g.mul(weight)],
];
