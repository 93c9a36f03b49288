import { changeCount, type NDArray, refusal, showShape, versionOf, watchReads } from "../tensor";
import { calledAt, differs, isWatching } from "./anomaly";
import type { Node } from "./backward";
import type { Tensor } from "./tensor";

/**
 * What is asked of every array that a pullback reads: that it still holds what the operation saw. Only what is read
 * counts, so a sum's inputs may change, a product's may not.
 */
export function refuseChanged(
  tensor: Tensor,
  node: Node,
  g: NDArray,
): (x: Pick<NDArray, "data" | "shape">) => void {
  const latest = changeCount();
  return (x) => {
    if (x.data === g.data) return;
    const at = versionOf(x);
    // Later changes are the pullback's own, of arrays that it made.
    const isStale =
      (at > node.madeAt && at <= latest) || (isWatching() && watchReads(null, () => differs(node, x)));
    if (!isStale) return;
    const i = node.inputs.findIndex(({ data }) => data.data === x.data);
    const which = i >= 0 ? `input ${i}` : tensor.data.data === x.data ? "its result" : "an array";
    const { shape } = i >= 0 ? node.inputs[i] : x;
    throw refusal(
      "backward",
      `${node.op} needs ${which} ${showShape(shape)} as it was when it ran, but it was changed in place since (by assign, fill, set, or an optimizer's step)`,
      `call backward() before the change, change a clone() instead, or compute the forward pass again${calledAt(node)}`,
    );
  };
}
