import {
  checkArray,
  checkOptions,
  expected,
  gatherRows,
  normalizeAxis,
  rowNumbers,
  scatterAddRows,
  showShape,
  words,
} from "../../tensor";
import { record } from "../record";
import { arrayOf, checkTensor, type Indices, type Tensor } from "../tensor";

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
    throw expected("embedding", "a weight of shape (V, C)", words(showShape(weight.shape)));
  }
  const [V] = weight.shape;
  const rows = rowNumbers("embedding", arrayOf(indices), V);
  const padding = paddingIdx === undefined ? -1 : normalizeAxis("embedding: paddingIdx", paddingIdx, V);
  return record(
    "embedding",
    [weight],
    (weight) => [
      gatherRows(weight, rows),
      (g) => {
        const gWeight = scatterAddRows(g, rows, V);
        if (padding >= 0) gWeight.select(0, padding).fill(0);
        return [gWeight];
      },
    ],
    { keepsGrads: false },
  );
}
