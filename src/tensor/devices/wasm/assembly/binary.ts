import { F32, VEC, loadTail, splat, storeTail } from "./simd";
import { Task } from "./task";

/** Two values in, one out, with broadcasting: numbers, and whether they stand in a relation. */

export const enum BinaryOp { add, sub, mul, div, maximum, minimum }

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
}

// @ts-ignore: decorator
@inline
function apply(op: BinaryOp, a: v128, b: v128): v128 {
  if (op == BinaryOp.add) return f32x4.add(a, b);
  if (op == BinaryOp.sub) return f32x4.sub(a, b);
  if (op == BinaryOp.mul) return f32x4.mul(a, b);
  if (op == BinaryOp.div) return f32x4.div(a, b);
  if (op == BinaryOp.maximum) return f32x4.max(a, b);
  return f32x4.min(a, b);
}

/** A run of `bytes` in which each side is either in order or one number. */
// @ts-ignore: decorator
@inline
function run(op: BinaryOp, a: usize, aOne: bool, b: usize, bOne: bool, out: usize, bytes: usize): void {
  const stop = bytes & ~15;
  const rest = (bytes - stop) / F32;
  let i: usize = 0;
  if (aOne) {
    const x = v128.load32_splat(a);
    for (; i < stop; i += VEC) v128.store(out + i, apply(op, x, v128.load(b + i)));
    if (rest) storeTail(out + i, rest, apply(op, x, bOne ? v128.load32_splat(b) : loadTail(b + i, rest, 1)));
  } else if (bOne) {
    const y = v128.load32_splat(b);
    for (; i < stop; i += VEC) v128.store(out + i, apply(op, v128.load(a + i), y));
    if (rest) storeTail(out + i, rest, apply(op, loadTail(a + i, rest, 1), y));
  } else {
    for (; i < stop; i += VEC) v128.store(out + i, apply(op, v128.load(a + i), v128.load(b + i)));
    if (rest) storeTail(out + i, rest, apply(op, loadTail(a + i, rest, 1), loadTail(b + i, rest, 1)));
  }
}

/** Elements begin to end, cut into runs at the multiples of `segment`. */
// @ts-ignore: decorator
@inline
function loop(op: BinaryOp, task: BinaryTask, begin: usize, end: usize): void {
  const a = task.a, aInner = task.aInner, aLength = task.aLength;
  const b = task.b, bInner = task.bInner, bLength = task.bLength;
  const out = task.out, segment = task.segment;
  const aOne = aInner > 1 || aLength == 1;
  const bOne = bInner > 1 || bLength == 1;
  for (let i = begin; i < end; ) {
    const stop = min(end, i - (i % segment) + segment);
    const x = a + ((i / aInner) % aLength) * F32;
    const y = b + ((i / bInner) % bLength) * F32;
    if (aOne && bOne) {
      const z = apply(op, v128.load32_splat(x), v128.load32_splat(y));
      for (let j = i; j < stop; j++) store<f32>(out + j * F32, f32x4.extract_lane(z, 0));
    } else {
      run(op, x, aOne, y, bOne, out + i * F32, (stop - i) * F32);
    }
    i = stop;
  }
}

/** out_i = a[⌊i / aInner⌋ mod aLength] ∘ b[⌊i / bInner⌋ mod bLength] for begin ≤ i < end. */
export function binary(task: BinaryTask, begin: usize, end: usize): void {
  switch (task.op) {
    case BinaryOp.add: return loop(BinaryOp.add, task, begin, end);
    case BinaryOp.sub: return loop(BinaryOp.sub, task, begin, end);
    case BinaryOp.mul: return loop(BinaryOp.mul, task, begin, end);
    case BinaryOp.div: return loop(BinaryOp.div, task, begin, end);
    case BinaryOp.maximum: return loop(BinaryOp.maximum, task, begin, end);
    default: return loop(BinaryOp.minimum, task, begin, end);
  }
}

export const enum CompareOp { eq, ne, lt, le, gt, ge }

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
}

// @ts-ignore: decorator
@inline
function relate(op: CompareOp, a: v128, b: v128): v128 {
  if (op == CompareOp.eq) return f32x4.eq(a, b);
  if (op == CompareOp.ne) return f32x4.ne(a, b);
  if (op == CompareOp.lt) return f32x4.lt(a, b);
  if (op == CompareOp.le) return f32x4.le(a, b);
  if (op == CompareOp.gt) return f32x4.gt(a, b);
  return f32x4.ge(a, b);
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
function compareRun(op: CompareOp, a: usize, aOne: bool, b: usize, bOne: bool, out: usize, n: usize): void {
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const at = i * F32;
    const m0 = relate(op, four(a, aOne, at), four(b, bOne, at));
    const m1 = relate(op, four(a, aOne, at + 16), four(b, bOne, at + 16));
    const m2 = relate(op, four(a, aOne, at + 32), four(b, bOne, at + 32));
    const m3 = relate(op, four(a, aOne, at + 48), four(b, bOne, at + 48));
    // Lanes are 0 or −1, which the narrowing keeps.
    const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
    v128.store(out + i, v128.and(bytes, i8x16.splat(1)));
  }
  for (; i < n; i++) {
    const x = v128.load32_splat(aOne ? a : a + i * F32);
    const y = v128.load32_splat(bOne ? b : b + i * F32);
    store<u8>(out + i, <u8>(i32x4.extract_lane(relate(op, x, y), 0) & 1));
  }
}

// @ts-ignore: decorator
@inline
function compareLoop(op: CompareOp, task: CompareTask, begin: usize, end: usize): void {
  const a = task.a, aInner = task.aInner, aLength = task.aLength;
  const b = task.b, bInner = task.bInner, bLength = task.bLength;
  const out = task.out, segment = task.segment;
  const aOne = aInner > 1 || aLength == 1;
  const bOne = bInner > 1 || bLength == 1;
  for (let i = begin; i < end; ) {
    const stop = min(end, i - (i % segment) + segment);
    const x = a + ((i / aInner) % aLength) * F32;
    const y = b + ((i / bInner) % bLength) * F32;
    compareRun(op, x, aOne, y, bOne, out + i, stop - i);
    i = stop;
  }
}

/** out_i = 1 where a[⌊i / aInner⌋ mod aLength] stands so to b[⌊i / bInner⌋ mod bLength], else 0; begin ≤ i < end. */
export function compare(task: CompareTask, begin: usize, end: usize): void {
  switch (task.op) {
    case CompareOp.eq: return compareLoop(CompareOp.eq, task, begin, end);
    case CompareOp.ne: return compareLoop(CompareOp.ne, task, begin, end);
    case CompareOp.lt: return compareLoop(CompareOp.lt, task, begin, end);
    case CompareOp.le: return compareLoop(CompareOp.le, task, begin, end);
    case CompareOp.gt: return compareLoop(CompareOp.gt, task, begin, end);
    default: return compareLoop(CompareOp.ge, task, begin, end);
  }
}
