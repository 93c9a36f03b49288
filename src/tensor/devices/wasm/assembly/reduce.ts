import { F32, VEC, fma, maxLanes, minLanes, splat, sumLanes } from "./simd";

/** Sums run in float32 over at most this many steps, then go into a float64 total. */
const CHUNK: usize = 128;

// @ts-ignore: decorator
@inline
function join(op: i32, a: v128, b: v128): v128 {
  if (op == 0) return f32x4.add(a, b);
  if (op >= 3) return fma(b, b, a);
  if (op == 1) return f32x4.max(a, b);
  return f32x4.min(a, b);
}

/** What a number adds to a sum. */
// @ts-ignore: decorator
@inline
function term(op: i32, x: f32): f64 {
  return op >= 3 ? <f64>x * <f64>x : <f64>x;
}

/** The same sum in float64 throughout, over numbers `step` bytes apart. */
function exactTotal(op: i32, x: usize, n: usize, step: usize): f64 {
  let total: f64 = 0;
  for (const end = x + n * step; x < end; x += step) total += term(op, load<f32>(x));
  return total;
}

/**
 * Whether float32 could not hold the parts of a sum, though float64 can: more than 3.4e38, or squares of numbers below
 * 1e-19, which are subnormal or 0.
 */
// @ts-ignore: decorator
@inline
export function isLost(op: i32, total: f64, n: usize): bool {
  return !(Math.abs(total) < Infinity) || (op >= 3 && total < <f64>n * 1e-30);
}

/** Σ x (op 0) or Σ x² (op 3) over `n` contiguous floats. */
// @ts-ignore: decorator
@inline
function rowTotal(op: i32, x: usize, n: usize): f64 {
  const from = x;
  let total: f64 = 0;
  const stop = x + (n & ~15) * F32;
  const end = x + n * F32;
  while (x < stop) {
    const chunk = min(stop, x + CHUNK * 64);
    let a = splat(0), b = splat(0), c = splat(0), d = splat(0);
    for (; x < chunk; x += 64) {
      a = join(op, a, v128.load(x));
      b = join(op, b, v128.load(x, 16));
      c = join(op, c, v128.load(x, 32));
      d = join(op, d, v128.load(x, 48));
    }
    total += <f64>sumLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  }
  for (; x < end; x += F32) total += term(op, load<f32>(x));
  return isLost(op, total, n) ? exactTotal(op, from, n, F32) : total;
}

/** Σ over `n` contiguous floats. */
export function rowSum(x: usize, n: usize): f64 {
  return rowTotal(0, x, n);
}

/** The largest (op 1) or smallest (op 2) of `n` contiguous floats; NaN wins. */
// @ts-ignore: decorator
@inline
function rowExtreme(op: i32, x: usize, n: usize, start: f32): f32 {
  let a = splat(start), b = a;
  const end = x + n * F32;
  const stop = x + (n & ~7) * F32;
  for (; x < stop; x += 32) {
    a = join(op, a, v128.load(x));
    b = join(op, b, v128.load(x, VEC));
  }
  a = join(op, a, b);
  for (; x < end; x += F32) a = join(op, a, v128.load32_splat(x));
  return op == 1 ? maxLanes(a) : minLanes(a);
}

/**
 * The largest of `n` contiguous floats, where NaN need not win: as the shift of a softmax, whose sum a NaN reaches
 * anyhow. One instruction where the above takes eight.
 */
export function rowTop(x: usize, n: usize): f32 {
  let a = splat(-Infinity), b = a;
  const end = x + n * F32;
  const stop = x + (n & ~7) * F32;
  for (; x < stop; x += 32) {
    a = f32x4.pmax(a, v128.load(x));
    b = f32x4.pmax(b, v128.load(x, VEC));
  }
  a = f32x4.pmax(a, b);
  for (; x < end; x += F32) a = f32x4.pmax(a, v128.load32_splat(x));
  return maxLanes(a);
}

/** One result of a sum, a sum of squares or its root (op 4). */
// @ts-ignore: decorator
@inline
function finish(op: i32, total: f64): f32 {
  return <f32>(op == 4 ? Math.sqrt(total) : total);
}

/**
 * The column at x of a matrix of n rows, `pitch` bytes apart, or (`four`) that and the next three: the same steps for
 * every column, wherever it stands.
 */
// @ts-ignore: decorator
@inline
function columns(op: i32, four: bool, x: usize, n: usize, pitch: usize, out: usize): void {
  const from = x;
  const end = x + n * pitch;
  if (op == 1 || op == 2) {
    let best = splat(op == 1 ? -Infinity : Infinity);
    for (; x < end; x += pitch) best = join(op, best, four ? v128.load(x) : v128.load32_splat(x));
    if (four) v128.store(out, best);
    else store<f32>(out, f32x4.extract_lane(best, 0));
    return;
  }
  let low = f64x2.splat(0), high = f64x2.splat(0);
  while (x < end) {
    const chunk = min(end, x + CHUNK * pitch);
    let sum = splat(0);
    for (; x < chunk; x += pitch) sum = join(op, sum, four ? v128.load(x) : v128.load32_splat(x));
    low = f64x2.add(low, f64x2.promote_low_f32x4(sum));
    if (four) high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(sum, sum, 2, 3, 0, 1)));
  }
  const count = four ? 4 : 1;
  for (let i = 0; i < count; i++) {
    const pair = i < 2 ? low : high;
    let total = (i & 1) == 0 ? f64x2.extract_lane(pair, 0) : f64x2.extract_lane(pair, 1);
    if (isLost(op, total, n)) total = exactTotal(op, from + i * F32, n, pitch);
    store<f32>(out + i * F32, finish(op, total));
  }
}

// @ts-ignore: decorator
@inline
function loop(op: i32, begin: usize, end: usize, x: usize, out: usize, n: usize, inner: usize): void {
  if (inner == 1) {
    for (let o = begin; o < end; o++) {
      const row = x + o * n * F32;
      let value: f32;
      if (op == 0 || op >= 3) value = finish(op, rowTotal(op, row, n));
      else value = rowExtreme(op, row, n, op == 1 ? -Infinity : Infinity);
      store<f32>(out + o * F32, value);
    }
    return;
  }
  const pitch = inner * F32;
  for (let i = begin; i < end; ) {
    const o = i / inner;
    const stop = min(end, (o + 1) * inner);
    const base = x + o * (n - 1) * pitch; // + i · 4 is the top of column i of matrix o
    for (; i + 4 <= stop; i += 4) columns(op, true, base + i * F32, n, pitch, out + i * F32);
    for (; i < stop; i++) columns(op, false, base + i * F32, n, pitch, out + i * F32);
  }
}

/** Results begin to end of (outer, n, inner) → (outer, inner), flat. op: 0 sum, 1 max, 2 min, 3 sum of squares, 4 its root. */
export function reduce(begin: usize, end: usize, op: i32, x: usize, out: usize, n: usize, inner: usize): void {
  if (op == 0) loop(0, begin, end, x, out, n, inner);
  else if (op == 1) loop(1, begin, end, x, out, n, inner);
  else if (op == 2) loop(2, begin, end, x, out, n, inner);
  else if (op == 3) loop(3, begin, end, x, out, n, inner);
  else loop(4, begin, end, x, out, n, inner);
}
