import { check, checkArray, checkOptions } from "../check";
import { kernels } from "../device";
import { isFloat, type Storage, toFloat } from "../dtype";
import { expected, ofShape, words } from "../expected";
import { normalizeAxis, sameShape, showShape, sizeOf } from "../shape";
import { extreme, flat, type Strided, strided } from "../strided";
import { cast, toInt32 } from "./elementwise";
import { checkedIndices, indexSelect } from "./indexing";
import { permute } from "./views";

/** What is found in arrays by counting and searching; nothing here has a gradient. */

export interface BincountOptions<W> {
  /** What each element counts; 1 unless given. */
  readonly weights?: W;
  /** At least so many counts. */
  readonly minLength?: number;
}

export interface HistcOptions {
  /** Edges of the first and the last bin; those of the elements unless given, or where both are equal. */
  readonly min?: number;
  readonly max?: number;
}

export interface SearchsortedOptions {
  /** Behind elements that equal the value, instead of before them. */
  readonly right?: boolean;
}

/**
 * The different elements in order, or with an axis its different entries in the order of their elements; where each went,
 * and how often each came. NaN equals nothing.
 */
export function unique(x: Strided, axis?: number): { values: Strided; inverse: Strided; counts: Strided } {
  const { length } = x.shape;
  if (axis !== undefined && length === 0)
    throw expected("unique", "an array with an axis", ofShape(x.shape), "unique() takes numbers too");
  const at = axis === undefined ? 0 : normalizeAxis("unique", axis, length);
  const order = x.shape.map((_, i) => i).filter((i) => i !== at);
  const rows = flat(axis === undefined ? x : permute(x, [at, ...order]));
  const n = axis === undefined ? rows.length : x.shape[at];
  const width = n === 0 ? 0 : rows.length / n;
  const ranks =
    width === 1
      ? inOrder(rows)
      : Int32Array.from({ length: n }, (_, i) => i).sort(
          (i, j) => compareRows(rows, i * width, j * width, width) || i - j,
        );
  const inverse = kernels().empty("int32", n) as Int32Array;
  const starts = width === 1 ? startsIn(rows, ranks, inverse) : startsOfRows(rows, ranks, inverse, width);
  const counts = kernels().empty("int32", starts.length);
  const firsts = kernels().empty("int32", starts.length);
  starts.forEach((start, k) => {
    firsts[k] = ranks[start];
    counts[k] = (starts[k + 1] ?? n) - start;
  });
  const source = axis === undefined ? strided(rows, x.dtype, [n]) : x;
  return {
    values: indexSelect(source, at, strided(firsts, "int32", [starts.length])),
    inverse: strided(inverse, "int32", axis === undefined ? x.shape : [n]),
    counts: strided(counts, "int32", [starts.length]),
  };
}

/** Where the elements stand in order. */
function inOrder(row: Storage): Int32Array {
  const order = kernels().empty("int32", row.length) as Int32Array;
  if (row.length > 0) kernels().order(row, order, row.length, 0, row.length, false);
  return order;
}

/** At which ranks another element begins; writes into `inverse` how many began before each, without its own. */
function startsIn(list: Storage, ranks: Int32Array, inverse: Int32Array): number[] {
  const starts: number[] = [];
  let before = Number.NaN;
  for (let rank = 0, found = -1; rank < ranks.length; rank++) {
    const i = ranks[rank];
    const element = list[i];
    if (element !== before) {
      starts.push(rank);
      before = element;
      found++;
    }
    inverse[i] = found;
  }
  return starts;
}

/** The same of rows of `width` elements. */
function startsOfRows(rows: Storage, ranks: Int32Array, inverse: Int32Array, width: number): number[] {
  const differs = (i: number, j: number): boolean => {
    for (let k = 0; k < width; k++) if (rows[i * width + k] !== rows[j * width + k]) return true;
    return false;
  };
  const starts: number[] = [];
  for (let rank = 0; rank < ranks.length; rank++) {
    const i = ranks[rank];
    if (rank === 0 || differs(i, ranks[rank - 1])) starts.push(rank);
    inverse[i] = starts.length - 1;
  }
  return starts;
}

/** Negative where the row of `width` elements at i comes before that at j: by the first that differ, NaN as the largest. */
function compareRows(rows: Storage, i: number, j: number, width: number): number {
  for (let k = 0; k < width; k++) {
    const [a, b] = [rows[i + k], rows[j + k]];
    if (a < b) return -1;
    if (a > b) return 1;
    const odd = Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    if (odd !== 0) return odd;
  }
  return 0;
}

/** How often each of 0, 1, 2, … occurs in a list of whole numbers; with weights, their sums. */
export function bincount(x: Strided, weights?: Strided, minLength = 0): Strided {
  check("bincount", "minLength", minLength, "count");
  if (x.shape.length !== 1)
    throw expected("bincount", "a list of whole numbers", ofShape(x.shape), "flatten() makes one");
  if (weights !== undefined) {
    checkArray("bincount", weights);
    if (!sameShape(weights.shape, x.shape))
      throw expected("bincount", `weights of shape ${showShape(x.shape)}`, ofShape(weights.shape));
  }
  const places = checkedIndices("bincount", x, 2 ** 31 - 1);
  const length = Math.max(minLength, places.length === 0 ? 0 : extreme("max", places) + 1);
  if (weights === undefined) {
    const counts = kernels().empty("int32", length) as Int32Array;
    kernels().count(places, counts);
    return strided(counts, "int32", [length]);
  }
  const sums = strided(kernels().alloc("float64", length), "float64", [length]);
  const added = flat(weights);
  for (let i = 0; i < places.length; i++) sums.data[places[i]] += added[i];
  return isFloat(weights.dtype) ? cast(sums, weights.dtype) : toInt32("bincount", sums);
}

/** How many elements fall into each of `bins` equal parts of [min, max], max included; others are left out. Float. */
export function histc(x: Strided, bins: number, options: HistcOptions = {}): Strided {
  check("histc", "bins", bins, "size");
  checkOptions("histc", options, "min: 0, max: 1", { min: "finite", max: "finite" });
  const input = flat(x);
  let { min = 0, max = 0 } = options;
  if (min > max) throw expected("histc", "min at most max", words(`${min} and ${max}`));
  if (min === max && input.length > 0) {
    min = extreme("min", input, x.dtype);
    max = extreme("max", input, x.dtype);
    if (!Number.isFinite(min) || !Number.isFinite(max)) {
      const odd = input.find((value) => !Number.isFinite(value)) as number;
      throw expected("histc", "finite elements, from which the range follows", odd, "give min and max");
    }
  }
  if (min === max) [min, max] = [min - 1, max + 1];
  const out = kernels().alloc(toFloat(x.dtype), bins);
  // Where the range is larger than any number, half of it is not; where one more is the same number, elements lie in its middle.
  const scale = Number.isFinite(max - min) ? 1 : 1 / 2;
  const width = max * scale - min * scale;
  for (let i = 0; i < input.length; i++) {
    const value = input[i];
    if (!(value >= min && value <= max)) continue;
    const share = width === 0 ? 1 / 2 : (value * scale - min * scale) / width;
    out[Math.min(bins - 1, Math.floor(share * bins))]++;
  }
  return strided(out, toFloat(x.dtype), [bins]);
}

/**
 * How many elements of a row that is in order come before each value (int32): the place at which to insert it. `sorted` is
 * one row for all values, or has a row for each row of values.
 */
export function searchsorted(sorted: Strided, values: Strided, options: SearchsortedOptions = {}): Strided {
  checkArray("searchsorted", sorted);
  checkArray("searchsorted", values);
  checkOptions("searchsorted", options, "right: true", { right: "boolean" });
  const { right = false } = options;
  const { length } = sorted.shape;
  const shared = length === 1;
  if (length === 0 || !(shared || sameShape(sorted.shape.slice(0, -1), values.shape.slice(0, -1)))) {
    const what = "one row in order, or a row for each row of values";
    throw expected("searchsorted", what, ofShape(sorted.shape, values.shape));
  }
  const n = sorted.shape[length - 1];
  const width = shared ? sizeOf(values.shape) : values.shape[length - 1];
  const [row, wanted] = [flat(sorted), flat(values)];
  const out = kernels().empty("int32", wanted.length) as Int32Array;
  kernels().search(row, n, wanted, width, right, out);
  return strided(out, "int32", values.shape);
}
