import { kernels } from "../device";
import { type DType, toFloat } from "../dtype";
import type { Floats } from "../kernels";
import { elements, make, type NDArray } from "../ndarray";
import { type Shape, sizeOf } from "../shape";
import { strided } from "../strided";

/** A new array whose numbers are still to be written, every one of them. */
export const unwritten = (dtype: DType, shape: Shape): NDArray =>
  make(strided(kernels().empty(dtype, sizeOf(shape)), dtype, shape));

/** The elements of an array of floats in row-major order. */
export const floats = (x: NDArray): Floats => elements(x) as Floats;

/** Those of an array that may be missing. */
export const floatsOrNull = (x: NDArray | undefined): Floats | null => (x ? floats(x) : null);

/** The array with its elements in row-major order, as floats: float32 for integers. */
export const asFloats = (x: NDArray): NDArray => x.to(toFloat(x.dtype)).contiguous();
