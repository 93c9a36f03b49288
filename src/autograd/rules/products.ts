import { matmulBackwardLeft, matmulBackwardRight, type NDArray } from "../../tensor";
import type { TwoGradients } from "./with-pullback";

/** A · B: Ā = g Bᵀ, B̄ = Aᵀ g; a vector is a row on the left and a column on the right. */
export const matmul = (a: NDArray, b: NDArray): TwoGradients => [
  a.matmul(b),
  (g) => [() => matmulBackwardLeft(g, a, b), () => matmulBackwardRight(g, a, b)],
];
