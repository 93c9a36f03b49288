import { exp, expFalling, expWeight, gateExp, scaledTail, sigmoid } from "./math";
import { F32, VEC, fma, loadTail, splat, storeTail } from "./simd";
import { Task } from "./task";
import { CUBIC, geluSlope, QUICK, SQRT_2_OVER_PI, UnaryOp } from "./unary";

/** Gradients of activations, from their input. The loops are made as in unary.ts. */

@unmanaged
export class ActivationBackwardTask extends Task {
  op: UnaryOp;
  x: usize;
  g: usize;
  gx: usize;
  p: f32;
  q: f32;
}

const INVERSE_SQRT_2PI: f32 = 0.39894228040143268;

/** s + x · s (1 − s) · slope with the gate s = 1 / (1 + e⁻ᵘ), where 1 − s = e⁻ᵘ s keeps its digits too. */
// @ts-ignore: decorator
@inline
function gateDerivative(x: v128, u: v128, slope: v128): v128 {
  const e = gateExp(u);
  const s = v128.andnot(f32x4.div(splat(1), f32x4.add(splat(1), e)), f32x4.lt(u, splat(-64)));
  return fma(f32x4.mul(f32x4.mul(x, slope), s), f32x4.mul(e, s), s);
}

/** op′(x) of an activation. */
// @ts-ignore: decorator
@inline
function derivative(op: UnaryOp, x: v128): v128 {
  const one = splat(1);
  if (op == UnaryOp.tanh || op == UnaryOp.sigmoid) {
    // 1 − tanh² x = 4e / (1 + e)² with e = e^−2|x|, and σ(x) σ(−x) = e / (1 + e)² with e = e^−|x|: nothing cancels.
    const a = f32x4.abs(x);
    const e = expFalling(f32x4.neg(op == UnaryOp.tanh ? f32x4.add(a, a) : a));
    const share = f32x4.div(op == UnaryOp.tanh ? splat(2) : one, f32x4.add(one, e));
    return f32x4.mul(f32x4.mul(e, share), share);
  }
  if (op == UnaryOp.softplus) return sigmoid(x);
  if (op == UnaryOp.mish) {
    // e ω / δ² with e = eˣ, δ = e² + 2e + 2 and ω = 4 (x + 1) + 4e² + e³ + e (4x + 6); 1 from 20 on.
    const near = f32x4.pmax(f32x4.pmin(x, splat(20)), splat(-64));
    const e = expWeight(near);
    const four = fma(near, splat(4), splat(4));
    const omega = fma(fma(f32x4.add(e, splat(4)), e, f32x4.add(four, splat(2))), e, four);
    const delta = fma(f32x4.add(e, splat(2)), e, splat(2));
    const y = f32x4.mul(f32x4.div(e, delta), f32x4.div(omega, delta));
    return v128.andnot(y, f32x4.lt(x, splat(-64)));
  }
  // From 64 on it is 1, which a tail that never is 0 would leave at 10²⁵ (x · e⁻⁶⁴).
  if (op == UnaryOp.silu) return gateDerivative(f32x4.pmin(x, splat(64)), x, one);
  if (op == UnaryOp.gelu) {
    // Φ(x) + x φ(x). The clamp keeps φ from 0 · ∞.
    const near = f32x4.pmin(f32x4.pmax(x, splat(-12)), splat(12));
    const isBelow = f32x4.lt(near, splat(0));
    const e = expWeight(f32x4.mul(f32x4.mul(near, near), splat(-0.5)));
    const tail = scaledTail(f32x4.abs(near));
    const inner = fma(near, splat(INVERSE_SQRT_2PI), v128.bitselect(tail, f32x4.neg(tail), isBelow));
    return fma(e, inner, v128.andnot(one, isBelow));
  }
  // Beyond the clamps x · s (1 − s) is 0; they keep it from 0 · ∞.
  if (op == UnaryOp.quickGelu) {
    const near = f32x4.pmax(f32x4.pmin(x, splat(60)), splat(-60));
    return gateDerivative(near, f32x4.mul(x, splat(QUICK)), splat(QUICK));
  }
  const near = f32x4.max(f32x4.min(x, splat(20)), splat(-20));
  const slope = fma(f32x4.mul(near, near), splat(6 * CUBIC * SQRT_2_OVER_PI), splat(2 * SQRT_2_OVER_PI));
  return gateDerivative(near, geluSlope(near), slope);
}

/** g · op′(x); relu's is g where x is not ≤ 0, whatever g is, and so for what is straight in parts. */
// @ts-ignore: decorator
@inline
function pulled(op: UnaryOp, x: v128, g: v128, p: v128, q: v128): v128 {
  if (op == UnaryOp.relu) return v128.andnot(g, f32x4.le(x, splat(0)));
  if (op == UnaryOp.leakyRelu) return v128.bitselect(g, f32x4.mul(g, p), f32x4.gt(x, splat(0)));
  if (op == UnaryOp.clamp) return v128.and(g, v128.and(f32x4.ge(x, p), f32x4.le(x, q)));
  if (op == UnaryOp.elu) return v128.bitselect(f32x4.mul(g, f32x4.mul(exp(x), p)), g, f32x4.le(x, splat(0)));
  return f32x4.mul(g, derivative(op, x));
}

// @ts-ignore: decorator
@inline
function mapBackward(op: UnaryOp, task: ActivationBackwardTask, begin: usize, end: usize): void {
  const x = task.x, g = task.g, gx = task.gx;
  const p = splat(task.p), q = splat(task.q);
  let i = begin * F32;
  const stop = (begin + ((end - begin) & ~3)) * F32;
  for (; i < stop; i += VEC) v128.store(gx + i, pulled(op, v128.load(x + i), v128.load(g + i), p, q));
  const rest = (end * F32 - i) / F32;
  if (rest) storeTail(gx + i, rest, pulled(op, loadTail(x + i, rest, 0), loadTail(g + i, rest, 0), p, q));
}

function tanhBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  mapBackward(UnaryOp.tanh, task, begin, end);
}
function sigmoidBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  mapBackward(UnaryOp.sigmoid, task, begin, end);
}
function reluBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  mapBackward(UnaryOp.relu, task, begin, end);
}
function siluBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  mapBackward(UnaryOp.silu, task, begin, end);
}
function geluBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  mapBackward(UnaryOp.gelu, task, begin, end);
}
function geluTanhBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  mapBackward(UnaryOp.geluTanh, task, begin, end);
}
function quickGeluBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  mapBackward(UnaryOp.quickGelu, task, begin, end);
}
function softplusBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  mapBackward(UnaryOp.softplus, task, begin, end);
}
function mishBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  mapBackward(UnaryOp.mish, task, begin, end);
}
function eluBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  mapBackward(UnaryOp.elu, task, begin, end);
}
function leakyReluBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  mapBackward(UnaryOp.leakyRelu, task, begin, end);
}
function clampBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  mapBackward(UnaryOp.clamp, task, begin, end);
}

/** gx_i = g_i · op′(x_i) */
export function activationBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  switch (task.op) {
    case UnaryOp.tanh: return tanhBackward(task, begin, end);
    case UnaryOp.sigmoid: return sigmoidBackward(task, begin, end);
    case UnaryOp.relu: return reluBackward(task, begin, end);
    case UnaryOp.silu: return siluBackward(task, begin, end);
    case UnaryOp.gelu: return geluBackward(task, begin, end);
    case UnaryOp.geluTanh: return geluTanhBackward(task, begin, end);
    case UnaryOp.quickGelu: return quickGeluBackward(task, begin, end);
    case UnaryOp.softplus: return softplusBackward(task, begin, end);
    case UnaryOp.mish: return mishBackward(task, begin, end);
    case UnaryOp.elu: return eluBackward(task, begin, end);
    case UnaryOp.leakyRelu: return leakyReluBackward(task, begin, end);
    default: return clampBackward(task, begin, end);
  }
}
