import { checkTensor, type Tensor } from "../tensor";

/** y_i = exp(x_i) / Σ_j exp(x_j) along `axis`; shape of x.   x̄ = y ⊙ (ȳ − Σ ȳ ⊙ y) */
export function softmax(x: Tensor, axis = -1): Tensor {
  checkTensor("softmax", x);
  return x.softmax(axis);
}

/** y_i = x_i − log Σ_j exp(x_j) along `axis`; shape of x.   x̄ = ȳ − exp(y) Σ ȳ */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  checkTensor("logSoftmax", x);
  return x.logSoftmax(axis);
}
