import { type NDArray, stridedOf } from "../ndarray";
import { binaryInPlace } from "../ops/elementwise";
import { addInPlace } from "./in-place";

/** √(|a|² + |b|² − 2 a·b) of the rows of (…, P, C) and (…, R, C), 0 where rounding makes less of it: (…, P, R). */
export function distancesByProduct(a: NDArray, b: NDArray): NDArray {
  const squares = (x: NDArray) => x.square().sum(-1, { keepDims: true });
  const squared = a.matmul(b.mul(-2).transpose());
  addInPlace(squared, squares(a));
  addInPlace(squared, squares(b).transpose());
  binaryInPlace("maximum", stridedOf(squared), 0);
  return squared.sqrt();
}
