import { describe, showShape } from "./describe";
import { expectedKind, refusal } from "./expected";
import { isList } from "./is-a";
import { listed } from "./listed";

export { describe, showShape };

/** Sizes along the axes, outermost first. A scalar has shape `[]`. */
export type Shape = readonly number[];

/**
 * Product of the sizes: how many elements a shape holds (1 for a scalar).
 * @internal
 */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i];
  return size;
}

/**
 * Row-major strides, in elements: the last axis has stride 1.
 * @internal
 */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** @internal */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Where element i of the flattened array stands: `3` in a vector, `[1, 1]` in a matrix.
 * @internal
 */
export function showPosition(i: number, shape: Shape): string {
  if (shape.length < 2) return String(i);
  const index = shape.map((n, axis) => Math.floor(i / sizeOf(shape.slice(axis + 1))) % n);
  return `[${index.join(", ")}]`;
}

/**
 * `axis` counted from the front. Throws when it is not in `[-ndim, ndim)`.
 * @internal
 */
export function normalizeAxis(op: string, axis: number, ndim: number): number {
  const bound = Math.max(ndim, 1);
  if (!Number.isInteger(axis) || axis < -bound || axis >= bound) {
    throw refusal(
      op,
      `axis must be an integer in [${-bound}, ${bound - 1}] for ${ndim} dimension${ndim === 1 ? "" : "s"}, got ${describe(axis)}`,
    );
  }
  return axis < 0 ? axis + bound : axis;
}

/**
 * Sorted axes counted from the front; all of them when `axes` is undefined. Throws on a repeated axis.
 * @internal
 */
export function normalizeAxes(
  op: string,
  axes: number | readonly number[] | undefined,
  ndim: number,
): number[] {
  if (axes === undefined) return Array.from({ length: ndim }, (_, i) => i);
  if (typeof axes !== "number" && !isList(axes)) {
    throw expectedKind(op, "an axis, a list of axes, or nothing for all", axes);
  }
  if (typeof axes === "number") return ndim === 0 ? [] : [normalizeAxis(op, axes, ndim)];
  const list = axes.map((axis) => normalizeAxis(op, axis, ndim));
  const unique = [...new Set(list)].sort((a, b) => a - b);
  if (unique.length !== list.length) throw refusal(op, `axes must differ, got [${listed([axes].flat())}]`);
  return ndim === 0 ? [] : unique;
}

/** The common shape of two arrays: align at the right; sizes must be equal or one of them 1. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const ndim = Math.max(a.length, b.length);
  const shape = new Array<number>(ndim);
  for (let i = 1; i <= ndim; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      const sizes = `axis ${-i} has sizes ${m} and ${n}, expected equal sizes or a 1`;
      const why = `shapes ${showShape(a)} and ${showShape(b)} do not broadcast: ${sizes}`;
      throw refusal(op, why, broadcastHint(a, b));
    }
    shape[ndim - i] = m === 1 ? n : m;
  }
  return shape;
}

function broadcastHint(a: Shape, b: Shape): string | undefined {
  const fits = (x: Shape, y: Shape) => x.length < y.length && x.length === 1 && x[0] === y[y.length - 2];
  if (fits(b, a)) return "did you mean to unsqueeze(-1) the second?";
  if (fits(a, b)) return "did you mean to unsqueeze(-1) the first?";
  return undefined;
}
