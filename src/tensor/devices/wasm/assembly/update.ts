import { F32, VEC, fma, read, splat, write } from "./simd";

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

/** The numbers at offset i of all arrays: four, or one. */
// @ts-ignore: decorator
@inline
function adamStep(one: bool, i: usize, weight: usize, grad: usize, m: usize, v: usize, beta1: f32, rest1: f32,
  beta2: f32, rest2: f32, shrink: f32, pull: f32, rate: f32, vScale: f32, eps: f32): void {
  const w = read(weight + i, one);
  const g = fma(w, splat(pull), read(grad + i, one));
  const mNew = fma(read(m + i, one), splat(beta1), f32x4.mul(g, splat(rest1)));
  const vNew = fma(read(v + i, one), splat(beta2), f32x4.mul(f32x4.mul(g, g), splat(rest2)));
  write(m + i, mNew, one);
  write(v + i, vNew, one);
  const below = f32x4.add(f32x4.sqrt(f32x4.mul(vNew, splat(vScale))), splat(eps));
  write(weight + i, f32x4.sub(f32x4.mul(w, splat(shrink)), f32x4.div(f32x4.mul(mNew, splat(rate)), below)), one);
}

/**
 * Adam (Kingma and Ba, 2015) and AdamW (Loshchilov and Hutter, 2019) in one pass. With g′ = g + pull · w:
 * m = β₁m + (1 − β₁)g′, v = β₂v + (1 − β₂)g′², w = shrink · w − rate · m / (√(v · vScale) + eps).
 */
export function adam(begin: usize, end: usize, weight: usize, grad: usize, m: usize, v: usize,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, shrink: f32, pull: f32, rate: f32, vScale: f32, eps: f32): void {
  let i = begin * F32;
  const stop = (begin + ((end - begin) & ~3)) * F32;
  for (; i < stop; i += VEC)
    adamStep(false, i, weight, grad, m, v, beta1, rest1, beta2, rest2, shrink, pull, rate, vScale, eps);
  for (; i < end * F32; i += F32)
    adamStep(true, i, weight, grad, m, v, beta1, rest1, beta2, rest2, shrink, pull, rate, vScale, eps);
}
