import { acos, asin, atan, cos, sin, tan } from "./angles";
import {
  cosh,
  erf,
  exp,
  expFalling,
  expm1,
  gated,
  log,
  log10,
  log1p,
  log2,
  mish,
  scaledTail,
  sigmoid,
  sinh,
  softplus,
  tanh,
} from "./math";
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
  expm1,
  log1p,
  log2,
  log10,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  softplus,
  logSigmoid,
  mish,
  elu,
  trunc,
  leakyRelu,
  clamp,
  nanToNum,
}

@unmanaged
export class UnaryTask extends Task {
  op: UnaryOp;
  x: usize;
  out: usize;
  /** The parameters of the operation, as far as it has any. */
  p: f32;
  q: f32;
  r: f32;
}

export const SQRT_2_OVER_PI: f32 = 0.79788456080286536;
export const CUBIC: f32 = 0.044715;
export const QUICK: f32 = 1.702;

/** 2u with u = √(2/π) · (x + 0.044715 x³): ½ (1 + tanh u) = 1 / (1 + e⁻²ᵘ) is the gate of geluTanh. */
// @ts-ignore: decorator
@inline
export function geluSlope(x: v128): v128 {
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
function apply(op: UnaryOp, x: v128, p: v128, q: v128, r: v128): v128 {
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
  if (op == UnaryOp.trunc) return f32x4.trunc(x);
  if (op == UnaryOp.expm1) return expm1(x);
  if (op == UnaryOp.log1p) return log1p(x);
  if (op == UnaryOp.log2) return log2(x);
  if (op == UnaryOp.log10) return log10(x);
  if (op == UnaryOp.sin) return sin(x);
  if (op == UnaryOp.cos) return cos(x);
  if (op == UnaryOp.tan) return tan(x);
  if (op == UnaryOp.asin) return asin(x);
  if (op == UnaryOp.acos) return acos(x);
  if (op == UnaryOp.atan) return atan(x);
  if (op == UnaryOp.sinh) return sinh(x);
  if (op == UnaryOp.cosh) return cosh(x);
  if (op == UnaryOp.softplus) return softplus(x);
  if (op == UnaryOp.logSigmoid) return f32x4.neg(softplus(f32x4.neg(x)));
  if (op == UnaryOp.mish) return mish(x);
  if (op == UnaryOp.elu) return v128.bitselect(x, f32x4.mul(expm1(x), p), f32x4.gt(x, splat(0)));
  if (op == UnaryOp.leakyRelu) return v128.bitselect(x, f32x4.mul(x, p), f32x4.gt(x, splat(0)));
  if (op == UnaryOp.clamp) return f32x4.min(f32x4.max(x, p), q);
  if (op == UnaryOp.nanToNum) {
    const above = v128.bitselect(q, x, f32x4.eq(x, splat(Infinity)));
    const finite = v128.bitselect(r, above, f32x4.eq(x, splat(-Infinity)));
    return v128.bitselect(p, finite, f32x4.ne(x, x));
  }
  return f32x4.nearest(x);
}

// @ts-ignore: decorator
@inline
function map(op: UnaryOp, task: UnaryTask, begin: usize, end: usize): void {
  const x = task.x, out = task.out;
  const p = splat(task.p), q = splat(task.q), r = splat(task.r);
  let i = begin * F32;
  const stop = (begin + ((end - begin) & ~3)) * F32;
  for (; i < stop; i += VEC) v128.store(out + i, apply(op, v128.load(x + i), p, q, r));
  const rest = (end * F32 - i) / F32;
  if (rest) storeTail(out + i, rest, apply(op, loadTail(x + i, rest, 0), p, q, r));
}

/** The same for long formulas, which stand in the binary once. */
// @ts-ignore: decorator
@inline
function mapFormula(op: UnaryOp, task: UnaryTask, begin: usize, end: usize): void {
  const x = task.x, out = task.out;
  const p = splat(task.p);
  const stop = end * F32;
  for (let i = begin * F32; i < stop; i += VEC) {
    const rest = (stop - i) / F32;
    const y = apply(op, rest < 4 ? loadTail(x + i, rest, 0) : v128.load(x + i), p, p, p);
    if (rest < 4) storeTail(out + i, rest, y);
    else v128.store(out + i, y);
  }
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
function mapExpm1(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.expm1, task, begin, end); }
function mapLog1p(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.log1p, task, begin, end); }
function mapLog2(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.log2, task, begin, end); }
function mapLog10(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.log10, task, begin, end); }
function mapSin(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.sin, task, begin, end); }
function mapCos(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.cos, task, begin, end); }
function mapTan(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.tan, task, begin, end); }
function mapAsin(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.asin, task, begin, end); }
function mapAcos(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.acos, task, begin, end); }
function mapAtan(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.atan, task, begin, end); }
function mapSinh(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.sinh, task, begin, end); }
function mapCosh(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.cosh, task, begin, end); }
function mapSoftplus(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.softplus, task, begin, end); }
function mapLogSigmoid(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.logSigmoid, task, begin, end); }
function mapMish(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.mish, task, begin, end); }
function mapElu(task: UnaryTask, begin: usize, end: usize): void { mapFormula(UnaryOp.elu, task, begin, end); }
function mapTrunc(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.trunc, task, begin, end); }
function mapLeakyRelu(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.leakyRelu, task, begin, end); }
function mapClamp(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.clamp, task, begin, end); }
function mapNanToNum(task: UnaryTask, begin: usize, end: usize): void { map(UnaryOp.nanToNum, task, begin, end); }

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
    case UnaryOp.quickGelu: return mapQuickGelu(task, begin, end);
    case UnaryOp.expm1: return mapExpm1(task, begin, end);
    case UnaryOp.log1p: return mapLog1p(task, begin, end);
    case UnaryOp.log2: return mapLog2(task, begin, end);
    case UnaryOp.log10: return mapLog10(task, begin, end);
    case UnaryOp.sin: return mapSin(task, begin, end);
    case UnaryOp.cos: return mapCos(task, begin, end);
    case UnaryOp.tan: return mapTan(task, begin, end);
    case UnaryOp.asin: return mapAsin(task, begin, end);
    case UnaryOp.acos: return mapAcos(task, begin, end);
    case UnaryOp.atan: return mapAtan(task, begin, end);
    case UnaryOp.sinh: return mapSinh(task, begin, end);
    case UnaryOp.cosh: return mapCosh(task, begin, end);
    case UnaryOp.softplus: return mapSoftplus(task, begin, end);
    case UnaryOp.logSigmoid: return mapLogSigmoid(task, begin, end);
    case UnaryOp.mish: return mapMish(task, begin, end);
    case UnaryOp.elu: return mapElu(task, begin, end);
    case UnaryOp.trunc: return mapTrunc(task, begin, end);
    case UnaryOp.leakyRelu: return mapLeakyRelu(task, begin, end);
    case UnaryOp.clamp: return mapClamp(task, begin, end);
    default: return mapNanToNum(task, begin, end);
  }
}
