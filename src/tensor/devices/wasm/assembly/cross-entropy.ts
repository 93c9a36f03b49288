import { expWeight } from "./math";
import { rowTop } from "./reduce";
import { F32, VEC, loadTail, splat, storeTail } from "./simd";
import { expSum } from "./softmax";
import { Task } from "./task";

/** Rows `begin` to `end` of logits (rows, n), one class each, -1 for none. The probabilities are never written down. */

@unmanaged
export class CrossEntropyTask extends Task {
  x: usize;
  classes: usize;
  loss: usize;
  max: usize;
  logSum: usize;
  n: usize;
}

/** logSum = log Σ exp(x − max), loss = logSum + max − x_class */
export function crossEntropy(task: CrossEntropyTask, begin: usize, end: usize): void {
  const x = task.x, classes = task.classes, loss = task.loss, maxima = task.max, logSum = task.logSum, n = task.n;
  for (let r = begin; r < end; r++) {
    const row = x + r * n * F32;
    const top = rowTop(row, n);
    const rest = <f32>Math.log(<f64>expSum(row, 0, n, top, false));
    const wanted = load<i32>(classes + r * 4);
    store<f32>(maxima + r * F32, top);
    store<f32>(logSum + r * F32, rest);
    store<f32>(loss + r * F32, wanted < 0 ? 0 : top - load<f32>(row + <usize>wanted * F32) + rest);
  }
}

@unmanaged
export class CrossEntropyBackwardTask extends Task {
  x: usize;
  classes: usize;
  max: usize;
  logSum: usize;
  g: usize;
  gx: usize;
  n: usize;
}

/** gx = g · (exp(x − max − logSum) − [c = class]) */
export function crossEntropyBackward(task: CrossEntropyBackwardTask, begin: usize, end: usize): void {
  const x = task.x, classes = task.classes, maxima = task.max, logSum = task.logSum, g = task.g, gx = task.gx;
  const bytes = task.n * F32;
  const stop = bytes & ~15;
  for (let r = begin; r < end; r++) {
    const wanted = load<i32>(classes + r * 4);
    const from = x + r * bytes;
    const to = gx + r * bytes;
    if (wanted < 0) {
      memory.fill(to, 0, bytes);
      continue;
    }
    const factor = load<f32>(g + r * F32);
    const top = v128.load32_splat(maxima + r * F32);
    const rest = v128.load32_splat(logSum + r * F32);
    const scale = splat(factor);
    let i: usize = 0;
    for (; i < stop; i += VEC) v128.store(to + i, f32x4.mul(share(v128.load(from + i), top, rest), scale));
    const left = (bytes - i) / F32;
    if (left) storeTail(to + i, left, f32x4.mul(share(loadTail(from + i, left, 0), top, rest), scale));
    const at = to + <usize>wanted * F32;
    store<f32>(at, load<f32>(at) - factor);
  }
}

/** exp(x − max − logSum), the probability of a class. */
// @ts-ignore: decorator
@inline
function share(x: v128, top: v128, logSum: v128): v128 {
  return expWeight(f32x4.sub(f32x4.sub(x, top), logSum));
}
