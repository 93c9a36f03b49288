import { expected, type NDArray, ofShape, onesLike, refusal, sameShape, showShape, words } from "../tensor";
import type { Tensor } from "./tensor";

/** The gradient from which backward starts at `root`: the given one, or 1 for a scalar. Throws where there is none. */
export function checkSeed(root: Tensor, seed: NDArray | undefined): NDArray {
  if (!root.requiresGrad) {
    throw refusal(
      "backward",
      "this tensor does not require a gradient and has no graph",
      "was it made under noGrad(), by detach(), or from inputs without requiresGrad?",
    );
  }
  return shapedSeed(root.data, seed);
}

/** The gradient that an output starts from: the given one, in its shape, or 1 for a scalar. */
export function shapedSeed(root: NDArray, seed: NDArray | undefined): NDArray {
  if (seed) {
    if (sameShape(seed.shape, root.shape)) return seed.to(root.dtype);
    throw expected("backward", `a gradient of shape ${showShape(root.shape)}`, words(showShape(seed.shape)));
  }
  if (root.size !== 1) {
    throw expected(
      "backward",
      "a scalar",
      ofShape(root.shape),
      "reduce it with sum() or mean(), or pass the gradient to start from",
    );
  }
  return onesLike(root);
}
