import { rowSum } from "./reduce";
import { F32, VEC, fma, read, splat, sumLanes, write } from "./simd";
import { Task } from "./task";
import { deviations, squaresAbout } from "./variance";

/**
 * Layer normalisation (Ba, Kiros and Hinton, 2016) of rows `begin` to `end`, each of `n`. A pointer of 0 says
 * that the weight, the bias or a gradient is not there.
 */

@unmanaged
export class LayerNormTask extends Task {
  x: usize;
  weight: usize;
  bias: usize;
  eps: f64;
  y: usize;
  mean: usize;
  rstd: usize;
  n: usize;
}

@unmanaged
export class LayerNormBackwardTask extends Task {
  g: usize;
  x: usize;
  weight: usize;
  mean: usize;
  rstd: usize;
  gx: usize;
  gWeight: usize;
  gBias: usize;
  n: usize;
}

/** The numbers at one place of a row, four or one; a weight or bias of 0 is not there. */
// @ts-ignore: decorator
@inline
function normalise(one: bool, x: usize, weight: usize, bias: usize, y: usize, i: usize, m: v128, s: v128, t: v128): void {
  let v = fma(f32x4.sub(read(x + i, one), m), s, t);
  if (weight) v = f32x4.mul(v, read(weight + i, one));
  if (bias) v = f32x4.add(v, read(bias + i, one));
  write(y + i, v, one);
}

/** y = (x − mean) · rstd ⊙ weight + bias, rstd = 1 / √(var + eps) */
export function layerNorm(task: LayerNormTask, begin: usize, end: usize): void {
  const x = task.x, weight = task.weight, bias = task.bias, eps = task.eps;
  const y = task.y, mean = task.mean, rstd = task.rstd, n = task.n;
  const bytes = n * F32;
  const stop = bytes & ~15;
  for (let r = begin; r < end; r++) {
    const from = x + r * bytes;
    const to = y + r * bytes;
    const mu = <f32>(rowSum(from, n) / <f64>n);
    const sums = deviations(from, n, mu);
    const scale = 1 / Math.sqrt(squaresAbout(sums, <f64>n) / <f64>n + eps);
    // What the rounded mean is off by, times rstd.
    const shift = f64x2.extract_lane(sums, 0) / <f64>n * scale;
    store<f32>(mean + r * F32, mu);
    store<f32>(rstd + r * F32, <f32>scale);
    const m = splat(mu), s = splat(<f32>scale), t = splat(<f32>-shift);
    let i: usize = 0;
    for (; i < stop; i += VEC) normalise(false, from, weight, bias, to, i, m, s, t);
    for (; i < bytes; i += F32) normalise(true, from, weight, bias, to, i, m, s, t);
  }
}

/** rstd · (ḡ − Σ ḡ / n − x̂ · Σ ḡ ⊙ x̂ / n) at one place of a row, four or one. */
// @ts-ignore: decorator
@inline
function pullBack(one: bool, g: usize, x: usize, weight: usize, gx: usize, i: usize, m: v128, s: v128, t: v128,
  sum: v128, dot: v128): void {
  const hat = fma(f32x4.sub(read(x + i, one), m), s, t);
  let gw = read(g + i, one);
  if (weight) gw = f32x4.mul(gw, read(weight + i, one));
  write(gx + i, f32x4.mul(s, f32x4.sub(f32x4.sub(gw, sum), f32x4.mul(hat, dot))), one);
}

/**
 * With x̂ = (x − mean) · rstd and ḡ = g ⊙ weight: gx = rstd · (ḡ − (Σ ḡ + x̂ · Σ ḡ ⊙ x̂) / n).
 * Σ g ⊙ x̂ and Σ g over the rows of a piece go to that piece's row of gWeight and gBias (pieces, n), which the
 * caller adds up.
 */
export function layerNormBackward(task: LayerNormBackwardTask, begin: usize, end: usize): void {
  const g = task.g, x = task.x, weight = task.weight, mean = task.mean, rstd = task.rstd, gx = task.gx, n = task.n;
  let gWeight = task.gWeight, gBias = task.gBias;
  const bytes = n * F32;
  const stop = bytes & ~15;
  const part = (begin / task.chunk) * bytes;
  if (gWeight) memory.fill((gWeight += part), 0, bytes);
  if (gBias) memory.fill((gBias += part), 0, bytes);
  for (let r = begin; r < end; r++) {
    const at = r * bytes;
    const mu = load<f32>(mean + r * F32);
    const scale = load<f32>(rstd + r * F32);
    const m = splat(mu), s = splat(scale);
    // What the rounded mean is off by, times rstd: less than 1e-6 unless the row lies far from 0.
    const t = splat(abs(mu) * scale > 32 ? -offCentre(x + at, n, mu) * scale : 0);
    let sums = splat(0), dots = splat(0);
    let i: usize = 0;
    for (; i < stop; i += VEC) {
      const hat = fma(f32x4.sub(v128.load(x + at + i), m), s, t);
      const go = v128.load(g + at + i);
      if (gWeight) v128.store(gWeight + i, fma(go, hat, v128.load(gWeight + i)));
      if (gBias) v128.store(gBias + i, f32x4.add(go, v128.load(gBias + i)));
      const gw = weight ? f32x4.mul(go, v128.load(weight + i)) : go;
      sums = f32x4.add(sums, gw);
      dots = fma(gw, hat, dots);
    }
    for (; i < bytes; i += F32) {
      const hat = fma(f32x4.sub(read(x + at + i, true), m), s, t);
      const go = read(g + at + i, true);
      if (gWeight) write(gWeight + i, fma(go, hat, read(gWeight + i, true)), true);
      if (gBias) write(gBias + i, f32x4.add(go, read(gBias + i, true)), true);
      const gw = weight ? f32x4.mul(go, read(weight + i, true)) : go;
      sums = f32x4.add(sums, gw);
      dots = fma(gw, hat, dots);
    }
    const sum = splat(sumLanes(sums) / <f32>n), dot = splat(sumLanes(dots) / <f32>n);
    for (i = 0; i < stop; i += VEC) pullBack(false, g + at, x + at, weight, gx + at, i, m, s, t, sum, dot);
    for (; i < bytes; i += F32) pullBack(true, g + at, x + at, weight, gx + at, i, m, s, t, sum, dot);
  }
}

/** What the rounded mean of a row is off by: Σ (x − mean) / n. */
// @ts-ignore: decorator
@inline
function offCentre(x: usize, n: usize, mean: f32): f32 {
  const bytes = n * F32;
  const stop = bytes & ~31;
  const mu = splat(mean);
  let a = splat(0), b = splat(0);
  let i: usize = 0;
  for (; i < stop; i += 32) {
    a = f32x4.add(a, f32x4.sub(v128.load(x + i), mu));
    b = f32x4.add(b, f32x4.sub(v128.load(x + i, VEC), mu));
  }
  let sum = sumLanes(f32x4.add(a, b));
  for (; i < bytes; i += F32) sum += load<f32>(x + i) - mean;
  return sum / <f32>n;
}
