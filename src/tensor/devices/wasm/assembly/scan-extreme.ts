import { ReduceOp } from "./reduce";
import { F32 } from "./simd";
import { Task } from "./task";

/** x (outer, n, inner) → out and int32 places of the same shape, for max and min. */
@unmanaged
export class ScanExtremeTask extends Task {
  op: ReduceOp;
  x: usize;
  out: usize;
  places: usize;
  n: usize;
  inner: usize;
}

// @ts-ignore: decorator
@inline
function worst(op: ReduceOp): f32 {
  return op == ReduceOp.max ? -Infinity : Infinity;
}

/** Where `x` takes the place of `best`: it is as good, or NaN. */
// @ts-ignore: decorator
@inline
function takes(op: ReduceOp, x: v128, best: v128): v128 {
  return v128.or(op == ReduceOp.max ? f32x4.ge(x, best) : f32x4.le(x, best), f32x4.ne(x, x));
}

/** One row of `n` contiguous floats. */
// @ts-ignore: decorator
@inline
function row(op: ReduceOp, x: usize, out: usize, places: usize, n: usize): void {
  let best = worst(op);
  let place: i32 = 0;
  for (let i: usize = 0; i < n; i++) {
    const v = load<f32>(x + i * F32);
    const is = i32(op == ReduceOp.max ? v >= best : v <= best) | i32(v != v);
    best = select<f32>(v, best, is);
    place = select<i32>(<i32>i, place, is);
    store<f32>(out + i * F32, best);
    store<i32>(places + i * 4, place);
  }
}

/** The column at x of a matrix of n rows, `pitch` bytes apart, or (`four`) that and the next three. */
// @ts-ignore: decorator
@inline
function columns(op: ReduceOp, four: bool, x: usize, out: usize, places: usize, n: usize, pitch: usize): void {
  let best = f32x4.splat(worst(op));
  let place = i32x4.splat(0);
  for (let i: usize = 0, at: usize = 0; i < n; i++, at += pitch) {
    const v = four ? v128.load(x + at) : v128.load32_splat(x + at);
    const is = takes(op, v, best);
    best = v128.bitselect(v, best, is);
    place = v128.bitselect(i32x4.splat(<i32>i), place, is);
    if (four) {
      v128.store(out + at, best);
      v128.store(places + at, place);
    } else {
      store<f32>(out + at, f32x4.extract_lane(best, 0));
      store<i32>(places + at, i32x4.extract_lane(place, 0));
    }
  }
}

/** Four such rows, a lane for each. */
// @ts-ignore: decorator
@inline
function fourRows(op: ReduceOp, x: usize, out: usize, places: usize, n: usize): void {
  const line = n * F32;
  let best = f32x4.splat(worst(op));
  let place = i32x4.splat(0);
  for (let i: usize = 0; i < n; i++, x += F32, out += F32, places += 4) {
    let v = v128.load32_zero(x);
    v = v128.load32_lane(x + line, v, 1);
    v = v128.load32_lane(x + 2 * line, v, 2);
    v = v128.load32_lane(x + 3 * line, v, 3);
    const is = takes(op, v, best);
    best = v128.bitselect(v, best, is);
    place = v128.bitselect(i32x4.splat(<i32>i), place, is);
    v128.store32_lane(out, best, 0);
    v128.store32_lane(out + line, best, 1);
    v128.store32_lane(out + 2 * line, best, 2);
    v128.store32_lane(out + 3 * line, best, 3);
    v128.store32_lane(places, place, 0);
    v128.store32_lane(places + line, place, 1);
    v128.store32_lane(places + 2 * line, place, 2);
    v128.store32_lane(places + 3 * line, place, 3);
  }
}

// @ts-ignore: decorator
@inline
function loop(op: ReduceOp, task: ScanExtremeTask, begin: usize, end: usize): void {
  const x = task.x, out = task.out, places = task.places, n = task.n, inner = task.inner;
  const pitch = inner * F32;
  if (inner == 1) {
    let o = begin;
    for (; o + 4 <= end; o += 4) {
      const at = o * n * F32;
      fourRows(op, x + at, out + at, places + at, n);
    }
    for (; o < end; o++) {
      const at = o * n * F32;
      row(op, x + at, out + at, places + at, n);
    }
    return;
  }
  for (let i = begin; i < end; ) {
    const o = i / inner;
    const stop = min(end, (o + 1) * inner);
    const top = o * (n - 1) * pitch; // + i · 4 is the top of column i of matrix o
    for (; i + 4 <= stop; i += 4) {
      const at = top + i * F32;
      columns(op, true, x + at, out + at, places + at, n, pitch);
    }
    for (; i < stop; i++) {
      const at = top + i * F32;
      columns(op, false, x + at, out + at, places + at, n, pitch);
    }
  }
}

/** Lines begin to end of (outer, inner), each along the n between. */
export function scanExtreme(task: ScanExtremeTask, begin: usize, end: usize): void {
  if (task.op == ReduceOp.max) loop(ReduceOp.max, task, begin, end);
  else loop(ReduceOp.min, task, begin, end);
}
