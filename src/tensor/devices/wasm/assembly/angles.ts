import { fma, fma64, fromDoubles, highDoubles, lowDoubles, splat } from "./simd";

/**
 * Sine and its kin, and their inverses, on four float32 lanes. As in math.ts, the largest errors stated here are held by
 * test/tensor/accuracy.test.ts.
 */

const SIGN: f32 = -0.0;
const HALF_PI: f32 = 1.57079637;
/** π/2 less that. */
const HALF_PI_REST: f32 = -4.37113900018624e-8;

/** Beyond it multiples of π/2 need more digits: it is done one number after the other. */
const LARGE: f32 = 4e8;

/** 1.5 · 2⁵²: a number added to it is rounded to a whole one, which then stands in its lowest bits. */
const ROUND: f64 = 6755399441055744;

/** n = round(x / (π/2)), in the lowest bits. */
// @ts-ignore: decorator
@inline
function quarters(x: v128): v128 {
  return fma64(x, f64x2.splat(0.63661977236758134308), f64x2.splat(ROUND));
}

/** x − n π/2; the first product is exact. */
// @ts-ignore: decorator
@inline
function beyond(x: v128, shifted: v128): v128 {
  const n = f64x2.sub(shifted, f64x2.splat(ROUND));
  const r = fma64(n, f64x2.splat(-1.57079631090164184570), x);
  return fma64(n, f64x2.splat(-1.58932547735281966916e-8), r);
}

/**
 * x over 2π, without its whole part, times 2⁶⁴, for |x| ≥ 2²⁵ (Payne and Hanek, 1983): the product of the 24 digits of x with
 * as many binary digits of 2/π as matter.
 */
function turns(x: f32): u64 {
  const bits = reinterpret<u32>(x);
  const digit = ((bits >> 23) & 255) - 152; // the first that does not give whole turns
  const isFar = digit >= 64;
  const a: u64 = isFar ? 0xfc2757d1f534ddc0 : 0xa2f9836e4e441529;
  const b: u64 = isFar ? 0xdb6295993c439041 : 0xfc2757d1f534ddc0;
  const c: u64 = isFar ? 0xfe5163abdebbc561 : 0xdb6295993c439041;
  const shift: u64 = digit & 63;
  const first = shift ? (a << shift) | (b >> (64 - shift)) : a;
  const next = (shift ? (b << shift) | (c >> (64 - shift)) : b) >> 32;
  const mantissa: u64 = (bits & 0x007fffff) | 0x00800000;
  const product = mantissa * first + ((mantissa * next) >> 32);
  return x < 0 ? 0 - product : product;
}

/** What is left of x beyond the nearest multiple of π/2. */
function restOf(x: f32): f32 {
  if (!(abs(x) < Infinity)) return NaN;
  return <f32>(<f64>(<i64>(turns(x) << 2)) * 8.51530395021638647334e-20); // π / 2⁶⁵
}

/** That multiple, but for whole turns. */
function quarterOf(x: f32): i32 {
  return <i32>((turns(x) + (<u64>1 << 61)) >> 62);
}

function restOfEach(x: v128): v128 {
  let y = f32x4.splat(restOf(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, restOf(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, restOf(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, restOf(f32x4.extract_lane(x, 3)));
}

function quarterOfEach(x: v128): v128 {
  let n = i32x4.splat(quarterOf(f32x4.extract_lane(x, 0)));
  n = i32x4.replace_lane(n, 1, quarterOf(f32x4.extract_lane(x, 1)));
  n = i32x4.replace_lane(n, 2, quarterOf(f32x4.extract_lane(x, 2)));
  return i32x4.replace_lane(n, 3, quarterOf(f32x4.extract_lane(x, 3)));
}

/** sin r for |r| ≤ π/4 (Cephes sinf); the sign of a zero is lost. */
// @ts-ignore: decorator
@inline
function sinNear(r: v128, z: v128): v128 {
  let p = fma(splat(-1.9515295891e-4), z, splat(8.3321608736e-3));
  p = fma(p, z, splat(-1.6666654611e-1));
  return fma(f32x4.mul(p, z), r, r);
}

/** cos r for |r| ≤ π/4 (Cephes cosf). */
// @ts-ignore: decorator
@inline
function cosNear(z: v128): v128 {
  let p = fma(splat(2.443315711809948e-5), z, splat(-1.388731625493765e-3));
  p = fma(p, z, splat(4.166664568298827e-2));
  return fma(f32x4.mul(p, z), z, fma(z, splat(-0.5), splat(1)));
}

/** tan r for |r| ≤ π/4 (Cephes tanf). */
// @ts-ignore: decorator
@inline
function tanNear(r: v128, z: v128): v128 {
  let p = fma(splat(9.38540185543e-3), z, splat(3.11992232697e-3));
  p = fma(p, z, splat(2.44301354525e-2));
  p = fma(p, z, splat(5.34112807005e-2));
  p = fma(p, z, splat(1.33387994085e-1));
  p = fma(p, z, splat(3.33331568548e-1));
  return fma(f32x4.mul(p, z), r, r);
}

/** Which function of an angle. */
const enum Angle { sin, cos, tan }

/** An angle's sine, cosine or tangent; the sign of a zero is lost. */
// @ts-ignore: decorator
@inline
function angle(x: v128, which: Angle): v128 {
  const low = lowDoubles(x), high = highDoubles(x);
  const nLow = quarters(low), nHigh = quarters(high);
  let r = fromDoubles(beyond(low, nLow), beyond(high, nHigh));
  let n = v128.shuffle<i32>(nLow, nHigh, 0, 2, 4, 6);
  const isLarge = f32x4.gt(f32x4.abs(x), splat(LARGE));
  if (v128.any_true(isLarge)) {
    r = v128.bitselect(restOfEach(x), r, isLarge);
    n = v128.bitselect(quarterOfEach(x), n, isLarge);
  }
  if (which == Angle.cos) n = i32x4.add(n, i32x4.splat(1)); // sin (x + π/2)
  const z = f32x4.mul(r, r);
  const isOdd = i32x4.ne(v128.and(n, i32x4.splat(1)), i32x4.splat(0));
  if (which == Angle.tan) {
    const t = tanNear(r, z);
    return v128.bitselect(f32x4.div(splat(-1), t), t, isOdd);
  }
  const y = v128.bitselect(cosNear(z), sinNear(r, z), isOdd);
  return v128.xor(y, i32x4.shl(v128.and(n, i32x4.splat(2)), 30));
}

/** sin x within 2 ulp, also of huge numbers; NaN of infinities. */
// @ts-ignore: decorator
@inline
export function sin(x: v128): v128 {
  return v128.bitselect(x, angle(x, Angle.sin), f32x4.eq(x, splat(0)));
}

/** cos x within 2 ulp, also of huge numbers; NaN of infinities. */
// @ts-ignore: decorator
@inline
export function cos(x: v128): v128 {
  return angle(x, Angle.cos);
}

/** tan x within 4 ulp: tan r, or −1 / tan r between the odd multiples of π/4. */
// @ts-ignore: decorator
@inline
export function tan(x: v128): v128 {
  return v128.bitselect(x, angle(x, Angle.tan), f32x4.eq(x, splat(0)));
}

/** (asin s − s) / s for |s| ≤ ½ and z = s² (Cephes asinf). */
// @ts-ignore: decorator
@inline
function asinTail(z: v128): v128 {
  let p = fma(splat(4.2163199048e-2), z, splat(2.4181311049e-2));
  p = fma(p, z, splat(4.5470025998e-2));
  p = fma(p, z, splat(7.4953002686e-2));
  return f32x4.mul(fma(p, z, splat(1.6666752422e-1)), z);
}

/** asin x within 3 ulp; above ½ it is π/2 − 2 asin √((1 − x) / 2). NaN outside of [−1, 1]. */
// @ts-ignore: decorator
@inline
export function asin(x: v128): v128 {
  const a = f32x4.abs(x);
  const isLarge = f32x4.gt(a, splat(0.5));
  const half = f32x4.mul(f32x4.sub(splat(1), a), splat(0.5));
  const z = v128.bitselect(half, f32x4.mul(a, a), isLarge);
  const s = v128.bitselect(f32x4.sqrt(half), a, isLarge);
  const small = fma(asinTail(z), s, s);
  const large = f32x4.sub(splat(HALF_PI), f32x4.sub(f32x4.add(small, small), splat(HALF_PI_REST)));
  return v128.bitselect(x, v128.bitselect(large, small, isLarge), splat(SIGN));
}

/** acos x within 3 ulp; above ½ it is 2 asin √((1 − x) / 2). NaN outside of [−1, 1]. */
// @ts-ignore: decorator
@inline
export function acos(x: v128): v128 {
  const a = f32x4.abs(x);
  const isLarge = f32x4.gt(a, splat(0.5));
  const half = f32x4.mul(f32x4.sub(splat(1), a), splat(0.5));
  const z = v128.bitselect(half, f32x4.mul(a, a), isLarge);
  const s = v128.bitselect(f32x4.sqrt(half), x, isLarge);
  const p = fma(asinTail(z), s, s);
  const twice = f32x4.add(p, p);
  const isBelow = f32x4.lt(x, splat(0));
  const opposite = f32x4.sub(splat(2 * HALF_PI), f32x4.sub(twice, splat(2 * HALF_PI_REST)));
  const small = f32x4.sub(splat(HALF_PI), f32x4.sub(p, splat(HALF_PI_REST)));
  return v128.bitselect(v128.bitselect(opposite, twice, isBelow), small, isLarge);
}

/** atan q for 0 ≤ q ≤ 1: a polynomial fitted for the smallest relative error. */
// @ts-ignore: decorator
@inline
function atanNear(q: v128): v128 {
  const z = f32x4.mul(q, q);
  let p = fma(splat(-0.0017936217799324763), z, splat(0.010914606153344103));
  p = fma(p, z, splat(-0.031177846783786243));
  p = fma(p, z, splat(0.05795759470435034));
  p = fma(p, z, splat(-0.08403450407149142));
  p = fma(p, z, splat(0.10952185806400719));
  p = fma(p, z, splat(-0.14264241686885332));
  p = fma(p, z, splat(0.19998548284944262));
  p = fma(p, z, splat(-0.3333329908914672));
  return fma(f32x4.mul(p, z), q, q);
}

/** atan x within 3 ulp; above 1 it is π/2 − atan 1/x. */
// @ts-ignore: decorator
@inline
export function atan(x: v128): v128 {
  const a = f32x4.abs(x);
  const isLarge = f32x4.gt(a, splat(1));
  const small = atanNear(v128.bitselect(f32x4.div(splat(1), a), a, isLarge));
  const large = f32x4.sub(splat(HALF_PI), f32x4.sub(small, splat(HALF_PI_REST)));
  return v128.bitselect(x, v128.bitselect(large, small, isLarge), splat(SIGN));
}

/** The angle of the point (x, y), in [−π, π], within 4 ulp; the signs of zeros count. */
// @ts-ignore: decorator
@inline
export function atan2(y: v128, x: v128): v128 {
  const a = f32x4.abs(y), b = f32x4.abs(x);
  const least = f32x4.min(a, b), most = f32x4.max(a, b); // NaN stays
  let q = f32x4.div(least, most);
  const isOdd = v128.or(f32x4.eq(most, splat(0)), f32x4.eq(least, splat(Infinity))); // 0 / 0, ∞ / ∞
  if (v128.any_true(isOdd)) q = v128.bitselect(v128.and(splat(1), f32x4.gt(most, splat(0))), q, isOdd);
  const t = atanNear(q);
  const steep = f32x4.sub(splat(HALF_PI), f32x4.sub(t, splat(HALF_PI_REST)));
  const right = v128.bitselect(steep, t, f32x4.gt(a, b));
  const left = f32x4.sub(splat(2 * HALF_PI), f32x4.sub(right, splat(2 * HALF_PI_REST)));
  const angle = v128.bitselect(left, right, i32x4.shr_s(x, 31));
  return v128.bitselect(y, angle, splat(SIGN));
}
