import { F32, VEC, fma, maxLanes, minLanes, splat, sumLanes } from "./simd";
import { Task } from "./task";

/** `norm` is the root of the sum of squares. */
export const enum ReduceOp { sum, max, min, sumOfSquares, norm }

/** x (outer, n, inner) → out (outer, inner) */
@unmanaged
export class ReduceTask extends Task {
  op: ReduceOp;
  x: usize;
  out: usize;
  n: usize;
  inner: usize;
}

// @ts-ignore: decorator
@inline
function isOfSquares(op: ReduceOp): bool {
  return op == ReduceOp.sumOfSquares || op == ReduceOp.norm;
}

// @ts-ignore: decorator
@inline
function isExtreme(op: ReduceOp): bool {
  return op == ReduceOp.max || op == ReduceOp.min;
}

/** Sums run in float32 over at most this many steps, then go into a float64 total. */
const CHUNK: usize = 128;

// @ts-ignore: decorator
@inline
function join(op: ReduceOp, a: v128, b: v128): v128 {
  if (op == ReduceOp.sum) return f32x4.add(a, b);
  if (isOfSquares(op)) return fma(b, b, a);
  if (op == ReduceOp.max) return f32x4.max(a, b);
  return f32x4.min(a, b);
}

/** What a number adds to a sum. */
// @ts-ignore: decorator
@inline
function term(op: ReduceOp, x: f32): f64 {
  return isOfSquares(op) ? <f64>x * <f64>x : <f64>x;
}

/** The same sum in float64 throughout, over numbers `step` bytes apart. */
function exactTotal(op: ReduceOp, x: usize, n: usize, step: usize): f64 {
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
export function isLost(op: ReduceOp, total: f64, n: usize): bool {
  return !(Math.abs(total) < Infinity) || (isOfSquares(op) && total < <f64>n * 1e-30);
}

/** Σ x or Σ x² over `n` contiguous floats. */
// @ts-ignore: decorator
@inline
function rowTotal(op: ReduceOp, x: usize, n: usize): f64 {
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
  return rowTotal(ReduceOp.sum, x, n);
}

/** The largest or smallest of `n` contiguous floats; NaN wins. */
// @ts-ignore: decorator
@inline
function rowExtreme(op: ReduceOp, x: usize, n: usize, start: f32): f32 {
  let a = splat(start), b = a;
  const end = x + n * F32;
  const stop = x + (n & ~7) * F32;
  for (; x < stop; x += 32) {
    a = join(op, a, v128.load(x));
    b = join(op, b, v128.load(x, VEC));
  }
  a = join(op, a, b);
  for (; x < end; x += F32) a = join(op, a, v128.load32_splat(x));
  return op == ReduceOp.max ? maxLanes(a) : minLanes(a);
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

/** One result of a sum, a sum of squares or its root. */
// @ts-ignore: decorator
@inline
function finish(op: ReduceOp, total: f64): f32 {
  return <f32>(op == ReduceOp.norm ? Math.sqrt(total) : total);
}

/**
 * The column at x of a matrix of n rows, `pitch` bytes apart, or (`four`) that and the next three: the same steps for
 * every column, wherever it stands.
 */
// @ts-ignore: decorator
@inline
function columns(op: ReduceOp, four: bool, x: usize, n: usize, pitch: usize, out: usize): void {
  const from = x;
  const end = x + n * pitch;
  if (isExtreme(op)) {
    let best = splat(op == ReduceOp.max ? -Infinity : Infinity);
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
function loop(op: ReduceOp, task: ReduceTask, begin: usize, end: usize): void {
  const x = task.x, out = task.out, n = task.n, inner = task.inner;
  if (inner == 1) {
    for (let o = begin; o < end; o++) {
      const row = x + o * n * F32;
      let value: f32;
      if (isExtreme(op)) value = rowExtreme(op, row, n, op == ReduceOp.max ? -Infinity : Infinity);
      else value = finish(op, rowTotal(op, row, n));
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

/** Results begin to end of (outer, n, inner) → (outer, inner), flat. */
export function reduce(task: ReduceTask, begin: usize, end: usize): void {
  switch (task.op) {
    case ReduceOp.sum: return loop(ReduceOp.sum, task, begin, end);
    case ReduceOp.max: return loop(ReduceOp.max, task, begin, end);
    case ReduceOp.min: return loop(ReduceOp.min, task, begin, end);
    case ReduceOp.sumOfSquares: return loop(ReduceOp.sumOfSquares, task, begin, end);
    default: return loop(ReduceOp.norm, task, begin, end);
  }
}
