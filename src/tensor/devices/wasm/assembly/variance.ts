import { ReduceOp, isLost, rowSum } from "./reduce";
import { F32, VEC, fma, promoteHigh, splat, sumLanes } from "./simd";
import { Task } from "./task";

/**
 * Sums of deviations from a mean, and the variance made of them. The mean need only be near: with d = x − mean,
 * Σ (x − true mean)² = Σ d² − (Σ d)² / n, and little cancels. So numbers like a million and one keep their digits, which
 * Σ x² would lose.
 */

/** Sums run in float32 over at most this many steps, then go into a float64 total. */
const CHUNK: usize = 128;

/** Σ d and Σ d² over `n` numbers `step` bytes apart, in float64 throughout. */
function exactDeviations(x: usize, n: usize, step: usize, mean: f32): v128 {
  let sum: f64 = 0, squares: f64 = 0;
  for (const end = x + n * step; x < end; x += step) {
    const d = <f64>load<f32>(x) - <f64>mean;
    sum += d;
    squares += d * d;
  }
  return f64x2.replace_lane(f64x2.splat(sum), 1, squares);
}

/** Σ d and Σ d² over `n` contiguous floats, d = x − mean: two float64 lanes. */
export function deviations(x: usize, n: usize, mean: f32): v128 {
  const mu = splat(mean);
  const bytes = n * F32;
  const stop = bytes & ~31;
  let sum: f64 = 0, squares: f64 = 0;
  let i: usize = 0;
  while (i < stop) {
    const chunk = min(stop, i + CHUNK * 32);
    let a = splat(0), b = splat(0), aa = splat(0), bb = splat(0);
    for (; i < chunk; i += 32) {
      const d = f32x4.sub(v128.load(x + i), mu);
      const e = f32x4.sub(v128.load(x + i, VEC), mu);
      a = f32x4.add(a, d);
      b = f32x4.add(b, e);
      aa = fma(d, d, aa);
      bb = fma(e, e, bb);
    }
    sum += <f64>sumLanes(f32x4.add(a, b));
    squares += <f64>sumLanes(f32x4.add(aa, bb));
  }
  for (; i < bytes; i += F32) {
    const d = <f64>load<f32>(x + i) - <f64>mean;
    sum += d;
    squares += d * d;
  }
  if (isLost(ReduceOp.sumOfSquares, squares, n)) return exactDeviations(x, n, F32, mean);
  return f64x2.replace_lane(f64x2.splat(sum), 1, squares);
}

/** Σ (x − true mean)² from the sums of {@link deviations}. */
// @ts-ignore: decorator
@inline
export function squaresAbout(sums: v128, n: f64): f64 {
  const sum = f64x2.extract_lane(sums, 0);
  return Math.max(0, f64x2.extract_lane(sums, 1) - sum * sum / n);
}

/** Σ / (n − correction), or its root, of float64 lanes. */
// @ts-ignore: decorator
@inline
function finish(squares: f64, divisor: f64, root: bool): f32 {
  const variance = squares / divisor;
  return <f32>(root ? Math.sqrt(variance) : variance);
}

/**
 * The column at x of a matrix of n rows, `pitch` bytes apart, or (`four`) that and the next three, in float64: the same
 * steps for every column, wherever it stands.
 */
// @ts-ignore: decorator
@inline
function columns(four: bool, x: usize, n: usize, pitch: usize, divisor: f64, root: bool, out: usize): void {
  const end = x + n * pitch;
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (let at = x; at < end; at += pitch) {
    const v = four ? v128.load(at) : v128.load32_splat(at);
    low = f64x2.add(low, f64x2.promote_low_f32x4(v));
    if (four) high = f64x2.add(high, promoteHigh(v));
  }
  const count = f64x2.splat(<f64>n);
  const meanLow = f64x2.div(low, count), meanHigh = f64x2.div(high, count);
  low = f64x2.splat(0), high = f64x2.splat(0);
  for (let at = x; at < end; at += pitch) {
    const v = four ? v128.load(at) : v128.load32_splat(at);
    const d = f64x2.sub(f64x2.promote_low_f32x4(v), meanLow);
    low = f64x2.add(low, f64x2.mul(d, d));
    if (!four) continue;
    const e = f64x2.sub(promoteHigh(v), meanHigh);
    high = f64x2.add(high, f64x2.mul(e, e));
  }
  store<f32>(out, finish(f64x2.extract_lane(low, 0), divisor, root));
  if (!four) return;
  store<f32>(out, finish(f64x2.extract_lane(low, 1), divisor, root), 4);
  store<f32>(out, finish(f64x2.extract_lane(high, 0), divisor, root), 8);
  store<f32>(out, finish(f64x2.extract_lane(high, 1), divisor, root), 12);
}

/** x (outer, n, inner) → out (outer, inner) */
@unmanaged
export class VarianceTask extends Task {
  x: usize;
  out: usize;
  n: usize;
  inner: usize;
  divisor: f64;
  root: bool;
}

/** Results begin to end of (outer, n, inner) → (outer, inner), flat: Σ (x − mean)² / divisor, or its root. */
export function variance(task: VarianceTask, begin: usize, end: usize): void {
  const x = task.x, out = task.out, n = task.n, inner = task.inner, divisor = task.divisor, root = task.root;
  if (inner == 1) {
    for (let o = begin; o < end; o++) {
      const row = x + o * n * F32;
      const mean = <f32>(rowSum(row, n) / <f64>n);
      const squares = squaresAbout(deviations(row, n, mean), <f64>n);
      store<f32>(out + o * F32, finish(squares, divisor, root));
    }
    return;
  }
  const pitch = inner * F32;
  for (let i = begin; i < end; ) {
    const o = i / inner;
    const stop = min(end, (o + 1) * inner);
    const base = x + o * (n - 1) * pitch; // + i · 4 is the top of column i of matrix o
    for (; i + 4 <= stop; i += 4) columns(true, base + i * F32, n, pitch, divisor, root, out + i * F32);
    for (; i < stop; i++) columns(false, base + i * F32, n, pitch, divisor, root, out + i * F32);
  }
}
