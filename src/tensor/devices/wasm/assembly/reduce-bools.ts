import { VEC } from "./simd";
import { Task } from "./task";

/** Whether any of a line of bools is true, or all: the largest and the smallest of bytes that are 0 or 1. */
@unmanaged
export class ReduceBoolsTask extends Task {
  /** Whether all have to be true, else any. */
  isAll: u32;
  x: usize;
  out: usize;
  n: usize;
}

/** So many bytes are looked at before it is asked whether one has decided. */
const LOOK: usize = 8 * VEC;

/** Whether one of the bytes from `at` to `end` is not what it is to be. */
// @ts-ignore: decorator
@inline
function differs(at: usize, end: usize, usual: u8): bool {
  const all = i8x16.splat(usual);
  for (; at + LOOK <= end; at += LOOK) {
    const a = v128.or(v128.xor(v128.load(at), all), v128.xor(v128.load(at, 16), all));
    const b = v128.or(v128.xor(v128.load(at, 32), all), v128.xor(v128.load(at, 48), all));
    const c = v128.or(v128.xor(v128.load(at, 64), all), v128.xor(v128.load(at, 80), all));
    const d = v128.or(v128.xor(v128.load(at, 96), all), v128.xor(v128.load(at, 112), all));
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) return true;
  }
  for (; at < end; at++) if (load<u8>(at) != usual) return true;
  return false;
}

/** Lines begin to end. */
export function reduceBools(task: ReduceBoolsTask, begin: usize, end: usize): void {
  const n = task.n, usual: u8 = task.isAll ? 1 : 0;
  for (let line = begin; line < end; line++) {
    const at = task.x + line * n;
    store<u8>(task.out + line, <u8>differs(at, at + n, usual) ^ usual);
  }
}
