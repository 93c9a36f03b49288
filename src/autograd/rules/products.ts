import { type NDArray, sizeOf } from "../../tensor";
import type { Two } from "./ruled";

/** A · B: Ā = g Bᵀ, B̄ = Aᵀ g; a vector is a row on the left and a column on the right. */
export const matmul = (a: NDArray, b: NDArray): Two => [
  a.matmul(b),
  (g) => {
    const A = a.ndim === 1 ? a.unsqueeze(0) : a;
    const B = b.ndim === 1 ? b.unsqueeze(1) : b;
    let G = b.ndim === 1 ? g.unsqueeze(-1) : g;
    if (a.ndim === 1) G = G.unsqueeze(-2);
    const drop = (x: NDArray, vector: boolean, axis: number) => (vector ? x.squeeze(axis) : x);
    return [
      () => drop(G.matmul(B.transpose()), a.ndim === 1, -2),
      // One matrix shared by a batch: fold the batch into the rows, so that it is a single product.
      () =>
        drop(
          sizeOf(B.shape.slice(0, -2)) === 1 ? rows(A).transpose().matmul(rows(G)) : A.transpose().matmul(G),
          b.ndim === 1,
          -1,
        ),
    ];
  },
];

/** All axes but the last as one. */
const rows = (x: NDArray): NDArray => x.reshape([sizeOf(x.shape.slice(0, -1)), x.shape[x.ndim - 1]]);
