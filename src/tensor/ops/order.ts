import { checkOptions } from "../check";
import { kernels } from "../device";
import { type DType, isFloat, type Storage } from "../dtype";
import { expected } from "../expected";
import { normalizeAxis, showShape } from "../shape";
import { flat, type Strided, strided } from "../strided";
import { keysOf, orderOfKeys, placeOfKth } from "./radix";
import { transpose } from "./views";

export interface SortOptions {
  readonly descending?: boolean;
}

export interface TopkOptions {
  /** The k largest (default) or the k smallest. */
  readonly largest?: boolean;
}

/** Negative when `a` comes before `b`; NaN counts as larger than everything, as PyTorch. */
const ascending = (a: number, b: number): number => {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
};

/** Positions of the elements of every row of n in order. Stable: equals keep their order; NaN counts as the largest. */
export function orderOf(rows: Storage, n: number, descending = false): Int32Array {
  const order = kernels().empty("int32", rows.length) as Int32Array;
  if (rows instanceof Float32Array || rows instanceof Int32Array) {
    const keys = keysOf(rows, descending);
    for (let start = 0; start < rows.length; start += n) orderOfKeys(keys, start, n, order);
    return order;
  }
  for (let start = 0; start < rows.length; start += n) {
    const row = rows.subarray(start, start + n);
    const positions = Int32Array.from(row, (_, i) => i);
    positions.sort((i, j) => (descending ? ascending(row[j], row[i]) : ascending(row[i], row[j])) || i - j);
    order.set(positions, start);
  }
  return order;
}

/** Values in order along an axis, and the positions they had (int32). Stable: equals keep their order. */
export function sort(
  x: Strided,
  axis = -1,
  options: SortOptions = {},
): { values: Strided; indices: Strided } {
  checkOptions("sort", options, "descending: true");
  const { descending = false } = options;
  const at = normalizeAxis("sort", axis, x.shape.length);
  const n = x.shape[at] ?? 1;
  return ranked(x, at, n, (rows) => orderOf(rows, n, descending));
}

/** The k largest (or smallest) along an axis, best first, and the positions they had; equals in their order. */
export function topk(
  x: Strided,
  k: number,
  axis = -1,
  options: TopkOptions = {},
): { values: Strided; indices: Strided } {
  checkOptions("topk", options, "largest: false");
  const { largest = true } = options;
  const at = normalizeAxis("topk", axis, x.shape.length);
  const n = x.shape[at] ?? 1;
  const least = x.shape.length === 0 ? 1 : 0; // a scalar has no axis that could be empty
  if (!Number.isInteger(k) || k < least || k > n) {
    throw expected("topk", `k in [${least}, ${n}] for axis ${at} of ${showShape(x.shape)}`, k);
  }
  return ranked(x, at, k, (rows) => best(rows, n, k, largest));
}

/** Positions of the k best of every row of n: each element finds its place among the best so far, or has none. */
function best(rows: Storage, n: number, k: number, largest: boolean): Int32Array {
  const count = n === 0 ? 0 : rows.length / n;
  const found = kernels().empty("int32", count * k) as Int32Array;
  if (k === 0) return found;
  if (rows instanceof Float32Array || rows instanceof Int32Array) {
    const keys = keysOf(rows, largest);
    for (let r = 0; r < count; r++) bestKeys(keys, r * n, n, k, found, r * k);
    return found;
  }
  const compare = largest ? (a: number, b: number) => ascending(b, a) : ascending;
  for (let r = 0; r < count; r++) {
    const row = rows.subarray(r * n, (r + 1) * n);
    const order = Int32Array.from(row, (_, i) => i).sort((i, j) => compare(row[i], row[j]) || i - j);
    found.set(order.subarray(0, k), r * k);
  }
  return found;
}

/** Writes the positions of the k smallest of n keys from `start` into `found` from `to`, the smallest first. */
function bestKeys(
  keys: Uint32Array,
  start: number,
  n: number,
  k: number,
  found: Int32Array,
  to: number,
): void {
  let last = 0xffffffff;
  for (let i = 0; i < n; i++) {
    const key = keys[start + i];
    if (i >= k && key >= last) continue;
    let at = to + Math.min(i, k - 1);
    for (; at > to && keys[start + found[at - 1]] > key; at--) found[at] = found[at - 1];
    found[at] = i;
    last = keys[start + found[to + Math.min(i, k - 1)]];
  }
}

/**
 * Where the kth smallest element (from 0) along an axis stands, which stays with size 1 (int32); a NaN's place where there
 * is one.
 */
export function placesOfKth(x: Strided, axis: number, k: number): Strided {
  const last = x.shape.length - 1;
  const toLast = (y: Strided) => (axis === last ? y : transpose(y, axis, last));
  const turned = toLast(x);
  const rows = flat(turned);
  const n = x.shape[axis];
  const places = kernels().empty("int32", n === 0 ? 0 : rows.length / n);
  const isKeyed = rows instanceof Float32Array || rows instanceof Int32Array;
  const keys = isKeyed ? keysOf(rows, false) : null;
  const order = isKeyed ? null : orderOf(rows, n);
  for (let r = 0; r < places.length; r++) {
    const start = r * n;
    const nan = isFloat(x.dtype) ? placeOfNaN(rows, start, n) : -1;
    if (nan >= 0) places[r] = nan;
    else places[r] = keys ? placeOfKth(keys, start, n, k) : (order as Int32Array)[start + k];
  }
  const shape = turned.shape.map((size, i) => (i === last ? 1 : size));
  return toLast(strided(places, "int32", shape));
}

/** Where the last NaN of a row stands, as a stable sort puts it last; −1 where there is none. */
function placeOfNaN(rows: Storage, start: number, n: number): number {
  for (let i = n - 1; i >= 0; i--) if (Number.isNaN(rows[start + i])) return i;
  return -1;
}

/** The elements that `rank` picks out of every row along an axis, k of each, and their positions. */
function ranked(
  x: Strided,
  axis: number,
  k: number,
  rank: (rows: Storage) => Int32Array,
): { values: Strided; indices: Strided } {
  const last = Math.max(0, x.shape.length - 1);
  const toLast = (y: Strided) => (axis === last ? y : transpose(y, axis, last));
  const turned = toLast(x);
  const n = turned.shape[last] ?? 1;
  const rows = flat(turned);
  const positions = rank(rows);
  const picked = kernels().empty(x.dtype, positions.length);
  if (picked.length > 0) {
    const starts = Int32Array.from({ length: positions.length / k }, (_, r) => r * n);
    kernels().gather(rows, starts, 1, new Int32Array(1), positions, picked);
  }
  const shape = turned.shape.map((s, i) => (i === last ? k : s));
  const inPlace = (data: Storage, dtype: DType) => {
    const back = toLast(strided(data, dtype, shape));
    return strided(flat(back), dtype, back.shape);
  };
  return { values: inPlace(picked, x.dtype), indices: inPlace(positions, "int32") };
}
