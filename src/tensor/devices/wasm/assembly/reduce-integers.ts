import { ReduceOp, ReduceTask } from "./reduce";

/** Sums, largest and smallest of int32. Sums run in int64, which holds any, and go to float64. */

// @ts-ignore: decorator
@inline
function join(op: ReduceOp, a: v128, b: v128): v128 {
  return op == ReduceOp.max ? i32x4.max_s(a, b) : i32x4.min_s(a, b);
}

// @ts-ignore: decorator
@inline
function joinTotals(op: ReduceOp, a: i64, b: i64): i64 {
  if (op == ReduceOp.sum) return a + b;
  return op == ReduceOp.max ? max(a, b) : min(a, b);
}

/** Two int64 totals with the four integers at x. */
// @ts-ignore: decorator
@inline
function addFour(total: v128, x: usize): v128 {
  const v = v128.load(x);
  return i64x2.add(total, i64x2.add(i64x2.extend_low_i32x4_s(v), i64x2.extend_high_i32x4_s(v)));
}

/** The sum of `n` contiguous integers. */
function rowSum(x: usize, n: usize): i64 {
  let a = i64x2.splat(0), b = a, c = a, d = a;
  const end = x + n * 4, stop = x + (n & ~15) * 4;
  for (; x < stop; x += 64) {
    a = addFour(a, x);
    b = addFour(b, x + 16);
    c = addFour(c, x + 32);
    d = addFour(d, x + 48);
  }
  const all = i64x2.add(i64x2.add(a, b), i64x2.add(c, d));
  let total = i64x2.extract_lane(all, 0) + i64x2.extract_lane(all, 1);
  for (; x < end; x += 4) total += load<i32>(x);
  return total;
}

/** The largest or smallest lane. */
// @ts-ignore: decorator
@inline
function across(op: ReduceOp, v: v128): i32 {
  v = join(op, v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return i32x4.extract_lane(join(op, v, v128.shuffle<i32>(v, v, 1, 0, 3, 2)), 0);
}

/** Of `n` contiguous integers, at least one. */
// @ts-ignore: decorator
@inline
function rowExtreme(op: ReduceOp, x: usize, n: usize): i32 {
  let a = v128.load32_splat(x), b = a, c = a, d = a;
  const end = x + n * 4, stop = x + (n & ~15) * 4;
  for (; x < stop; x += 64) {
    a = join(op, a, v128.load(x));
    b = join(op, b, v128.load(x, 16));
    c = join(op, c, v128.load(x, 32));
    d = join(op, d, v128.load(x, 48));
  }
  for (; x < end; x += 4) a = join(op, a, v128.load32_splat(x));
  return across(op, join(op, join(op, a, b), join(op, c, d)));
}

/** Result i, or (`isPart`) the total of a part. */
// @ts-ignore: decorator
@inline
function put(op: ReduceOp, task: ReduceTask, i: usize, total: i64, isPart: bool): void {
  if (isPart) store<i64>(task.totals + i * 8, total);
  else if (op == ReduceOp.sum) store<f64>(task.out + i * 8, <f64>total);
  else store<i32>(task.out + i * 4, <i32>total);
}

// @ts-ignore: decorator
@inline
function putFour(op: ReduceOp, task: ReduceTask, i: usize, v: v128, isPart: bool): void {
  put(op, task, i, i32x4.extract_lane(v, 0), isPart);
  put(op, task, i + 1, i32x4.extract_lane(v, 1), isPart);
  put(op, task, i + 2, i32x4.extract_lane(v, 2), isPart);
  put(op, task, i + 3, i32x4.extract_lane(v, 3), isPart);
}

/** The column at x of a matrix of n rows, `pitch` bytes apart. */
// @ts-ignore: decorator
@inline
function column(op: ReduceOp, task: ReduceTask, i: usize, x: usize, n: usize, pitch: usize, isPart: bool): void {
  let total: i64 = load<i32>(x);
  for (let r: usize = 1; r < n; r++) total = joinTotals(op, total, load<i32>(x + r * pitch));
  put(op, task, i, total, isPart);
}

/** That and the next 15: a cache line of each row. */
// @ts-ignore: decorator
@inline
function columns(op: ReduceOp, task: ReduceTask, i: usize, x: usize, n: usize, pitch: usize, isPart: bool): void {
  if (op == ReduceOp.sum) {
    for (let half: usize = 0; half < 2; half++) {
      let a = i64x2.splat(0), b = a, c = a, d = a;
      const at = x + half * 32;
      for (let r: usize = 0, row = at; r < n; r++, row += pitch) {
        const v = v128.load(row), w = v128.load(row, 16);
        a = i64x2.add(a, i64x2.extend_low_i32x4_s(v));
        b = i64x2.add(b, i64x2.extend_high_i32x4_s(v));
        c = i64x2.add(c, i64x2.extend_low_i32x4_s(w));
        d = i64x2.add(d, i64x2.extend_high_i32x4_s(w));
      }
      const first = i + half * 8;
      put(op, task, first, i64x2.extract_lane(a, 0), isPart);
      put(op, task, first + 1, i64x2.extract_lane(a, 1), isPart);
      put(op, task, first + 2, i64x2.extract_lane(b, 0), isPart);
      put(op, task, first + 3, i64x2.extract_lane(b, 1), isPart);
      put(op, task, first + 4, i64x2.extract_lane(c, 0), isPart);
      put(op, task, first + 5, i64x2.extract_lane(c, 1), isPart);
      put(op, task, first + 6, i64x2.extract_lane(d, 0), isPart);
      put(op, task, first + 7, i64x2.extract_lane(d, 1), isPart);
    }
    return;
  }
  let a = v128.load(x), b = v128.load(x, 16), c = v128.load(x, 32), d = v128.load(x, 48);
  for (let r: usize = 1, row = x + pitch; r < n; r++, row += pitch) {
    a = join(op, a, v128.load(row));
    b = join(op, b, v128.load(row, 16));
    c = join(op, c, v128.load(row, 32));
    d = join(op, d, v128.load(row, 48));
  }
  putFour(op, task, i, a, isPart);
  putFour(op, task, i + 4, b, isPart);
  putFour(op, task, i + 8, c, isPart);
  putFour(op, task, i + 12, d, isPart);
}

// @ts-ignore: decorator
@inline
function loop(op: ReduceOp, task: ReduceTask, begin: usize, end: usize): void {
  const n = task.n, inner = task.inner, parts = task.parts, length = task.length, pitch = inner * 4;
  const isPart = parts > 1;
  for (let i = begin; i < end; ) {
    const block = i / inner;
    const o = block / parts;
    const from = (block - o * parts) * length;
    const count = min(length, n - from);
    const first = block * inner;
    const x = task.x + (o * n + from) * pitch;
    if (inner == 1) {
      put(op, task, i, op == ReduceOp.sum ? rowSum(x, count) : <i64>rowExtreme(op, x, count), isPart);
      i++;
      continue;
    }
    const stop = min(end, first + inner);
    for (; i + 16 <= stop; i += 16) columns(op, task, i, x + (i - first) * 4, count, pitch, isPart);
    for (; i < stop; i++) column(op, task, i, x + (i - first) * 4, count, pitch, isPart);
  }
}

/** As reduce, of int32; of several parts the totals are int64. */
export function reduceIntegers(task: ReduceTask, begin: usize, end: usize): void {
  if (task.op == ReduceOp.sum) loop(ReduceOp.sum, task, begin, end);
  else if (task.op == ReduceOp.max) loop(ReduceOp.max, task, begin, end);
  else loop(ReduceOp.min, task, begin, end);
}

/** The totals of the parts as one result each. */
export function joinIntegers(task: ReduceTask, begin: usize, end: usize): void {
  const op = task.op, inner = task.inner, parts = task.parts;
  for (let i = begin; i < end; i++) {
    const at = task.totals + (i + (i / inner) * (parts - 1) * inner) * 8;
    let total = load<i64>(at);
    for (let p: usize = 1; p < parts; p++) total = joinTotals(op, total, load<i64>(at + p * inner * 8));
    put(op, task, i, total, false);
  }
}
