import { F32, VEC, fma, splat } from "./simd";

/** out row r = table row indices[r], rows of `n`. */
export function gatherRows(begin: usize, end: usize, table: usize, indices: usize, out: usize, n: usize): void {
  const bytes = n * F32;
  for (let r = begin; r < end; r++) {
    memory.copy(out + r * bytes, table + <usize>load<i32>(indices + r * 4) * bytes, bytes);
  }
}

/** table row indices[r] += x row r, columns begin to end of rows of `n`: threads share the columns, not the rows. */
export function scatterAddRows(begin: usize, end: usize, table: usize, indices: usize, count: usize,
  x: usize, n: usize): void {
  const bytes = n * F32;
  for (let r: usize = 0; r < count; r++) {
    const to = table + <usize>load<i32>(indices + r * 4) * bytes;
    const from = x + r * bytes;
    let i = begin;
    for (; i + 4 <= end; i += 4) {
      v128.store(to + i * F32, f32x4.add(v128.load(to + i * F32), v128.load(from + i * F32)));
    }
    for (; i < end; i++) store<f32>(to + i * F32, load<f32>(to + i * F32) + load<f32>(from + i * F32));
  }
}

/**
 * Adam (Kingma and Ba, 2015) and AdamW (Loshchilov and Hutter, 2019) in one pass. With g′ = g + pull · w:
 * m = β₁m + (1 − β₁)g′, v = β₂v + (1 − β₂)g′², w = shrink · w − rate · m / (√(v · vScale) + eps).
 */
export function adam(begin: usize, end: usize, weight: usize, grad: usize, m: usize, v: usize,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, shrink: f32, pull: f32, rate: f32, vScale: f32, eps: f32): void {
  let i = begin * F32;
  const stop = (begin + ((end - begin) & ~3)) * F32;
  for (; i < stop; i += VEC) {
    const w = v128.load(weight + i);
    const g = fma(w, splat(pull), v128.load(grad + i));
    const mNew = fma(v128.load(m + i), splat(beta1), f32x4.mul(g, splat(rest1)));
    const vNew = fma(v128.load(v + i), splat(beta2), f32x4.mul(f32x4.mul(g, g), splat(rest2)));
    v128.store(m + i, mNew);
    v128.store(v + i, vNew);
    const below = f32x4.add(f32x4.sqrt(f32x4.mul(vNew, splat(vScale))), splat(eps));
    v128.store(weight + i, f32x4.sub(f32x4.mul(w, splat(shrink)), f32x4.div(f32x4.mul(mNew, splat(rate)), below)));
  }
  for (; i < end * F32; i += F32) {
    const w = load<f32>(weight + i);
    const g = load<f32>(grad + i) + pull * w;
    const mNew = beta1 * load<f32>(m + i) + rest1 * g;
    const vNew = beta2 * load<f32>(v + i) + rest2 * (g * g);
    store<f32>(m + i, mNew);
    store<f32>(v + i, vNew);
    store<f32>(weight + i, w * shrink - (rate * mNew) / (sqrt<f32>(vNew * vScale) + eps));
  }
}
