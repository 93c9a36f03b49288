import { describe, expected, NDArray, sameShape, showShape, words } from "../tensor";
import type { GradientSums } from "./gradient-sums";
import type { Tensor } from "./tensor";

/** The gradient of `tensor` after its hooks, each of which may put another in its place. */
export function runHooks(tensor: Tensor, g: NDArray, sums: GradientSums): NDArray {
  sums.pin(g);
  let current = g;
  for (const hook of tensor.hooks ?? []) {
    const next = hook(current);
    if (!next) continue;
    if (!(next instanceof NDArray) || !sameShape(next.shape, tensor.shape)) {
      const came = next instanceof NDArray ? showShape(next.shape) : describe(next);
      throw expected(
        "registerHook",
        `the hook to return nothing or an NDArray of shape ${showShape(tensor.shape)}`,
        words(came),
      );
    }
    sums.pin(next);
    current = next;
  }
  return current;
}
