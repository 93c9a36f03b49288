import { make, type NDArray, stridedOf } from "../ndarray";
import { asRows } from "../ops/matmul";
import { sizeOf } from "../shape";

/** All axes but the last as one. */
const rowsOf = (x: NDArray): NDArray => (x.ndim === 2 ? x : make(asRows(stridedOf(x))));

/** Ā = G Bᵀ of a product A · B; a vector is a row on the left and a column on the right. */
export function matmulBackwardLeft(g: NDArray, a: NDArray, b: NDArray): NDArray {
  const B = b.ndim === 1 ? b.unsqueeze(1) : b;
  const gA = asMatrices(g, a, b).matmul(B.transpose());
  return a.ndim === 1 ? gA.squeeze(-2) : gA;
}

/** B̄ = Aᵀ G of a product A · B, laid out in memory as B is, so that a weight used as W.transpose() gets it without a copy. */
export function matmulBackwardRight(g: NDArray, a: NDArray, b: NDArray): NDArray {
  const A = a.ndim === 1 ? a.unsqueeze(0) : a;
  const B = b.ndim === 1 ? b.unsqueeze(1) : b;
  const G = asMatrices(g, a, b);
  const turned = B.strides[B.ndim - 2] === 1 && B.strides[B.ndim - 1] !== 1;
  // One matrix shared by a batch: the batch folds into the rows, and it is a single product.
  const shared = sizeOf(B.shape.slice(0, -2)) === 1;
  const [x, y] = shared ? [rowsOf(A), rowsOf(G)] : [A, G];
  const product = turned ? y.transpose().matmul(x).transpose() : x.transpose().matmul(y);
  const gB = shared && B.ndim > 2 ? product.reshape(B.shape) : product;
  return b.ndim === 1 ? gB.squeeze(-1) : gB;
}

/** g with the axes that a and b lost as vectors. */
function asMatrices(g: NDArray, a: NDArray, b: NDArray): NDArray {
  const withColumn = b.ndim === 1 ? g.unsqueeze(-1) : g;
  return a.ndim === 1 ? withColumn.unsqueeze(-2) : withColumn;
}

/** W̄ = gᵀ x, with all leading axes of g (…, O) and x (…, I) as rows: (O, I). */
export const linearBackwardWeight = (g: NDArray, x: NDArray): NDArray =>
  rowsOf(g).transpose().matmul(rowsOf(x));

/** b̄ = Σ g over all leading axes. */
export const linearBackwardBias = (g: NDArray): NDArray => rowsOf(g).sum(0);
