import { F32, VEC, read, write } from "./simd";
import { Task } from "./task";

export const enum Becomes { itself, intOfFloat, floatOfInt, intOfBool, floatOfBool }

/**
 * Strided copies of up to four axes (n0, n1, n2, n3); strides in bytes, also negative. Rows `begin` to `end` of the
 * first three axes, flattened, so that threads can share them.
 */
@unmanaged
export class CopyTask extends Task {
  /** Of an element of x: 1 or 4. */
  bytes: u32;
  becomes: Becomes;
  x: usize;
  out: usize;
  n1: usize;
  n2: usize;
  n3: usize;
  xStride0: usize;
  xStride1: usize;
  xStride2: usize;
  xStride3: usize;
  outStride0: usize;
  outStride1: usize;
  outStride2: usize;
  outStride3: usize;
}

/** Both sides in order along the last axis. */
// @ts-ignore: decorator
@inline
function copyRow(x: usize, out: usize, n: usize): void {
  const stop = out + (n & ~3) * F32;
  const end = out + n * F32;
  for (; out < stop; out += VEC, x += VEC) v128.store(out, v128.load(x));
  for (; out < end; out += F32, x += F32) store<f32>(out, load<f32>(x));
}

/** One number all along a row that is in order. */
// @ts-ignore: decorator
@inline
function fillRow(x: usize, out: usize, n: usize): void {
  const one = v128.load32_splat(x);
  const stop = out + (n & ~3) * F32;
  const end = out + n * F32;
  for (; out < stop; out += VEC) v128.store(out, one);
  for (; out < end; out += F32) store<f32>(out, f32x4.extract_lane(one, 0));
}

/** Side of the square of a matrix that is turned at a time: of every cache line that it touches, it takes all. */
const SQUARE: usize = 16;

/** A matrix (n2, n3), in order along n2 in x and along n3 in out: 4 × 4 tiles turned in registers. */
function turn(x: usize, out: usize, n2: usize, n3: usize, xs3: usize, os2: usize): void {
  for (let i: usize = 0; i < n2; i += SQUARE) {
    const rows = min(SQUARE, n2 - i);
    for (let j: usize = 0; j < n3; j += SQUARE) {
      turnSquare(x + i * F32 + j * xs3, out + i * os2 + j * F32, rows, min(SQUARE, n3 - j), xs3, os2);
    }
  }
}

function turnSquare(x: usize, out: usize, n2: usize, n3: usize, xs3: usize, os2: usize): void {
  let i: usize = 0;
  for (; i + 4 <= n2; i += 4) {
    let j: usize = 0;
    for (; j + 4 <= n3; j += 4) {
      const from = x + i * F32 + j * xs3;
      const r0 = v128.load(from);
      const r1 = v128.load(from + xs3);
      const r2 = v128.load(from + 2 * xs3);
      const r3 = v128.load(from + 3 * xs3);
      const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      const to = out + i * os2 + j * F32;
      v128.store(to, v128.shuffle<f32>(a, c, 0, 1, 4, 5));
      v128.store(to + os2, v128.shuffle<f32>(a, c, 2, 3, 6, 7));
      v128.store(to + 2 * os2, v128.shuffle<f32>(b, d, 0, 1, 4, 5));
      v128.store(to + 3 * os2, v128.shuffle<f32>(b, d, 2, 3, 6, 7));
    }
    for (; j < n3; j++) {
      for (let s: usize = 0; s < 4; s++) {
        store<f32>(out + (i + s) * os2 + j * F32, load<f32>(x + (i + s) * F32 + j * xs3));
      }
    }
  }
  for (; i < n2; i++) {
    for (let j: usize = 0; j < n3; j++) store<f32>(out + i * os2 + j * F32, load<f32>(x + i * F32 + j * xs3));
  }
}

/** `n2` rows of floats. */
function floats(task: CopyTask, x: usize, out: usize, n2: usize): void {
  const n3 = task.n3, xs2 = task.xStride2, xs3 = task.xStride3, os2 = task.outStride2, os3 = task.outStride3;
  if (os3 == F32 && xs3 == F32) {
    for (let i: usize = 0; i < n2; i++, x += xs2, out += os2) copyRow(x, out, n3);
  } else if (os3 == F32 && xs3 == 0) {
    for (let i: usize = 0; i < n2; i++, x += xs2, out += os2) fillRow(x, out, n3);
  } else if (os3 == F32 && xs2 == F32) {
    turn(x, out, n2, n3, xs3, os2);
  } else {
    for (let i: usize = 0; i < n2; i++, x += xs2, out += os2) {
      for (let j: usize = 0; j < n3; j++) store<f32>(out + j * os3, load<f32>(x + j * xs3));
    }
  }
}

/** `n2` rows of bytes. */
function bytes(task: CopyTask, x: usize, out: usize, n2: usize): void {
  const n3 = task.n3, xs2 = task.xStride2, xs3 = task.xStride3, os2 = task.outStride2, os3 = task.outStride3;
  for (let i: usize = 0; i < n2; i++, x += xs2, out += os2) {
    if (os3 == 1 && xs3 == 1) memory.copy(out, x, n3);
    else if (os3 == 1 && xs3 == 0) memory.fill(out, load<u8>(x), n3);
    else for (let j: usize = 0; j < n3; j++) store<u8>(out + j * os3, load<u8>(x + j * xs3));
  }
}

/** Four elements in order at x, or (`one`) one, as another type. */
// @ts-ignore: decorator
@inline
function converted(to: Becomes, x: usize, one: bool): v128 {
  if (to == Becomes.intOfFloat) return i32x4.trunc_sat_f32x4_s(read(x, one));
  if (to == Becomes.floatOfInt) return f32x4.convert_i32x4_s(read(x, one));
  const bytes = one ? i32x4.splat(<i32>load<u8>(x)) : i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x)));
  return to == Becomes.intOfBool ? bytes : f32x4.convert_i32x4_s(bytes);
}

/** `n2` rows that become another type, of four bytes. */
// @ts-ignore: decorator
@inline
function convert(to: Becomes, task: CopyTask, x: usize, out: usize, n2: usize): void {
  const n3 = task.n3, xs2 = task.xStride2, xs3 = task.xStride3, os2 = task.outStride2, os3 = task.outStride3;
  const size: usize = to == Becomes.intOfBool || to == Becomes.floatOfBool ? 1 : F32;
  const four = xs3 == size && os3 == F32 ? n3 & ~3 : 0;
  for (let i: usize = 0; i < n2; i++, x += xs2, out += os2) {
    let j: usize = 0;
    for (; j < four; j += 4) v128.store(out + j * F32, converted(to, x + j * size, false));
    for (; j < n3; j++) write(out + j * os3, converted(to, x + j * xs3, true), true);
  }
}

function conversions(task: CopyTask, x: usize, out: usize, n2: usize): void {
  switch (task.becomes) {
    case Becomes.intOfFloat: return convert(Becomes.intOfFloat, task, x, out, n2);
    case Becomes.floatOfInt: return convert(Becomes.floatOfInt, task, x, out, n2);
    case Becomes.intOfBool: return convert(Becomes.intOfBool, task, x, out, n2);
    default: return convert(Becomes.floatOfBool, task, x, out, n2);
  }
}

export function copy(task: CopyTask, begin: usize, end: usize): void {
  const n1 = task.n1, n2 = task.n2;
  for (let r = begin; r < end; ) {
    const matrix = r / n2;
    const i2 = r - matrix * n2;
    const i0 = matrix / n1;
    const i1 = matrix - i0 * n1;
    const x = task.x + i0 * task.xStride0 + i1 * task.xStride1 + i2 * task.xStride2;
    const out = task.out + i0 * task.outStride0 + i1 * task.outStride1 + i2 * task.outStride2;
    const rows = min(n2 - i2, end - r);
    if (task.becomes != Becomes.itself) conversions(task, x, out, rows);
    else if (task.bytes == 1) bytes(task, x, out, rows);
    else floats(task, x, out, rows);
    r += rows;
  }
}
