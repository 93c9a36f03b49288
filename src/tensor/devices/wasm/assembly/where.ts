import { F32 } from "./simd";
import { Task } from "./task";

/** A choice between two values. */

@unmanaged
export class WhereTask extends Task {
  condition: usize;
  a: usize;
  /** Whether one number stands for all. */
  aOne: u32;
  b: usize;
  bOne: u32;
  out: usize;
}

// @ts-ignore: decorator
@inline
function choose(aOne: bool, bOne: bool, task: WhereTask, begin: usize, end: usize): void {
  const condition = task.condition, a = task.a, b = task.b, out = task.out;
  const aStep: usize = aOne ? 0 : F32;
  const bStep: usize = bOne ? 0 : F32;
  const zero = i32x4.splat(0);
  let x = v128.load32_splat(a), y = v128.load32_splat(b);
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    const bytes = v128.load32_zero(condition + i);
    const isTrue = i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)), zero);
    if (!aOne) x = v128.load(a + i * F32);
    if (!bOne) y = v128.load(b + i * F32);
    v128.store(out + i * F32, v128.bitselect(x, y, isTrue));
  }
  for (; i < end; i++) {
    const from = load<u8>(condition + i) ? a + i * aStep : b + i * bStep;
    store<f32>(out + i * F32, load<f32>(from));
  }
}

function chooseOnes(task: WhereTask, begin: usize, end: usize): void { choose(true, true, task, begin, end); }
function chooseOneFirst(task: WhereTask, begin: usize, end: usize): void { choose(true, false, task, begin, end); }
function chooseOneLast(task: WhereTask, begin: usize, end: usize): void { choose(false, true, task, begin, end); }
function chooseAll(task: WhereTask, begin: usize, end: usize): void { choose(false, false, task, begin, end); }

/** out_i = condition_i (a byte) ? a_i : b_i for begin ≤ i < end. */
export function where(task: WhereTask, begin: usize, end: usize): void {
  if (task.aOne) {
    if (task.bOne) chooseOnes(task, begin, end);
    else chooseOneFirst(task, begin, end);
  } else if (task.bOne) chooseOneLast(task, begin, end);
  else chooseAll(task, begin, end);
}
