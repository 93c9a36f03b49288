import { checkOptions } from "../check";
import { kernels } from "../device";
import type { Storage } from "../dtype";
import { expected } from "../expected";
import { normalizeAxis, showShape, sizeOf } from "../shape";
import { flat, type Strided, strided } from "../strided";
import { gather } from "./indexing";
import { LEAST, radixOrder } from "./radix";
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

/** Positions of a row's elements in order. Stable: equals keep their order; NaN counts as the largest. */
export function orderOf(row: Storage, descending = false): Int32Array {
  const isShort = row.length < LEAST;
  if (!isShort && (row instanceof Float32Array || row instanceof Int32Array))
    return radixOrder(row, descending);
  const order = Int32Array.from(row, (_, i) => i);
  return order.sort((i, j) => (descending ? ascending(row[j], row[i]) : ascending(row[i], row[j])) || i - j);
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
  return ranked(x, at, x.shape[at] ?? 1, (row) => orderOf(row, descending));
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
  const compare = largest ? (a: number, b: number) => ascending(b, a) : ascending;
  return ranked(x, at, k, (row) => best(row, k, compare));
}

/** Positions of the k first under `compare`: each element finds its place among the best so far, or has none. */
function best(row: ArrayLike<number>, k: number, compare: (a: number, b: number) => number): Int32Array {
  const found = new Int32Array(k);
  let count = 0;
  for (let i = 0; i < row.length && k > 0; i++) {
    if (count === k && compare(row[found[k - 1]], row[i]) <= 0) continue;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(row[found[middle]], row[i]) <= 0) low = middle + 1;
      else high = middle;
    }
    if (count < k) count++;
    found.copyWithin(low + 1, low, count - 1);
    found[low] = i;
  }
  return found;
}

/** Applies `rank` (a row → k positions) along an axis. */
function ranked(
  x: Strided,
  axis: number,
  k: number,
  rank: (row: Storage) => Int32Array,
): { values: Strided; indices: Strided } {
  const last = Math.max(0, x.shape.length - 1);
  const toLast = (y: Strided) => (axis === last ? y : transpose(y, axis, last));
  const turned = toLast(x);
  const rows = flat(turned);
  const n = turned.shape[last] ?? 1;
  const shape = turned.shape.map((s, i) => (i === last ? k : s));
  const positions = kernels().empty("int32", sizeOf(shape));
  for (let r = 0; r * k < positions.length; r++) {
    positions.set(rank(rows.subarray(r * n, (r + 1) * n)), r * k);
  }
  const back = toLast(strided(positions, "int32", shape));
  const indices = strided(flat(back), "int32", back.shape);
  return { values: gather(x, axis, indices), indices };
}
