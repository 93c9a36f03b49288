import { check, checkArrays, checkFits, checkNumber } from "../check";
import { kernels } from "../device";
import { promote, stored } from "../dtype";
import { expected, expectedKind, ofShape, refusal, words } from "../expected";
import { isList } from "../is-a";
import { brief, listed } from "../listed";
import { describe, normalizeAxes, normalizeAxis, sameShape, showShape, sizeOf } from "../shape";
import { assign, fill, flat, type Strided, strided, viewOf } from "../strided";
import { beforeRead } from "../version";
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
    beforeRead(x);
    const typed = cast(x, dtype);
    kernels().copy(x.shape, typed.data, typed.offset, typed.strides, out.data, start, out.strides);
    start += x.shape[at] * out.strides[at];
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
  } else if (!isList(sizes)) {
    throw expectedKind("split", "a size or a list of sizes", sizes);
  } else {
    list = sizes;
    check("split", "sizes", sizes, "numbers");
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
  if (!isList(widths) || !widths.every((pair) => isList(pair) && pair.length === 2)) {
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
  const out = strided(kernels().empty(x.dtype, sizeOf(shape)), x.dtype, shape);
  const kept = x.shape.map((n, axis) =>
    Math.max(0, n + Math.min(pairs[axis][0], 0) + Math.min(pairs[axis][1], 0)),
  );
  fillAround(out, kept, pairs, value);
  if (sizeOf(kept) === 0) return out;
  const first = (from: Strided, cut: (before: number) => number) =>
    pairs.reduce(
      (offset, [before], axis) => offset + Math.max(0, cut(before)) * from.strides[axis],
      from.offset,
    );
  const source = viewOf(
    x,
    kept,
    x.strides,
    first(x, (before) => -before),
  );
  assign(
    viewOf(
      out,
      kept,
      out.strides,
      first(out, (before) => before),
    ),
    source,
  );
  return out;
}

/** Fewer elements are filled faster than what lies around something. */
const FEW = 32_768;

/** `value` in all elements of `out` but those `kept` behind `pairs[axis][0]` along each axis, at the least in those. */
function fillAround(
  out: Strided,
  kept: readonly number[],
  pairs: readonly (readonly [number, number])[],
  value: number,
): void {
  if (sizeOf(out.shape) < FEW || sizeOf(kept) === 0) {
    out.data.fill(stored(out.dtype, value));
    return;
  }
  let rest = out;
  kept.forEach((n, axis) => {
    const before = Math.max(0, pairs[axis][0]);
    const after = rest.shape[axis] - before - n;
    if (before > 0) fill(narrow(rest, axis, 0, before), value);
    if (after > 0) fill(narrow(rest, axis, before + n, after), value);
    rest = narrow(rest, axis, before, n);
  });
}

/** Entry i moves to (i + shift) mod n along each axis; without axes the flattened array is rolled. */
export function roll(x: Strided, shifts: Axes, axes?: Axes): Strided {
  if (typeof shifts !== "number" && !isList(shifts)) {
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
  const out = strided(kernels().empty(x.dtype, sizeOf(x.shape)), x.dtype, x.shape);
  const axis = x.shape.length - 2;
  // Left and right of the diagonal lie rectangles; what is between them in a band of rows, goes element by element.
  const edgeOf = (row: number) => Math.min(Math.max(row + k + 1, 0), columns);
  const shift = op === "tril" ? 0 : -1;
  for (let top = 0; top < rows; top += BAND) {
    const height = Math.min(BAND, rows - top);
    const [left, right] = [edgeOf(top + shift), edgeOf(top + height - 1 + shift)];
    const band = (y: Strided, from: number, width: number) =>
      narrow(narrow(y, axis, top, height), axis + 1, from, width);
    const keep = (from: number, width: number) => {
      if (width > 0) assign(band(out, from, width), band(x, from, width));
    };
    const clear = (from: number, width: number) => {
      if (width > 0) fill(band(out, from, width), 0);
    };
    if (op === "tril") keep(0, right);
    else keep(left, columns - left);
    if (op === "tril") clear(right, columns - right);
    else clear(0, left);
    for (let i = 0; i < height; i++) {
      const edge = edgeOf(top + i + shift);
      if (op === "tril") clearRow(out, top + i, edge, right);
      else clearRow(out, top + i, left, edge);
    }
  }
  return out;
}

/** Rows of a triangle that are done together. */
const BAND = 64;

/** Zeros in columns `from` to `to` of a row of each matrix. */
function clearRow({ data, shape }: Strided, row: number, from: number, to: number): void {
  const [rows, columns] = shape.slice(-2);
  for (let start = row * columns; start < data.length; start += rows * columns) {
    for (let i = from; i < to; i++) data[start + i] = 0;
  }
}
