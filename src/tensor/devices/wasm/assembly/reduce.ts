import { F32, VEC, fma, maxLanes, minLanes, promoteHigh, splat, sumLanes } from "./simd";
import { Task } from "./task";

/** `sumOfSquares` is Σ x y, where y is x unless it is given; `norm` is the root of that. */
export const enum ReduceOp { sum, max, min, sumOfSquares, norm, prod }

/** x (outer, n, inner) → out (outer, inner) */
@unmanaged
export class ReduceTask extends Task {
  op: ReduceOp;
  x: usize;
  /** The other factor of a sum of products, of one result; x itself otherwise. */
  y: usize;
  out: usize;
  n: usize;
  inner: usize;
  /** Into so many parts, this long except the last, are the n numbers of a result cut: for threads to share. */
  parts: usize;
  length: usize;
  /** Where there are several parts: the float64 totals (outer, parts, inner). */
  totals: usize;
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

/** The same of extremes in one instruction, for which a NaN never wins and −0 is as large as 0. */
// @ts-ignore: decorator
@inline
function joinLoosely(op: ReduceOp, a: v128, b: v128): v128 {
  return op == ReduceOp.max ? f32x4.pmax(a, b) : f32x4.pmin(a, b);
}

/** What a number adds to a sum. */
// @ts-ignore: decorator
@inline
function term(op: ReduceOp, x: f32): f64 {
  return isOfSquares(op) ? <f64>x * <f64>x : <f64>x;
}

/** Two totals of the same op as one. */
// @ts-ignore: decorator
@inline
function joinTotals(op: ReduceOp, a: f64, b: f64): f64 {
  if (op == ReduceOp.prod) return a * b;
  if (op == ReduceOp.max) return max<f64>(a, b);
  if (op == ReduceOp.min) return min<f64>(a, b);
  return a + b;
}

/** The same sum in float64 throughout, over numbers `step` bytes apart. */
function exactTotal(op: ReduceOp, x: usize, n: usize, step: usize): f64 {
  let total: f64 = 0;
  for (const end = x + n * step; x < end; x += step) total += term(op, load<f32>(x));
  return total;
}

/** Σ x y in float64 throughout, of contiguous floats. */
function exactProducts(x: usize, y: usize, n: usize): f64 {
  let total: f64 = 0;
  for (const end = x + n * F32; x < end; x += F32, y += F32) total += <f64>load<f32>(x) * <f64>load<f32>(y);
  return total;
}

/**
 * Whether float32 could not hold the parts of a sum, though float64 can: more than 3.4e38, or squares of numbers below
 * 1e-19, which are subnormal or 0.
 */
// @ts-ignore: decorator
@inline
export function isLost(op: ReduceOp, total: f64, n: usize): bool {
  return !(Math.abs(total) < Infinity) || (isOfSquares(op) && Math.abs(total) < <f64>n * 1e-30);
}

// Loops over a row are functions of their own: in one with those over columns, V8 gives none of them enough registers.

/** Σ over `n` contiguous floats. */
export function rowSum(x: usize, n: usize): f64 {
  const from = x;
  let total: f64 = 0;
  const stop = x + (n & ~15) * F32;
  const end = x + n * F32;
  while (x < stop) {
    const chunk = min(stop, x + CHUNK * 64);
    let a = splat(0), b = splat(0), c = splat(0), d = splat(0);
    for (; x < chunk; x += 64) {
      a = f32x4.add(a, v128.load(x));
      b = f32x4.add(b, v128.load(x, 16));
      c = f32x4.add(c, v128.load(x, 32));
      d = f32x4.add(d, v128.load(x, 48));
    }
    total += <f64>sumLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  }
  for (; x < end; x += F32) total += <f64>load<f32>(x);
  return isLost(ReduceOp.sum, total, n) ? exactTotal(ReduceOp.sum, from, n, F32) : total;
}

/** Σ x y over `n` contiguous floats of each. */
function rowProducts(x: usize, y: usize, n: usize): f64 {
  const fromX = x, fromY = y;
  let total: f64 = 0;
  const stop = x + (n & ~15) * F32;
  const end = x + n * F32;
  while (x < stop) {
    const chunk = min(stop, x + CHUNK * 64);
    let a = splat(0), b = splat(0), c = splat(0), d = splat(0);
    for (; x < chunk; x += 64, y += 64) {
      a = fma(v128.load(x), v128.load(y), a);
      b = fma(v128.load(x, 16), v128.load(y, 16), b);
      c = fma(v128.load(x, 32), v128.load(y, 32), c);
      d = fma(v128.load(x, 48), v128.load(y, 48), d);
    }
    total += <f64>sumLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  }
  for (; x < end; x += F32, y += F32) total += <f64>load<f32>(x) * <f64>load<f32>(y);
  return isLost(ReduceOp.sumOfSquares, total, n) ? exactProducts(fromX, fromY, n) : total;
}

/** Π over `n` contiguous floats, in float64. */
function rowProduct(x: usize, n: usize): f64 {
  let a = f64x2.splat(1), b = a, c = a, d = a;
  const end = x + n * F32;
  const stop = x + (n & ~7) * F32;
  for (; x < stop; x += 32) {
    const low = v128.load(x), high = v128.load(x, VEC);
    a = f64x2.mul(a, f64x2.promote_low_f32x4(low));
    b = f64x2.mul(b, promoteHigh(low));
    c = f64x2.mul(c, f64x2.promote_low_f32x4(high));
    d = f64x2.mul(d, promoteHigh(high));
  }
  a = f64x2.mul(f64x2.mul(a, b), f64x2.mul(c, d));
  let total = f64x2.extract_lane(a, 0) * f64x2.extract_lane(a, 1);
  for (; x < end; x += F32) total *= <f64>load<f32>(x);
  return total;
}

function rowMax(x: usize, n: usize): f32 {
  return rowExtreme(ReduceOp.max, x, n);
}

function rowMin(x: usize, n: usize): f32 {
  return rowExtreme(ReduceOp.min, x, n);
}

/** The largest or smallest of `n` contiguous floats; NaN wins, and 0 is larger than −0. */
// @ts-ignore: decorator
@inline
export function rowExtreme(op: ReduceOp, x: usize, n: usize): f32 {
  const from = x;
  let a = splat(op == ReduceOp.max ? -Infinity : Infinity), b = a, c = a, d = a;
  let ok = f32x4.eq(a, a);
  const end = x + n * F32;
  const stop = x + (n & ~15) * F32;
  for (; x < stop; x += 64) {
    const p = v128.load(x), q = v128.load(x, 16), r = v128.load(x, 32), s = v128.load(x, 48);
    a = joinLoosely(op, a, p);
    b = joinLoosely(op, b, q);
    c = joinLoosely(op, c, r);
    d = joinLoosely(op, d, s);
    ok = v128.and(ok, v128.and(v128.and(f32x4.eq(p, p), f32x4.eq(q, q)), v128.and(f32x4.eq(r, r), f32x4.eq(s, s))));
  }
  a = joinLoosely(op, joinLoosely(op, a, b), joinLoosely(op, c, d));
  for (; x < end; x += F32) a = join(op, a, v128.load32_splat(x));
  const best = op == ReduceOp.max ? maxLanes(a) : minLanes(a);
  return i32x4.all_true(ok) && best != 0 ? best : exactExtreme(op, from, n);
}

/** The same where there may be a NaN, or zeros of both signs. */
function exactExtreme(op: ReduceOp, x: usize, n: usize): f32 {
  let a = splat(op == ReduceOp.max ? -Infinity : Infinity);
  const end = x + n * F32;
  const stop = x + (n & ~3) * F32;
  for (; x < stop; x += VEC) a = op == ReduceOp.max ? f32x4.max(a, v128.load(x)) : f32x4.min(a, v128.load(x));
  let best = op == ReduceOp.max ? maxLanes(a) : minLanes(a);
  for (; x < end; x += F32) best = op == ReduceOp.max ? max<f32>(best, load<f32>(x)) : min<f32>(best, load<f32>(x));
  return best;
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

/** One result, of its float64 total. */
// @ts-ignore: decorator
@inline
function finish(op: ReduceOp, total: f64): f32 {
  return <f32>(op == ReduceOp.norm ? Math.sqrt(total) : total);
}

/** Writes the total of `n` numbers, or what it makes. */
// @ts-ignore: decorator
@inline
function put(op: ReduceOp, total: f64, out: usize, i: usize, isPart: bool): void {
  if (isPart) store<f64>(out + i * 8, total);
  else store<f32>(out + i * F32, finish(op, total));
}

/** Columns whose sums are added up side by side: two cache lines of a row. */
const WIDE: usize = 32;

/** Totals i and i + 1, whose columns begin at x. */
// @ts-ignore: decorator
@inline
function putPair(op: ReduceOp, v: v128, x: usize, n: usize, pitch: usize, out: usize, i: usize, isPart: bool): void {
  let a = f64x2.extract_lane(v, 0), b = f64x2.extract_lane(v, 1);
  if (isLost(op, a, n)) a = exactTotal(op, x, n, pitch);
  if (isLost(op, b, n)) b = exactTotal(op, x + F32, n, pitch);
  put(op, a, out, i, isPart);
  put(op, b, out, i + 1, isPart);
}

/** Sums of 32 columns from x, the first of which is number i: the steps of {@link columns}, eight vectors at a time. */
// @ts-ignore: decorator
@inline
function wideSums(op: ReduceOp, x: usize, n: usize, pitch: usize, out: usize, i: usize, isPart: bool): void {
  const from = x;
  const end = x + n * pitch;
  const nil = f64x2.splat(0);
  let a0 = nil, b0 = nil, c0 = nil, d0 = nil, e0 = nil, f0 = nil, g0 = nil, h0 = nil;
  let a1 = nil, b1 = nil, c1 = nil, d1 = nil, e1 = nil, f1 = nil, g1 = nil, h1 = nil;
  while (x < end) {
    const chunk = min(end, x + CHUNK * pitch);
    let a = splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
    for (; x < chunk; x += pitch) {
      a = join(op, a, v128.load(x));
      b = join(op, b, v128.load(x, 16));
      c = join(op, c, v128.load(x, 32));
      d = join(op, d, v128.load(x, 48));
      e = join(op, e, v128.load(x, 64));
      f = join(op, f, v128.load(x, 80));
      g = join(op, g, v128.load(x, 96));
      h = join(op, h, v128.load(x, 112));
    }
    a0 = f64x2.add(a0, f64x2.promote_low_f32x4(a)), a1 = f64x2.add(a1, promoteHigh(a));
    b0 = f64x2.add(b0, f64x2.promote_low_f32x4(b)), b1 = f64x2.add(b1, promoteHigh(b));
    c0 = f64x2.add(c0, f64x2.promote_low_f32x4(c)), c1 = f64x2.add(c1, promoteHigh(c));
    d0 = f64x2.add(d0, f64x2.promote_low_f32x4(d)), d1 = f64x2.add(d1, promoteHigh(d));
    e0 = f64x2.add(e0, f64x2.promote_low_f32x4(e)), e1 = f64x2.add(e1, promoteHigh(e));
    f0 = f64x2.add(f0, f64x2.promote_low_f32x4(f)), f1 = f64x2.add(f1, promoteHigh(f));
    g0 = f64x2.add(g0, f64x2.promote_low_f32x4(g)), g1 = f64x2.add(g1, promoteHigh(g));
    h0 = f64x2.add(h0, f64x2.promote_low_f32x4(h)), h1 = f64x2.add(h1, promoteHigh(h));
  }
  putPair(op, a0, from, n, pitch, out, i, isPart), putPair(op, a1, from + 8, n, pitch, out, i + 2, isPart);
  putPair(op, b0, from + 16, n, pitch, out, i + 4, isPart), putPair(op, b1, from + 24, n, pitch, out, i + 6, isPart);
  putPair(op, c0, from + 32, n, pitch, out, i + 8, isPart), putPair(op, c1, from + 40, n, pitch, out, i + 10, isPart);
  putPair(op, d0, from + 48, n, pitch, out, i + 12, isPart), putPair(op, d1, from + 56, n, pitch, out, i + 14, isPart);
  putPair(op, e0, from + 64, n, pitch, out, i + 16, isPart), putPair(op, e1, from + 72, n, pitch, out, i + 18, isPart);
  putPair(op, f0, from + 80, n, pitch, out, i + 20, isPart), putPair(op, f1, from + 88, n, pitch, out, i + 22, isPart);
  putPair(op, g0, from + 96, n, pitch, out, i + 24, isPart), putPair(op, g1, from + 104, n, pitch, out, i + 26, isPart);
  putPair(op, h0, from + 112, n, pitch, out, i + 28, isPart), putPair(op, h1, from + 120, n, pitch, out, i + 30, isPart);
}

/** Extremes of 16 columns from x, the first of which is number i. */
// @ts-ignore: decorator
@inline
function wideExtremes(op: ReduceOp, x: usize, n: usize, pitch: usize, out: usize, i: usize, isPart: bool): void {
  let a = splat(op == ReduceOp.max ? -Infinity : Infinity), b = a, c = a, d = a;
  for (const end = x + n * pitch; x < end; x += pitch) {
    a = join(op, a, v128.load(x));
    b = join(op, b, v128.load(x, 16));
    c = join(op, c, v128.load(x, 32));
    d = join(op, d, v128.load(x, 48));
  }
  putFour(op, a, out, i, isPart);
  putFour(op, b, out, i + 4, isPart);
  putFour(op, c, out, i + 8, isPart);
  putFour(op, d, out, i + 12, isPart);
}

// @ts-ignore: decorator
@inline
function putFour(op: ReduceOp, v: v128, out: usize, i: usize, isPart: bool): void {
  if (!isPart) return v128.store(out + i * F32, v);
  v128.store(out + i * 8, f64x2.promote_low_f32x4(v));
  v128.store(out + i * 8, promoteHigh(v), VEC);
}

/**
 * The column at x of a matrix of n rows, `pitch` bytes apart, or (`four`) that and the next three: the same steps for
 * every column, wherever it stands. It is number i of the results.
 */
// @ts-ignore: decorator
@inline
function columns(
  op: ReduceOp, four: bool, x: usize, n: usize, pitch: usize, out: usize, i: usize, isPart: bool,
): void {
  const from = x;
  const end = x + n * pitch;
  if (isExtreme(op)) {
    let best = splat(op == ReduceOp.max ? -Infinity : Infinity);
    for (; x < end; x += pitch) best = join(op, best, four ? v128.load(x) : v128.load32_splat(x));
    if (four) putFour(op, best, out, i, isPart);
    else put(op, <f64>f32x4.extract_lane(best, 0), out, i, isPart);
    return;
  }
  const start: f64 = op == ReduceOp.prod ? 1 : 0;
  let low = f64x2.splat(start), high = low;
  if (op == ReduceOp.prod) {
    for (; x < end; x += pitch) {
      const v = four ? v128.load(x) : v128.load32_splat(x);
      low = f64x2.mul(low, f64x2.promote_low_f32x4(v));
      if (four) high = f64x2.mul(high, promoteHigh(v));
    }
  }
  while (x < end) {
    const chunk = min(end, x + CHUNK * pitch);
    let sum = splat(0);
    for (; x < chunk; x += pitch) sum = join(op, sum, four ? v128.load(x) : v128.load32_splat(x));
    low = f64x2.add(low, f64x2.promote_low_f32x4(sum));
    if (four) high = f64x2.add(high, promoteHigh(sum));
  }
  const count = four ? 4 : 1;
  for (let k = 0; k < count; k++) {
    const pair = k < 2 ? low : high;
    let total = (k & 1) == 0 ? f64x2.extract_lane(pair, 0) : f64x2.extract_lane(pair, 1);
    if (op != ReduceOp.prod && isLost(op, total, n)) total = exactTotal(op, from + k * F32, n, pitch);
    put(op, total, out, i + k, isPart);
  }
}

/** Results begin to end of (outer, parts, inner). */
// @ts-ignore: decorator
@inline
function loop(op: ReduceOp, task: ReduceTask, begin: usize, end: usize): void {
  const n = task.n, inner = task.inner, parts = task.parts, length = task.length;
  const isPart = parts > 1;
  const out = isPart ? task.totals : task.out;
  const pitch = inner * F32;
  for (let i = begin; i < end; ) {
    const row = i / inner;
    const o = row / parts;
    const p = row - o * parts;
    const count = min(length, n - p * length);
    const first = row * inner;
    const x = task.x + (o * n + p * length) * pitch; // row p · length of matrix o
    if (inner == 1) {
      let total: f64;
      if (op == ReduceOp.max) total = <f64>rowMax(x, count);
      else if (op == ReduceOp.min) total = <f64>rowMin(x, count);
      else if (op == ReduceOp.prod) total = rowProduct(x, count);
      else if (op == ReduceOp.sum) total = rowSum(x, count);
      else total = rowProducts(x, x + task.y - task.x, count);
      put(op, total, out, i, isPart);
      i++;
      continue;
    }
    const stop = min(end, first + inner);
    if (isExtreme(op)) {
      for (; i + 16 <= stop; i += 16) wideExtremes(op, x + (i - first) * F32, count, pitch, out, i, isPart);
    } else if (op != ReduceOp.prod) {
      for (; i + WIDE <= stop; i += WIDE) wideSums(op, x + (i - first) * F32, count, pitch, out, i, isPart);
    }
    for (; i + 4 <= stop; i += 4) columns(op, true, x + (i - first) * F32, count, pitch, out, i, isPart);
    for (; i < stop; i++) columns(op, false, x + (i - first) * F32, count, pitch, out, i, isPart);
  }
}

/** Results begin to end of (outer, n, inner) → (outer, inner), flat; of several parts their totals. */
export function reduce(task: ReduceTask, begin: usize, end: usize): void {
  switch (task.op) {
    case ReduceOp.sum: return loop(ReduceOp.sum, task, begin, end);
    case ReduceOp.max: return loop(ReduceOp.max, task, begin, end);
    case ReduceOp.min: return loop(ReduceOp.min, task, begin, end);
    case ReduceOp.sumOfSquares: return loop(ReduceOp.sumOfSquares, task, begin, end);
    case ReduceOp.prod: return loop(ReduceOp.prod, task, begin, end);
    default: return loop(ReduceOp.norm, task, begin, end);
  }
}

/** The totals of the parts as one result each. */
export function joinParts(task: ReduceTask, begin: usize, end: usize): void {
  const op = task.op, inner = task.inner, parts = task.parts;
  for (let i = begin; i < end; i++) {
    const o = i / inner;
    const at = task.totals + (i + o * (parts - 1) * inner) * 8;
    let total = load<f64>(at);
    for (let p: usize = 1; p < parts; p++) total = joinTotals(op, total, load<f64>(at + p * inner * 8));
    store<f32>(task.out + i * F32, finish(op, total));
  }
}
