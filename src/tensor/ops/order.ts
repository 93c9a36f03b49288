import { checkOptions } from "../check";
import { kernels } from "../device";
import { type DType, isFloat, type Storage } from "../dtype";
import { expected } from "../expected";
import { normalizeAxis, showShape } from "../shape";
import { flat, type Strided, strided } from "../strided";
import { transpose } from "./views";

/** For rows that are picked from as they stand: nothing lies between their elements. */
const FIRST = new Int32Array(1);

export interface SortOptions {
  readonly descending?: boolean;
}

export interface TopkOptions {
  /** The k largest (default) or the k smallest. */
  readonly largest?: boolean;
}

/** Values in order along an axis, and the positions they had (int32). Stable: equals keep their order. */
export function sort(
  x: Strided,
  axis = -1,
  options: SortOptions = {},
): { values: Strided; indices: Strided } {
  checkOptions("sort", options, "descending: true", { descending: "boolean" });
  const { descending = false } = options;
  const at = normalizeAxis("sort", axis, x.shape.length);
  const n = x.shape[at] ?? 1;
  return ranked(x, at, n, descending);
}

/** The k largest (or smallest) along an axis, best first, and the positions they had; equals in their order. */
export function topk(
  x: Strided,
  k: number,
  axis = -1,
  options: TopkOptions = {},
): { values: Strided; indices: Strided } {
  checkOptions("topk", options, "largest: false", { largest: "boolean" });
  const { largest = true } = options;
  const at = normalizeAxis("topk", axis, x.shape.length);
  const n = x.shape[at] ?? 1;
  const least = x.shape.length === 0 ? 1 : 0; // a scalar has no axis that could be empty
  if (!Number.isInteger(k) || k < least || k > n) {
    throw expected("topk", `k in [${least}, ${n}] for axis ${at} of ${showShape(x.shape)}`, k);
  }
  return ranked(x, at, k, largest);
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
  const count = n === 0 ? 0 : rows.length / n;
  const places = kernels().empty("int32", count) as Int32Array;
  if (count > 0) kernels().order(rows, places, n, k, 1, false);
  if (count > 0 && isFloat(x.dtype)) {
    const largest = kernels().empty(x.dtype, count);
    kernels().reduce("max", rows, largest, count, n, 1);
    for (let r = 0; r < count; r++) if (Number.isNaN(largest[r])) places[r] = placeOfNaN(rows, r * n, n);
  }
  const shape = turned.shape.map((size, i) => (i === last ? 1 : size));
  return toLast(strided(places, "int32", shape));
}

/** Where the last NaN of a row stands, as a stable sort puts it last. */
function placeOfNaN(rows: Storage, start: number, n: number): number {
  let i = n - 1;
  while (!Number.isNaN(rows[start + i])) i--;
  return i;
}

/** The first k elements in order of every row along an axis, and their positions. */
function ranked(
  x: Strided,
  axis: number,
  k: number,
  descending: boolean,
): { values: Strided; indices: Strided } {
  const last = Math.max(0, x.shape.length - 1);
  const toLast = (y: Strided) => (axis === last ? y : transpose(y, axis, last));
  const turned = toLast(x);
  const n = turned.shape[last] ?? 1;
  const rows = flat(turned);
  const count = n === 0 ? 0 : rows.length / n;
  const positions = kernels().empty("int32", count * k) as Int32Array;
  const picked = kernels().empty(x.dtype, count * k);
  if (picked.length > 0) {
    kernels().order(rows, positions, n, 0, k, descending);
    const starts = new Int32Array(count);
    for (let r = 1; r < count; r++) starts[r] = r * n;
    kernels().gather(rows, starts, 1, FIRST, positions, picked);
  }
  const shape = turned.shape.map((s, i) => (i === last ? k : s));
  const inPlace = (data: Storage, dtype: DType) => {
    const back = toLast(strided(data, dtype, shape));
    return strided(flat(back), dtype, back.shape);
  };
  return { values: inPlace(picked, x.dtype), indices: inPlace(positions, "int32") };
}
