import { rowSum } from "./reduce";
import { F32, VEC, fma, read, splat, sumLanes, write } from "./simd";
import { Task } from "./task";
import { deviations, squaresAbout } from "./variance";

/**
 * Batch normalisation (Ioffe and Szegedy, 2015) of the channels `begin` to `end` of x (batch, C, n): each lies in `batch`
 * rows of n. A pointer of 0 says that the weight, the bias or a gradient is not there.
 */

@unmanaged
export class BatchNormTask extends Task {
  x: usize;
  weight: usize;
  bias: usize;
  eps: f64;
  y: usize;
  mean: usize;
  variance: usize;
  batch: usize;
  channels: usize;
  n: usize;
}

@unmanaged
export class BatchNormBackwardTask extends Task {
  g: usize;
  x: usize;
  weight: usize;
  mean: usize;
  variance: usize;
  eps: f64;
  gx: usize;
  gWeight: usize;
  gBias: usize;
  batch: usize;
  channels: usize;
  n: usize;
}

/** Number i of an array, or `otherwise` where there is none. */
// @ts-ignore: decorator
@inline
function optional(array: usize, i: usize, otherwise: f32): f32 {
  return array ? load<f32>(array + i * F32) : otherwise;
}

/** y = (x − mean) · weight / √(var + eps) + bias; mean and biased variance are kept for backward. */
export function batchNorm(task: BatchNormTask, begin: usize, end: usize): void {
  const x = task.x, weight = task.weight, bias = task.bias, eps = task.eps, y = task.y;
  const means = task.mean, variances = task.variance, batch = task.batch, C = task.channels, n = task.n;
  const bytes = n * F32;
  const stop = bytes & ~15;
  const total = <f64>(batch * n);
  for (let c = begin; c < end; c++) {
    let sum: f64 = 0;
    for (let b: usize = 0; b < batch; b++) sum += rowSum(x + (b * C + c) * bytes, n);
    const mean = <f32>(sum / total);
    let sums = f64x2.splat(0);
    for (let b: usize = 0; b < batch; b++) sums = f64x2.add(sums, deviations(x + (b * C + c) * bytes, n, mean));
    const variance = squaresAbout(sums, total) / total;
    store<f32>(means + c * F32, mean);
    store<f32>(variances + c * F32, <f32>variance);
    const scale = <f32>(<f64>optional(weight, c, 1) / Math.sqrt(variance + eps));
    // The rounded mean is off by Σ d / N.
    const shift = <f32>(<f64>optional(bias, c, 0) - f64x2.extract_lane(sums, 0) / total * <f64>scale);
    const m = splat(mean), s = splat(scale), t = splat(shift);
    for (let b: usize = 0; b < batch; b++) {
      const row = (b * C + c) * bytes;
      const from = x + row, to = y + row;
      let i: usize = 0;
      for (; i < stop; i += VEC) v128.store(to + i, fma(f32x4.sub(v128.load(from + i), m), s, t));
      for (; i < bytes; i += F32) write(to + i, fma(f32x4.sub(read(from + i, true), m), s, t), true);
    }
  }
}

/** g · scale + (x − mean) · slope + shift at one place, four or one. */
// @ts-ignore: decorator
@inline
function pullBack(one: bool, g: usize, x: usize, gx: usize, mean: v128, scale: v128, slope: v128, shift: v128): void {
  write(gx, fma(read(g, one), scale, fma(f32x4.sub(read(x, one), mean), slope, shift)), one);
}

/**
 * With d = x − mean, r = 1 / √(var + eps) and N numbers per channel:
 * gx = weight · r · (g − Σ g / N − d · r² Σ g d / N), gWeight = r Σ g d, gBias = Σ g. The mean that is kept is rounded;
 * what d is off by is their mean, and is taken out of every place where d occurs.
 */
export function batchNormBackward(task: BatchNormBackwardTask, begin: usize, end: usize): void {
  const g = task.g, x = task.x, weight = task.weight, means = task.mean, variances = task.variance, eps = task.eps;
  const gx = task.gx, gWeight = task.gWeight, gBias = task.gBias, batch = task.batch, C = task.channels, n = task.n;
  const bytes = n * F32;
  const stop = bytes & ~15;
  const total = <f64>(batch * n);
  for (let c = begin; c < end; c++) {
    const mean = load<f32>(means + c * F32);
    const m = splat(mean);
    let sum: f64 = 0, dot: f64 = 0, off: f64 = 0;
    for (let b: usize = 0; b < batch; b++) {
      const row = (b * C + c) * bytes;
      let dots = splat(0), sums = splat(0), offs = splat(0);
      let i: usize = 0;
      for (; i < stop; i += VEC) {
        const go = v128.load(g + row + i);
        const d = f32x4.sub(v128.load(x + row + i), m);
        sums = f32x4.add(sums, go);
        offs = f32x4.add(offs, d);
        dots = fma(go, d, dots);
      }
      sum += <f64>sumLanes(sums);
      off += <f64>sumLanes(offs);
      dot += <f64>sumLanes(dots);
      for (; i < bytes; i += F32) {
        const go = load<f32>(g + row + i);
        const d = load<f32>(x + row + i) - mean;
        sum += <f64>go;
        off += <f64>d;
        dot += <f64>(go * d);
      }
    }
    off /= total;
    dot -= off * sum;
    const r = 1 / Math.sqrt(<f64>load<f32>(variances + c * F32) + eps);
    if (gWeight) store<f32>(gWeight + c * F32, <f32>(r * dot));
    if (gBias) store<f32>(gBias + c * F32, <f32>sum);
    const factor = <f64>optional(weight, c, 1) * r;
    const slope = -factor * r * r * dot / total;
    const s = splat(<f32>factor), k = splat(<f32>slope), t = splat(<f32>(-factor * sum / total - off * slope));
    for (let b: usize = 0; b < batch; b++) {
      const row = (b * C + c) * bytes;
      let i: usize = 0;
      for (; i < stop; i += VEC) pullBack(false, g + row + i, x + row + i, gx + row + i, m, s, k, t);
      for (; i < bytes; i += F32) pullBack(true, g + row + i, x + row + i, gx + row + i, m, s, k, t);
    }
  }
}
