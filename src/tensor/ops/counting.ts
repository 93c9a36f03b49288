import { check, checkArray, checkOptions } from "../check";
import { kernels } from "../device";
import { isFloat, toFloat } from "../dtype";
import { expected } from "../expected";
import { sameShape, showShape, sizeOf } from "../shape";
import { flat, type Strided, strided } from "../strided";
import { cast, toInt32 } from "./elementwise";
import { checkedIndices } from "./indexing";

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

/** The different elements in order, where each element went, and how often each came. NaN equals nothing. */
export function unique(x: Strided): { values: Strided; inverse: Strided; counts: Strided } {
  const input = flat(x);
  const order = Uint32Array.from(input, (_, i) => i).sort((i, j) => {
    const [a, b] = [input[i], input[j]];
    return a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || i - j;
  });
  const inverse = kernels().empty("int32", input.length);
  const starts: number[] = [];
  order.forEach((i, rank) => {
    if (rank === 0 || input[i] !== input[order[rank - 1]]) starts.push(rank);
    inverse[i] = starts.length - 1;
  });
  const values = kernels().empty(x.dtype, starts.length);
  const counts = kernels().empty("int32", starts.length);
  starts.forEach((start, k) => {
    values[k] = input[order[start]];
    counts[k] = (starts[k + 1] ?? order.length) - start;
  });
  return {
    values: strided(values, x.dtype, [starts.length]),
    inverse: strided(inverse, "int32", x.shape),
    counts: strided(counts, "int32", [starts.length]),
  };
}

/** How often each of 0, 1, 2, … occurs in a list of whole numbers; with weights, their sums. */
export function bincount(x: Strided, weights?: Strided, minLength = 0): Strided {
  check("bincount", "minLength", minLength, "count");
  if (x.shape.length !== 1)
    throw expected("bincount", "a list of whole numbers", x.shape, "flatten() makes one");
  if (weights !== undefined) {
    checkArray("bincount", weights);
    if (!sameShape(weights.shape, x.shape))
      throw expected("bincount", `weights of shape ${showShape(x.shape)}`, weights.shape);
  }
  const places = checkedIndices("bincount", x, 2 ** 31 - 1);
  let length = minLength;
  for (let i = 0; i < places.length; i++) length = Math.max(length, places[i] + 1);
  const sums = strided(kernels().alloc("float64", length), "float64", [length]);
  const added = weights && flat(weights);
  for (let i = 0; i < places.length; i++) sums.data[places[i]] += added ? added[i] : 1;
  return weights && isFloat(weights.dtype) ? cast(sums, weights.dtype) : toInt32("bincount", sums);
}

/** How many elements fall into each of `bins` equal parts of [min, max], max included; others are left out. Float. */
export function histc(x: Strided, bins: number, options: HistcOptions = {}): Strided {
  check("histc", "bins", bins, "size");
  checkOptions("histc", options, "min: 0, max: 1", { min: "finite", max: "finite" });
  const input = flat(x);
  let { min = 0, max = 0 } = options;
  if (min > max) throw expected("histc", "min at most max", `${min} and ${max}`);
  if (min === max && input.length > 0) {
    min = Number.POSITIVE_INFINITY;
    max = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < input.length; i++) {
      if (!Number.isFinite(input[i]))
        throw expected(
          "histc",
          "finite elements, from which the range follows",
          input[i],
          "give min and max",
        );
      if (input[i] < min) min = input[i];
      if (input[i] > max) max = input[i];
    }
  }
  if (min === max) [min, max] = [min - 1, max + 1];
  const out = kernels().alloc(toFloat(x.dtype), bins);
  for (let i = 0; i < input.length; i++) {
    const value = input[i];
    if (value >= min && value <= max)
      out[Math.min(bins - 1, Math.floor(((value - min) / (max - min)) * bins))]++;
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
    throw expected("searchsorted", what, [sorted.shape, values.shape]);
  }
  const n = sorted.shape[length - 1];
  const width = shared ? sizeOf(values.shape) : values.shape[length - 1];
  const [row, wanted] = [flat(sorted), flat(values)];
  const out = kernels().empty("int32", wanted.length);
  // NaN comes last, as in sort.
  const before = (a: number, b: number) => (Number.isNaN(b) ? !Number.isNaN(a) : a < b);
  for (let i = 0; i < wanted.length; i++) {
    const start = shared ? 0 : Math.floor(i / width) * n;
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >> 1;
      const element = row[start + middle];
      if (right ? !before(wanted[i], element) : before(element, wanted[i])) low = middle + 1;
      else high = middle;
    }
    out[i] = low;
  }
  return strided(out, "int32", values.shape);
}
