import { fma, splat } from "./simd";

/**
 * Elementary functions on four float32 lanes. The largest errors, in units in the last place, are stated here
 * and held by test/tensor/accuracy.test.ts against float64.
 */

/** 1.5 · 2²³: a small number added to it is rounded to a whole one, which then stands in its lowest bits. */
const ROUND: f32 = 12582912;

const SMALLEST_NORMAL: f32 = 1.17549435e-38;
/** Bits of √½. */
const SQRT_HALF: i32 = 0x3f3504f3;
/** Beyond it, (eˣ ± e⁻ˣ) / 2 is infinite. */
const LARGEST_SINH: f32 = 89.4159851;

/**
 * eˣ for −87.3 ≤ x ≤ 88.7; outside its exponent runs over, until a multiple of 2²³ brings it back. eˣ = 2ⁿ · eʳ with
 * n = round(x / ln 2) and |r| ≤ ln 2 / 2, eʳ by a polynomial, 2ⁿ by adding n to its exponent.
 */
// @ts-ignore: decorator
@inline
function expNear(x: v128): v128 {
  const shifted = fma(x, splat(1.44269504088896341), splat(ROUND));
  const r = remainderOfLn2(x, f32x4.sub(shifted, splat(ROUND)));
  const z = f32x4.mul(r, r);
  const p = f32x4.add(fma(expTail(r, z), z, r), splat(1));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** x − n ln 2. */
// @ts-ignore: decorator
@inline
function remainderOfLn2(x: v128, n: v128): v128 {
  const r = fma(n, splat(-0.693359375), x); // ln 2 in two parts; the first product is exact
  return fma(n, splat(2.12194440e-4), r);
}

/**
 * (eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2, z = r²: a polynomial fitted for the smallest relative error of eʳ, 4e-9. In two
 * halves (Estrin), as its steps are waited for.
 */
// @ts-ignore: decorator
@inline
function expTail(r: v128, z: v128): v128 {
  const high = fma(splat(1.3814467238262296e-3), z, fma(splat(8.368780836462975e-3), r, splat(4.166839271783829e-2)));
  return fma(high, z, fma(splat(1.666651964187622e-1), r, splat(4.999999403953552e-1)));
}

/**
 * eˣ within 1 ulp for x ≤ 0, as in a softmax. Results below the smallest normal number, 1.2e-38, become 0: computing
 * with subnormal numbers is a hundred times slower, and every masked score of a softmax would be one.
 */
// @ts-ignore: decorator
@inline
export function expFalling(x: v128): v128 {
  const y = v128.andnot(expNear(x), f32x4.lt(x, splat(-87.33654)));
  return v128.or(y, f32x4.ne(x, x)); // all bits set is a NaN
}

/**
 * The same for weights of a sum, which are then multiplied by something small, such as a gradient: those below e⁻⁶⁴, 1.6e-28,
 * become 0, and so do not become subnormal later.
 */
// @ts-ignore: decorator
@inline
export function expWeight(x: v128): v128 {
  const y = v128.andnot(expNear(x), f32x4.lt(x, splat(-64)));
  return v128.or(y, f32x4.ne(x, x));
}

/** eˣ within 1 ulp; results below 1.2e-38 become 0. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  return v128.bitselect(splat(Infinity), expFalling(x), f32x4.gt(x, splat(88.72283)));
}

/** x > 0 with subnormal numbers 2²³ times. */
// @ts-ignore: decorator
@inline
export function scaled(x: v128): v128 {
  const isTiny = f32x4.lt(x, splat(SMALLEST_NORMAL));
  return v128.any_true(isTiny) ? v128.bitselect(f32x4.mul(x, splat(8388608)), x, isTiny) : x;
}

/** e of x = m · 2ᵉ with √½ ≤ m < √2, for x > 0 that is scaled from `from`. */
// @ts-ignore: decorator
@inline
export function exponent(x: v128, from: v128): v128 {
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(i32x4.sub(x, i32x4.splat(SQRT_HALF)), 23));
  const isTiny = f32x4.lt(from, splat(SMALLEST_NORMAL));
  return v128.any_true(isTiny) ? f32x4.sub(e, v128.and(isTiny, splat(23))) : e;
}

/** m of the same. */
// @ts-ignore: decorator
@inline
export function mantissa(x: v128): v128 {
  const bits = i32x4.sub(x, i32x4.splat(SQRT_HALF));
  return i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(SQRT_HALF));
}

/** ln (1 + f) − f for √½ − 1 ≤ f < √2 − 1, without −f²/2 (Cephes logf). */
// @ts-ignore: decorator
@inline
function logTail(f: v128, z: v128): v128 {
  let p = fma(splat(7.0376836292e-2), f, splat(-1.1514610310e-1));
  p = fma(p, f, splat(1.1676998740e-1));
  p = fma(p, f, splat(-1.2420140846e-1));
  p = fma(p, f, splat(1.4249322787e-1));
  p = fma(p, f, splat(-1.6668057665e-1));
  p = fma(p, f, splat(2.0000714765e-1));
  p = fma(p, f, splat(-2.4999993993e-1));
  p = fma(p, f, splat(3.3333331174e-1));
  return f32x4.mul(f32x4.mul(p, f), z);
}

/** A logarithm `y` of x at the ends: ∞ of ∞, −∞ of 0, NaN below and of NaN. */
// @ts-ignore: decorator
@inline
function atEnds(x: v128, y: v128): v128 {
  const isInside = v128.and(f32x4.gt(x, splat(0)), f32x4.lt(x, splat(Infinity)));
  if (i32x4.all_true(isInside)) return y;
  let z = v128.bitselect(x, y, f32x4.ge(x, splat(Infinity)));
  z = v128.bitselect(splat(-Infinity), z, f32x4.eq(x, splat(0)));
  // Neither x ≥ 0 nor x < 0 holds for NaN.
  return v128.bitselect(z, splat(NaN), f32x4.ge(x, splat(0)));
}

/** e ln 2 + ln (1 + f) */
// @ts-ignore: decorator
@inline
function logOf(e: v128, f: v128): v128 {
  const z = f32x4.mul(f, f);
  let p = fma(e, splat(-2.12194440e-4), logTail(f, z));
  p = fma(z, splat(-0.5), p);
  return fma(e, splat(0.693359375), f32x4.add(f, p));
}

/** ln x within 1 ulp (Cephes logf). */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  const near = scaled(x);
  return atEnds(x, logOf(exponent(near, x), f32x4.sub(mantissa(near), splat(1))));
}

/** log₂ x within 2 ulp, whole for a power of two: log₂ e is taken as 1 + 0.4427 (Cephes log2f). */
// @ts-ignore: decorator
@inline
export function log2(x: v128): v128 {
  const near = scaled(x);
  const f = f32x4.sub(mantissa(near), splat(1));
  const z = f32x4.mul(f, f);
  const tail = fma(z, splat(-0.5), logTail(f, z));
  const over = f32x4.mul(f32x4.add(tail, f), splat(0.44269504088896341));
  return atEnds(x, f32x4.add(f32x4.add(f32x4.add(over, tail), f), exponent(near, x)));
}

/** log₁₀ x within 2 ulp, whole for a power of ten: the factors are taken in two parts (Cephes log10f). */
// @ts-ignore: decorator
@inline
export function log10(x: v128): v128 {
  const near = scaled(x);
  const e = exponent(near, x);
  const f = f32x4.sub(mantissa(near), splat(1));
  const z = f32x4.mul(f, f);
  const tail = fma(z, splat(-0.5), logTail(f, z));
  let p = fma(e, splat(2.48745663981195213739e-4), f32x4.mul(f32x4.add(tail, f), splat(7.00731903251827651129e-4)));
  p = f32x4.add(fma(tail, splat(0.43359375), p), f32x4.mul(f, splat(0.43359375)));
  return atEnds(x, fma(e, splat(0.30078125), p));
}

/** ln (1 + x) within 2 ulp: ln of the rounded sum u = m · 2ᵏ, m with what rounding has lost. */
// @ts-ignore: decorator
@inline
export function log1p(x: v128): v128 {
  const u = f32x4.add(x, splat(1));
  const k = i32x4.shr_s(i32x4.sub(u, i32x4.splat(SQRT_HALF)), 23);
  const lost = f32x4.sub(x, f32x4.sub(u, splat(1)));
  const scale = i32x4.shl(i32x4.sub(i32x4.splat(127), k), 23); // 2⁻ᵏ, of a u for which it counts
  const share = v128.and(f32x4.mul(lost, scale), f32x4.lt(u, splat(33554432)));
  const f = f32x4.add(f32x4.sub(mantissa(u), splat(1)), share);
  const y = atEnds(u, logOf(f32x4.convert_i32x4_s(k), f));
  return v128.bitselect(x, y, f32x4.eq(x, splat(0)));
}

/**
 * ln (1 + x) for 0 ≤ x ≤ 1, within 1.4 ulp: 2 artanh t with t = x / (2 + x), whose first term 2t is x − t x. The others by a
 * polynomial in t², fitted for the smallest relative error.
 */
// @ts-ignore: decorator
@inline
function log1pUnit(x: v128): v128 {
  const t = f32x4.div(x, f32x4.add(x, splat(2)));
  const z = f32x4.mul(t, t);
  const high = fma(splat(0.28031274676322937), z, splat(0.2799786329269409));
  const p = fma(high, f32x4.mul(z, z), fma(splat(0.4002177119255066), z, splat(0.6666641235351562)));
  return fma(t, fma(p, z, f32x4.neg(x)), x);
}

/** ln (1 + eˣ) within 3 ulp; results below 1.2e-38 become 0. */
// @ts-ignore: decorator
@inline
export function softplus(x: v128): v128 {
  const above = f32x4.max(x, splat(0)); // NaN stays
  return f32x4.add(above, log1pUnit(expFalling(f32x4.neg(f32x4.abs(x)))));
}

/** (1 − y) ln (1 + eˣ) + y ln (1 + e⁻ˣ): both logarithms are that of 1 + e^−|x|, and |x| in one of them. */
// @ts-ignore: decorator
@inline
export function logisticLoss(x: v128, y: v128): v128 {
  const rest = log1pUnit(expFalling(f32x4.neg(f32x4.abs(x))));
  const ofNo = f32x4.add(f32x4.max(x, splat(0)), rest);
  const ofYes = f32x4.add(f32x4.max(f32x4.neg(x), splat(0)), rest);
  return f32x4.add(f32x4.mul(ofNo, f32x4.sub(splat(1), y)), f32x4.mul(ofYes, y));
}

/** (1 − y) σ(x) − y σ(−x), the slope of the above: of σ(x) and σ(−x) one is 1 / (1 + e^−|x|), the other e^−|x| times that. */
// @ts-ignore: decorator
@inline
export function logisticSlope(x: v128, y: v128): v128 {
  const e = expFalling(f32x4.neg(f32x4.abs(x)));
  const large = f32x4.div(splat(1), f32x4.add(splat(1), e));
  const small = f32x4.mul(e, large);
  const isBelow = f32x4.lt(x, splat(0));
  const yes = v128.bitselect(small, large, isBelow);
  const no = v128.bitselect(large, small, isBelow);
  return f32x4.sub(f32x4.mul(yes, f32x4.sub(splat(1), y)), f32x4.mul(no, y));
}

/** ln (eᵃ + eᵇ) within 3 ulp of the larger; equal infinities stay. */
// @ts-ignore: decorator
@inline
export function logaddexp(a: v128, b: v128): v128 {
  const apart = f32x4.abs(f32x4.sub(a, b));
  const near = v128.andnot(apart, f32x4.eq(a, b));
  return f32x4.add(f32x4.max(a, b), log1pUnit(expFalling(f32x4.neg(near))));
}

/**
 * eˣ − 1 within 2 ulp: with x = n ln 2 + r, 2ⁿ (eʳ − 1) + (2ⁿ − 1), all of it by half, which does not overflow
 * before the result does.
 */
// @ts-ignore: decorator
@inline
export function expm1(x: v128): v128 {
  const near = f32x4.pmax(f32x4.pmin(x, splat(89)), splat(-20)); // pmin and pmax keep a NaN that stands first
  const shifted = fma(near, splat(1.44269504088896341), splat(ROUND));
  const r = remainderOfLn2(near, f32x4.sub(shifted, splat(ROUND)));
  const half = i32x4.add(splat(0.5), i32x4.shl(shifted, 23));
  const z = f32x4.mul(r, r);
  const p = fma(expTail(r, z), z, r);
  const y = fma(half, p, f32x4.sub(half, splat(0.5)));
  return v128.bitselect(x, f32x4.add(y, y), f32x4.eq(x, splat(0)));
}

/** eᵃ / 2 for 0 ≤ a ≤ 89.4, where eᵃ itself would overflow. */
// @ts-ignore: decorator
@inline
function halfExp(a: v128): v128 {
  return i32x4.sub(expNear(a), i32x4.splat(1 << 23));
}

/** sinh x within 2 ulp: an odd polynomial below 1 (Cephes sinhf), (eˣ − e⁻ˣ) / 2 above. */
// @ts-ignore: decorator
@inline
export function sinh(x: v128): v128 {
  const a = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = fma(splat(2.03721912945e-4), z, splat(8.33028376239e-3));
  p = fma(p, z, splat(1.66667160211e-1));
  const small = fma(f32x4.mul(p, z), a, a);
  const half = halfExp(f32x4.pmin(a, splat(LARGEST_SINH)));
  let large = f32x4.sub(half, f32x4.div(splat(0.25), half));
  large = v128.bitselect(splat(Infinity), large, f32x4.gt(a, splat(LARGEST_SINH)));
  const positive = v128.bitselect(large, small, f32x4.ge(a, splat(1)));
  return v128.bitselect(x, positive, splat(-0.0));
}

/** cosh x within 2 ulp. */
// @ts-ignore: decorator
@inline
export function cosh(x: v128): v128 {
  const a = f32x4.abs(x);
  const half = halfExp(f32x4.pmin(a, splat(LARGEST_SINH)));
  const y = v128.or(f32x4.add(half, f32x4.div(splat(0.25), half)), f32x4.ne(x, x)); // all bits set is a NaN
  return v128.bitselect(splat(Infinity), y, f32x4.gt(a, splat(LARGEST_SINH)));
}

/** 1 / (1 + e⁻ˣ) within 3 ulp; results below 1.2e-38 become 0. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  // pmin and pmax keep a NaN that stands first.
  const near = f32x4.pmax(f32x4.pmin(f32x4.neg(x), splat(87.33655)), splat(-87.3));
  const y = f32x4.div(splat(1), f32x4.add(splat(1), expNear(near)));
  return v128.andnot(y, f32x4.lt(x, splat(-87.33654)));
}

/**
 * x / (1 + e⁻ᵘ) within 3 ulp: x through a gate. Both sides of the fraction are taken 2⁻⁸ times, so that it keeps its
 * digits where e⁻ᵘ alone would overflow. Below u = −92 the gate is 0.
 */
// @ts-ignore: decorator
@inline
export function gated(x: v128, u: v128): v128 {
  const near = f32x4.pmax(f32x4.pmin(f32x4.neg(u), splat(92)), splat(-80));
  const e = i32x4.sub(expNear(near), i32x4.splat(8 << 23));
  const open = v128.bitselect(splat(Infinity), e, f32x4.lt(u, splat(-92)));
  return f32x4.div(f32x4.mul(x, splat(0.00390625)), f32x4.add(open, splat(0.00390625)));
}

/**
 * x tanh(ln(1 + eˣ)) within 4 ulp, as x / (1 + d): with h = e⁻ˣ, d = 2h² / (1 + 2h). Scaled as {@link gated}.
 */
// @ts-ignore: decorator
@inline
export function mish(x: v128): v128 {
  const near = f32x4.pmax(f32x4.pmin(f32x4.neg(x), splat(92)), splat(-80));
  const h = i32x4.sub(expNear(near), i32x4.splat(8 << 23));
  const d = f32x4.mul(h, f32x4.sub(splat(1), f32x4.div(splat(1), fma(h, splat(512), splat(1)))));
  const open = v128.bitselect(splat(Infinity), d, f32x4.lt(x, splat(-92)));
  return f32x4.div(f32x4.mul(x, splat(0.00390625)), f32x4.add(open, splat(0.00390625)));
}

/** e⁻ᵘ held within e^±64, of which a gate 1 / (1 + e⁻ᵘ) and its derivative are made: see {@link expWeight}. */
// @ts-ignore: decorator
@inline
export function gateExp(u: v128): v128 {
  return expNear(f32x4.pmax(f32x4.pmin(f32x4.neg(u), splat(64)), splat(-64)));
}

/**
 * ½ e^(a²/2) erfc(a / √2) for a ≥ 0, within 2e-7 of itself: the tail 1 − Φ(a) of the normal distribution over e^(−a²/2).
 * A polynomial in 1 / (1 + 0.33 a / √2), fitted for the smallest relative error on 0 ≤ a ≤ 13.3.
 */
// @ts-ignore: decorator
@inline
export function scaledTail(a: v128): v128 {
  const t = f32x4.div(splat(1), fma(a, splat(0.23334524), splat(1)));
  let p = fma(splat(-0.06796454638242722), t, splat(0.23134475946426392));
  p = fma(p, t, splat(-0.17772063612937927));
  p = fma(p, t, splat(0.2062719315290451));
  p = fma(p, t, splat(0.022504691034555435));
  p = fma(p, t, splat(0.10096211731433868));
  p = fma(p, t, splat(0.09141858667135239));
  p = fma(p, t, splat(0.09318305552005768));
  return f32x4.mul(p, t);
}

/** tanh x within 2 ulp: an odd polynomial below 0.625 (Cephes tanhf), 1 − 2 / (e²ˣ + 1) above. */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const z = f32x4.mul(x, x);
  let p = fma(splat(-5.70498872745e-3), z, splat(2.06390887954e-2));
  p = fma(p, z, splat(-5.37397155531e-2));
  p = fma(p, z, splat(1.33314422036e-1));
  p = fma(p, z, splat(-3.33332819422e-1));
  const small = fma(f32x4.mul(p, z), x, x);
  const a = f32x4.abs(x);
  const large = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(expNear(f32x4.pmin(f32x4.add(a, a), splat(87))), splat(1))));
  const either = v128.bitselect(small, large, f32x4.lt(a, splat(0.625)));
  return v128.bitselect(x, either, splat(-0.0)); // the sign of x, also of −0
}

/**
 * erf x within 1 ulp: an odd polynomial below 0.927734375, 1 − e^p(|x|) above
 * (N. Juffa's minimax coefficients).
 */
// @ts-ignore: decorator
@inline
export function erf(x: v128): v128 {
  // Beyond 4 erf is 1 in float32; min keeps NaN.
  const a = f32x4.min(f32x4.abs(x), splat(4));
  const s = f32x4.mul(a, a);
  let q = fma(splat(-5.96761703e-4), s, splat(4.99119423e-3));
  q = fma(q, s, splat(-2.67681349e-2));
  q = fma(q, s, splat(1.12819925e-1));
  q = fma(q, s, splat(-3.76125336e-1));
  q = fma(q, s, splat(1.28379166e-1));
  const small = fma(q, a, a);
  let r = fma(splat(-1.72853470e-5), a, splat(3.83197126e-4));
  r = fma(r, s, fma(splat(-3.88396438e-3), a, splat(2.42546219e-2)));
  r = fma(r, a, splat(-1.06777877e-1));
  r = fma(r, a, splat(-6.34846687e-1));
  r = fma(r, a, splat(-1.28717512e-1));
  r = f32x4.sub(f32x4.mul(r, a), a);
  const large = f32x4.sub(splat(1), expNear(r));
  const positive = v128.bitselect(large, small, f32x4.gt(a, splat(0.927734375)));
  return v128.bitselect(x, positive, splat(-0.0));
}
