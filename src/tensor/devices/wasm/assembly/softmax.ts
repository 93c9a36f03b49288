import { expFalling } from "./math";
import { rowTop, rowSum } from "./reduce";
import { F32, VEC, fma, loadTail, splat, storeTail, sumLanes } from "./simd";
import { Task } from "./task";

/** Kernels on rows `begin` to `end` of matrices with rows of `n`. A row is passed while it is in the first-level cache. */

@unmanaged
export class SoftmaxTask extends Task {
  x: usize;
  y: usize;
  n: usize;
}

@unmanaged
export class SoftmaxBackwardTask extends Task {
  y: usize;
  g: usize;
  gx: usize;
  n: usize;
}

/** Σ exp(x − max) over a row; writes the terms to y when `keep`. */
// @ts-ignore: decorator
@inline
export function expSum(x: usize, y: usize, n: usize, top: f32, keep: bool): f32 {
  const shift = splat(top);
  const bytes = n * F32;
  const stop = bytes & ~15;
  let sum = splat(0);
  let i: usize = 0;
  for (; i < stop; i += VEC) {
    const e = expFalling(f32x4.sub(v128.load(x + i), shift));
    if (keep) v128.store(y + i, e);
    sum = f32x4.add(sum, e);
  }
  const rest = (bytes - stop) / F32;
  if (rest) {
    // exp of the fill is 0
    const e = expFalling(f32x4.sub(loadTail(x + i, rest, -Infinity), shift));
    if (keep) storeTail(y + i, rest, e);
    sum = f32x4.add(sum, e);
  }
  return sumLanes(sum);
}

/** y = exp(x − max) / Σ exp(x − max) */
export function softmax(task: SoftmaxTask, begin: usize, end: usize): void {
  const x = task.x, y = task.y, n = task.n;
  for (let r = begin; r < end; r++) {
    const to = y + r * n * F32;
    const from = x + r * n * F32;
    const total = expSum(from, to, n, rowTop(from, n), true);
    const scale = splat(1 / total);
    const bytes = n * F32;
    const stop = bytes & ~15;
    let i: usize = 0;
    for (; i < stop; i += VEC) v128.store(to + i, f32x4.mul(v128.load(to + i), scale));
    for (; i < bytes; i += F32) store<f32>(to + i, load<f32>(to + i) * (1 / total));
  }
}

/** Σ a ⊙ b over a row. */
// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, n: usize): f32 {
  const bytes = n * F32;
  const stop = bytes & ~31;
  let sum = splat(0), more = splat(0);
  let i: usize = 0;
  for (; i < stop; i += 32) {
    sum = fma(v128.load(a + i), v128.load(b + i), sum);
    more = fma(v128.load(a + i, VEC), v128.load(b + i, VEC), more);
  }
  let total = sumLanes(f32x4.add(sum, more));
  for (; i < bytes; i += F32) total += load<f32>(a + i) * load<f32>(b + i);
  return total;
}

/** gx = y ⊙ (g − Σ g ⊙ y) */
export function softmaxBackward(task: SoftmaxBackwardTask, begin: usize, end: usize): void {
  const y = task.y, g = task.g, gx = task.gx, n = task.n;
  const bytes = n * F32;
  const stop = bytes & ~15;
  for (let r = begin; r < end; r++) {
    const at = r * bytes;
    const total = dot(y + at, g + at, n);
    const shift = splat(total);
    let i = at;
    for (; i < at + stop; i += VEC) {
      v128.store(gx + i, f32x4.mul(v128.load(y + i), f32x4.sub(v128.load(g + i), shift)));
    }
    for (; i < at + bytes; i += F32) store<f32>(gx + i, load<f32>(y + i) * (load<f32>(g + i) - total));
  }
}

/** y = x − max − log Σ exp(x − max) */
export function logSoftmax(task: SoftmaxTask, begin: usize, end: usize): void {
  const x = task.x, y = task.y, n = task.n;
  const bytes = n * F32;
  const stop = bytes & ~15;
  for (let r = begin; r < end; r++) {
    const at = r * bytes;
    const top = rowTop(x + at, n);
    const logTotal = <f32>Math.log(<f64>expSum(x + at, 0, n, top, false));
    const a = splat(top), b = splat(logTotal);
    let i = at;
    for (; i < at + stop; i += VEC) v128.store(y + i, f32x4.sub(f32x4.sub(v128.load(x + i), a), b));
    for (; i < at + bytes; i += F32) store<f32>(y + i, load<f32>(x + i) - top - logTotal);
  }
}

/** gx = g − exp(y) Σ g */
export function logSoftmaxBackward(task: SoftmaxBackwardTask, begin: usize, end: usize): void {
  const y = task.y, g = task.g, gx = task.gx, n = task.n;
  const bytes = n * F32;
  const stop = bytes & ~15;
  for (let r = begin; r < end; r++) {
    const at = r * bytes;
    const total = splat(<f32>rowSum(g + at, n));
    let i = at;
    for (; i < at + stop; i += VEC) {
      v128.store(gx + i, f32x4.sub(v128.load(g + i), f32x4.mul(expFalling(v128.load(y + i)), total)));
    }
    const rest = (at + bytes - i) / F32;
    if (rest) {
      const e = expFalling(loadTail(y + i, rest, 0));
      storeTail(gx + i, rest, f32x4.sub(loadTail(g + i, rest, 0), f32x4.mul(e, total)));
    }
  }
}
