import { F32 } from "./simd";
import { Task } from "./task";

/** Products of a sparse matrix; see Kernels.sparseProduct and Kernels.sparseBackwardValues. */
@unmanaged
export class SparseTask extends Task {
  /** Floats: planes of n numbers, and of m. */
  x: usize;
  n: usize;
  y: usize;
  m: usize;
  /** Of each number in the matrix: int32, int32 and float64; values 0: all are 1. */
  rows: usize;
  columns: usize;
  values: usize;
  count: usize;
  planes: usize;
}

/** So many planes go at a time: what the matrix says is read once for all of them. */
const WIDE: usize = 4;

/** y[rows[t]] += values[t] · x[columns[t]] of plane p, or of WIDE planes from there. */
// @ts-ignore: decorator
@inline
function multiply(hasValues: bool, isWide: bool, task: SparseTask, p: usize): void {
  const rows = task.rows, columns = task.columns, values = task.values, count = task.count;
  const n = task.n * F32, m = task.m * F32;
  const x = task.x + p * n;
  const y = task.y + p * m;
  for (let t: usize = 0; t < count; ) {
    const row = load<i32>(rows + t * 4);
    let a: f64 = 0, b: f64 = 0, c: f64 = 0, d: f64 = 0;
    do {
      const from = x + <usize>load<i32>(columns + t * 4) * F32;
      const value = hasValues ? load<f64>(values + t * 8) : 1;
      a += value * <f64>load<f32>(from);
      if (isWide) {
        b += value * <f64>load<f32>(from + n);
        c += value * <f64>load<f32>(from + 2 * n);
        d += value * <f64>load<f32>(from + 3 * n);
      }
      t++;
    } while (t < count && load<i32>(rows + t * 4) == row);
    const to = y + <usize>row * F32;
    store<f32>(to, <f32>(<f64>load<f32>(to) + a));
    if (isWide) {
      store<f32>(to + m, <f32>(<f64>load<f32>(to + m) + b));
      store<f32>(to + 2 * m, <f32>(<f64>load<f32>(to + 2 * m) + c));
      store<f32>(to + 3 * m, <f32>(<f64>load<f32>(to + 3 * m) + d));
    }
  }
}

// @ts-ignore: decorator
@inline
function multiplyAll(hasValues: bool, task: SparseTask, begin: usize, end: usize): void {
  let p = begin;
  for (; p + WIDE <= end; p += WIDE) multiply(hasValues, true, task, p);
  for (; p < end; p++) multiply(hasValues, false, task, p);
}

function multiplyOnes(task: SparseTask, begin: usize, end: usize): void { multiplyAll(false, task, begin, end); }
function multiplyValues(task: SparseTask, begin: usize, end: usize): void { multiplyAll(true, task, begin, end); }

/** Planes begin to end. */
export function sparseProduct(task: SparseTask, begin: usize, end: usize): void {
  if (task.values) multiplyValues(task, begin, end);
  else multiplyOnes(task, begin, end);
}

/** values[t] += y[rows[t]] · x[columns[t]] of plane p, or of WIDE planes from there, begin ≤ t < end. */
// @ts-ignore: decorator
@inline
function multiplyBack(isWide: bool, task: SparseTask, p: usize, begin: usize, end: usize): void {
  const rows = task.rows, columns = task.columns, values = task.values;
  const n = task.n * F32, m = task.m * F32;
  const x = task.x + p * n;
  const y = task.y + p * m;
  for (let t = begin; t < end; t++) {
    const left = y + <usize>load<i32>(rows + t * 4) * F32;
    const right = x + <usize>load<i32>(columns + t * 4) * F32;
    let sum = load<f64>(values + t * 8) + <f64>load<f32>(left) * <f64>load<f32>(right);
    if (isWide) {
      sum += <f64>load<f32>(left + m) * <f64>load<f32>(right + n);
      sum += <f64>load<f32>(left + 2 * m) * <f64>load<f32>(right + 2 * n);
      sum += <f64>load<f32>(left + 3 * m) * <f64>load<f32>(right + 3 * n);
    }
    store<f64>(values + t * 8, sum);
  }
}

/** Numbers begin to end of the matrix: values[t] = Σ over the planes of y[rows[t]] · x[columns[t]]. */
export function sparseBackwardValues(task: SparseTask, begin: usize, end: usize): void {
  for (let t = begin; t < end; t++) store<f64>(task.values + t * 8, 0);
  let p: usize = 0;
  for (; p + WIDE <= task.planes; p += WIDE) multiplyBack(true, task, p, begin, end);
  for (; p < task.planes; p++) multiplyBack(false, task, p, begin, end);
}
