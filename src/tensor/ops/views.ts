import { check } from "../check";
import { expected, expectedKind, ofShape, refusal, words } from "../expected";
import { inferShape } from "../given-shape";
import { isList } from "../is-a";
import { listed } from "../listed";
import { describe, normalizeAxes, normalizeAxis, type Shape, showShape, sizeOf, stridesOf } from "../shape";
import { flat, isContiguous, type Strided, strided, viewOf } from "../strided";

/** Views: other shapes and strides over the same memory. Nothing is copied, except by {@link reshape} when it must. */

type Bound = `${number}` | "";

/** One axis of a slice: an index (the axis goes), a Python range such as `"1:-1"` or `"::2"`, or `"..."`. */
export type SliceSpec = number | "..." | `${Bound}:${Bound}` | `${Bound}:${Bound}:${Bound}`;

/** x[specs…] as NumPy reads it, negative steps included. */
export function slice(x: Strided, specs: readonly SliceSpec[]): Strided {
  const ndim = x.shape.length;
  for (const spec of specs) {
    if (typeof spec === "number" || typeof spec === "string") continue;
    const isList = typeof spec === "object" && spec !== null;
    const hint = isList ? "indexSelect() and gather() pick by lists" : undefined;
    throw expectedKind("slice", 'an index, "..." or a range such as "1:"', spec, hint);
  }
  const dots = specs.filter((spec) => spec === "...").length;
  const named = specs.length - dots;
  if (dots > 1) throw refusal("slice", `at most one "..." can stand for the other axes, got ${dots}`);
  if (named > ndim) {
    throw refusal(
      "slice",
      `${named} specs for shape ${showShape(x.shape)} of ${ndim} axes`,
      `leave out ${named - ndim}`,
    );
  }
  const fill = new Array<SliceSpec>(ndim - named).fill(":");
  const at = dots ? specs.indexOf("...") : specs.length;
  const full = [...specs.slice(0, at), ...fill, ...specs.slice(at + dots)];
  const shape: number[] = [];
  const strides: number[] = [];
  let offset = x.offset;
  full.forEach((spec, axis) => {
    const n = x.shape[axis];
    const stride = x.strides[axis];
    if (typeof spec === "number") {
      offset += indexIn("slice", spec, n, axis) * stride;
      return;
    }
    const { start, length, step } = parseRange(spec, n);
    offset += start * stride;
    shape.push(length);
    strides.push(stride * step);
  });
  return viewOf(x, shape, strides, offset);
}

/** `index` counted from the front of an axis of size n. Throws when it is outside. */
export function indexIn(op: string, index: number, n: number, axis: number): number {
  if (!Number.isInteger(index) || index < -n || index >= n) {
    throw refusal(op, `index ${describe(index)} is outside axis ${axis} of size ${n}`);
  }
  return index < 0 ? index + n : index;
}

function parseRange(spec: string, n: number): { start: number; length: number; step: number } {
  const match = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/.exec(spec);
  const step = Number(match?.[3] ?? 1);
  if (!match || step === 0) {
    throw expected(
      "slice",
      'an index, "..." or a range "start:stop:step" with step ≠ 0 such as "1:", ":-1", "::2"',
      spec,
    );
  }
  // As Python's slice.indices: out-of-range bounds are clipped, never an error.
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? n : n - 1;
  const clip = (text: string | undefined, absent: number) => {
    if (text === undefined) return absent;
    const value = Number(text);
    return Math.min(Math.max(value < 0 ? value + n : value, low), high);
  };
  const start = clip(match[1], step > 0 ? 0 : n - 1);
  const stop = clip(match[2], step > 0 ? n : -1);
  const length = Math.max(0, Math.ceil((stop - start) / step));
  return { start: length === 0 ? 0 : start, length, step };
}

/** `length` entries of one axis from `start`. */
export function narrow(x: Strided, axis: number, start: number, length: number): Strided {
  const at = normalizeAxis("narrow", axis, x.shape.length);
  const n = x.shape[at];
  check("narrow", "start", start, "number");
  check("narrow", "length", length, "number");
  const from = start < 0 ? start + n : start;
  const whole = Number.isInteger(from) && Number.isInteger(length);
  if (x.shape.length === 0 || !whole || !(from >= 0 && length >= 0 && from + length <= n)) {
    throw refusal(
      "narrow",
      `${length} entries from ${start} do not fit in axis ${axis} of shape ${showShape(x.shape)}`,
    );
  }
  const shape = x.shape.map((s, i) => (i === at ? length : s));
  return viewOf(x, shape, x.strides, x.offset + from * x.strides[at]);
}

/** Entry `index` of one axis; the axis goes. */
export function select(x: Strided, axis: number, index: number): Strided {
  const at = normalizeAxis("select", axis, x.shape.length);
  if (x.shape.length === 0) throw refusal("select", "a scalar has no axis to select from");
  const from = indexIn("select", index, x.shape[at], at);
  const without = (list: readonly number[]) => list.filter((_, i) => i !== at);
  return viewOf(x, without(x.shape), without(x.strides), x.offset + from * x.strides[at]);
}

/** The axes in another order: axis i of the result is axis `axes[i]` of x. */
export function permute(x: Strided, axes: readonly number[]): Strided {
  const ndim = x.shape.length;
  if (!isList(axes)) {
    throw expectedKind("permute", "a list of axes such as [1, 0]", axes);
  }
  const order = axes.map((axis) => normalizeAxis("permute", axis, ndim));
  if (order.length !== ndim || new Set(order).size !== ndim) {
    throw expected(
      "permute",
      `each of the ${ndim} axes of ${showShape(x.shape)} once`,
      words(`[${listed(axes)}]`),
    );
  }
  return viewOf(
    x,
    order.map((axis) => x.shape[axis]),
    order.map((axis) => x.strides[axis]),
  );
}

/** Two axes swapped. */
export function transpose(x: Strided, axis0: number, axis1: number): Strided {
  const ndim = x.shape.length;
  if (ndim < 2) {
    throw expected("transpose", "at least 2 axes", ofShape(x.shape), "a vector has no second axis to swap");
  }
  const a = normalizeAxis("transpose", axis0, ndim);
  const b = normalizeAxis("transpose", axis1, ndim);
  const swapped = (list: readonly number[]) => {
    const copy = list.slice();
    copy[a] = list[b];
    copy[b] = list[a];
    return copy;
  };
  return viewOf(x, swapped(x.shape), swapped(x.strides));
}

/** The same elements in row-major order under another shape; one size may be -1. A view when strides allow, else a copy. */
export function reshape(x: Strided, shape: Shape): Strided {
  const target = inferShape("reshape", shape, sizeOf(x.shape));
  if (isContiguous(x)) return viewOf(x, target, stridesOf(target));
  const strides = viewStrides(x, target);
  return strides ? viewOf(x, target, strides) : strided(flat(x), x.dtype, target);
}

/**
 * Strides that give `shape` over the memory of x, or null when the elements are not evenly spaced.
 * Walks both shapes from the right: each run of axes that steps as one must be cut into whole axes of `shape`.
 */
function viewStrides(x: Strided, shape: Shape): number[] | null {
  if (sizeOf(shape) === 0) return stridesOf(shape);
  const strides = new Array<number>(shape.length).fill(1);
  let to = shape.length - 1;
  for (let end = x.shape.length - 1; end >= 0; ) {
    let start = end;
    let size = x.shape[end];
    const step = x.strides[end];
    while (start > 0 && (x.shape[start - 1] === 1 || x.strides[start - 1] === step * size))
      size *= x.shape[--start];
    let filled = 1;
    while (to >= 0 && (filled < size || shape[to] === 1)) {
      strides[to] = filled * step;
      filled *= shape[to--];
    }
    if (filled !== size) return null;
    end = start - 1;
  }
  return strides;
}

/** Axes `start` to `end` merged into one. */
export function flatten(x: Strided, start: number, end: number): Strided {
  const ndim = x.shape.length;
  const a = normalizeAxis("flatten", start, ndim);
  const b = normalizeAxis("flatten", end, ndim);
  if (a > b)
    throw refusal("flatten", `startAxis ${start} comes after endAxis ${end} in shape ${showShape(x.shape)}`);
  return reshape(x, [...x.shape.slice(0, a), sizeOf(x.shape.slice(a, b + 1)), ...x.shape.slice(b + 1)]);
}

/** Without axes of size 1: all of them, or those named (named axes of another size stay, as PyTorch). */
export function squeeze(x: Strided, axes?: number | readonly number[]): Strided {
  const drop = new Set(normalizeAxes("squeeze", axes, x.shape.length));
  const keep = (_: number, axis: number) => !(drop.has(axis) && x.shape[axis] === 1);
  return viewOf(x, x.shape.filter(keep), x.strides.filter(keep));
}

/** A new axis of size 1 before axis `axis` (of the result). */
export function unsqueeze(x: Strided, axis: number): Strided {
  const at = normalizeAxis("unsqueeze", axis, x.shape.length + 1);
  const insert = (list: readonly number[], value: number) => [...list.slice(0, at), value, ...list.slice(at)];
  return viewOf(x, insert(x.shape, 1), insert(x.strides, 1));
}

/** The elements (i, i + offset) of two axes, as a new last axis. */
export function diagonal(x: Strided, offset: number, axis0: number, axis1: number): Strided {
  const ndim = x.shape.length;
  const a = normalizeAxis("diagonal", axis0, ndim);
  const b = normalizeAxis("diagonal", axis1, ndim);
  check("diagonal", "offset", offset, "integer");
  if (ndim < 2 || a === b)
    throw refusal("diagonal", `expected two different axes of shape ${showShape(x.shape)}`);
  const rows = x.shape[a] + Math.min(offset, 0);
  const columns = x.shape[b] - Math.max(offset, 0);
  const length = Math.max(0, Math.min(rows, columns));
  const keep = (_: number, axis: number) => axis !== a && axis !== b;
  const start = length === 0 ? 0 : offset >= 0 ? offset * x.strides[b] : -offset * x.strides[a];
  return viewOf(
    x,
    [...x.shape.filter(keep), length],
    [...x.strides.filter(keep), x.strides[a] + x.strides[b]],
    x.offset + start,
  );
}

/** The order of the elements reversed along the axes. */
export function flip(x: Strided, axes: number | readonly number[]): Strided {
  let { offset } = x;
  const strides = [...x.strides];
  for (const axis of normalizeAxes("flip", axes, x.shape.length)) {
    offset += Math.max(0, x.shape[axis] - 1) * x.strides[axis];
    strides[axis] = -strides[axis];
  }
  return viewOf(x, x.shape, strides, offset);
}
