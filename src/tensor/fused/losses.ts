import { toFloat } from "../dtype";
import { make, type NDArray, stridedOf } from "../ndarray";
import { binary } from "../ops/elementwise";

/** Losses of single elements in one pass, and what else goes element by element over two arrays. */

/** c (x − y − c/2) with c, x − y held within ±`threshold`. */
export const huber = (x: NDArray, y: NDArray | number, threshold: number): NDArray =>
  make(binary("huber", stridedOf(x), stridedOf(y), [threshold]));

/** Its slope c. */
export const huberSlope = (x: NDArray, y: NDArray | number, threshold: number): NDArray =>
  make(binary("huberSlope", stridedOf(x), stridedOf(y), [threshold]));

/** (1 − y) log(1 + eˣ) + y log(1 + e⁻ˣ), which neither overflows nor cancels, in the type of x. */
export const logisticLoss = (x: NDArray, y: NDArray): NDArray => ofLogits("logisticLoss", x, y);

/** Its slope (1 − y) σ(x) − y σ(−x). */
export const logisticSlope = (x: NDArray, y: NDArray): NDArray => ofLogits("logisticSlope", x, y);

const ofLogits = (op: "logisticLoss" | "logisticSlope", x: NDArray, y: NDArray): NDArray =>
  make(binary(op, stridedOf(x), stridedOf(y.to(toFloat(x.dtype)))));
