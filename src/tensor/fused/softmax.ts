import { make, type NDArray, stridedOf } from "../ndarray";
import { alongRows } from "../ops/softmax";

/** y ⊙ (g − Σ g ⊙ y) along `axis`, from the output y of softmax. */
export const softmaxBackward = (y: NDArray, g: NDArray, axis = -1): NDArray =>
  make(alongRows("softmaxBackward", axis, stridedOf(y), stridedOf(g)));

/** g − exp(y) Σ g along `axis`, from the output y of logSoftmax. */
export const logSoftmaxBackward = (y: NDArray, g: NDArray, axis = -1): NDArray =>
  make(alongRows("logSoftmaxBackward", axis, stridedOf(y), stridedOf(g)));
