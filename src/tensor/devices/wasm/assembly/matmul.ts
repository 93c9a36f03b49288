import { F32, VEC, fma } from "./simd";
import { rowTimesColumns, rowTimesRows } from "./thin";

/**
 * C (m, n) = A (m, k) · B (k, n) for strided A and B: the element (i, j) of A lies at a + i·aRow + j·aCol bytes,
 * so a transpose is a swap of two numbers.
 *
 * B is copied, block by block, into panels of 8 columns ("packing"): the inner loop then reads it in order,
 * whatever its layout, and it stays in the second-level cache while every row of A passes by. The inner loop
 * holds a tile of 4 × 8 results in registers and adds one outer product per step of k.
 * See Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008).
 */

const ROWS: usize = 4;
const COLS: usize = 8;
/** A block of B: at most this deep and this wide (512 · 512 · 4 bytes = 1 MiB). */
export const BLOCK_K: usize = 512;
export const BLOCK_N: usize = 512;

/** Bytes of scratch that {@link matmul} needs: one block of B and one tile of C. */
export function scratchBytes(): usize {
  return (BLOCK_K * BLOCK_N + ROWS * COLS) * F32;
}

let scratch: usize = 0;

/** Gives this instance (each thread has its own) its {@link scratchBytes}. */
export function useScratch(at: usize): void {
  scratch = at;
}

/** Four rows of four floats, `row` bytes apart, written as columns: to[j·32 + i·4] = from[i][j]. */
// @ts-ignore: decorator
@inline
function transpose4(from: usize, row: usize, to: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + row);
  const r2 = v128.load(from + 2 * row);
  const r3 = v128.load(from + 3 * row);
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(a, c, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(a, c, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(b, d, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(b, d, 2, 3, 6, 7), 96);
}

/** Copies the block (k, n) of B into panels (k, 8), the last one padded with zeros. */
function pack(b: usize, bRow: usize, bCol: usize, k: usize, n: usize, to: usize): void {
  for (let j: usize = 0; j < n; j += COLS) {
    const width = min(COLS, n - j);
    let from = b + j * bCol;
    if (width == COLS && bCol == F32) {
      for (let p: usize = 0; p < k; p++) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, VEC), VEC);
        from += bRow;
        to += 32;
      }
    } else if (width == COLS && bRow == F32) {
      let p: usize = 0;
      for (; p + 4 <= k; p += 4) {
        transpose4(from, bCol, to);
        transpose4(from + 4 * bCol, bCol, to + VEC);
        from += VEC;
        to += 128;
      }
      for (; p < k; p++) {
        for (let c: usize = 0; c < COLS; c++) store<f32>(to + c * F32, load<f32>(from + c * bCol));
        from += F32;
        to += 32;
      }
    } else {
      for (let p: usize = 0; p < k; p++) {
        for (let c: usize = 0; c < COLS; c++) {
          store<f32>(to + c * F32, c < width ? load<f32>(from + c * bCol) : <f32>0);
        }
        from += bRow;
        to += 32;
      }
    }
  }
}

/** c (4, 8) = or += four rows of A times a panel of B. Rows of A start at a0 … a3. */
// @ts-ignore: decorator
@inline
function tile(a0: usize, a1: usize, a2: usize, a3: usize, aCol: usize, b: usize, k: usize,
  c: usize, cRow: usize, add: bool): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0), s31 = f32x4.splat(0);
  const end = b + k * 32;
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, VEC);
    let x = v128.load32_splat(a0);
    s00 = fma(x, b0, s00);
    s01 = fma(x, b1, s01);
    x = v128.load32_splat(a1);
    s10 = fma(x, b0, s10);
    s11 = fma(x, b1, s11);
    x = v128.load32_splat(a2);
    s20 = fma(x, b0, s20);
    s21 = fma(x, b1, s21);
    x = v128.load32_splat(a3);
    s30 = fma(x, b0, s30);
    s31 = fma(x, b1, s31);
    a0 += aCol;
    a1 += aCol;
    a2 += aCol;
    a3 += aCol;
    b += 32;
  }
  const c1 = c + cRow;
  const c2 = c1 + cRow;
  const c3 = c2 + cRow;
  if (add) {
    s00 = f32x4.add(s00, v128.load(c));
    s01 = f32x4.add(s01, v128.load(c, VEC));
    s10 = f32x4.add(s10, v128.load(c1));
    s11 = f32x4.add(s11, v128.load(c1, VEC));
    s20 = f32x4.add(s20, v128.load(c2));
    s21 = f32x4.add(s21, v128.load(c2, VEC));
    s30 = f32x4.add(s30, v128.load(c3));
    s31 = f32x4.add(s31, v128.load(c3, VEC));
  }
  v128.store(c, s00);
  v128.store(c, s01, VEC);
  v128.store(c1, s10);
  v128.store(c1, s11, VEC);
  v128.store(c2, s20);
  v128.store(c2, s21, VEC);
  v128.store(c3, s30);
  v128.store(c3, s31, VEC);
}

/** c (m, n) = or += A (m, k) times the packed block (k, n) of B. */
function block(a: usize, aRow: usize, aCol: usize, packed: usize, c: usize, cRow: usize,
  m: usize, n: usize, k: usize, add: bool, corner: usize): void {
  for (let i: usize = 0; i < m; i += ROWS) {
    const height = min(ROWS, m - i);
    // Past the last row the tile reads the last row again and drops the result.
    const a0 = a + i * aRow;
    const a1 = height > 1 ? a0 + aRow : a0;
    const a2 = height > 2 ? a1 + aRow : a1;
    const a3 = height > 3 ? a2 + aRow : a2;
    let panel = packed;
    for (let j: usize = 0; j < n; j += COLS) {
      const width = min(COLS, n - j);
      const to = c + i * cRow + j * F32;
      if (height == ROWS && width == COLS) {
        tile(a0, a1, a2, a3, aCol, panel, k, to, cRow, add);
      } else {
        tile(a0, a1, a2, a3, aCol, panel, k, corner, 32, false);
        for (let r: usize = 0; r < height; r++) {
          for (let s: usize = 0; s < width; s++) {
            const at = to + r * cRow + s * F32;
            const value = load<f32>(corner + r * 32 + s * F32);
            store<f32>(at, add ? load<f32>(at) + value : value);
          }
        }
      }
      panel += k * 32;
    }
  }
}

/**
 * `batch` products, each `aBatch`, `bBatch`, `cBatch` bytes after the last; `bBatch` 0 packs B once for all.
 * Strides are in bytes; rows of C are contiguous. Only a part is done, so that threads can share the work:
 * products (axis 0), rows (axis 1) or columns (axis 2) from `begin` to `end`.
 */
export function matmul(
  begin: usize, end: usize, axis: i32,
  a: usize, aBatch: usize, aRow: usize, aCol: usize,
  b: usize, bBatch: usize, bRow: usize, bCol: usize,
  c: usize, cBatch: usize, cRow: usize,
  batch: usize, m: usize, n: usize, k: usize,
): void {
  const count = end - begin;
  if (axis == 0) {
    a += begin * aBatch;
    b += begin * bBatch;
    c += begin * cBatch;
    batch = count;
  } else if (axis == 1) {
    a += begin * aRow;
    c += begin * cRow;
    m = count;
  } else {
    b += begin * bCol;
    c += begin * F32;
    n = count;
  }
  if (k == 0) {
    for (let t: usize = 0; t < batch; t++) {
      for (let i: usize = 0; i < m; i++) memory.fill(c + t * cBatch + i * cRow, 0, n * F32);
    }
    return;
  }
  // Few rows and B in order: row by row, without packing.
  const inOrder = bCol == F32 || (bRow == F32 && aCol == F32);
  if (m < ROWS && inOrder) {
    for (let t: usize = 0; t < batch; t++) {
      for (let i: usize = 0; i < m; i++) {
        const row = a + t * aBatch + i * aRow;
        const to = c + t * cBatch + i * cRow;
        if (bCol == F32) rowTimesRows(row, aCol, b + t * bBatch, bRow, to, n, k);
        else rowTimesColumns(row, b + t * bBatch, bCol, to, n, k);
      }
    }
    return;
  }
  const corner = scratch + BLOCK_K * BLOCK_N * F32;
  for (let p: usize = 0; p < k; p += BLOCK_K) {
    const depth = min(BLOCK_K, k - p);
    for (let j: usize = 0; j < n; j += BLOCK_N) {
      const width = min(BLOCK_N, n - j);
      for (let t: usize = 0; t < batch; t++) {
        if (t == 0 || bBatch != 0) {
          pack(b + t * bBatch + p * bRow + j * bCol, bRow, bCol, depth, width, scratch);
        }
        block(a + t * aBatch + p * aCol, aRow, aCol, scratch, c + t * cBatch + j * F32, cRow,
          m, width, depth, p > 0, corner);
      }
    }
  }
}
