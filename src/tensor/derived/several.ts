import { check } from "../check";
import { isFloat } from "../dtype";
import { expected, ofShape, words } from "../expected";
import { showShape } from "../shape";
import type { Beside, Common } from "./common";

/** Functions of several arrays that are made of methods; NDArray and Tensor each bring their own `where` and `concat`. */

/** a + weight (b − a), from the nearer end, so that both ends are exact. */
export function lerp<X extends Common<X, Y>, Y>(
  a: X,
  b: X,
  weight: X,
  where: (condition: X, a: X, b: X) => X,
): X {
  const y = (x: X) => x as unknown as Y;
  const step = b.sub(y(a));
  const near = weight.abs().le(0.5);
  return where(near, a.add(y(step.mul(y(weight)))), b.sub(y(step.mul(y(weight.mul(-1).add(1))))));
}

/** Vectors spread over the grid that they span; a number is a vector of one. */
export function meshgrid<X extends Common<X, never>>(list: readonly X[], indexing: "ij" | "xy" = "ij"): X[] {
  check("meshgrid", "indexing", indexing, ["ij", "xy"]);
  const odd = list.find((x) => x.ndim > 1);
  if (odd) throw expected("meshgrid", "vectors", ofShape(odd.shape));
  const swapped = indexing === "xy" && list.length > 1;
  const order = list.map((_, i) => (swapped && i < 2 ? 1 - i : i));
  const shape = order.map((i) => list[i].size);
  return list.map((x, i) => x.reshape(shape.map((n, axis) => (order[axis] === i ? n : 1))).expand(shape));
}

/** Vectors as rows; the rest as it is. */
export const asRows = <X extends Common<X, never>>(list: readonly X[]): X[] =>
  list.map((x) => (x.ndim < 2 ? x.reshape([1, x.size]) : x));

/** Numbers as vectors, and the axis along which hstack joins. */
export function sideBySide<X extends Common<X, never>>(list: readonly X[]): { parts: X[]; axis: number } {
  const parts = list.map((x) => (x.ndim === 0 ? x.reshape([1]) : x));
  return { parts, axis: parts.length > 0 && parts[0].ndim === 1 ? 0 : 1 };
}

/** With more rows than this on a side, distances come from a product (PyTorch draws the line here, too). */
const FEW = 25;

/** ‖aᵢ − bⱼ‖ₚ of the rows of (…, P, C) and (…, R, C): (…, P, R); `byProduct` is the way for many rows and p = 2. */
export function cdist<X extends Common<X, Y> & { norm(p: number, axis: number): X }, Y extends Beside>(
  a: X,
  b: X,
  p: number,
  byProduct: (a: X, b: X) => X,
): X {
  check("cdist", "p", p, "number");
  if (a.ndim < 2 || b.ndim < 2 || a.shape[a.ndim - 1] !== b.shape[b.ndim - 1] || !(p >= 0)) {
    const what = "a (…, P, C) and b (…, R, C), and p >= 0";
    throw expected("cdist", what, words(`${showShape(a.shape)} and ${showShape(b.shape)}, p = ${p}`));
  }
  const [P, R] = [a, b].map((x) => x.shape[x.ndim - 2]);
  if (p === 2 && (P > FEW || R > FEW) && isFloat(a.dtype) && a.dtype === b.dtype) return byProduct(a, b);
  return a
    .unsqueeze(-2)
    .sub(b.unsqueeze(-3) as unknown as Y)
    .norm(p, -1);
}
