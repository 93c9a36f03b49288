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
      () => drop(gradientOfRight(A, B, G), b.ndim === 1, -1),
    ];
  },
];

/** Aᵀ G, laid out in memory as B is, so that the gradient of a weight used as W.transpose() needs no copy. */
function gradientOfRight(A: NDArray, B: NDArray, G: NDArray): NDArray {
  // One matrix shared by a batch: the batch folds into the rows, and it is a single product.
  const shared = sizeOf(B.shape.slice(0, -2)) === 1;
  const [a, g] = shared ? [asRows(A), asRows(G)] : [A, G];
  const turned = B.strides[B.ndim - 2] === 1 && B.strides[B.ndim - 1] !== 1;
  const product = turned ? g.transpose().matmul(a).transpose() : a.transpose().matmul(g);
  return shared && B.ndim > 2 ? product.reshape(B.shape) : product;
}

/** All axes but the last as one. */
export function asRows(x: NDArray): NDArray {
  if (x.ndim === 2) return x;
  const last = x.shape[x.ndim - 1];
  return x.reshape(last > 0 ? [-1, last] : [sizeOf(x.shape.slice(0, -1)), last]);
}
