import { F32, promoteHigh } from "./simd";
import { Task } from "./task";

/** What runs along: a sum or a product, in float64. */
export const enum ScanOp { sum, prod }

/** x (outer, n, inner) → out of the same shape */
@unmanaged
export class ScanTask extends Task {
  op: ScanOp;
  x: usize;
  out: usize;
  n: usize;
  inner: usize;
}

// @ts-ignore: decorator
@inline
function step(op: ScanOp, a: f64, x: usize): f64 {
  return op == ScanOp.sum ? a + <f64>load<f32>(x) : a * <f64>load<f32>(x);
}

// @ts-ignore: decorator
@inline
function join(op: ScanOp, a: v128, b: v128): v128 {
  return op == ScanOp.sum ? f64x2.add(a, b) : f64x2.mul(a, b);
}

/** One row of `n` contiguous floats. */
// @ts-ignore: decorator
@inline
function row(op: ScanOp, x: usize, out: usize, n: usize): void {
  let total: f64 = op == ScanOp.sum ? 0 : 1;
  for (const end = x + n * F32; x < end; x += F32, out += F32) {
    total = step(op, total, x);
    store<f32>(out, <f32>total);
  }
}

/** Four such rows at a time: each waits for its last sum, all together for none. */
// @ts-ignore: decorator
@inline
function fourRows(op: ScanOp, x: usize, out: usize, n: usize): void {
  const line = n * F32;
  let a: f64 = op == ScanOp.sum ? 0 : 1, b = a, c = a, d = a;
  for (const end = x + line; x < end; x += F32, out += F32) {
    a = step(op, a, x);
    b = step(op, b, x + line);
    c = step(op, c, x + 2 * line);
    d = step(op, d, x + 3 * line);
    store<f32>(out, <f32>a);
    store<f32>(out + line, <f32>b);
    store<f32>(out + 2 * line, <f32>c);
    store<f32>(out + 3 * line, <f32>d);
  }
}

// @ts-ignore: decorator
@inline
function demote(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** The column at x of a matrix of n rows, `pitch` bytes apart, or (`four`) that and the next three. */
// @ts-ignore: decorator
@inline
function columns(op: ScanOp, four: bool, x: usize, out: usize, n: usize, pitch: usize): void {
  let low = f64x2.splat(op == ScanOp.sum ? 0 : 1), high = low;
  for (const end = x + n * pitch; x < end; x += pitch, out += pitch) {
    const v = four ? v128.load(x) : v128.load32_splat(x);
    low = join(op, low, f64x2.promote_low_f32x4(v));
    if (four) {
      high = join(op, high, promoteHigh(v));
      v128.store(out, demote(low, high));
    } else store<f32>(out, <f32>f64x2.extract_lane(low, 0));
  }
}

/** The same for 16 columns. */
// @ts-ignore: decorator
@inline
function wideColumns(op: ScanOp, x: usize, out: usize, n: usize, pitch: usize): void {
  let a = f64x2.splat(op == ScanOp.sum ? 0 : 1), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  for (const end = x + n * pitch; x < end; x += pitch, out += pitch) {
    const p = v128.load(x), q = v128.load(x, 16), r = v128.load(x, 32), s = v128.load(x, 48);
    a = join(op, a, f64x2.promote_low_f32x4(p)), b = join(op, b, promoteHigh(p));
    c = join(op, c, f64x2.promote_low_f32x4(q)), d = join(op, d, promoteHigh(q));
    e = join(op, e, f64x2.promote_low_f32x4(r)), f = join(op, f, promoteHigh(r));
    g = join(op, g, f64x2.promote_low_f32x4(s)), h = join(op, h, promoteHigh(s));
    v128.store(out, demote(a, b));
    v128.store(out, demote(c, d), 16);
    v128.store(out, demote(e, f), 32);
    v128.store(out, demote(g, h), 48);
  }
}

// @ts-ignore: decorator
@inline
function loop(op: ScanOp, task: ScanTask, begin: usize, end: usize): void {
  const x = task.x, out = task.out, n = task.n, inner = task.inner;
  const pitch = inner * F32;
  if (inner == 1) {
    let o = begin;
    for (; o + 4 <= end; o += 4) fourRows(op, x + o * n * F32, out + o * n * F32, n);
    for (; o < end; o++) row(op, x + o * n * F32, out + o * n * F32, n);
    return;
  }
  for (let i = begin; i < end; ) {
    const o = i / inner;
    const stop = min(end, (o + 1) * inner);
    const top = o * (n - 1) * pitch; // + i · 4 is the top of column i of matrix o
    for (; i + 16 <= stop; i += 16) wideColumns(op, x + top + i * F32, out + top + i * F32, n, pitch);
    for (; i + 4 <= stop; i += 4) columns(op, true, x + top + i * F32, out + top + i * F32, n, pitch);
    for (; i < stop; i++) columns(op, false, x + top + i * F32, out + top + i * F32, n, pitch);
  }
}

/** Lines begin to end of (outer, inner), each along the n between. */
export function scan(task: ScanTask, begin: usize, end: usize): void {
  if (task.op == ScanOp.sum) loop(ScanOp.sum, task, begin, end);
  else loop(ScanOp.prod, task, begin, end);
}
