import { blasGemm, isForBlas } from "./blas";
import { addRow, rowTimesColumns, rowTimesRows } from "./row-product";
import { F32, VEC, fma } from "./simd";
import { Task } from "./task";

/**
 * C (m, n) = A (m, k) · B (k, n) for strided A and B: the element (i, j) of A lies at a + i·aRow + j·aCol bytes,
 * so a transpose is a swap of two numbers.
 *
 * B is copied, block by block, into panels of 8 columns ("packing"): the inner loop then reads it in order,
 * whatever its layout, and a panel stays in the first-level cache while the rows of A pass by. The inner loop
 * holds a tile of 4 × 8 results in registers and adds one outer product per step of k.
 * See Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008).
 */

export const ROWS: usize = 4;
export const COLS: usize = 8;
/** A block of B: at most this deep and this wide (256 · 512 · 4 bytes = half a MiB); a panel of it is 8 KiB. */
export const BLOCK_K: usize = 256;
export const BLOCK_N: usize = 512;
/** Rows of A that pass by one panel before the next panel comes. */
export const BLOCK_M: usize = 128;

/** A transposed block of A is worth packing where more columns of B than this pass by. */
const PACK_ABOVE: usize = 32;

/** Bytes of scratch that {@link gemm} needs: a block of B, one of A, one tile of C, and a row of zeros. */
export function scratchBytes(): usize {
  return (BLOCK_K * BLOCK_N + BLOCK_M * BLOCK_K + ROWS * COLS + COLS) * F32;
}

let scratch: usize = 0;

/** Where a block of B is packed. */
export function panels(): usize {
  return scratch;
}

/** A tile of C that is cut at the edge is computed here. */
export function corner(): usize {
  return columns() + BLOCK_M * BLOCK_K * F32;
}

/** Where a block of a transposed A is packed. */
function columns(): usize {
  return scratch + BLOCK_K * BLOCK_N * F32;
}

/** A row of zeros. */
export function zeros(): usize {
  return corner() + ROWS * COLS * F32;
}

/** Gives this instance (each thread has its own) its {@link scratchBytes}. */
export function useScratch(at: usize): void {
  scratch = at;
  memory.fill(at, 0, scratchBytes());
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
export function pack(b: usize, bRow: usize, bCol: usize, k: usize, n: usize, to: usize): void {
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

/**
 * Copies the block (m, k) of a transposed A, whose columns are in order, into strips (k, 4) of rows. Where it lies, its
 * steps along k are often a power of two, and all compete for the same few places of the first-level cache.
 */
function packColumns(a: usize, aCol: usize, m: usize, k: usize, to: usize): void {
  for (let i: usize = 0; i < m; i += ROWS) {
    const height = min(ROWS, m - i);
    let from = a + i * F32;
    for (let p: usize = 0; p < k; p++) {
      if (height == ROWS) v128.store(to, v128.load(from));
      else for (let r: usize = 0; r < height; r++) store<f32>(to + r * F32, load<f32>(from + r * F32));
      from += aCol;
      to += VEC;
    }
  }
}

/**
 * c (4, 8) = rows `from`, `fromRow` bytes apart, + four rows of A times a panel of B. Rows of A start at a0 … a3; they are
 * read in `runs` of `k` elements, `aCol` bytes apart, with `skip` bytes more between one run and the next.
 */
// @ts-ignore: decorator
@inline
export function tile(a0: usize, a1: usize, a2: usize, a3: usize, aCol: usize, runs: usize, skip: usize, b: usize,
  k: usize, from: usize, fromRow: usize, c: usize, cRow: usize): void {
  let s00 = v128.load(from), s01 = v128.load(from, VEC);
  from += fromRow;
  let s10 = v128.load(from), s11 = v128.load(from, VEC);
  from += fromRow;
  let s20 = v128.load(from), s21 = v128.load(from, VEC);
  from += fromRow;
  let s30 = v128.load(from), s31 = v128.load(from, VEC);
  for (; runs > 0; runs--) {
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
    a0 += skip;
    a1 += skip;
    a2 += skip;
    a3 += skip;
  }
  v128.store(c, s00);
  v128.store(c, s01, VEC);
  c += cRow;
  v128.store(c, s10);
  v128.store(c, s11, VEC);
  c += cRow;
  v128.store(c, s20);
  v128.store(c, s21, VEC);
  c += cRow;
  v128.store(c, s30);
  v128.store(c, s31, VEC);
}

/** The first rows and columns of the {@link corner} to c, added to c itself (`add`) or to a row (`bias`) that is not 0. */
export function storeCorner(rows: usize, columns: usize, c: usize, cRow: usize, add: bool, bias: usize): void {
  for (let r: usize = 0; r < rows; r++) {
    for (let s: usize = 0; s < columns; s++) {
      const at = c + r * cRow + s * F32;
      const base = add ? load<f32>(at) : bias ? load<f32>(bias + s * F32) : <f32>0;
      store<f32>(at, base + load<f32>(corner() + (r * COLS + s) * F32));
    }
  }
}

/**
 * c (m, n) = base + A (m, k) times the packed block (k, n) of B; strips of four rows of A lie `aStrip` bytes apart. The
 * base is c itself (`add`), or one row for all (`bias`), or nothing (`bias` 0).
 */
export function block(a: usize, aStrip: usize, aRow: usize, aCol: usize, packed: usize, c: usize, cRow: usize,
  m: usize, n: usize, k: usize, add: bool, bias: usize): void {
  let panel = packed;
  for (let j: usize = 0; j < n; j += COLS) {
    const width = min(COLS, n - j);
    let a0 = a;
    for (let i: usize = 0; i < m; i += ROWS) {
      const height = min(ROWS, m - i);
      // Past the last row the tile reads the last row again and drops the result.
      const a1 = height > 1 ? a0 + aRow : a0;
      const a2 = height > 2 ? a1 + aRow : a1;
      const a3 = height > 3 ? a2 + aRow : a2;
      const to = c + i * cRow + j * F32;
      if (height == ROWS && width == COLS) {
        const from = add ? to : bias ? bias + j * F32 : zeros();
        tile(a0, a1, a2, a3, aCol, 1, 0, panel, k, from, add ? cRow : 0, to, cRow);
      } else {
        tile(a0, a1, a2, a3, aCol, 1, 0, panel, k, zeros(), 0, corner(), COLS * F32);
        storeCorner(height, width, to, cRow, add, bias ? bias + j * F32 : 0);
      }
      a0 += aStrip;
    }
    panel += k * 32;
  }
}

/**
 * One product of strided matrices; strides in bytes, rows of C contiguous, k at least 1. `add` adds to C; else a
 * `bias` (n) that is not 0 is added to every row.
 */
export function gemm(a: usize, aRow: usize, aCol: usize, b: usize, bRow: usize, bCol: usize, c: usize, cRow: usize,
  m: usize, n: usize, k: usize, add: bool, bias: usize): void {
  if (isForBlas(m, n, k) && blasGemm(a, aRow, aCol, b, bRow, bCol, c, cRow, m, n, k, add)) {
    if (bias) for (let i: usize = 0; i < m; i++) addRow(bias, c + i * cRow, n);
    return;
  }
  for (let p: usize = 0; p < k; p += BLOCK_K) {
    const depth = min(BLOCK_K, k - p);
    for (let j: usize = 0; j < n; j += BLOCK_N) {
      const width = min(BLOCK_N, n - j);
      pack(b + p * bRow + j * bCol, bRow, bCol, depth, width, scratch);
      const shift = bias ? bias + j * F32 : 0;
      for (let i: usize = 0; i < m; i += BLOCK_M) {
        const height = min(BLOCK_M, m - i);
        const from = a + i * aRow + p * aCol;
        const to = c + i * cRow + j * F32;
        if (aRow == F32 && width > PACK_ABOVE) {
          packColumns(from, aCol, height, depth, columns());
          block(columns(), depth * VEC, F32, VEC, scratch, to, cRow, height, width, depth, add || p > 0, shift);
        } else {
          block(from, ROWS * aRow, aRow, aCol, scratch, to, cRow, height, width, depth, add || p > 0, shift);
        }
      }
    }
  }
}

/** {@link gemm}, or a {@link rowProducts} where there are too few rows for packing B to pay. k at least 1. */
export function product(a: usize, aRow: usize, aCol: usize, b: usize, bRow: usize, bCol: usize, c: usize, cRow: usize,
  m: usize, n: usize, k: usize, bias: usize): void {
  const inOrder = bCol == F32 || (bRow == F32 && aCol == F32);
  if (m < ROWS && inOrder) rowProducts(a, aRow, aCol, b, bRow, bCol, c, cRow, m, n, k, bias);
  else gemm(a, aRow, aCol, b, bRow, bCol, c, cRow, m, n, k, false, bias);
}

/** Few rows and B in order: row by row, without packing. */
function rowProducts(a: usize, aRow: usize, aCol: usize, b: usize, bRow: usize, bCol: usize, c: usize, cRow: usize,
  m: usize, n: usize, k: usize, bias: usize): void {
  for (let i: usize = 0; i < m; i++) {
    const row = a + i * aRow;
    const to = c + i * cRow;
    if (bCol == F32) rowTimesRows(row, aCol, b, bRow, to, n, k);
    else rowTimesColumns(row, b, bCol, to, n, k);
    if (bias) addRow(bias, to, n);
  }
}

/** What threads share of a task. */
export const enum MatmulAxis { products, rows, columns }

/**
 * `batch` products, each `aBatch`, `bBatch`, `cBatch` bytes after the last. Strides are in bytes; rows of C are
 * contiguous; a `bias` (n) is added to every row.
 */
@unmanaged
export class MatmulTask extends Task {
  axis: MatmulAxis;
  a: usize;
  aBatch: usize;
  aRow: usize;
  aCol: usize;
  b: usize;
  bBatch: usize;
  bRow: usize;
  bCol: usize;
  c: usize;
  cBatch: usize;
  cRow: usize;
  batch: usize;
  m: usize;
  n: usize;
  k: usize;
  bias: usize;
}

/** Products, rows or columns from `begin` to `end`, as the task's axis says. */
export function matmul(task: MatmulTask, begin: usize, end: usize): void {
  let a = task.a, b = task.b, c = task.c, bias = task.bias, batch = task.batch, m = task.m, n = task.n;
  const k = task.k, aBatch = task.aBatch, aRow = task.aRow, aCol = task.aCol;
  const bBatch = task.bBatch, bRow = task.bRow, bCol = task.bCol, cBatch = task.cBatch, cRow = task.cRow;
  const count = end - begin;
  if (task.axis == MatmulAxis.products) {
    a += begin * aBatch;
    b += begin * bBatch;
    c += begin * cBatch;
    batch = count;
  } else if (task.axis == MatmulAxis.rows) {
    a += begin * aRow;
    c += begin * cRow;
    m = count;
  } else {
    b += begin * bCol;
    c += begin * F32;
    if (bias) bias += begin * F32;
    n = count;
  }
  for (let t: usize = 0; t < batch; t++) {
    if (k == 0) {
      for (let i: usize = 0; i < m; i++) {
        memory.fill(c + i * cRow, 0, n * F32);
        if (bias) addRow(bias, c + i * cRow, n);
      }
    } else {
      product(a, aRow, aCol, b, bRow, bCol, c, cRow, m, n, k, bias);
    }
    a += aBatch;
    b += bBatch;
    c += cBatch;
  }
}
