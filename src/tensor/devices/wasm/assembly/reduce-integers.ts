import { ReduceOp, ReduceTask } from "./reduce";

// @ts-ignore: decorator
@inline
function join(op: ReduceOp, a: v128, b: v128): v128 {
  return op == ReduceOp.max ? i32x4.max_s(a, b) : i32x4.min_s(a, b);
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
function row(op: ReduceOp, x: usize, n: usize): i32 {
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

/** The column at x of a matrix of n rows, `pitch` bytes apart, or (`four`) that and the next three. */
// @ts-ignore: decorator
@inline
function columns(op: ReduceOp, four: bool, x: usize, n: usize, pitch: usize, out: usize): void {
  let best = four ? v128.load(x) : v128.load32_splat(x);
  for (const end = x + n * pitch; x < end; x += pitch) best = join(op, best, four ? v128.load(x) : v128.load32_splat(x));
  if (four) v128.store(out, best);
  else store<i32>(out, i32x4.extract_lane(best, 0));
}

// @ts-ignore: decorator
@inline
function loop(op: ReduceOp, task: ReduceTask, begin: usize, end: usize): void {
  const x = task.x, out = task.out, n = task.n, inner = task.inner, pitch = inner * 4;
  if (inner == 1) {
    for (let o = begin; o < end; o++) store<i32>(out + o * 4, row(op, x + o * n * 4, n));
    return;
  }
  for (let i = begin; i < end; ) {
    const o = i / inner;
    const stop = min(end, (o + 1) * inner);
    const top = x + o * (n - 1) * pitch; // + i · 4 is the top of column i of matrix o
    for (; i + 4 <= stop; i += 4) columns(op, true, top + i * 4, n, pitch, out + i * 4);
    for (; i < stop; i++) columns(op, false, top + i * 4, n, pitch, out + i * 4);
  }
}

/** Results begin to end of int32 (outer, n, inner) → (outer, inner), for max and min. */
export function reduceIntegers(task: ReduceTask, begin: usize, end: usize): void {
  if (task.op == ReduceOp.max) loop(ReduceOp.max, task, begin, end);
  else loop(ReduceOp.min, task, begin, end);
}
