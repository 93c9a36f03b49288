import { checkArray, checkFits, checkNumber } from "../check";
import { kernels } from "../device";
import { isFloat, type Storage } from "../dtype";
import { expected, expectedKind, ofShape, refusal, refusalOfKind, words } from "../expected";
import { normalizeAxis, type Shape, showPosition, showShape, sizeOf } from "../shape";
import { copyTo, expand, extreme, flat, isContiguous, type Strided, strided } from "../strided";
import { beforeRead } from "../version";
import { cast, compare, scalar, toInt32, where } from "./elementwise";
import { narrow } from "./views";

/** Flat int32 indices, each checked to lie in [least, n), least being 0. Whole numbers of any type are taken. */
export function checkedIndices(op: string, index: Strided, n: number, least = 0): Int32Array {
  checkArray(op, index);
  const given = flat(index);
  if (index.dtype === "bool") {
    throw expectedKind(
      op,
      "int32 indices",
      words("a bool mask"),
      "use where(), maskedFill() or maskedSelect()",
    );
  }
  const odd = given instanceof Int32Array ? outside(given, n, least) : notAnIndex(given, n, least);
  if (odd >= 0) {
    throw expected(
      op,
      `indices in [${least}, ${n - 1}]`,
      words(`${given[odd]} at position ${showPosition(odd, index.shape)}`),
    );
  }
  return given instanceof Int32Array ? given : (flat(cast(index, "int32")) as Int32Array);
}

/** So many integers are looked through faster by the device. */
const MANY = 2048;

/** Where the first integer outside [least, n) stands; −1 where there is none. */
export function outside(indices: Int32Array, n: number, least = 0): number {
  if (indices.length >= MANY) {
    if (extreme("min", indices) >= least && extreme("max", indices) < n) return -1;
  } else {
    // Of all numbers at once: only one outside gives one side or the other its sign.
    let signs = 0;
    for (let i = 0; i < indices.length; i++) signs |= (indices[i] - least) | (n - 1 - indices[i]);
    if (signs >= 0) return -1;
  }
  for (let i = 0; i < indices.length; i++) if (indices[i] < least || indices[i] >= n) return i;
  return -1;
}

/** The same of numbers of any type. */
function notAnIndex(given: Storage, n: number, least: number): number {
  for (let i = 0; i < given.length; i++)
    if (!(given[i] >= least && given[i] < n && Number.isInteger(given[i]))) return i;
  return -1;
}

/** Where the elements of a shape lie under strides, in row-major order, relative to the first. */
function positions(shape: Shape, strides: readonly number[]): Int32Array {
  const out = new Int32Array(sizeOf(shape));
  let filled = 1;
  // From the innermost axis out: each repeats what is there, shifted, once per entry.
  for (let axis = shape.length - 1; axis >= 0 && out.length > 0; axis--) {
    const n = shape[axis];
    for (let i = 1; i < n; i++) {
      for (let j = 0; j < filled; j++) out[i * filled + j] = out[j] + i * strides[axis];
    }
    filled *= n;
  }
  return out;
}

/** The checks that gather and the scatters share; returns the axis counted from the front. */
function checkIndexShape(op: string, x: Strided, axis: number, index: Strided): number {
  const at = normalizeAxis(op, axis, x.shape.length);
  checkArray(op, index);
  const fits =
    index.shape.length === x.shape.length && index.shape.every((n, i) => i === at || n <= x.shape[i]);
  if (!fits) {
    throw expected(
      op,
      `an index with the axes of ${showShape(x.shape)}, none longer except axis ${at}`,
      words(showShape(index.shape)),
    );
  }
  return at;
}

/** out[i, j, k] = x[i, index[i, j, k], k] for axis 1, and so on; the shape of `index`. */
export function gather(x: Strided, axis: number, index: Strided): Strided {
  const at = checkIndexShape("gather", x, axis, index);
  const picks = checkedIndices("gather", index, x.shape[at] ?? 1);
  const outer = positions(index.shape.slice(0, at), x.strides);
  const inner = positions(index.shape.slice(at + 1), x.strides.slice(at + 1));
  const step = x.strides[at] ?? 0;
  for (let o = 0; o < outer.length; o++) outer[o] += x.offset;
  beforeRead(x);
  const out = kernels().empty(x.dtype, picks.length);
  if (picks.length > 0) kernels().gather(x.data, outer, step, inner, picks, out);
  return strided(out, x.dtype, index.shape);
}

/** A copy of x with out[i, index[i, j, k], k] = src[i, j, k] (for axis 1); of a place that comes twice the last counts. */
export function scatter(x: Strided, axis: number, index: Strided, src: Strided | number): Strided {
  if (typeof src !== "number") return scattered("scatter", x, axis, index, src);
  checkFits("scatter", src, x.dtype);
  if (x.dtype === "int32" && !Number.isInteger(src))
    throw expected("scatter", "a whole number for int32", src, 'floats take it: to("float32")');
  checkArray("scatter", index);
  return scattered("scatter", x, axis, index, expand(scalar(src, x.dtype), index.shape));
}

/** A copy of x with out[i, index[i, j, k], k] += src[i, j, k] (for axis 1): the adjoint of {@link gather}. Throws where a sum of integers does not fit. */
export const scatterAdd = (x: Strided, axis: number, index: Strided, src: Strided): Strided =>
  scattered("scatterAdd", x, axis, index, src);

function scattered(
  op: "scatter" | "scatterAdd",
  x: Strided,
  axis: number,
  index: Strided,
  src: Strided,
): Strided {
  const at = checkIndexShape(op, x, axis, index);
  checkArray(op, src);
  if (src.shape.length !== index.shape.length || index.shape.some((n, i) => n > src.shape[i])) {
    throw expected(
      op,
      "src to cover the index",
      words(`src ${showShape(src.shape)} for index ${showShape(index.shape)}`),
    );
  }
  const adds = op === "scatterAdd";
  // One index for all of a row, as indexAdd has it.
  const isRows =
    adds &&
    x.dtype === "float32" &&
    at === 0 &&
    x.shape.length > 1 &&
    index.shape.every((n, i) => i === 0 || (n === x.shape[i] && n > 1 && index.strides[i] === 0));
  const one = isRows
    ? index.shape.reduce((view, _, i) => (i === 0 ? view : narrow(view, i, 0, 1)), index)
    : index;
  const picks = checkedIndices(op, one, x.shape[at] ?? 1);
  const values = flat(
    cast(
      index.shape.reduce((view, n, i) => narrow(view, i, 0, n), src),
      x.dtype,
    ),
  );
  const n = index.shape[at] ?? 1;
  // Where sums of integers might not fit, they add up in float64, which holds them, to say so.
  const isWide = adds && !isFloat(x.dtype) && !haveSafeSums(flat(x), values, n);
  const dtype = isWide ? "float64" : x.dtype;
  const out = strided(copyTo(x, kernels().empty(dtype, sizeOf(x.shape))), dtype, x.shape);
  if (isRows) kernels().scatterAddRows(out.data, picks, values, sizeOf(x.shape.slice(1)));
  else if (picks.length > 0) {
    const outer = positions(index.shape.slice(0, at), out.strides);
    const inner = positions(index.shape.slice(at + 1), out.strides.slice(at + 1));
    kernels().scatter(adds ? "sum" : "assign", values, outer, out.strides[at] ?? 0, inner, picks, out.data);
  }
  return isWide ? cast(x.dtype === "int32" ? toInt32(op, out) : out, x.dtype) : out;
}

/** Whether int32 holds an integer of x with any n of `values` added, without a look at where they go. */
function haveSafeSums(x: Storage, values: Storage, n: number): boolean {
  if (!(x instanceof Int32Array)) return false;
  if (values.length === 0) return true;
  const most = extreme("max", x) + n * Math.max(0, extreme("max", values));
  const least = extreme("min", x) + n * Math.min(0, extreme("min", values));
  return most < 2 ** 31 && least >= -(2 ** 31);
}

/** The entries `index` of one axis. */
export function indexSelect(x: Strided, axis: number, index: Strided): Strided {
  const at = normalizeAxis("indexSelect", axis, x.shape.length);
  if (x.shape.length === 0) throw refusal("indexSelect", "a scalar has no axis to select from");
  checkArray("indexSelect", index);
  if (index.shape.length > 1) {
    const hint =
      "flatten() the index and reshape() the result; embedding() takes rows by an index of any shape";
    throw expected("indexSelect", "a list as index, with one axis", ofShape(index.shape), hint);
  }
  const n = x.shape[at];
  const picks = checkedIndices("indexSelect", index, n);
  const shape = x.shape.map((size, axis) => (axis === at ? picks.length : size));
  if (4 * picks.length <= n && !isContiguous(x)) {
    // Not by way of a copy of all of x, which is far larger than what is picked.
    const along = x.shape.map((_, axis) => (axis === at ? picks.length : 1));
    return gather(x, at, expand(strided(picks, "int32", along), shape));
  }
  const outer = sizeOf(x.shape.slice(0, at));
  const inner = sizeOf(x.shape.slice(at + 1));
  const rows = outer === 1 ? picks : new Int32Array(outer * picks.length);
  if (outer !== 1) {
    for (let o = 0, r = 0; o < outer; o++)
      for (let i = 0; i < picks.length; i++) rows[r++] = o * n + picks[i];
  }
  const out = kernels().empty(x.dtype, rows.length * inner);
  kernels().gatherRows(flat(x), rows, out, inner);
  return strided(out, x.dtype, shape);
}

/** The indices (n, ndim) of the elements that are not 0, in row-major order; int32. */
export function nonzero(x: Strided): Strided {
  const mask = x.dtype === "bool" ? x : compare("ne", x, 0);
  const places = kernels().nonzero(flat(mask) as Uint8Array, x.shape);
  const { length } = x.shape;
  // Of a scalar there is an index without axes, or none.
  const count = length === 0 ? Number(flat(mask)[0] !== 0) : places.length / length;
  return strided(places, "int32", [count, length]);
}

/** `value` where the mask is true, x elsewhere; keeps the type of x. */
export function maskedFill(x: Strided, mask: Strided, value: number): Strided {
  checkArray("maskedFill", mask);
  checkNumber("maskedFill", value);
  if (mask.dtype !== "bool") {
    throw expectedKind(
      "maskedFill",
      "a bool mask",
      words(mask.dtype),
      "compare first, for example mask.eq(0)",
    );
  }
  if (x.dtype === "int32" && value !== (value | 0)) {
    throw refusalOfKind("maskedFill", `${value} does not fit in int32`, 'call to("float32") first');
  }
  checkFits("maskedFill", value, x.dtype);
  return cast(where(mask, value, x, "maskedFill"), x.dtype);
}
