import { rowSum } from "./reduce";
import { F32, VEC, fma, splat, sumLanes } from "./simd";

/**
 * Layer normalisation (Ba, Kiros and Hinton, 2016) of rows `begin` to `end`, each of `n`. A pointer of 0 says
 * that the weight, the bias or a gradient is not there.
 */

/** Σ (x − mean)² over a row. */
// @ts-ignore: decorator
@inline
export function squares(x: usize, bytes: usize, mean: f32): f64 {
  const stop = bytes & ~15;
  const mu = splat(mean);
  let sum = splat(0);
  let total: f64 = 0;
  let i: usize = 0;
  for (; i < stop; i += VEC) {
    const d = f32x4.sub(v128.load(x + i), mu);
    sum = fma(d, d, sum);
  }
  total = <f64>sumLanes(sum);
  for (; i < bytes; i += F32) {
    const d = load<f32>(x + i) - mean;
    total += <f64>(d * d);
  }
  return total;
}

/** y = (x − mean) · rstd ⊙ weight + bias, rstd = 1 / √(var + eps) */
export function layerNorm(begin: usize, end: usize, x: usize, weight: usize, bias: usize, eps: f64,
  y: usize, mean: usize, rstd: usize, n: usize): void {
  const bytes = n * F32;
  const stop = bytes & ~15;
  for (let r = begin; r < end; r++) {
    const from = x + r * bytes;
    const to = y + r * bytes;
    const mu = <f32>(rowSum(from, n) / <f64>n);
    const scale = <f32>(1 / Math.sqrt(squares(from, bytes, mu) / <f64>n + eps));
    store<f32>(mean + r * F32, mu);
    store<f32>(rstd + r * F32, scale);
    const m = splat(mu), s = splat(scale);
    let i: usize = 0;
    for (; i < stop; i += VEC) {
      let v = f32x4.mul(f32x4.sub(v128.load(from + i), m), s);
      if (weight) v = f32x4.mul(v, v128.load(weight + i));
      if (bias) v = f32x4.add(v, v128.load(bias + i));
      v128.store(to + i, v);
    }
    for (; i < bytes; i += F32) {
      let v = (load<f32>(from + i) - mu) * scale;
      if (weight) v *= load<f32>(weight + i);
      if (bias) v += load<f32>(bias + i);
      store<f32>(to + i, v);
    }
  }
}

/**
 * With x̂ = (x − mean) · rstd and ḡ = g ⊙ weight: gx = rstd · (ḡ − (Σ ḡ + x̂ · Σ ḡ ⊙ x̂) / n).
 * Σ g ⊙ x̂ and Σ g over the rows of a chunk go to row begin / chunk of gWeight and gBias (chunks, n), which the
 * caller adds up.
 */
export function layerNormBackward(begin: usize, end: usize, g: usize, x: usize, weight: usize, mean: usize,
  rstd: usize, gx: usize, gWeight: usize, gBias: usize, n: usize, chunk: usize): void {
  const bytes = n * F32;
  const stop = bytes & ~15;
  const part = (begin / chunk) * bytes;
  if (gWeight) memory.fill((gWeight += part), 0, bytes);
  if (gBias) memory.fill((gBias += part), 0, bytes);
  for (let r = begin; r < end; r++) {
    const at = r * bytes;
    const mu = load<f32>(mean + r * F32);
    const scale = load<f32>(rstd + r * F32);
    const m = splat(mu), s = splat(scale);
    let sums = splat(0), dots = splat(0);
    let i: usize = 0;
    for (; i < stop; i += VEC) {
      const hat = f32x4.mul(f32x4.sub(v128.load(x + at + i), m), s);
      const go = v128.load(g + at + i);
      if (gWeight) v128.store(gWeight + i, fma(go, hat, v128.load(gWeight + i)));
      if (gBias) v128.store(gBias + i, f32x4.add(go, v128.load(gBias + i)));
      const gw = weight ? f32x4.mul(go, v128.load(weight + i)) : go;
      sums = f32x4.add(sums, gw);
      dots = fma(gw, hat, dots);
    }
    let sum = sumLanes(sums), dot = sumLanes(dots);
    for (; i < bytes; i += F32) {
      const hat = (load<f32>(x + at + i) - mu) * scale;
      const go = load<f32>(g + at + i);
      if (gWeight) store<f32>(gWeight + i, load<f32>(gWeight + i) + go * hat);
      if (gBias) store<f32>(gBias + i, load<f32>(gBias + i) + go);
      const gw = weight ? go * load<f32>(weight + i) : go;
      sum += gw;
      dot += gw * hat;
    }
    sum /= <f32>n;
    dot /= <f32>n;
    const sumV = splat(sum), dotV = splat(dot);
    for (i = 0; i < stop; i += VEC) {
      const hat = f32x4.mul(f32x4.sub(v128.load(x + at + i), m), s);
      let gw = v128.load(g + at + i);
      if (weight) gw = f32x4.mul(gw, v128.load(weight + i));
      v128.store(gx + at + i, f32x4.mul(s, f32x4.sub(f32x4.sub(gw, sumV), f32x4.mul(hat, dotV))));
    }
    for (; i < bytes; i += F32) {
      const hat = (load<f32>(x + at + i) - mu) * scale;
      let gw = load<f32>(g + at + i);
      if (weight) gw *= load<f32>(weight + i);
      store<f32>(gx + at + i, scale * (gw - sum - hat * dot));
    }
  }
}
