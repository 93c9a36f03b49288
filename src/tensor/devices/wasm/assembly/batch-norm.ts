import { squares } from "./norm";
import { rowSum } from "./reduce";
import { F32, VEC, fma, splat, sumLanes } from "./simd";

/**
 * Batch normalisation (Ioffe and Szegedy, 2015) of the channels `begin` to `end` of x (batch, C, n): each lies in `batch`
 * rows of n. A pointer of 0 says that the weight, the bias or a gradient is not there.
 */

/** The number at `at`, or `otherwise` where there is none. */
// @ts-ignore: decorator
@inline
function optional(array: usize, i: usize, otherwise: f32): f32 {
  return array ? load<f32>(array + i * F32) : otherwise;
}

/** y = (x − mean) · weight / √(var + eps) + bias; mean and biased variance are kept for backward. */
export function batchNorm(begin: usize, end: usize, x: usize, weight: usize, bias: usize, eps: f64, y: usize,
  means: usize, variances: usize, batch: usize, C: usize, n: usize): void {
  const bytes = n * F32;
  const stop = bytes & ~15;
  const total = <f64>(batch * n);
  for (let c = begin; c < end; c++) {
    let sum: f64 = 0, square: f64 = 0;
    for (let b: usize = 0; b < batch; b++) sum += rowSum(x + (b * C + c) * bytes, n);
    const mean = <f32>(sum / total);
    for (let b: usize = 0; b < batch; b++) square += squares(x + (b * C + c) * bytes, bytes, mean);
    const variance = square / total;
    store<f32>(means + c * F32, mean);
    store<f32>(variances + c * F32, <f32>variance);
    const scale = <f32>(<f64>optional(weight, c, 1) / Math.sqrt(variance + eps));
    const shift = optional(bias, c, 0);
    const m = splat(mean), s = splat(scale), t = splat(shift);
    for (let b: usize = 0; b < batch; b++) {
      const row = (b * C + c) * bytes;
      const from = x + row, to = y + row;
      let i: usize = 0;
      for (; i < stop; i += VEC) v128.store(to + i, fma(f32x4.sub(v128.load(from + i), m), s, t));
      for (; i < bytes; i += F32) store<f32>(to + i, (load<f32>(from + i) - mean) * scale + shift);
    }
  }
}

/**
 * With d = x − mean, r = 1 / √(var + eps) and N numbers per channel:
 * gx = weight · r · (g − Σ g / N − d · r² Σ g d / N), gWeight = r Σ g d, gBias = Σ g.
 */
export function batchNormBackward(begin: usize, end: usize, g: usize, x: usize, weight: usize, means: usize,
  variances: usize, eps: f64, gx: usize, gWeight: usize, gBias: usize, batch: usize, C: usize, n: usize): void {
  const bytes = n * F32;
  const stop = bytes & ~15;
  const total = <f64>(batch * n);
  for (let c = begin; c < end; c++) {
    const mean = load<f32>(means + c * F32);
    const m = splat(mean);
    let sum: f64 = 0, dot: f64 = 0;
    for (let b: usize = 0; b < batch; b++) {
      const row = (b * C + c) * bytes;
      let dots = splat(0), sums = splat(0);
      let i: usize = 0;
      for (; i < stop; i += VEC) {
        const go = v128.load(g + row + i);
        sums = f32x4.add(sums, go);
        dots = fma(go, f32x4.sub(v128.load(x + row + i), m), dots);
      }
      sum += <f64>sumLanes(sums);
      dot += <f64>sumLanes(dots);
      for (; i < bytes; i += F32) {
        const go = load<f32>(g + row + i);
        sum += <f64>go;
        dot += <f64>(go * (load<f32>(x + row + i) - mean));
      }
    }
    const r = 1 / Math.sqrt(<f64>load<f32>(variances + c * F32) + eps);
    if (gWeight) store<f32>(gWeight + c * F32, <f32>(r * dot));
    if (gBias) store<f32>(gBias + c * F32, <f32>sum);
    const factor = <f64>optional(weight, c, 1) * r;
    const scale = <f32>factor, slope = <f32>(-factor * r * r * dot / total), shift = <f32>(-factor * sum / total);
    const s = splat(scale), k = splat(slope), t = splat(shift);
    for (let b: usize = 0; b < batch; b++) {
      const row = (b * C + c) * bytes;
      let i: usize = 0;
      for (; i < stop; i += VEC) {
        const d = f32x4.sub(v128.load(x + row + i), m);
        v128.store(gx + row + i, fma(v128.load(g + row + i), s, fma(d, k, t)));
      }
      for (; i < bytes; i += F32) {
        store<f32>(gx + row + i, load<f32>(g + row + i) * scale + (load<f32>(x + row + i) - mean) * slope + shift);
      }
    }
  }
}
