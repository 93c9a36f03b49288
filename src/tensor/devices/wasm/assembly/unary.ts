import { erf, exp, expFalling, expWeight, gated, gateExp, log, scaledTail, sigmoid, tanh } from "./math";
import { F32, VEC, fma, loadTail, splat, storeTail } from "./simd";
import { Task } from "./task";

/**
 * One value in, one value out. A kernel works on elements `begin` to `end` of its arrays, so that threads can
 * share the work. `apply` and the loops are inlined with a constant op: each op becomes a loop of its own.
 */

export const enum UnaryOp {
  neg,
  abs,
  sign,
  square,
  reciprocal,
  sqrt,
  rsqrt,
  exp,
  log,
  tanh,
  sigmoid,
  erf,
  relu,
  silu,
  gelu,
  geluTanh,
  floor,
  ceil,
  round,
  quickGelu,
}

@unmanaged
export class UnaryTask extends Task {
  op: UnaryOp;
  x: usize;
  out: usize;
}

@unmanaged
export class ActivationBackwardTask extends Task {
  op: UnaryOp;
  x: usize;
  g: usize;
  gx: usize;
}

const INVERSE_SQRT_2PI: f32 = 0.39894228040143268;
const SQRT_2_OVER_PI: f32 = 0.79788456080286536;
const CUBIC: f32 = 0.044715;
const QUICK: f32 = 1.702;

/** 2u with u = √(2/π) · (x + 0.044715 x³): ½ (1 + tanh u) = 1 / (1 + e⁻²ᵘ) is the gate of geluTanh. */
// @ts-ignore: decorator
@inline
function geluSlope(x: v128): v128 {
  const cube = f32x4.mul(f32x4.mul(x, x), x);
  return f32x4.mul(fma(cube, splat(CUBIC), x), splat(2 * SQRT_2_OVER_PI));
}

/** x Φ(x), from the tail of Φ on the side of x: nothing cancels. */
// @ts-ignore: decorator
@inline
function gelu(x: v128): v128 {
  const e = expFalling(f32x4.mul(f32x4.mul(x, x), splat(-0.5)));
  const tail = scaledTail(f32x4.abs(x));
  const below = f32x4.mul(f32x4.mul(x, tail), e);
  const above = f32x4.mul(x, f32x4.sub(splat(1), f32x4.mul(tail, e)));
  return v128.bitselect(below, above, f32x4.lt(x, splat(0)));
}

// @ts-ignore: decorator
@inline
function apply(op: UnaryOp, x: v128): v128 {
  if (op == UnaryOp.neg) return f32x4.neg(x);
  if (op == UnaryOp.abs) return f32x4.abs(x);
  if (op == UnaryOp.sign) {
    const one = v128.bitselect(x, splat(1), splat(-0.0));
    return v128.and(one, f32x4.gt(f32x4.abs(x), splat(0)));
  }
  if (op == UnaryOp.square) return f32x4.mul(x, x);
  if (op == UnaryOp.reciprocal) return f32x4.div(splat(1), x);
  if (op == UnaryOp.sqrt) return f32x4.sqrt(x);
  if (op == UnaryOp.rsqrt) return f32x4.div(splat(1), f32x4.sqrt(x));
  if (op == UnaryOp.exp) return exp(x);
  if (op == UnaryOp.log) return log(x);
  if (op == UnaryOp.tanh) return tanh(x);
  if (op == UnaryOp.sigmoid) return sigmoid(x);
  if (op == UnaryOp.erf) return erf(x);
  if (op == UnaryOp.relu) return v128.andnot(x, f32x4.lt(x, splat(0)));
  if (op == UnaryOp.silu) return gated(x, x);
  if (op == UnaryOp.gelu) return gelu(x);
  if (op == UnaryOp.geluTanh) return gated(x, geluSlope(x));
  if (op == UnaryOp.floor) return f32x4.floor(x);
  if (op == UnaryOp.ceil) return f32x4.ceil(x);
  if (op == UnaryOp.quickGelu) return gated(x, f32x4.mul(x, splat(QUICK)));
  return f32x4.nearest(x);
}

// @ts-ignore: decorator
@inline
function map(op: UnaryOp, task: UnaryTask, begin: usize, end: usize): void {
  const x = task.x, out = task.out;
  let i = begin * F32;
  const stop = (begin + ((end - begin) & ~3)) * F32;
  for (; i < stop; i += VEC) v128.store(out + i, apply(op, v128.load(x + i)));
  const rest = (end * F32 - i) / F32;
  if (rest) storeTail(out + i, rest, apply(op, loadTail(x + i, rest, 0)));
}

// Each a function of its own: in one with all of these loops, V8 gives none of them enough registers.
function mapNeg(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.neg, task, begin, end); }
function mapAbs(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.abs, task, begin, end); }
function mapSign(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.sign, task, begin, end); }
function mapSquare(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.square, task, begin, end); }
function mapReciprocal(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.reciprocal, task, begin, end); }
function mapSqrt(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.sqrt, task, begin, end); }
function mapRsqrt(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.rsqrt, task, begin, end); }
function mapExp(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.exp, task, begin, end); }
function mapLog(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.log, task, begin, end); }
function mapTanh(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.tanh, task, begin, end); }
function mapSigmoid(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.sigmoid, task, begin, end); }
function mapErf(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.erf, task, begin, end); }
function mapRelu(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.relu, task, begin, end); }
function mapSilu(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.silu, task, begin, end); }
function mapGelu(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.gelu, task, begin, end); }
function mapGeluTanh(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.geluTanh, task, begin, end); }
function mapFloor(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.floor, task, begin, end); }
function mapCeil(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.ceil, task, begin, end); }
function mapRound(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.round, task, begin, end); }
function mapQuickGelu(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.quickGelu, task, begin, end); }

/** out_i = op(x_i) */
export function unary(task: UnaryTask, begin: usize, end: usize): void {
  switch (task.op) {
    case UnaryOp.neg: return mapNeg(task, begin, end);
    case UnaryOp.abs: return mapAbs(task, begin, end);
    case UnaryOp.sign: return mapSign(task, begin, end);
    case UnaryOp.square: return mapSquare(task, begin, end);
    case UnaryOp.reciprocal: return mapReciprocal(task, begin, end);
    case UnaryOp.sqrt: return mapSqrt(task, begin, end);
    case UnaryOp.rsqrt: return mapRsqrt(task, begin, end);
    case UnaryOp.exp: return mapExp(task, begin, end);
    case UnaryOp.log: return mapLog(task, begin, end);
    case UnaryOp.tanh: return mapTanh(task, begin, end);
    case UnaryOp.sigmoid: return mapSigmoid(task, begin, end);
    case UnaryOp.erf: return mapErf(task, begin, end);
    case UnaryOp.relu: return mapRelu(task, begin, end);
    case UnaryOp.silu: return mapSilu(task, begin, end);
    case UnaryOp.gelu: return mapGelu(task, begin, end);
    case UnaryOp.geluTanh: return mapGeluTanh(task, begin, end);
    case UnaryOp.floor: return mapFloor(task, begin, end);
    case UnaryOp.ceil: return mapCeil(task, begin, end);
    case UnaryOp.round: return mapRound(task, begin, end);
    default: return mapQuickGelu(task, begin, end);
  }
}

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

/** g · op′(x); relu's is g where x is not ≤ 0, whatever g is. */
// @ts-ignore: decorator
@inline
function pulled(op: UnaryOp, x: v128, g: v128): v128 {
  if (op == UnaryOp.relu) return v128.andnot(g, f32x4.le(x, splat(0)));
  return f32x4.mul(g, derivative(op, x));
}

// @ts-ignore: decorator
@inline
function mapBackward(op: UnaryOp, task: ActivationBackwardTask, begin: usize, end: usize): void {
  const x = task.x, g = task.g, gx = task.gx;
  let i = begin * F32;
  const stop = (begin + ((end - begin) & ~3)) * F32;
  for (; i < stop; i += VEC) v128.store(gx + i, pulled(op, v128.load(x + i), v128.load(g + i)));
  const rest = (end * F32 - i) / F32;
  if (rest) storeTail(gx + i, rest, pulled(op, loadTail(x + i, rest, 0), loadTail(g + i, rest, 0)));
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

/** gx_i = g_i · op′(x_i) */
export function activationBackward(task: ActivationBackwardTask, begin: usize, end: usize): void {
  switch (task.op) {
    case UnaryOp.tanh: return tanhBackward(task, begin, end);
    case UnaryOp.sigmoid: return sigmoidBackward(task, begin, end);
    case UnaryOp.relu: return reluBackward(task, begin, end);
    case UnaryOp.silu: return siluBackward(task, begin, end);
    case UnaryOp.gelu: return geluBackward(task, begin, end);
    case UnaryOp.geluTanh: return geluTanhBackward(task, begin, end);
    default: return quickGeluBackward(task, begin, end);
  }
}
