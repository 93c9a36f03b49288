import { ReduceOp, rowExtreme } from "./reduce";
import { F32, splat } from "./simd";
import { Task } from "./task";

/** x (outer, n, inner) → int32 (outer, inner), for max and min. */
@unmanaged
export class ArgReduceTask extends Task {
  op: ReduceOp;
  x: usize;
  out: usize;
  n: usize;
  inner: usize;
}

/** Where the first of `n` contiguous floats that equals `wanted` stands; for NaN, the first NaN. */
function find(x: usize, n: usize, wanted: f32): i32 {
  const isNaN = wanted != wanted;
  const w = splat(wanted);
  let i: usize = 0;
  for (; i + 8 <= n; i += 8) {
    const a = v128.load(x + i * F32), b = v128.load(x + i * F32, 16);
    const hit = isNaN
      ? v128.or(f32x4.ne(a, a), f32x4.ne(b, b))
      : v128.or(f32x4.eq(a, w), f32x4.eq(b, w));
    if (v128.any_true(hit)) break;
  }
  for (; i < n; i++) {
    const v = load<f32>(x + i * F32);
    if (isNaN ? v != v : v == wanted) break;
  }
  return <i32>i;
}

/** Where `x` takes the place of `best`: it is better, or the first NaN. */
// @ts-ignore: decorator
@inline
function better(op: ReduceOp, x: v128, best: v128): v128 {
  const is = op == ReduceOp.max ? f32x4.gt(x, best) : f32x4.lt(x, best);
  return v128.or(is, v128.and(f32x4.ne(x, x), f32x4.eq(best, best)));
}

/** The column at x of a matrix of n rows, `pitch` bytes apart, or (`four`) that and the next three. */
// @ts-ignore: decorator
@inline
function columns(op: ReduceOp, four: bool, x: usize, n: usize, pitch: usize, out: usize): void {
  let best = four ? v128.load(x) : v128.load32_splat(x);
  let place = i32x4.splat(0);
  for (let i: usize = 1; i < n; i++) {
    x += pitch;
    const v = four ? v128.load(x) : v128.load32_splat(x);
    const is = better(op, v, best);
    best = v128.bitselect(v, best, is);
    place = v128.bitselect(i32x4.splat(<i32>i), place, is);
  }
  if (four) v128.store(out, place);
  else store<i32>(out, i32x4.extract_lane(place, 0));
}

/** The same for 16 columns. */
// @ts-ignore: decorator
@inline
function wideColumns(op: ReduceOp, x: usize, n: usize, pitch: usize, out: usize): void {
  let a = v128.load(x), b = v128.load(x, 16), c = v128.load(x, 32), d = v128.load(x, 48);
  let ia = i32x4.splat(0), ib = ia, ic = ia, id = ia;
  for (let i: usize = 1; i < n; i++) {
    x += pitch;
    const at = i32x4.splat(<i32>i);
    const p = v128.load(x), q = v128.load(x, 16), r = v128.load(x, 32), s = v128.load(x, 48);
    const pa = better(op, p, a), qb = better(op, q, b), rc = better(op, r, c), sd = better(op, s, d);
    a = v128.bitselect(p, a, pa), ia = v128.bitselect(at, ia, pa);
    b = v128.bitselect(q, b, qb), ib = v128.bitselect(at, ib, qb);
    c = v128.bitselect(r, c, rc), ic = v128.bitselect(at, ic, rc);
    d = v128.bitselect(s, d, sd), id = v128.bitselect(at, id, sd);
  }
  v128.store(out, ia);
  v128.store(out, ib, 16);
  v128.store(out, ic, 32);
  v128.store(out, id, 48);
}

// @ts-ignore: decorator
@inline
function loop(op: ReduceOp, task: ArgReduceTask, begin: usize, end: usize): void {
  const x = task.x, out = task.out, n = task.n, inner = task.inner;
  if (inner == 1) {
    for (let o = begin; o < end; o++) {
      const row = x + o * n * F32;
      store<i32>(out + o * 4, find(row, n, rowExtreme(op, row, n)));
    }
    return;
  }
  const pitch = inner * F32;
  for (let i = begin; i < end; ) {
    const o = i / inner;
    const stop = min(end, (o + 1) * inner);
    const base = x + o * (n - 1) * pitch; // + i · 4 is the top of column i of matrix o
    for (; i + 16 <= stop; i += 16) wideColumns(op, base + i * F32, n, pitch, out + i * 4);
    for (; i + 4 <= stop; i += 4) columns(op, true, base + i * F32, n, pitch, out + i * 4);
    for (; i < stop; i++) columns(op, false, base + i * F32, n, pitch, out + i * 4);
  }
}

/** Results begin to end of (outer, n, inner) → (outer, inner), flat. */
export function argReduce(task: ArgReduceTask, begin: usize, end: usize): void {
  if (task.op == ReduceOp.max) loop(ReduceOp.max, task, begin, end);
  else loop(ReduceOp.min, task, begin, end);
}
