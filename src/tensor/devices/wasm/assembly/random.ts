import { panels } from "./matmul";
import { F32, VEC, fromDoubles, splat } from "./simd";
import { Task } from "./task";

/**
 * Random numbers from one stream, the same to the last bit however many threads and lanes share it. The source is
 * xoshiro128**; its steps are linear over GF(2), so that n steps at once are the polynomial xⁿ mod p of one step, p its
 * characteristic polynomial (Haramoto et al. 2008, doi:10.1287/ijoc.1070.0251). So every piece finds its own place in the
 * stream, and four lanes draw a quarter of it each.
 */

export const enum DrawOp { uniform, normal, bernoulli }

@unmanaged
export class DrawTask extends Task {
  op: DrawOp;
  /** Nine words: the state before, the state after, and 1 where a uniform number was not below its upper end. */
  words: usize;
  out: usize;
  a: f64;
  b: f64;
}

/** p without its x¹²⁸. */
const LOW: u64 = 0x1b489db6de18fc01;
const HIGH: u64 = 0x00fc65a2006254b1;

/** A polynomial over GF(2) of a degree below 128. */
let low: u64 = 0;
let high: u64 = 0;

/** That polynomial = itself · x mod p. */
// @ts-ignore: decorator
@inline
function timesX(): void {
  const carry: u64 = 0 - (high >> 63);
  high = ((high << 1) | (low >> 63)) ^ (HIGH & carry);
  low = (low << 1) ^ (LOW & carry);
}

/** That polynomial = xⁿ mod p. */
function powerOfX(n: u64): void {
  const digits = 64 - clz(n);
  let left = digits > 6 ? digits - 6 : 0;
  low = <u64>1 << (n >> left);
  high = 0;
  while (left > 0) {
    const a = low, b = high;
    low = high = 0;
    for (let i = 127; i >= 0; i--) {
      timesX();
      const bit: u64 = 0 - (((i < 64 ? a : b) >> (i & 63)) & 1);
      low ^= a & bit;
      high ^= b & bit;
    }
    left--;
    if ((n >> left) & 1) timesX();
  }
}

/** The state at `from`, as many steps on as the polynomial says, to `to`; its words lie 16 bytes apart, as those of lanes. */
function jump(from: usize, to: usize): void {
  let a = load<u32>(from), b = load<u32>(from, 16), c = load<u32>(from, 32), d = load<u32>(from, 48);
  let sumA: u32 = 0, sumB: u32 = 0, sumC: u32 = 0, sumD: u32 = 0;
  for (let i = 0; i < 128; i++) {
    const bit: u32 = 0 - (<u32>((i < 64 ? low : high) >> (i & 63)) & 1);
    sumA ^= a & bit, sumB ^= b & bit, sumC ^= c & bit, sumD ^= d & bit;
    const shifted = b << 9;
    c ^= a, d ^= b, b ^= c, a ^= d, c ^= shifted, d = rotl(d, 11);
  }
  store<u32>(to, sumA), store<u32>(to, sumB, 16), store<u32>(to, sumC, 32), store<u32>(to, sumD, 48);
}

/** What xoshiro128** makes of the second word: rotl(5 b, 7) · 9. */
// @ts-ignore: decorator
@inline
function scrambled(b: v128): v128 {
  const five = i32x4.add(i32x4.shl(b, 2), b);
  const turned = v128.or(i32x4.shl(five, 7), i32x4.shr_u(five, 25));
  return i32x4.add(i32x4.shl(turned, 3), turned);
}

/** The upper two lanes in the place of the lower two. */
// @ts-ignore: decorator
@inline
function upper(v: v128): v128 {
  return v128.shuffle<i32>(v, v, 2, 3, 2, 3);
}

/** Two numbers in [0, 1): multiples of 2⁻⁵³. */
// @ts-ignore: decorator
@inline
function doubles(first: v128, second: v128): v128 {
  const whole = f64x2.mul(f64x2.convert_low_i32x4_s(i32x4.shr_u(first, 5)), f64x2.splat(67108864));
  return f64x2.mul(f64x2.add(whole, f64x2.convert_low_i32x4_s(i32x4.shr_u(second, 6))), f64x2.splat(1.1102230246251565e-16));
}

/** Two numbers in (0, 1): odd multiples of 2⁻⁵³. */
// @ts-ignore: decorator
@inline
function openDoubles(first: v128, second: v128): v128 {
  const whole = f64x2.mul(f64x2.convert_low_i32x4_s(i32x4.shr_u(first, 6)), f64x2.splat(67108864));
  const sum = f64x2.add(f64x2.add(whole, f64x2.convert_low_i32x4_s(i32x4.shr_u(second, 6))), f64x2.splat(0.5));
  return f64x2.mul(sum, f64x2.splat(2.220446049250313e-16));
}

/** a x + b in two roundings, on every engine. */
// @ts-ignore: decorator
@inline
function step(a: v128, x: v128, b: f64): v128 {
  return f64x2.add(f64x2.mul(a, x), f64x2.splat(b));
}

/** Σ cᵢ xⁱ by Horner's rule. */
// @ts-ignore: decorator
@inline
function poly(x: v128, c0: f64, c1: f64, c2: f64, c3: f64, c4: f64, c5: f64, c6: f64, c7: f64): v128 {
  return step(step(step(step(step(step(step(f64x2.splat(c7), x, c6), x, c5), x, c4), x, c3), x, c2), x, c1), x, c0);
}

/** log of two positive normal numbers: the steps of `log` in random/normal.ts. */
// @ts-ignore: decorator
@inline
function log(x: v128): v128 {
  const mantissa = v128.and(x, i64x2.splat(0x000fffffffffffff));
  const carry = v128.and(i64x2.add(mantissa, i64x2.splat(0x00095f6400000000)), i64x2.splat(0x0010000000000000));
  const whole = i64x2.add(i64x2.shr_u(x, 52), i64x2.sub(i64x2.shr_u(carry, 52), i64x2.splat(1023)));
  const exponent = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(whole, whole, 0, 2, 0, 2));
  const near = v128.or(mantissa, v128.xor(carry, i64x2.splat(0x3ff0000000000000)));
  const f = f64x2.sub(near, f64x2.splat(1));
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  const even = f64x2.mul(w, step(w, step(w, f64x2.splat(0.15313837699209373), 0.22222198432149784), 0.3999999999940942));
  const odd = f64x2.mul(z, step(w, step(w, step(w, f64x2.splat(0.14798198605116586), 0.1818357216161805), 0.2857142874366239), 0.6666666666666735));
  const half = f64x2.mul(f64x2.mul(f64x2.splat(0.5), f), f);
  const below = f64x2.add(
    f64x2.mul(s, f64x2.add(f64x2.add(half, odd), even)), f64x2.mul(exponent, f64x2.splat(1.9082149292705877e-10)),
  );
  return f64x2.sub(f64x2.mul(exponent, f64x2.splat(0.6931471803691238)), f64x2.sub(f64x2.sub(half, below), f));
}

/** z with Φ(z) = p, of two numbers of which |p − ½| > 0.425: the steps of `normalQuantile` in random/normal.ts. */
// @ts-ignore: decorator
@inline
function outerQuantile(p: v128): v128 {
  const isBelow = f64x2.lt(p, f64x2.splat(0.5));
  const r = f64x2.sqrt(f64x2.neg(log(v128.bitselect(p, f64x2.sub(f64x2.splat(1), p), isBelow))));
  const t = f64x2.sub(r, f64x2.splat(1.6));
  let z = f64x2.div(
    poly(t, 1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
      0.2417807251774506, 0.022723844989269184, 0.0007745450142783414),
    poly(t, 1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
      0.0005475938084995345, 1.0507500716444169e-9),
  );
  const isFar = f64x2.gt(r, f64x2.splat(5));
  if (v128.any_true(isFar)) {
    const u = f64x2.sub(r, f64x2.splat(5));
    const far = f64x2.div(
      poly(u, 6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
        0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7),
      poly(u, 1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
        1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15),
    );
    z = v128.bitselect(far, z, isFar);
  }
  return v128.xor(z, v128.and(isBelow, f64x2.splat(-0.0)));
}

/** The same of p = q + ½ where |q| ≤ 0.425. */
// @ts-ignore: decorator
@inline
function innerQuantile(q: v128): v128 {
  const t = f64x2.sub(f64x2.splat(0.180625), f64x2.mul(q, q));
  return f64x2.div(
    f64x2.mul(q, poly(t, 3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
      67265.7709270087, 33430.57558358813, 2509.0809287301227)),
    poly(t, 1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
      28729.085735721943, 5226.495278852854),
  );
}

/** So many times four numbers are drawn before those of them that lie far out are done; a list of all takes 16 KiB. */
const STEPS: usize = 256;

/** The number that belongs at `to` is listed as its probability and its place; `isOuter`: not to be written over by the next. */
// @ts-ignore: decorator
@inline
function listed(list: usize, p: f64, to: usize, isOuter: i32): usize {
  store<f64>(list, p);
  store<u32>(list, <u32>to, 8);
  return list + <usize>isOuter * VEC;
}

/** Writes the numbers that are listed up to `end`, two at a time. */
function drawListed(list: usize, end: usize, mean: f64, std: f64): void {
  const from = f64x2.splat(mean), width = f64x2.splat(std);
  // Where there is no second one, the last twice.
  memory.copy(end, end - VEC, VEC);
  for (; list < end; list += 2 * VEC) {
    const p = f64x2.replace_lane(v128.load64_splat(list), 1, load<f64>(list, VEC));
    const y = f32x4.demote_f64x2_zero(f64x2.add(from, f64x2.mul(width, outerQuantile(p))));
    store<f32>(load<u32>(list, 8), f32x4.extract_lane(y, 0));
    store<f32>(load<u32>(list, VEC + 8), f32x4.extract_lane(y, 1));
  }
}

/** Four lanes of states, at `lanes`, draw `count` numbers each, to places `apart` bytes apart. */
// @ts-ignore: decorator
@inline
function drawLanes(op: DrawOp, task: DrawTask, lanes: usize, out: usize, count: usize, apart: usize): void {
  let a = v128.load(lanes), b = v128.load(lanes, 16), c = v128.load(lanes, 32), d = v128.load(lanes, 48);
  const from = f64x2.splat(task.a);
  const width = f64x2.splat(op == DrawOp.uniform ? task.b - task.a : task.b);
  const top = splat(<f32>task.b);
  // Of the numbers below 2³² so many, from 0 on, are hits.
  const hits = Math.ceil(task.a * 4294967296);
  const limit = i32x4.splat(<u32>hits), always = i32x4.splat(hits > 4294967295 ? -1 : 0);
  let isBelow = i32x4.splat(-1);
  const list = lanes + 4 * VEC;
  for (const end = out + count * F32; out < end; ) {
    const stop = op == DrawOp.normal ? min(end, out + STEPS * F32) : end;
    let outer = list;
    for (; out < stop; out += F32) {
      const first = scrambled(b);
      let shifted = i32x4.shl(b, 9);
      c = v128.xor(c, a), d = v128.xor(d, b), b = v128.xor(b, c), a = v128.xor(a, d), c = v128.xor(c, shifted);
      d = v128.or(i32x4.shl(d, 11), i32x4.shr_u(d, 21));
      let y: v128;
      if (op == DrawOp.bernoulli) {
        y = v128.and(v128.or(i32x4.lt_u(first, limit), always), splat(1));
      } else {
        const second = scrambled(b);
        shifted = i32x4.shl(b, 9);
        c = v128.xor(c, a), d = v128.xor(d, b), b = v128.xor(b, c), a = v128.xor(a, d), c = v128.xor(c, shifted);
        d = v128.or(i32x4.shl(d, 11), i32x4.shr_u(d, 21));
        let p: v128, q: v128;
        if (op == DrawOp.uniform) {
          p = doubles(first, second);
          q = doubles(upper(first), upper(second));
        } else {
          p = openDoubles(first, second);
          q = openDoubles(upper(first), upper(second));
          const low = f64x2.sub(p, f64x2.splat(0.5)), high = f64x2.sub(q, f64x2.splat(0.5));
          const isLow = i64x2.bitmask(f64x2.gt(f64x2.abs(low), f64x2.splat(0.425)));
          const isHigh = i64x2.bitmask(f64x2.gt(f64x2.abs(high), f64x2.splat(0.425)));
          outer = listed(outer, f64x2.extract_lane(p, 0), out, isLow & 1);
          outer = listed(outer, f64x2.extract_lane(p, 1), out + apart, isLow >> 1);
          outer = listed(outer, f64x2.extract_lane(q, 0), out + 2 * apart, isHigh & 1);
          outer = listed(outer, f64x2.extract_lane(q, 1), out + 3 * apart, isHigh >> 1);
          p = innerQuantile(low);
          q = innerQuantile(high);
        }
        y = fromDoubles(f64x2.add(from, f64x2.mul(width, p)), f64x2.add(from, f64x2.mul(width, q)));
        if (op == DrawOp.uniform) isBelow = v128.and(isBelow, f32x4.lt(y, top));
      }
      v128.store_lane<f32>(out, y, 0);
      v128.store_lane<f32>(out + apart, y, 1);
      v128.store_lane<f32>(out + 2 * apart, y, 2);
      v128.store_lane<f32>(out + 3 * apart, y, 3);
    }
    if (op == DrawOp.normal) drawListed(list, outer, task.a, task.b);
  }
  v128.store(lanes, a), v128.store(lanes, b, 16), v128.store(lanes, c, 32), v128.store(lanes, d, 48);
  if (op == DrawOp.uniform && !i32x4.all_true(isBelow)) store<i32>(task.words, 1, 32);
}

/** Numbers begin to end of the stream that starts with the state. */
// @ts-ignore: decorator
@inline
function drawPiece(op: DrawOp, task: DrawTask, begin: usize, end: usize): void {
  const draws = op == DrawOp.bernoulli ? 1 : 2;
  const lanes = panels();
  for (let i: usize = 0; i < 4; i++) store<u32>(lanes + i * VEC, load<u32>(task.words + i * F32));
  powerOfX(<u64>begin * draws);
  jump(lanes, lanes);
  const count = (end - begin) / 4;
  powerOfX(<u64>count * draws);
  for (let lane = lanes; lane < lanes + 3 * F32; lane += F32) jump(lane, lane + F32);
  const out = task.out + begin * F32;
  drawLanes(op, task, lanes, out, count, count * F32);
  // The last lane stands where the rest begins: all lanes draw it.
  for (let i: usize = 0; i < 4; i++) v128.store(lanes + i * VEC, v128.load32_splat(lanes + i * VEC, 12));
  drawLanes(op, task, lanes, out + 4 * count * F32, end - begin - 4 * count, 0);
  if (end == task.total) {
    for (let i: usize = 0; i < 4; i++) store<u32>(task.words + i * F32, load<u32>(lanes + i * VEC), 16);
  }
}

/** out = a + (b − a) u, a + b z, or 1 with a chance of a. */
export function draw(task: DrawTask, begin: usize, end: usize): void {
  switch (task.op) {
    case DrawOp.uniform: return drawPiece(DrawOp.uniform, task, begin, end);
    case DrawOp.normal: return drawPiece(DrawOp.normal, task, begin, end);
    default: return drawPiece(DrawOp.bernoulli, task, begin, end);
  }
}
