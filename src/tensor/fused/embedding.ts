import { zeros } from "../create";
import { kernels } from "../device";
import { expected, words } from "../expected";
import { elements, type NDArray } from "../ndarray";
import { outside } from "../ops/indexing";
import { showPosition } from "../shape";
import { unwritten } from "./arrays";

/** The indices as int32, each checked to name one of n rows. */
export function rowNumbers(op: string, indices: NDArray, n: number): NDArray {
  const values = elements(indices);
  const start = values instanceof Int32Array ? outside(values, n) : 0;
  for (let i = start; i >= 0 && i < values.length; i++) {
    const v = values[i];
    if (!(v >= 0 && v < n && Number.isInteger(v))) {
      throw expected(
        op,
        `indices in [0, ${n - 1}] for a table of ${n} rows`,
        words(`${v} at position ${showPosition(i, indices.shape)}`),
      );
    }
  }
  return indices.to("int32").contiguous();
}

/** Rows of a table (V, C) by numbers of any shape (…) from {@link rowNumbers}: (…, C). */
export function gatherRows(table: NDArray, rows: NDArray): NDArray {
  const C = table.shape[1];
  const out = unwritten(table.dtype, [...rows.shape, C]);
  kernels().gatherRows(elements(table), elements(rows) as Int32Array, out.data, C);
  return out;
}

/** The adjoint: a table (V, C) of zeros, to which every row of g (…, C) is added where it came from. */
export function scatterAddRows(g: NDArray, rows: NDArray, V: number): NDArray {
  const C = g.shape[g.ndim - 1];
  const table = zeros([V, C], { dtype: g.dtype });
  kernels().scatterAddRows(table.data, elements(rows) as Int32Array, elements(g), C);
  return table;
}
