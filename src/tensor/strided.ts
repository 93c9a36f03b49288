import { checkArray, doesNotFit, fitsInt32 } from "./check";
import { kernels } from "./device";
import { allocate, type DType, isFloat, type Storage, stored } from "./dtype";
import { refusal } from "./expected";
import { checkShape } from "./given-shape";
import { isList } from "./is-a";
import type { ExtremeOp } from "./kernels";
import { broadcastShapes, type Shape, sameShape, showPosition, showShape, sizeOf, stridesOf } from "./shape";
import { beforeRead } from "./version";

/**
 * What an array is, without its methods: element `(i, j, …)` lives at
 * `data[offset + i·strides[0] + j·strides[1] + …]`. The functions in `ops/` work on this record.
 */
export interface Strided {
  readonly data: Storage;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Contiguous row-major record over `data`. */
export const strided = (data: Storage, dtype: DType, shape: Shape): Strided => ({
  data,
  dtype,
  shape,
  strides: stridesOf(shape),
  offset: 0,
});

/**
 * The same memory under another shape. (Written out, not as `{ ...x, shape }`: V8 forgets the hidden class of such a copy
 * at every collection that finds none alive, and all code compiled for it.)
 */
export const viewOf = (
  { data, dtype, offset: start }: Strided,
  shape: Shape,
  strides: readonly number[],
  offset = start,
): Strided => ({ data, dtype, shape, strides, offset });

/** Whether the elements lie one after another in row-major order (axes of size 1 may have any stride). */
export function isContiguous(x: Strided): boolean {
  let expected = 1;
  for (let axis = x.shape.length - 1; axis >= 0; axis--) {
    const n = x.shape[axis];
    if (n === 0) return true;
    if (n !== 1) {
      if (x.strides[axis] !== expected) return false;
      expected *= n;
    }
  }
  return true;
}

/**
 * The elements in row-major order, exactly `size` of them; a view of the same memory when they already are. For who reads
 * or writes them at once, on this thread: what goes elsewhere is a copy, `NDArray.flat()`.
 */
export function flat(x: Strided): Storage {
  beforeRead(x);
  const size = sizeOf(x.shape);
  if (!isContiguous(x)) return copyTo(x, kernels().empty(x.dtype, size));
  return x.offset === 0 && x.data.length === size ? x.data : x.data.subarray(x.offset, x.offset + size);
}

/**
 * Write the elements of `x` into `out` in row-major order, converting to its type; returns `out`. Throws where a float does
 * not fit in int32.
 */
export function copyTo(x: Strided, out: Storage, op = "to"): Storage {
  if (out instanceof Int32Array && isFloat(x.dtype)) checkInt32(op, x);
  if (out instanceof Uint8Array && x.dtype !== "bool") {
    kernels().compare("ne", flat(x), 1, allocate(x.dtype, 1), 1, out);
    return out;
  }
  beforeRead(x);
  const { shape, strides } = collapse(x);
  kernels().copy(shape, x.data, x.offset, strides, out, 0, stridesOf(shape));
  return out;
}

/** The largest (or smallest) of a list that is not empty; NaN wins. */
export function extreme(op: ExtremeOp, list: Storage, dtype: DType = "int32"): number {
  const found = allocate(dtype, 1);
  kernels().reduce(op, list, found, 1, list.length, 1);
  return found[0];
}

/** Throws unless int32 holds the whole part of every element. */
function checkInt32(op: string, x: Strided): void {
  const values = flat(x);
  const ends = ["min", "max"] as const;
  if (values.length > 0 && ends.every((op) => fitsInt32(extreme(op, values, x.dtype)))) return;
  for (let i = 0; i < values.length; i++) {
    if (!fitsInt32(values[i]))
      throw doesNotFit(op, values[i], "int32", ` at position ${showPosition(i, x.shape)}`);
  }
}

/** Write the elements of `source` (broadcast, converted) over those of `target`, a view of any strides. */
export function assign(target: Strided, source: Strided): void {
  checkArray("assign", source);
  // Another type, or the same memory (x.assign(x.flip(0))): through a copy.
  const direct = source.dtype === target.dtype && source.data !== target.data;
  const copy = () => copyTo(source, kernels().empty(target.dtype, sizeOf(source.shape)), "assign");
  const from = expand(direct ? source : strided(copy(), target.dtype, source.shape), target.shape, "assign");
  if (isContiguous(target)) {
    copyTo(from, flat(target));
    return;
  }
  beforeRead(from);
  const { shape, data, offset, strides } = target;
  kernels().copy(shape, from.data, from.offset, from.strides, data, offset, strides);
}

/** So many elements are filled faster by the device, which has threads. */
const MANY = 65_536;

/** Every element becomes `value`. */
export function fill(x: Strided, value: number): void {
  const { shape, strides, data, dtype, offset } = x;
  const number = stored(dtype, value);
  if (isContiguous(x)) {
    const end = offset + sizeOf(shape);
    if (end - offset < MANY) {
      data.fill(number, offset, end);
      return;
    }
  }
  const one = allocate(dtype, 1);
  one[0] = number;
  const still = new Array<number>(shape.length).fill(0);
  kernels().copy(shape, one, 0, still, data, offset, strides);
}

/** Merge neighbouring axes that step through memory as one, and drop axes of size 1. */
function collapse(x: Strided): { shape: number[]; strides: number[] } {
  const shape: number[] = [];
  const strides: number[] = [];
  for (let axis = 0; axis < x.shape.length; axis++) {
    const n = x.shape[axis];
    const stride = x.strides[axis];
    if (n === 1) continue;
    const last = shape.length - 1;
    if (last >= 0 && strides[last] === stride * n) {
      shape[last] *= n;
      strides[last] = stride;
    } else {
      shape.push(n);
      strides.push(stride);
    }
  }
  return { shape, strides };
}

/** View of `x` with axes of size 1 repeated (stride 0) up to `shape`; -1 keeps a size. Throws when it does not fit. */
export function expand(x: Strided, target: Shape, op = "expand"): Strided {
  if (!isList(target)) checkShape(op, target);
  const shape = [...target];
  if (sameShape(x.shape, shape)) return x;
  const lead = shape.length - x.shape.length;
  for (let axis = Math.max(0, lead); axis < shape.length; axis++) {
    if (shape[axis] === -1) shape[axis] = x.shape[axis - lead];
  }
  checkShape(op, shape);
  if (lead < 0 || !sameShape(broadcastShapes(op, x.shape, shape), shape)) {
    throw refusal(
      op,
      `${showShape(x.shape)} does not expand to ${showShape(shape)}`,
      "only axes of size 1 can be repeated",
    );
  }
  const strides = shape.map((n, axis) =>
    axis < lead || x.shape[axis - lead] !== n ? 0 : x.strides[axis - lead],
  );
  return viewOf(x, shape, strides);
}
