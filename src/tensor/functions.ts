import { checkArray } from "./check";
import { expected } from "./expected";
import { make, type NDArray, stridedOf } from "./ndarray";
import { einsum as contract } from "./ops/einsum";
import * as elementwise from "./ops/elementwise";
import * as join from "./ops/join";
import { matmul } from "./ops/matmul";
import type { WindowOptions } from "./ops/unfold";
import * as windows from "./ops/unfold";
import { transpose } from "./ops/views";
import type { Strided } from "./strided";

/** The records in a list of arrays; what is no list is left to the checks. */
const records = (list: readonly NDArray[]): readonly Strided[] =>
  Array.isArray(list) ? list.map(stridedOf) : list;

/** Functions of several arrays, or with no array that comes first. */

/** condition ? a : b, element by element, with broadcasting; the condition counts as true where it is not 0. */
export const where = (condition: NDArray, a: NDArray | number, b: NDArray | number): NDArray =>
  make(elementwise.where(stridedOf(condition), stridedOf(a), stridedOf(b)));

/** The arrays one after another along an existing axis; the other sizes must agree. */
export const concat = (list: readonly NDArray[], axis = 0): NDArray => make(join.concat(records(list), axis));

/** The arrays, all of one shape, along a new axis. */
export const stack = (list: readonly NDArray[], axis = 0): NDArray => make(join.stack(records(list), axis));

/** Views of x along an axis: pieces of one size (the last may be smaller), or of the sizes given. */
export function split(x: NDArray, sizes: number | readonly number[], axis = 0): NDArray[] {
  checkArray("split", x);
  return join.split(stridedOf(x), sizes, axis).map(make);
}

/**
 * Einstein summation: `einsum("b t c, c d -> b t d", x, w)`, spaces optional. Names missing after the arrow are
 * summed over; a name twice in one operand takes its diagonal; `...` stands for axes that broadcast.
 */
export function einsum(equation: string, ...operands: NDArray[]): NDArray {
  for (const x of operands) checkArray("einsum", x);
  return contract(equation, operands);
}

/** x Wᵀ + b: x (…, I), weight (O, I), bias (O) → (…, O). The bias costs nothing beside the product. */
export function linear(x: NDArray, weight: NDArray, bias?: NDArray): NDArray {
  checkArray("linear", x);
  checkArray("linear", weight);
  if (bias !== undefined) {
    checkArray("linear", bias);
    if (bias.ndim !== 1 || bias.shape[0] !== weight.shape[0])
      throw expected("linear", `a bias (${weight.shape[0]},)`, bias);
  }
  return make(matmul(stridedOf(x), transpose(stridedOf(weight), -2, -1), stridedOf(bias)));
}

/**
 * Sliding windows of images as columns: (B, C, H, W) → (B, C·kh·kw, L), as torch.nn.functional.unfold.
 * A convolution is then one matmul.
 */
export const unfold2d = (x: NDArray, options: WindowOptions): NDArray =>
  make(windows.unfold2d(stridedOf(x), options));

/** The adjoint of {@link unfold2d}: columns are added up into images of `size` [H, W]. */
export const fold2d = (columns: NDArray, size: readonly [number, number], options: WindowOptions): NDArray =>
  make(windows.fold2d(stridedOf(columns), size, options));
