import { check, checkArrays, checkFits, checkNumber } from "../check";
import { kernels } from "../device";
import { promote, stored } from "../dtype";
import { expected, expectedKind, ofShape, refusal, words } from "../expected";
import { brief, listed } from "../listed";
import { describe, normalizeAxes, normalizeAxis, sameShape, showShape, sizeOf } from "../shape";
import { assign, flat, type Strided, strided } from "../strided";
import { cast } from "./elementwise";
import type { Axes } from "./reduce";
import { narrow, unsqueeze } from "./views";

/** The arrays one after another along an axis; other sizes must agree; types promote. */
export function concat(list: readonly Strided[], axis = 0): Strided {
  checkArrays("concat", list);
  if (list.length === 0) throw expected("concat", "at least one array", words("an empty list"));
  const first = list[0];
  const at = normalizeAxis("concat", axis, first.shape.length);
  if (first.shape.length === 0) throw refusal("concat", "scalars have no axis to join along", "use stack()");
  list.forEach((x, i) => {
    const agrees =
      x.shape.length === first.shape.length && x.shape.every((n, a) => a === at || n === first.shape[a]);
    if (!agrees) {
      throw expected(
        "concat",
        `sizes to agree except along axis ${at}`,
        words(`${showShape(first.shape)} and ${showShape(x.shape)} at position ${i}`),
      );
    }
  });
  const dtype = list.reduce((type, x) => promote(type, x.dtype), first.dtype);
  const total = list.reduce((n, x) => n + x.shape[at], 0);
  const shape = first.shape.map((n, a) => (a === at ? total : n));
  const out = strided(kernels().empty(dtype, sizeOf(shape)), dtype, shape);
  let start = 0;
  for (const x of list) {
    assign(narrow(out, at, start, x.shape[at]), x);
    start += x.shape[at];
  }
  return out;
}

/** The arrays, all of one shape, along a new axis. */
export function stack(list: readonly Strided[], axis = 0): Strided {
  checkArrays("stack", list);
  if (list.length === 0) throw expected("stack", "at least one array", words("an empty list"));
  const odd = list.findIndex((x) => !sameShape(x.shape, list[0].shape));
  if (odd >= 0) {
    throw expected(
      "stack",
      "equal shapes",
      words(`${showShape(list[0].shape)} and ${showShape(list[odd].shape)} at position ${odd}`),
    );
  }
  const at = normalizeAxis("stack", axis, list[0].shape.length + 1);
  return concat(
    list.map((x) => unsqueeze(x, at)),
    at,
  );
}

/** Views of x cut along an axis: pieces of one size (the last may be smaller), or of the sizes given. */
export function split(x: Strided, sizes: number | readonly number[], axis = 0): Strided[] {
  const at = normalizeAxis("split", axis, x.shape.length);
  if (x.shape.length === 0) throw refusal("split", "a scalar has no axis to cut");
  const n = x.shape[at];
  let list: readonly number[];
  if (typeof sizes === "number") {
    if (!Number.isInteger(sizes) || sizes < 1) throw expected("split", "a size >= 1", sizes);
    const count = Math.max(1, Math.ceil(n / sizes));
    list = Array.from({ length: count }, (_, i) => Math.min(sizes, n - i * sizes));
  } else if (!Array.isArray(sizes)) {
    throw expectedKind("split", "a size or a list of sizes", sizes);
  } else {
    list = sizes;
    const sum = sizes.reduce((a, b) => a + b, 0);
    if (sum !== n || sizes.some((s) => !Number.isInteger(s) || s < 0)) {
      throw expected(
        "split",
        `sizes that sum to ${n}, the length of axis ${at}`,
        words(`[${listed(sizes.map(describe))}]`),
      );
    }
  }
  let start = 0;
  return list.map((size) => {
    const piece = narrow(x, at, start, size);
    start += size;
    return piece;
  });
}

/**
 * `before` and `after` entries of `value` around the last axes, one pair per axis, the last pair for the last
 * axis. A negative width crops.
 */
export function pad(x: Strided, widths: readonly (readonly [number, number])[], value = 0): Strided {
  if (!Array.isArray(widths) || !widths.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    throw expectedKind(
      "pad",
      "a [before, after] for each of the last axes, as in pad([[1, 1], [2, 2]])",
      words(brief(widths)),
    );
  }
  for (const pair of widths) check("pad", "a width", pair, "numbers");
  checkNumber("pad", value);
  checkFits("pad", value, x.dtype);
  const lead = x.shape.length - widths.length;
  const pairs = x.shape.map((_, axis) => (axis < lead ? ([0, 0] as const) : widths[axis - lead]));
  const shape = x.shape.map((n, axis) => n + pairs[axis][0] + pairs[axis][1]);
  if (lead < 0 || shape.some((n) => !Number.isInteger(n) || n < 0)) {
    throw refusal(
      "pad",
      `widths [${listed(widths.map((pair) => `[${pair.join(", ")}]`))}] do not fit shape ${showShape(x.shape)}`,
      "expected at most one [before, after] per axis, cropping no more than there is",
    );
  }
  const out = strided(kernels().alloc(x.dtype, sizeOf(shape)), x.dtype, shape);
  if (value !== 0) out.data.fill(stored(x.dtype, value));
  let source = x;
  let target = out;
  pairs.forEach(([before, after], axis) => {
    const kept = Math.max(0, x.shape[axis] + Math.min(before, 0) + Math.min(after, 0));
    source = narrow(source, axis, kept && Math.max(0, -before), kept);
    target = narrow(target, axis, kept && Math.max(0, before), kept);
  });
  assign(target, source);
  return out;
}

/** Entry i moves to (i + shift) mod n along each axis; without axes the flattened array is rolled. */
export function roll(x: Strided, shifts: Axes, axes?: Axes): Strided {
  if (typeof shifts !== "number" && !Array.isArray(shifts)) {
    throw expectedKind("roll", "a shift or a list of shifts", shifts);
  }
  const moves = typeof shifts === "number" ? [shifts] : shifts;
  const size = sizeOf(x.shape);
  if (axes === undefined) {
    if (moves.length !== 1) throw refusal("roll", "several shifts need as many axes");
    const rolled = roll(strided(flat(x), x.dtype, [size]), moves, 0);
    return strided(rolled.data, x.dtype, x.shape);
  }
  const along = typeof axes === "number" ? [axes] : axes;
  check("roll", "axes", along, "numbers");
  check("roll", "shifts", moves, "numbers");
  if (moves.length !== along.length || moves.some((shift) => !Number.isInteger(shift))) {
    throw expected(
      "roll",
      "one whole shift per axis",
      words(`shifts [${listed(moves)}] for axes [${listed(along)}]`),
    );
  }
  normalizeAxes("roll", along, x.shape.length);
  let result = x;
  along.forEach((axis, i) => {
    if (x.shape.length === 0) return;
    const at = normalizeAxis("roll", axis, x.shape.length);
    const n = x.shape[at];
    const shift = n === 0 ? 0 : ((moves[i] % n) + n) % n;
    result = concat([narrow(result, at, n - shift, shift), narrow(result, at, 0, n - shift)], at);
  });
  return result === x ? cast({ ...x }, x.dtype) : result;
}

/** The last two axes with zeros above (tril) or below (triu) diagonal k; k > 0 lies above the main one. */
export function triangle(op: "tril" | "triu", x: Strided, k = 0): Strided {
  check(op, "k", k, "integer");
  if (x.shape.length < 2) throw expected(op, "at least 2 axes", ofShape(x.shape));
  const [rows, columns] = x.shape.slice(-2);
  const input = flat(x);
  const out = kernels().alloc(x.dtype, input.length);
  for (let start = 0, row = 0; start < input.length; start += columns, row = (row + 1) % rows) {
    const edge = Math.min(Math.max(row + k + (op === "tril" ? 1 : 0), 0), columns);
    const from = op === "tril" ? 0 : edge;
    const to = op === "tril" ? edge : columns;
    for (let i = from; i < to; i++) out[start + i] = input[start + i];
  }
  return strided(out, x.dtype, x.shape);
}
