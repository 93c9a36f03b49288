import { checkArray, checkArrays, checkOperand } from "./check";
import { several } from "./derived";
import { expected } from "./expected";
import { distancesByProduct } from "./fused/distances";
import { isList } from "./is-a";
import { make, type NDArray, stridedOf } from "./ndarray";
import type { SearchsortedOptions } from "./ops/counting";
import * as counting from "./ops/counting";
import { einsum as contract } from "./ops/einsum";
import * as elementwise from "./ops/elementwise";
import * as join from "./ops/join";
import * as products from "./ops/matmul";
import type { WindowOptions } from "./ops/unfold";
import * as windows from "./ops/unfold";
import type { Strided } from "./strided";

/** The records in a list of arrays; what is no list is left to the checks. */
const records = (list: readonly NDArray[]): readonly Strided[] => (isList(list) ? list.map(stridedOf) : list);

const checkList = (op: string, list: readonly NDArray[]): void => {
  checkArrays(op, list);
  if (list.length === 0) throw expected(op, "at least one array", list);
};

/** Functions of several arrays, or with no array that comes first. */

/** condition ? a : b, element by element, with broadcasting; the condition counts as true where it is not 0. */
export const where = (condition: NDArray, a: NDArray | number, b: NDArray | number): NDArray =>
  make(elementwise.where(stridedOf(condition), stridedOf(a), stridedOf(b)));

/** The arrays one after another along an existing axis; the other sizes must agree. */
export const concat = (list: readonly NDArray[], axis = 0): NDArray => make(join.concat(records(list), axis));

/** The arrays, all of one shape, along a new axis. */
export const stack = (list: readonly NDArray[], axis = 0): NDArray => make(join.stack(records(list), axis));

/** The arrays as rows one below the other: vectors are rows. */
export function vstack(list: readonly NDArray[]): NDArray {
  checkList("vstack", list);
  return concat(several.asRows(list), 0);
}

/** The arrays side by side: along axis 1, vectors along their only one. */
export function hstack(list: readonly NDArray[]): NDArray {
  checkList("hstack", list);
  const { parts, axis } = several.sideBySide(list);
  return concat(parts, axis);
}

/**
 * Vectors of lengths n, m, … as views of shape (n, m, …), each varying along its own axis; with "xy" the first two axes
 * are swapped, as in a picture.
 */
export function meshgrid(list: readonly NDArray[], indexing: "ij" | "xy" = "ij"): NDArray[] {
  checkList("meshgrid", list);
  return several.meshgrid(list, indexing);
}

/** start + weight · (end − start), exact at both ends. */
export function lerp(start: NDArray, end: NDArray, weight: NDArray | number): NDArray {
  for (const x of [start, end]) checkArray("lerp", x);
  checkOperand("lerp", weight);
  if (typeof weight === "number")
    return make(elementwise.binary("lerp", stridedOf(start), stridedOf(end), [weight]));
  return several.lerp<NDArray, NDArray>(start, end, weight, where);
}

/**
 * Distances ‖aᵢ − bⱼ‖ₚ between the rows of a (…, P, C) and of b (…, R, C): (…, P, R). With p = 2 and more than 25 rows on a side
 * they come from a product of matrices, as in PyTorch: much faster, but points whose distance is small beside their distance
 * from 0 lose digits.
 */
export function cdist(a: NDArray, b: NDArray, p = 2): NDArray {
  for (const x of [a, b]) checkArray("cdist", x);
  return several.cdist<NDArray, NDArray>(a, b, p, distancesByProduct);
}

/**
 * How many elements of a row that is in order come before each value (int32): the place at which to insert it. `sorted` is
 * one row for all values, or has a row for each row of values.
 */
export const searchsorted = (sorted: NDArray, values: NDArray, options?: SearchsortedOptions): NDArray =>
  make(counting.searchsorted(stridedOf(sorted), stridedOf(values), options));

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
  for (const given of bias === undefined ? [x, weight] : [x, weight, bias]) checkArray("linear", given);
  return make(products.linear(stridedOf(x), stridedOf(weight), stridedOf(bias)));
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
