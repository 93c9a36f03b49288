import { F32, VEC, fma, splat, sumLanes } from "./simd";

/**
 * c (n) = a (k) · B (k, n), one row: generating token by token is made of these. B is read once, so packing it
 * would cost more than it saves.
 */

/** c += x ⊙ row of B from byte `i` to `bytes`, one by one. */
// @ts-ignore: decorator
@inline
function addScaled(x: f32, row: usize, c: usize, i: usize, bytes: usize): void {
  for (; i < bytes; i += F32) store<f32>(c + i, load<f32>(c + i) + x * load<f32>(row + i));
}

/** B with contiguous rows: read from start to end, four rows at a time, c staying in the first-level cache. */
export function rowTimesRows(a: usize, aCol: usize, b: usize, bRow: usize, c: usize, n: usize, k: usize): void {
  const bytes = n * F32;
  const stop = bytes & ~15;
  memory.fill(c, 0, bytes);
  let p: usize = 0;
  for (; p + 4 <= k; p += 4) {
    const x0 = load<f32>(a), x1 = load<f32>(a + aCol), x2 = load<f32>(a + 2 * aCol), x3 = load<f32>(a + 3 * aCol);
    const v0 = splat(x0), v1 = splat(x1), v2 = splat(x2), v3 = splat(x3);
    const b1 = b + bRow, b2 = b1 + bRow, b3 = b2 + bRow;
    for (let i: usize = 0; i < stop; i += VEC) {
      let s = fma(v0, v128.load(b + i), v128.load(c + i));
      s = fma(v1, v128.load(b1 + i), s);
      s = fma(v2, v128.load(b2 + i), s);
      v128.store(c + i, fma(v3, v128.load(b3 + i), s));
    }
    addScaled(x0, b, c, stop, bytes);
    addScaled(x1, b1, c, stop, bytes);
    addScaled(x2, b2, c, stop, bytes);
    addScaled(x3, b3, c, stop, bytes);
    a += 4 * aCol;
    b = b3 + bRow;
  }
  for (; p < k; p++) {
    const x = load<f32>(a);
    for (let i: usize = 0; i < stop; i += VEC) v128.store(c + i, fma(splat(x), v128.load(b + i), v128.load(c + i)));
    addScaled(x, b, c, stop, bytes);
    a += aCol;
    b += bRow;
  }
}

/** c (n) += row (n) */
export function addRow(row: usize, c: usize, n: usize): void {
  const bytes = n * F32;
  const stop = bytes & ~15;
  let i: usize = 0;
  for (; i < stop; i += VEC) v128.store(c + i, f32x4.add(v128.load(c + i), v128.load(row + i)));
  for (; i < bytes; i += F32) store<f32>(c + i, load<f32>(c + i) + load<f32>(row + i));
}

/** Σ a ⊙ b of k floats. */
// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, k: usize): f32 {
  let s0 = splat(0), s1 = splat(0);
  const bytes = k * F32;
  const stop = bytes & ~31;
  let i: usize = 0;
  for (; i < stop; i += 32) {
    s0 = fma(v128.load(a + i), v128.load(b + i), s0);
    s1 = fma(v128.load(a + i, VEC), v128.load(b + i, VEC), s1);
  }
  let sum = sumLanes(f32x4.add(s0, s1));
  for (; i < bytes; i += F32) sum += load<f32>(a + i) * load<f32>(b + i);
  return sum;
}

/** B with contiguous columns, and a contiguous: one dot product per column, four at a time. */
export function rowTimesColumns(a: usize, b: usize, bCol: usize, c: usize, n: usize, k: usize): void {
  const bytes = k * F32;
  const stop = bytes & ~15;
  let j: usize = 0;
  for (; j + 4 <= n; j += 4) {
    const b0 = b + j * bCol, b1 = b0 + bCol, b2 = b1 + bCol, b3 = b2 + bCol;
    let s0 = splat(0), s1 = splat(0), s2 = splat(0), s3 = splat(0);
    let i: usize = 0;
    for (; i < stop; i += VEC) {
      const v = v128.load(a + i);
      s0 = fma(v, v128.load(b0 + i), s0);
      s1 = fma(v, v128.load(b1 + i), s1);
      s2 = fma(v, v128.load(b2 + i), s2);
      s3 = fma(v, v128.load(b3 + i), s3);
    }
    let t0 = sumLanes(s0), t1 = sumLanes(s1), t2 = sumLanes(s2), t3 = sumLanes(s3);
    for (; i < bytes; i += F32) {
      const v = load<f32>(a + i);
      t0 += v * load<f32>(b0 + i);
      t1 += v * load<f32>(b1 + i);
      t2 += v * load<f32>(b2 + i);
      t3 += v * load<f32>(b3 + i);
    }
    const to = c + j * F32;
    store<f32>(to, t0);
    store<f32>(to, t1, 4);
    store<f32>(to, t2, 8);
    store<f32>(to, t3, 12);
  }
  for (; j < n; j++) store<f32>(c + j * F32, dot(a, b + j * bCol, k));
}
