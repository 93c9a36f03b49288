import { erf, exp, expFalling, expWeight, gated, gateExp, log, scaledTail, sigmoid, tanh } from "./math";
import { F32, VEC, fma, loadTail, splat, storeTail } from "./simd";

/**
 * One value in, one value out. A kernel works on elements `begin` to `end` of its arrays, so that threads can
 * share the work. The op codes are those of ../elementwise.ts. `apply` and the loops are inlined with a
 * constant code: each op becomes a loop of its own.
 */

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
function apply(op: i32, x: v128): v128 {
  if (op == 0) return f32x4.neg(x);
  if (op == 1) return f32x4.abs(x);
  if (op == 2) {
    const one = v128.bitselect(x, splat(1), splat(-0.0));
    return v128.and(one, f32x4.gt(f32x4.abs(x), splat(0)));
  }
  if (op == 3) return f32x4.mul(x, x);
  if (op == 4) return f32x4.div(splat(1), x);
  if (op == 5) return f32x4.sqrt(x);
  if (op == 6) return f32x4.div(splat(1), f32x4.sqrt(x));
  if (op == 7) return exp(x);
  if (op == 8) return log(x);
  if (op == 9) return tanh(x);
  if (op == 10) return sigmoid(x);
  if (op == 11) return erf(x);
  if (op == 12) return v128.andnot(x, f32x4.lt(x, splat(0)));
  if (op == 13) return gated(x, x);
  if (op == 14) return gelu(x);
  if (op == 15) return gated(x, geluSlope(x));
  if (op == 16) return f32x4.floor(x);
  if (op == 17) return f32x4.ceil(x);
  if (op == 19) return gated(x, f32x4.mul(x, splat(QUICK)));
  return f32x4.nearest(x);
}

// @ts-ignore: decorator
@inline
function map(op: i32, begin: usize, end: usize, x: usize, out: usize): void {
  let i = begin * F32;
  const stop = (begin + ((end - begin) & ~3)) * F32;
  for (; i < stop; i += VEC) v128.store(out + i, apply(op, v128.load(x + i)));
  const rest = (end * F32 - i) / F32;
  if (rest) storeTail(out + i, rest, apply(op, loadTail(x + i, rest, 0)));
}

// Each a function of its own: in one with all of these loops, V8 gives none of them enough registers.
function map0(begin: usize, end: usize, x: usize, out: usize): void { map(0, begin, end, x, out); }
function map1(begin: usize, end: usize, x: usize, out: usize): void { map(1, begin, end, x, out); }
function map2(begin: usize, end: usize, x: usize, out: usize): void { map(2, begin, end, x, out); }
function map3(begin: usize, end: usize, x: usize, out: usize): void { map(3, begin, end, x, out); }
function map4(begin: usize, end: usize, x: usize, out: usize): void { map(4, begin, end, x, out); }
function map5(begin: usize, end: usize, x: usize, out: usize): void { map(5, begin, end, x, out); }
function map6(begin: usize, end: usize, x: usize, out: usize): void { map(6, begin, end, x, out); }
function map7(begin: usize, end: usize, x: usize, out: usize): void { map(7, begin, end, x, out); }
function map8(begin: usize, end: usize, x: usize, out: usize): void { map(8, begin, end, x, out); }
function map9(begin: usize, end: usize, x: usize, out: usize): void { map(9, begin, end, x, out); }
function map10(begin: usize, end: usize, x: usize, out: usize): void { map(10, begin, end, x, out); }
function map11(begin: usize, end: usize, x: usize, out: usize): void { map(11, begin, end, x, out); }
function map12(begin: usize, end: usize, x: usize, out: usize): void { map(12, begin, end, x, out); }
function map13(begin: usize, end: usize, x: usize, out: usize): void { map(13, begin, end, x, out); }
function map14(begin: usize, end: usize, x: usize, out: usize): void { map(14, begin, end, x, out); }
function map15(begin: usize, end: usize, x: usize, out: usize): void { map(15, begin, end, x, out); }
function map16(begin: usize, end: usize, x: usize, out: usize): void { map(16, begin, end, x, out); }
function map17(begin: usize, end: usize, x: usize, out: usize): void { map(17, begin, end, x, out); }
function map18(begin: usize, end: usize, x: usize, out: usize): void { map(18, begin, end, x, out); }
function map19(begin: usize, end: usize, x: usize, out: usize): void { map(19, begin, end, x, out); }

/** out_i = op(x_i) */
export function unary(begin: usize, end: usize, op: i32, x: usize, out: usize): void {
  switch (op) {
    case 0: return map0(begin, end, x, out);
    case 1: return map1(begin, end, x, out);
    case 2: return map2(begin, end, x, out);
    case 3: return map3(begin, end, x, out);
    case 4: return map4(begin, end, x, out);
    case 5: return map5(begin, end, x, out);
    case 6: return map6(begin, end, x, out);
    case 7: return map7(begin, end, x, out);
    case 8: return map8(begin, end, x, out);
    case 9: return map9(begin, end, x, out);
    case 10: return map10(begin, end, x, out);
    case 11: return map11(begin, end, x, out);
    case 12: return map12(begin, end, x, out);
    case 13: return map13(begin, end, x, out);
    case 14: return map14(begin, end, x, out);
    case 15: return map15(begin, end, x, out);
    case 16: return map16(begin, end, x, out);
    case 17: return map17(begin, end, x, out);
    case 18: return map18(begin, end, x, out);
    default: return map19(begin, end, x, out);
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

/** op′(x), the codes those of `apply`. */
// @ts-ignore: decorator
@inline
function derivative(op: i32, x: v128): v128 {
  const one = splat(1);
  if (op == 9 || op == 10) {
    // 1 − tanh² x = 4e / (1 + e)² with e = e^−2|x|, and σ(x) σ(−x) = e / (1 + e)² with e = e^−|x|: nothing cancels.
    const a = f32x4.abs(x);
    const e = expFalling(f32x4.neg(op == 9 ? f32x4.add(a, a) : a));
    const share = f32x4.div(op == 9 ? splat(2) : one, f32x4.add(one, e));
    return f32x4.mul(f32x4.mul(e, share), share);
  }
  if (op == 13) return gateDerivative(x, x, one);
  if (op == 14) {
    // Φ(x) + x φ(x). The clamp keeps φ from 0 · ∞.
    const near = f32x4.pmin(f32x4.pmax(x, splat(-12)), splat(12));
    const isBelow = f32x4.lt(near, splat(0));
    const e = expWeight(f32x4.mul(f32x4.mul(near, near), splat(-0.5)));
    const tail = scaledTail(f32x4.abs(near));
    const inner = fma(near, splat(INVERSE_SQRT_2PI), v128.bitselect(tail, f32x4.neg(tail), isBelow));
    return fma(e, inner, v128.andnot(one, isBelow));
  }
  // Beyond the clamps x · s (1 − s) is 0; they keep it from 0 · ∞.
  if (op == 19) {
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
function pulled(op: i32, x: v128, g: v128): v128 {
  if (op == 12) return v128.andnot(g, f32x4.le(x, splat(0)));
  return f32x4.mul(g, derivative(op, x));
}

// @ts-ignore: decorator
@inline
function mapBackward(op: i32, begin: usize, end: usize, x: usize, g: usize, gx: usize): void {
  let i = begin * F32;
  const stop = (begin + ((end - begin) & ~3)) * F32;
  for (; i < stop; i += VEC) v128.store(gx + i, pulled(op, v128.load(x + i), v128.load(g + i)));
  const rest = (end * F32 - i) / F32;
  if (rest) storeTail(gx + i, rest, pulled(op, loadTail(x + i, rest, 0), loadTail(g + i, rest, 0)));
}

function mapBackward9(begin: usize, end: usize, x: usize, g: usize, gx: usize): void { mapBackward(9, begin, end, x, g, gx); }
function mapBackward10(begin: usize, end: usize, x: usize, g: usize, gx: usize): void { mapBackward(10, begin, end, x, g, gx); }
function mapBackward12(begin: usize, end: usize, x: usize, g: usize, gx: usize): void { mapBackward(12, begin, end, x, g, gx); }
function mapBackward13(begin: usize, end: usize, x: usize, g: usize, gx: usize): void { mapBackward(13, begin, end, x, g, gx); }
function mapBackward14(begin: usize, end: usize, x: usize, g: usize, gx: usize): void { mapBackward(14, begin, end, x, g, gx); }
function mapBackward15(begin: usize, end: usize, x: usize, g: usize, gx: usize): void { mapBackward(15, begin, end, x, g, gx); }
function mapBackward19(begin: usize, end: usize, x: usize, g: usize, gx: usize): void { mapBackward(19, begin, end, x, g, gx); }

/** gx_i = g_i · op′(x_i) */
export function activationBackward(begin: usize, end: usize, op: i32, x: usize, g: usize, gx: usize): void {
  switch (op) {
    case 9: return mapBackward9(begin, end, x, g, gx);
    case 10: return mapBackward10(begin, end, x, g, gx);
    case 12: return mapBackward12(begin, end, x, g, gx);
    case 13: return mapBackward13(begin, end, x, g, gx);
    case 14: return mapBackward14(begin, end, x, g, gx);
    case 15: return mapBackward15(begin, end, x, g, gx);
    default: return mapBackward19(begin, end, x, g, gx);
  }
}
