import { atan2 } from "./angles";
import { logaddexp, logisticLoss, logisticSlope } from "./math";
import { fmod, pow, remainder } from "./power";
import { F32, VEC, highDoubles, loadTail, lowDoubles, splat, storeTail } from "./simd";
import { Task } from "./task";

/** Two values in, one out, with broadcasting: numbers, and whether they stand in a relation. */

export const enum BinaryOp {
  add,
  sub,
  mul,
  div,
  maximum,
  minimum,
  prelu,
  lerp,
  huber,
  huberSlope,
  pow,
  remainder,
  fmod,
  atan2,
  logaddexp,
  logisticLoss,
  logisticSlope,
}

/** Between two multiples of `segment` each side is either in order or constant: the caller chooses it so. */
@unmanaged
export class BinaryTask extends Task {
  op: BinaryOp;
  a: usize;
  aInner: usize;
  aLength: usize;
  b: usize;
  bInner: usize;
  bLength: usize;
  out: usize;
  segment: usize;
  /** The weight of lerp, the threshold of huber; q is no one's. */
  p: f64;
  q: f64;
}

// @ts-ignore: decorator
@inline
function apply(op: BinaryOp, isInteger: bool, a: v128, b: v128, p: v128): v128 {
  if (isInteger) {
    if (op == BinaryOp.add) return i32x4.add(a, b);
    if (op == BinaryOp.sub) return i32x4.sub(a, b);
    if (op == BinaryOp.mul) return i32x4.mul(a, b);
    return op == BinaryOp.maximum ? i32x4.max_s(a, b) : i32x4.min_s(a, b);
  }
  if (op == BinaryOp.add) return f32x4.add(a, b);
  if (op == BinaryOp.sub) return f32x4.sub(a, b);
  if (op == BinaryOp.mul) return f32x4.mul(a, b);
  if (op == BinaryOp.div) return f32x4.div(a, b);
  if (op == BinaryOp.maximum) return f32x4.max(a, b);
  if (op == BinaryOp.minimum) return f32x4.min(a, b);
  if (op == BinaryOp.pow) return pow(a, b);
  if (op == BinaryOp.remainder) return remainder(a, b);
  if (op == BinaryOp.fmod) return fmod(a, b);
  if (op == BinaryOp.atan2) return atan2(a, b);
  if (op == BinaryOp.logaddexp) return logaddexp(a, b);
  if (op == BinaryOp.logisticLoss) return logisticLoss(a, b);
  if (op == BinaryOp.logisticSlope) return logisticSlope(a, b);
  if (op == BinaryOp.prelu) return v128.bitselect(a, f32x4.mul(a, b), f32x4.gt(a, splat(0)));
  if (op == BinaryOp.huber || op == BinaryOp.huberSlope) {
    const apart = f32x4.sub(a, b);
    const held = f32x4.min(f32x4.max(apart, f32x4.neg(p)), p);
    if (op == BinaryOp.huberSlope) return held;
    return f32x4.mul(f32x4.add(apart, f32x4.mul(held, splat(-0.5))), held);
  }
  // lerp: from the nearer end, so that both ends are exact.
  const isNear = f32x4.lt(p, splat(0.5));
  const share = v128.bitselect(p, f32x4.sub(p, splat(1)), isNear);
  return f32x4.add(v128.bitselect(a, b, isNear), f32x4.mul(f32x4.sub(b, a), share));
}

/** A run of `bytes` in which each side is either in order or one number. */
// @ts-ignore: decorator
@inline
function run(op: BinaryOp, isInteger: bool, a: usize, aOne: bool, b: usize, bOne: bool, out: usize, bytes: usize, w: v128): void {
  const stop = bytes & ~15;
  const rest = (bytes - stop) / F32;
  let i: usize = 0;
  if (aOne) {
    const x = v128.load32_splat(a);
    for (; i < stop; i += VEC) v128.store(out + i, apply(op, isInteger, x, v128.load(b + i), w));
    if (rest) storeTail(out + i, rest, apply(op, isInteger, x, bOne ? v128.load32_splat(b) : loadTail(b + i, rest, 1), w));
  } else if (bOne) {
    const y = v128.load32_splat(b);
    for (; i < stop; i += VEC) v128.store(out + i, apply(op, isInteger, v128.load(a + i), y, w));
    if (rest) storeTail(out + i, rest, apply(op, isInteger, loadTail(a + i, rest, 1), y, w));
  } else {
    for (; i < stop; i += VEC) v128.store(out + i, apply(op, isInteger, v128.load(a + i), v128.load(b + i), w));
    if (rest) storeTail(out + i, rest, apply(op, isInteger, loadTail(a + i, rest, 1), loadTail(b + i, rest, 1), w));
  }
}

/** The same for long formulas, which stand in the binary once. */
// @ts-ignore: decorator
@inline
function runFormula(op: BinaryOp, a: usize, aOne: bool, b: usize, bOne: bool, out: usize, bytes: usize): void {
  let x = v128.load32_splat(a);
  let y = v128.load32_splat(b);
  for (let i: usize = 0; i < bytes; i += VEC) {
    const isWhole = bytes - i >= VEC;
    const rest = (bytes - i) / F32;
    if (!aOne) x = isWhole ? v128.load(a + i) : loadTail(a + i, rest, 1);
    if (!bOne) y = isWhole ? v128.load(b + i) : loadTail(b + i, rest, 1);
    const z = apply(op, false, x, y, x);
    if (isWhole) v128.store(out + i, z);
    else storeTail(out + i, rest, z);
  }
}

/** Elements begin to end, cut into runs at the multiples of `segment`. */
// @ts-ignore: decorator
@inline
function loop(op: BinaryOp, isFormula: bool, isInteger: bool, task: BinaryTask, begin: usize, end: usize): void {
  const a = task.a, aInner = task.aInner, aLength = task.aLength;
  const b = task.b, bInner = task.bInner, bLength = task.bLength;
  const out = task.out, segment = task.segment, weight = splat(<f32>task.p);
  const aOne = aInner > 1 || aLength == 1;
  const bOne = bInner > 1 || bLength == 1;
  for (let i = begin; i < end; ) {
    const stop = min(end, i - (i % segment) + segment);
    const x = a + ((i / aInner) % aLength) * F32;
    const y = b + ((i / bInner) % bLength) * F32;
    if (isFormula) {
      runFormula(op, x, aOne, y, bOne, out + i * F32, (stop - i) * F32);
    } else if (aOne && bOne) {
      const z = apply(op, isInteger, v128.load32_splat(x), v128.load32_splat(y), weight);
      for (let j = i; j < stop; j++) store<f32>(out + j * F32, f32x4.extract_lane(z, 0));
    } else {
      run(op, isInteger, x, aOne, y, bOne, out + i * F32, (stop - i) * F32, weight);
    }
    i = stop;
  }
}

// Each a function of its own: in one with all of these loops, V8 gives none of them enough registers.
function addAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.add, false, false, task, begin, end); }
function subAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.sub, false, false, task, begin, end); }
function mulAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.mul, false, false, task, begin, end); }
function divAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.div, false, false, task, begin, end); }
function maximumAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.maximum, false, false, task, begin, end); }
function minimumAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.minimum, false, false, task, begin, end); }
function lerpAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.lerp, false, false, task, begin, end); }
function powAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.pow, true, false, task, begin, end); }
function remainderAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.remainder, true, false, task, begin, end); }
function fmodAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.fmod, true, false, task, begin, end); }
function atan2All(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.atan2, true, false, task, begin, end); }
function logaddexpAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.logaddexp, true, false, task, begin, end); }
function logisticLossAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.logisticLoss, true, false, task, begin, end); }
function logisticSlopeAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.logisticSlope, true, false, task, begin, end); }
function preluAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.prelu, false, false, task, begin, end); }
function huberSlopeAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.huberSlope, false, false, task, begin, end); }
function huberAll(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.huber, false, false, task, begin, end); }

/** out_i = a[⌊i / aInner⌋ mod aLength] ∘ b[⌊i / bInner⌋ mod bLength] for begin ≤ i < end. */
export function binary(task: BinaryTask, begin: usize, end: usize): void {
  switch (task.op) {
    case BinaryOp.add: return addAll(task, begin, end);
    case BinaryOp.sub: return subAll(task, begin, end);
    case BinaryOp.mul: return mulAll(task, begin, end);
    case BinaryOp.div: return divAll(task, begin, end);
    case BinaryOp.maximum: return maximumAll(task, begin, end);
    case BinaryOp.minimum: return minimumAll(task, begin, end);
    case BinaryOp.pow: return powAll(task, begin, end);
    case BinaryOp.remainder: return remainderAll(task, begin, end);
    case BinaryOp.fmod: return fmodAll(task, begin, end);
    case BinaryOp.atan2: return atan2All(task, begin, end);
    case BinaryOp.logaddexp: return logaddexpAll(task, begin, end);
    case BinaryOp.logisticLoss: return logisticLossAll(task, begin, end);
    case BinaryOp.logisticSlope: return logisticSlopeAll(task, begin, end);
    case BinaryOp.prelu: return preluAll(task, begin, end);
    case BinaryOp.huber: return huberAll(task, begin, end);
    case BinaryOp.huberSlope: return huberSlopeAll(task, begin, end);
    default: return lerpAll(task, begin, end);
  }
}

function addIntegers(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.add, false, true, task, begin, end); }
function subIntegers(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.sub, false, true, task, begin, end); }
function mulIntegers(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.mul, false, true, task, begin, end); }
function maximumIntegers(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.maximum, false, true, task, begin, end); }
function minimumIntegers(task: BinaryTask, begin: usize, end: usize): void { loop(BinaryOp.minimum, false, true, task, begin, end); }

/** The same of int32, for add, sub, mul, maximum and minimum. */
export function binaryIntegers(task: BinaryTask, begin: usize, end: usize): void {
  switch (task.op) {
    case BinaryOp.add: return addIntegers(task, begin, end);
    case BinaryOp.sub: return subIntegers(task, begin, end);
    case BinaryOp.mul: return mulIntegers(task, begin, end);
    case BinaryOp.maximum: return maximumIntegers(task, begin, end);
    default: return minimumIntegers(task, begin, end);
  }
}

export const enum CompareOp { eq, ne, lt, le, gt, ge, close }

/** As {@link BinaryTask}; `out` has a byte for each result. */
@unmanaged
export class CompareTask extends Task {
  op: CompareOp;
  a: usize;
  aInner: usize;
  aLength: usize;
  b: usize;
  bInner: usize;
  bLength: usize;
  out: usize;
  segment: usize;
  /** rtol and atol of close. */
  p: f64;
  q: f64;
}

/** Whether |a − b| ≤ atol + rtol |b| and the difference is finite: two pairs in float64, whose lanes are all bits or none. */
// @ts-ignore: decorator
@inline
function areNear(a: v128, b: v128, rtol: f64, atol: f64): v128 {
  const error = f64x2.abs(f64x2.sub(a, b));
  const allowed = f64x2.add(f64x2.mul(f64x2.abs(b), f64x2.splat(rtol)), f64x2.splat(atol));
  return v128.and(f64x2.le(error, allowed), f64x2.lt(error, f64x2.splat(Infinity)));
}

// @ts-ignore: decorator
@inline
function areClose(a: v128, b: v128, rtol: f64, atol: f64): v128 {
  const low = areNear(lowDoubles(a), lowDoubles(b), rtol, atol);
  const high = areNear(highDoubles(a), highDoubles(b), rtol, atol);
  return v128.or(v128.shuffle<i32>(low, high, 0, 2, 4, 6), f32x4.eq(a, b));
}

// @ts-ignore: decorator
@inline
function relate(op: CompareOp, isInteger: bool, a: v128, b: v128, task: CompareTask): v128 {
  if (isInteger) {
    if (op == CompareOp.eq) return i32x4.eq(a, b);
    if (op == CompareOp.ne) return i32x4.ne(a, b);
    if (op == CompareOp.lt) return i32x4.lt_s(a, b);
    if (op == CompareOp.le) return i32x4.le_s(a, b);
    return op == CompareOp.gt ? i32x4.gt_s(a, b) : i32x4.ge_s(a, b);
  }
  if (op == CompareOp.eq) return f32x4.eq(a, b);
  if (op == CompareOp.ne) return f32x4.ne(a, b);
  if (op == CompareOp.lt) return f32x4.lt(a, b);
  if (op == CompareOp.le) return f32x4.le(a, b);
  if (op == CompareOp.gt) return f32x4.gt(a, b);
  if (op == CompareOp.ge) return f32x4.ge(a, b);
  return areClose(a, b, task.p, task.q);
}

/** The next four of a side: in order, or one number. */
// @ts-ignore: decorator
@inline
function four(from: usize, one: bool, i: usize): v128 {
  return one ? v128.load32_splat(from) : v128.load(from + i);
}

/** A run of `n` results in which each side is either in order or one number. */
// @ts-ignore: decorator
@inline
function compareRun(op: CompareOp, isInteger: bool, task: CompareTask, a: usize, aOne: bool, b: usize, bOne: bool, out: usize, n: usize): void {
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const at = i * F32;
    const m0 = relate(op, isInteger, four(a, aOne, at), four(b, bOne, at), task);
    const m1 = relate(op, isInteger, four(a, aOne, at + 16), four(b, bOne, at + 16), task);
    const m2 = relate(op, isInteger, four(a, aOne, at + 32), four(b, bOne, at + 32), task);
    const m3 = relate(op, isInteger, four(a, aOne, at + 48), four(b, bOne, at + 48), task);
    // Lanes are 0 or −1, which the narrowing keeps.
    const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
    v128.store(out + i, v128.and(bytes, i8x16.splat(1)));
  }
  for (; i < n; i++) {
    const x = v128.load32_splat(aOne ? a : a + i * F32);
    const y = v128.load32_splat(bOne ? b : b + i * F32);
    store<u8>(out + i, <u8>(i32x4.extract_lane(relate(op, isInteger, x, y, task), 0) & 1));
  }
}

// @ts-ignore: decorator
@inline
function compareLoop(op: CompareOp, isInteger: bool, task: CompareTask, begin: usize, end: usize): void {
  const a = task.a, aInner = task.aInner, aLength = task.aLength;
  const b = task.b, bInner = task.bInner, bLength = task.bLength;
  const out = task.out, segment = task.segment;
  const aOne = aInner > 1 || aLength == 1;
  const bOne = bInner > 1 || bLength == 1;
  for (let i = begin; i < end; ) {
    const stop = min(end, i - (i % segment) + segment);
    const x = a + ((i / aInner) % aLength) * F32;
    const y = b + ((i / bInner) % bLength) * F32;
    compareRun(op, isInteger, task, x, aOne, y, bOne, out + i, stop - i);
    i = stop;
  }
}

function eqAll(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.eq, false, task, begin, end); }
function neAll(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.ne, false, task, begin, end); }
function ltAll(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.lt, false, task, begin, end); }
function leAll(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.le, false, task, begin, end); }
function gtAll(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.gt, false, task, begin, end); }
function geAll(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.ge, false, task, begin, end); }
function closeAll(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.close, false, task, begin, end); }

/** out_i = 1 where a[⌊i / aInner⌋ mod aLength] stands so to b[⌊i / bInner⌋ mod bLength], else 0; begin ≤ i < end. */
export function compare(task: CompareTask, begin: usize, end: usize): void {
  switch (task.op) {
    case CompareOp.eq: return eqAll(task, begin, end);
    case CompareOp.ne: return neAll(task, begin, end);
    case CompareOp.lt: return ltAll(task, begin, end);
    case CompareOp.le: return leAll(task, begin, end);
    case CompareOp.gt: return gtAll(task, begin, end);
    case CompareOp.ge: return geAll(task, begin, end);
    default: return closeAll(task, begin, end);
  }
}

function eqIntegers(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.eq, true, task, begin, end); }
function neIntegers(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.ne, true, task, begin, end); }
function ltIntegers(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.lt, true, task, begin, end); }
function leIntegers(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.le, true, task, begin, end); }
function gtIntegers(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.gt, true, task, begin, end); }
function geIntegers(task: CompareTask, begin: usize, end: usize): void { compareLoop(CompareOp.ge, true, task, begin, end); }

/** The same of int32, for all but `close`. */
export function compareIntegers(task: CompareTask, begin: usize, end: usize): void {
  switch (task.op) {
    case CompareOp.eq: return eqIntegers(task, begin, end);
    case CompareOp.ne: return neIntegers(task, begin, end);
    case CompareOp.lt: return ltIntegers(task, begin, end);
    case CompareOp.le: return leIntegers(task, begin, end);
    case CompareOp.gt: return gtIntegers(task, begin, end);
    default: return geIntegers(task, begin, end);
  }
}

/** What is made of two bools. */
export const enum Joining { and, or, equal, differ }

/** Bools side by side, a byte each. */
@unmanaged
export class JoinBoolsTask extends Task {
  op: Joining;
  a: usize;
  b: usize;
  /** Whether b is one bool for all. */
  isOne: bool;
  out: usize;
}

// @ts-ignore: decorator
@inline
function joined(op: Joining, a: v128, b: v128): v128 {
  if (op == Joining.and) return v128.and(a, b);
  if (op == Joining.or) return v128.or(a, b);
  const differ = v128.xor(a, b);
  return op == Joining.differ ? differ : v128.xor(differ, i8x16.splat(1));
}

// @ts-ignore: decorator
@inline
function joinLoop(op: Joining, task: JoinBoolsTask, begin: usize, end: usize): void {
  const a = task.a, b = task.b, isOne = task.isOne, out = task.out;
  const one = v128.load8_splat(b);
  let i = begin;
  if (isOne) for (; i + 16 <= end; i += 16) v128.store(out + i, joined(op, v128.load(a + i), one));
  else for (; i + 16 <= end; i += 16) v128.store(out + i, joined(op, v128.load(a + i), v128.load(b + i)));
  for (; i < end; i++) {
    const y = isOne ? one : v128.load8_splat(b + i);
    store<u8>(out + i, i8x16.extract_lane_u(joined(op, v128.load8_splat(a + i), y), 0));
  }
}

/** out_i of a_i and b_i, begin ≤ i < end. */
export function joinBools(task: JoinBoolsTask, begin: usize, end: usize): void {
  switch (task.op) {
    case Joining.and: return joinLoop(Joining.and, task, begin, end);
    case Joining.or: return joinLoop(Joining.or, task, begin, end);
    case Joining.equal: return joinLoop(Joining.equal, task, begin, end);
    default: return joinLoop(Joining.differ, task, begin, end);
  }
}
