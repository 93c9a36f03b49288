import { type NDArray, normalizeAxis, zeros } from "../../tensor";
import type { OneGradient, TwoGradients } from "./with-pullback";

/** out[i, j] = x[i, index[i, j]]: x̄[i, index[i, j]] += g[i, j] */
export const gather = (x: NDArray, axis: number, index: NDArray): OneGradient => [
  x.gather(axis, index),
  (g) => [zeros(x.shape, { dtype: g.dtype }).scatterAdd(axis, index, g)],
];

/**
 * out = x, out[i, index[i, j]] = src[i, j]: x̄ = g, and 0 where something was put; s̄rc[i, j] = g[i, index[i, j]], also of
 * what was overwritten, as PyTorch
 */
export const scatter = (x: NDArray, axis: number, index: NDArray, src: NDArray): TwoGradients => [
  x.scatter(axis, index, src),
  (g) => [() => g.scatter(axis, index, 0), () => gathered(g, axis, index, src)],
];

/** The same with a number put everywhere. */
export const scatterNumber = (x: NDArray, axis: number, index: NDArray, value: number): OneGradient => [
  x.scatter(axis, index, value),
  (g) => [g.scatter(axis, index, 0)],
];

/** g[i, index[i, j]] in the shape of src, which may be larger than the index. */
const gathered = (g: NDArray, axis: number, index: NDArray, src: NDArray): NDArray =>
  g.gather(axis, index).pad(src.shape.map((n, i) => [0, n - index.shape[i]] as const));

/** out = x, out[i, index[i, j]] += src[i, j]: x̄ = g, s̄rc[i, j] = g[i, index[i, j]] */
export const scatterAdd = (x: NDArray, axis: number, index: NDArray, src: NDArray): TwoGradients => [
  x.scatterAdd(axis, index, src),
  (g) => [g, () => gathered(g, axis, index, src)],
];

/** Entries `index` of one axis: each x̄ entry sums g over the places that it was copied to. */
export const indexSelect = (x: NDArray, axis: number, index: NDArray): OneGradient => [
  x.indexSelect(axis, index),
  (g) => {
    const at = normalizeAxis("indexSelect", axis, x.ndim);
    const rows = g.reshape([...x.shape.slice(0, at), index.size, ...x.shape.slice(at + 1)]);
    const places = index.reshape(rows.shape.map((n, i) => (i === at ? n : 1))).expand(rows.shape);
    return [zeros(x.shape, { dtype: g.dtype }).scatterAdd(at, places, rows)];
  },
];

/** value where the mask is true: x̄ = g elsewhere */
export const maskedFill = (x: NDArray, mask: NDArray, value: number): OneGradient => [
  x.maskedFill(mask, value),
  (g) => [g.maskedFill(mask, 0)],
];

export const tril = (x: NDArray, k: number): OneGradient => [x.tril(k), (g) => [g.tril(k)]];
export const triu = (x: NDArray, k: number): OneGradient => [x.triu(k), (g) => [g.triu(k)]];

/** Values that stood at `indices` along an axis (of sort, topk): g goes back to where they stood. */
export const ordered = (x: NDArray, values: NDArray, indices: NDArray, axis: number): OneGradient => [
  values,
  (g) => [zeros(x.shape, { dtype: g.dtype }).scatterAdd(axis, indices, g)],
];

/** Arrays one after another: each gets its piece of g. */
export function concat(
  list: readonly NDArray[],
  out: NDArray,
  axis: number,
): [NDArray, (g: NDArray) => (() => NDArray)[]] {
  return [
    out,
    (g) => {
      let start = 0;
      return list.map((x) => {
        const from = start;
        start += x.shape.at(axis) as number;
        return () => g.narrow(axis, from, x.shape.at(axis) as number);
      });
    },
  ];
}
