import {
  checkArray,
  checkOptions,
  elements,
  fromStorage,
  kernels,
  type NDArray,
  normalizeAxis,
  showPosition,
  showShape,
  zeros,
} from "../../tensor";
import { arrayOf, checkTensor, type Indices, record, type Tensor } from "../tensor";

/**
 * Rows of a table: weight (V, C), indices (…) → (…, C).
 * Each row's gradient is the sum over the places it was copied to; row `paddingIdx` gets none.
 */
export function embedding(weight: Tensor, indices: Indices, options: { paddingIdx?: number } = {}): Tensor {
  checkOptions("embedding", options, "paddingIdx", { paddingIdx: "number" });
  const { paddingIdx } = options;

  checkTensor("embedding", weight);
  checkArray("embedding", arrayOf(indices));
  if (weight.ndim !== 2) {
    throw new RangeError(`embedding: expected a weight of shape (V, C), got ${showShape(weight.shape)}`);
  }
  const [V, C] = weight.shape;
  const index = arrayOf(indices);
  const rows = rowNumbers(index, V);
  const numbers = () => elements(rows) as Int32Array;
  const padding = paddingIdx === undefined ? -1 : normalizeAxis("embedding: paddingIdx", paddingIdx, V);
  return record(
    "embedding",
    [weight],
    (weight) => {
      const out = kernels().empty(weight.dtype, rows.size * C);
      kernels().gatherRows(elements(weight), numbers(), out, C);
      return [
        fromStorage(out, [...index.shape, C]),
        (g) => {
          const gWeight = zeros([V, C], { dtype: g.dtype });
          kernels().scatterAddRows(gWeight.data, numbers(), elements(g), C);
          if (padding >= 0) gWeight.select(0, padding).fill(0);
          return [gWeight];
        },
      ];
    },
    { keepsGrads: false },
  );
}

/** The indices as int32, each checked to name one of n rows. */
function rowNumbers(indices: NDArray, n: number): NDArray {
  const values = elements(indices);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (!(v >= 0 && v < n && Number.isInteger(v))) {
      throw new RangeError(
        `embedding: expected indices in [0, ${n - 1}] for a table of ${n} rows, got ${v} at position ${showPosition(i, indices.shape)}`,
      );
    }
  }
  return indices.to("int32").contiguous();
}
