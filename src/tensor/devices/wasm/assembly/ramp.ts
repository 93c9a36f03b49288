import { F32, VEC, fromDoubles } from "./simd";
import { Task } from "./task";

/** Numbers at equal distances. */

@unmanaged
export class RampTask extends Task {
  out: usize;
  isInteger: u32;
  start: f64;
  step: f64;
  shift: f64;
  parts: f64;
}

// @ts-ignore: decorator
@inline
function places(i: v128, start: v128, step: v128, parts: v128, divides: bool): v128 {
  const way = f64x2.mul(step, i);
  return f64x2.add(start, divides ? f64x2.div(way, parts) : way);
}

// @ts-ignore: decorator
@inline
function loop(isInteger: bool, divides: bool, task: RampTask, begin: usize, end: usize): void {
  const start = f64x2.splat(task.start), step = f64x2.splat(task.step), parts = f64x2.splat(task.parts);
  const first = f64x2.splat(<f64>begin + task.shift);
  let low = f64x2.add(first, f64x2.replace_lane(f64x2.splat(0), 1, 1));
  const two = f64x2.splat(2), four = f64x2.splat(4);
  let out = task.out + begin * F32;
  for (let left = end - begin; ; ) {
    const a = places(low, start, step, parts, divides);
    const b = places(f64x2.add(low, two), start, step, parts, divides);
    const all = isInteger
      ? v128.shuffle<i64>(i32x4.trunc_sat_f64x2_s_zero(a), i32x4.trunc_sat_f64x2_s_zero(b), 0, 2)
      : fromDoubles(a, b);
    if (left < 4) {
      // One at a time; the lanes behind are not ours.
      if (left > 0) store<i32>(out, i32x4.extract_lane(all, 0));
      if (left > 1) store<i32>(out, i32x4.extract_lane(all, 1), 4);
      if (left > 2) store<i32>(out, i32x4.extract_lane(all, 2), 8);
      return;
    }
    v128.store(out, all);
    out += VEC;
    left -= 4;
    low = f64x2.add(low, four);
  }
}

/** out_i = start + step · (i + shift) / parts for begin ≤ i < end. */
export function ramp(task: RampTask, begin: usize, end: usize): void {
  if (task.isInteger) {
    if (task.parts == 1) loop(true, false, task, begin, end);
    else loop(true, true, task, begin, end);
  } else if (task.parts == 1) loop(false, false, task, begin, end);
  else loop(false, true, task, begin, end);
}
