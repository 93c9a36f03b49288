import { elements, type Floats, fromStorage, kernels, type NDArray, normalizeAxis } from "../../tensor";
import type { One } from "./ruled";

/** y_i = exp(x_i) / Σ_j exp(x_j) along `axis`: x̄ = y ⊙ (g − Σ g ⊙ y) */
export const softmax = (x: NDArray, axis: number): One => {
  const y = x.softmax(axis);
  return [y, (g) => [rowsBackward("softmaxBackward", y, g, axis)]];
};

/** y_i = x_i − log Σ_j exp(x_j) along `axis`: x̄ = g − exp(y) Σ g */
export const logSoftmax = (x: NDArray, axis: number): One => {
  const y = x.logSoftmax(axis);
  return [y, (g) => [rowsBackward("logSoftmaxBackward", y, g, axis)]];
};

/** One of the row kernels along `axis`, from the output y and its gradient g. */
export function rowsBackward(
  kernel: "softmaxBackward" | "logSoftmaxBackward",
  y: NDArray,
  g: NDArray,
  axis = -1,
): NDArray {
  if (y.ndim > 1 && normalizeAxis(kernel, axis, y.ndim) !== y.ndim - 1) {
    return rowsBackward(kernel, y.transpose(axis, -1), g.transpose(axis, -1)).transpose(axis, -1);
  }
  const n = y.shape.at(-1) ?? 1;
  const out = kernels().empty(y.dtype, y.size) as Floats;
  if (n > 0) kernels()[kernel](elements(y) as Floats, elements(g) as Floats, out, y.size / n, n);
  return fromStorage(out, y.shape);
}
