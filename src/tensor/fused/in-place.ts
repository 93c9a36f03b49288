import { kernels } from "../device";
import type { BinaryOp } from "../kernels";
import { type NDArray, stridedOf } from "../ndarray";
import { binaryInPlace } from "../ops/elementwise";

/** x += b; b broadcasts to x. Whoever shares x with others tells them by `incrementVersion`. */
export const addInPlace = (x: NDArray, b: NDArray | number): void => combine("add", x, b);

/** x *= b, as {@link addInPlace}. */
export const mulInPlace = (x: NDArray, b: NDArray | number): void => combine("mul", x, b);

/** Lets go of an array that nobody else has seen, nor a view of it: the next one takes its memory. */
export const discard = (x: NDArray): void => kernels().free(x.data);

function combine(op: BinaryOp & ("add" | "mul"), x: NDArray, b: NDArray | number): void {
  if (x.isContiguous()) binaryInPlace(op, stridedOf(x), stridedOf(b));
  else x.assign(x[op](b));
}
