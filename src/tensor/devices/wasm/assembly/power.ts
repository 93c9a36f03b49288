import { exponent, mantissa, scaled } from "./math";
import { fma64, fromDoubles, highDoubles, lowDoubles, splat } from "./simd";

/** Functions of two numbers that need more digits on the way: they run in float64, two lanes at a time. */

/** 1.5 · 2⁵²: a number added to it is rounded to a whole one, which then stands in its lowest bits. */
const ROUND: f64 = 6755399441055744;

/** log₂ m for √½ ≤ m < √2, within 5e-12 of itself: an odd polynomial in (m − 1) / (m + 1). */
// @ts-ignore: decorator
@inline
function log2Near(m: v128): v128 {
  const s = f64x2.div(f64x2.sub(m, f64x2.splat(1)), f64x2.add(m, f64x2.splat(1)));
  const z = f64x2.mul(s, s);
  let p = fma64(f64x2.splat(0.3407300656548451), z, f64x2.splat(0.41167272133726973));
  p = fma64(p, z, f64x2.splat(0.577083584922711));
  p = fma64(p, z, f64x2.splat(0.9617966733420692));
  p = fma64(p, z, f64x2.splat(2.8853900817900855));
  return f64x2.mul(p, s);
}

/** 2ᵗ for |t| ≤ 1000, within 2e-9 of itself. */
// @ts-ignore: decorator
@inline
function exp2(t: v128): v128 {
  const shifted = f64x2.add(t, f64x2.splat(ROUND));
  const r = f64x2.sub(t, f64x2.sub(shifted, f64x2.splat(ROUND)));
  let p = fma64(f64x2.splat(0.00015345811638435832), r, f64x2.splat(0.00133999312171668));
  p = fma64(p, r, f64x2.splat(0.00961848895846165));
  p = fma64(p, r, f64x2.splat(0.05550328776971787));
  p = fma64(p, r, f64x2.splat(0.24022646890621757));
  p = fma64(p, r, f64x2.splat(0.6931472057372627));
  p = fma64(p, r, f64x2.splat(1.0000000005541665));
  return i64x2.add(p, i64x2.shl(shifted, 52));
}

/** 2^(y (e + log₂ m)), held within what float32 tells from 0 and ∞. */
// @ts-ignore: decorator
@inline
function powNear(m: v128, e: v128, y: v128): v128 {
  const t = f64x2.mul(y, f64x2.add(e, log2Near(m)));
  return exp2(f64x2.pmax(f64x2.pmin(t, f64x2.splat(200)), f64x2.splat(-200)));
}

/** aᵇ within 1 ulp, with IEEE's answers for 0, ∞ and NaN; 1 for 1ᵇ and a⁰ whatever the other is. */
// @ts-ignore: decorator
@inline
export function pow(a: v128, b: v128): v128 {
  const isPlain = v128.and(f32x4.gt(a, splat(0)), f32x4.lt(f32x4.max(a, f32x4.abs(b)), splat(Infinity)));
  const arePlain = i32x4.all_true(isPlain);
  const x = f32x4.abs(a);
  const near = scaled(x);
  let e = exponent(near, x);
  if (!arePlain) {
    // 0 and ∞ take the place of an exponent beyond all others.
    e = v128.bitselect(splat(-Infinity), e, f32x4.eq(x, splat(0)));
    e = v128.bitselect(x, e, f32x4.eq(x, splat(Infinity)));
    e = v128.or(e, f32x4.ne(a, a));
  }
  const m = mantissa(near);
  const low = powNear(lowDoubles(m), lowDoubles(e), lowDoubles(b));
  const high = powNear(highDoubles(m), highDoubles(e), highDoubles(b));
  let y = fromDoubles(low, high);
  if (!arePlain) y = ofAny(a, b, x, y);
  return v128.bitselect(f32x4.mul(a, a), y, f32x4.eq(b, splat(2)));
}

/** The power of a of which y is that of x = |a|. */
function ofAny(a: v128, b: v128, x: v128, y: v128): v128 {
  // A power of a negative number has a sign where the exponent is whole, and no value where it is not.
  const half = f32x4.mul(b, splat(0.5));
  const isWhole = f32x4.eq(f32x4.nearest(b), b);
  const isOdd = v128.andnot(isWhole, f32x4.eq(f32x4.nearest(half), half));
  let z = v128.xor(y, v128.and(v128.and(a, isOdd), splat(-0.0)));
  const isProper = v128.and(f32x4.lt(a, splat(0)), f32x4.gt(a, splat(-Infinity)));
  z = v128.or(z, v128.andnot(isProper, isWhole)); // all bits set is a NaN
  const isOne = v128.and(f32x4.eq(x, splat(1)), f32x4.eq(f32x4.abs(b), splat(Infinity)));
  const always = v128.or(f32x4.eq(a, splat(1)), f32x4.eq(b, splat(0)));
  return v128.bitselect(splat(1), z, v128.or(isOne, always));
}

/** Quotients up to here are exact, and their products with b: larger ones go one number after the other. */
const LARGE: f64 = 536870912;

/** a − b trunc(a / b) for a quotient below 2²⁹: exact, but for its sign where it is 0. */
// @ts-ignore: decorator
@inline
function restNear(a: v128, b: v128, q: v128): v128 {
  const r = f64x2.sub(a, f64x2.mul(f64x2.trunc(q), b));
  // The quotient may have been rounded up to a whole one: then the rest has the sign of −a.
  const isPast = i64x2.lt_s(v128.and(v128.xor(r, a), f64x2.ne(r, f64x2.splat(0))), i64x2.splat(0));
  const step = v128.bitselect(a, f64x2.abs(b), f64x2.splat(-0.0));
  return f64x2.add(r, v128.and(step, isPast));
}

/** a − b trunc(a / b), exactly, with the sign of a; NaN for b = 0 and for an infinite a. */
// @ts-ignore: decorator
@inline
export function fmod(a: v128, b: v128): v128 {
  const aLow = lowDoubles(a), aHigh = highDoubles(a);
  const bLow = lowDoubles(b), bHigh = highDoubles(b);
  const qLow = f64x2.div(aLow, bLow), qHigh = f64x2.div(aHigh, bHigh);
  const most = f64x2.splat(LARGE);
  // Not ≤: NaN too.
  const areSmall = v128.and(f64x2.le(f64x2.abs(qLow), most), f64x2.le(f64x2.abs(qHigh), most));
  if (!i64x2.all_true(areSmall)) return fmodEach(a, b);
  const r = v128.bitselect(a, fromDoubles(restNear(aLow, bLow, qLow), restNear(aHigh, bHigh, qHigh)), splat(-0.0));
  return v128.bitselect(a, r, f32x4.lt(f32x4.abs(a), f32x4.abs(b))); // also where b is infinite
}

function fmodEach(a: v128, b: v128): v128 {
  let r = f32x4.splat(f32x4.extract_lane(a, 0) % f32x4.extract_lane(b, 0));
  r = f32x4.replace_lane(r, 1, f32x4.extract_lane(a, 1) % f32x4.extract_lane(b, 1));
  r = f32x4.replace_lane(r, 2, f32x4.extract_lane(a, 2) % f32x4.extract_lane(b, 2));
  return f32x4.replace_lane(r, 3, f32x4.extract_lane(a, 3) % f32x4.extract_lane(b, 3));
}

/** The rest with the sign of b, as Python's %. */
// @ts-ignore: decorator
@inline
export function remainder(a: v128, b: v128): v128 {
  const r = fmod(a, b);
  const isOther = v128.and(i32x4.shr_s(v128.xor(r, b), 31), f32x4.ne(r, splat(0)));
  return v128.bitselect(f32x4.add(r, b), r, isOther);
}
