import { logSoftmaxBackward, type NDArray, softmaxBackward } from "../../tensor";
import type { OneGradient } from "./with-pullback";

/** y_i = exp(x_i) / Σ_j exp(x_j) along `axis`: x̄ = y ⊙ (g − Σ g ⊙ y) */
export const softmax = (x: NDArray, axis: number): OneGradient => {
  const y = x.softmax(axis);
  return [y, (g) => [softmaxBackward(y, g, axis)]];
};

/** y_i = x_i − log Σ_j exp(x_j) along `axis`: x̄ = g − exp(y) Σ g */
export const logSoftmax = (x: NDArray, axis: number): OneGradient => {
  const y = x.logSoftmax(axis);
  return [y, (g) => [logSoftmaxBackward(y, g, axis)]];
};
