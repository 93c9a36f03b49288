import { F32, VEC } from "./simd";
import { Task } from "./task";

/**
 * Strided copies of up to four axes (n0, n1, n2, n3); strides in bytes, also negative. Rows `begin` to `end` of the
 * first two axes, flattened, so that threads can share them.
 */
@unmanaged
export class CopyTask extends Task {
  x: usize;
  out: usize;
  n1: usize;
  n2: usize;
  n3: usize;
  xStride0: usize;
  xStride1: usize;
  xStride2: usize;
  xStride3: usize;
  outStride0: usize;
  outStride1: usize;
  outStride2: usize;
  outStride3: usize;
}

/** Both sides in order along the last axis. */
// @ts-ignore: decorator
@inline
function copyRow(x: usize, out: usize, n: usize): void {
  const stop = out + (n & ~3) * F32;
  const end = out + n * F32;
  for (; out < stop; out += VEC, x += VEC) v128.store(out, v128.load(x));
  for (; out < end; out += F32, x += F32) store<f32>(out, load<f32>(x));
}

/** A matrix (n2, n3), in order along n2 in x and along n3 in out: 4 × 4 tiles turned in registers. */
function turn(x: usize, out: usize, n2: usize, n3: usize, xs3: usize, os2: usize): void {
  let i: usize = 0;
  for (; i + 4 <= n2; i += 4) {
    let j: usize = 0;
    for (; j + 4 <= n3; j += 4) {
      const from = x + i * F32 + j * xs3;
      const r0 = v128.load(from);
      const r1 = v128.load(from + xs3);
      const r2 = v128.load(from + 2 * xs3);
      const r3 = v128.load(from + 3 * xs3);
      const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      const to = out + i * os2 + j * F32;
      v128.store(to, v128.shuffle<f32>(a, c, 0, 1, 4, 5));
      v128.store(to + os2, v128.shuffle<f32>(a, c, 2, 3, 6, 7));
      v128.store(to + 2 * os2, v128.shuffle<f32>(b, d, 0, 1, 4, 5));
      v128.store(to + 3 * os2, v128.shuffle<f32>(b, d, 2, 3, 6, 7));
    }
    for (; j < n3; j++) {
      for (let s: usize = 0; s < 4; s++) {
        store<f32>(out + (i + s) * os2 + j * F32, load<f32>(x + (i + s) * F32 + j * xs3));
      }
    }
  }
  for (; i < n2; i++) {
    for (let j: usize = 0; j < n3; j++) store<f32>(out + i * os2 + j * F32, load<f32>(x + i * F32 + j * xs3));
  }
}

export function copy(task: CopyTask, begin: usize, end: usize): void {
  const x = task.x, out = task.out, n1 = task.n1, n2 = task.n2, n3 = task.n3;
  const xs0 = task.xStride0, xs1 = task.xStride1, xs2 = task.xStride2, xs3 = task.xStride3;
  const os0 = task.outStride0, os1 = task.outStride1, os2 = task.outStride2, os3 = task.outStride3;
  const rows = xs3 == F32 && os3 == F32;
  const turned = xs2 == F32 && os3 == F32;
  for (let r = begin; r < end; r++) {
    const i0 = r / n1;
    const i1 = r - i0 * n1;
    let from = x + i0 * xs0 + i1 * xs1;
    let to = out + i0 * os0 + i1 * os1;
    if (rows) {
      for (let i: usize = 0; i < n2; i++, from += xs2, to += os2) copyRow(from, to, n3);
    } else if (turned) {
      turn(from, to, n2, n3, xs3, os2);
    } else {
      for (let i: usize = 0; i < n2; i++, from += xs2, to += os2) {
        for (let j: usize = 0; j < n3; j++) store<f32>(to + j * os3, load<f32>(from + j * xs3));
      }
    }
  }
}
