import { expWeight } from "./math";
import { rowTop } from "./reduce";
import { F32, VEC, loadTail, splat, storeTail } from "./simd";
import { expSum } from "./softmax";

/** Rows `begin` to `end` of logits (rows, n), one class each, -1 for none. The probabilities are never written down. */

/** logSum = log Σ exp(x − max), loss = logSum + max − x_class */
export function crossEntropy(begin: usize, end: usize, x: usize, classes: usize, loss: usize, maxima: usize,
  logSum: usize, n: usize): void {
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

/** gx = g · (exp(x − max − logSum) − [c = class]) */
export function crossEntropyBackward(begin: usize, end: usize, x: usize, classes: usize, maxima: usize, logSum: usize,
  g: usize, gx: usize, n: usize): void {
  const bytes = n * F32;
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
