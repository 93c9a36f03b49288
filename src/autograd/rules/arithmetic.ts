import { activationBackward, type NDArray, where, zerosLike } from "../../tensor";
import type { OneGradient, TwoGradients } from "./with-pullback";

// Two operands. With a number on the right, the second gradient is never asked for.

type Right = NDArray | number;

/** ā = g, b̄ = g */
export const add = (a: NDArray, b: Right): TwoGradients => [a.add(b), (g) => [g, g]];

/** ā = g, b̄ = −g */
export const sub = (a: NDArray, b: Right): TwoGradients => [a.sub(b), (g) => [g, () => g.neg()]];

/** ā = g b, b̄ = g a */
export const mul = (a: NDArray, b: Right): TwoGradients => [
  a.mul(b),
  (g) => [() => g.mul(b), () => g.mul(a)],
];

/** y = a / b: ā = g / b, b̄ = −g y / b */
export const div = (a: NDArray, b: Right): TwoGradients => {
  const y = a.div(b);
  return [y, (g) => [() => g.div(b), () => g.mul(y).div(b).neg()]];
};

/** y = aᵇ: ā = g b aᵇ⁻¹ (0 where b = 0), b̄ = g y ln a (0 where a = 0 and b ≥ 0) */
export const pow = (a: NDArray, b: Right): TwoGradients => {
  const y = a.pow(b);
  return [
    y,
    (g) => [
      () => {
        if (typeof b !== "number") return where(b.eq(0), 0, g.mul(b).mul(a.pow(b.sub(1))));
        return b === 0 ? zerosLike(g) : g.mul(b).mul(b === 2 ? a : a.pow(b - 1));
      },
      () => where(a.eq(0).logicalAnd((b as NDArray).ge(0)), 0, g.mul(y).mul(a.log())),
    ],
  ];
};

/** ā = g where a is the larger, g / 2 where both are equal; b̄ likewise. */
export const maximum = (a: NDArray, b: Right): TwoGradients => [
  a.maximum(b),
  (g) => [() => share(g, a.lt(b), a.eq(b)), () => share(g, a.gt(b), a.eq(b))],
];

/** ā = g where a is the smaller, g / 2 where both are equal; b̄ likewise. */
export const minimum = (a: NDArray, b: Right): TwoGradients => [
  a.minimum(b),
  (g) => [() => share(g, a.gt(b), a.eq(b)), () => share(g, a.lt(b), a.eq(b))],
];

/** 0 where this operand loses, g / 2 where both are equal, g elsewhere (so also where one is NaN). */
const share = (g: NDArray, loses: NDArray, equal: NDArray) =>
  where(loses, 0, equal.any().item() ? where(equal, g.mul(0.5), g) : g);

/** a − b ⌊a / b⌋: ā = g, b̄ = −g ⌊a / b⌋ */
export const remainder = (a: NDArray, b: Right): TwoGradients => [
  a.remainder(b),
  (g) => [g, () => g.mul(a.div(b).floor()).neg()],
];

/** min(max(x, min), max): x̄ = g where min ≤ x ≤ max, else 0, also where x is NaN */
export const clamp = (x: NDArray, min: number, max: number): OneGradient => [
  x.clamp(min, max),
  (g) => [activationBackward("clamp", x, g, min, max)],
];

/** c ? a : b: ā = g where c, b̄ = g where not */
export const choose = (c: NDArray, a: Right, b: Right): TwoGradients => [
  where(c, a, b),
  (g) => [() => where(c, g, 0), () => where(c, 0, g)],
];
