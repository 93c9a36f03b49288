import { F32, VEC, fma, read, splat, write } from "./simd";
import { Task } from "./task";

@unmanaged
export class AdamTask extends Task {
  weight: usize;
  grad: usize;
  m: usize;
  v: usize;
  beta1: f32;
  rest1: f32;
  beta2: f32;
  rest2: f32;
  shrink: f32;
  pull: f32;
  rate: f32;
  vScale: f32;
  eps: f32;
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
 * m = β₁m + rest₁ g′, v = β₂v + rest₂ g′², where rest = 1 − β, w = shrink · w − rate · m / (√(v · vScale) + eps).
 */
export function adam(task: AdamTask, begin: usize, end: usize): void {
  const weight = task.weight, grad = task.grad, m = task.m, v = task.v;
  const beta1 = task.beta1, rest1 = task.rest1, beta2 = task.beta2, rest2 = task.rest2;
  const shrink = task.shrink, pull = task.pull, rate = task.rate, vScale = task.vScale, eps = task.eps;
  let i = begin * F32;
  const stop = (begin + ((end - begin) & ~3)) * F32;
  for (; i < stop; i += VEC)
    adamStep(false, i, weight, grad, m, v, beta1, rest1, beta2, rest2, shrink, pull, rate, vScale, eps);
  for (; i < end * F32; i += F32)
    adamStep(true, i, weight, grad, m, v, beta1, rest1, beta2, rest2, shrink, pull, rate, vScale, eps);
}
