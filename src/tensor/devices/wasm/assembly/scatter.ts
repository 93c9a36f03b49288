import { F32 } from "./simd";
import { Task } from "./task";

export const enum ScatterOp { assign, sum }

/** See Kernels.scatter; all places in elements of four bytes. */
@unmanaged
export class ScatterTask extends Task {
  op: ScatterOp;
  isInteger: u32;
  /** Whether threads share the entries of `inner`, else those of `outer`: a place belongs to one of them. */
  byColumns: u32;
  x: usize;
  /** int32 lists. */
  outer: usize;
  outerCount: usize;
  inner: usize;
  innerCount: usize;
  indices: usize;
  /** Indices between two entries of `outer`, counting those of one entry of `inner`. */
  n: usize;
  step: usize;
  out: usize;
}

// @ts-ignore: decorator
@inline
function put(op: ScatterOp, isInteger: bool, to: usize, from: usize): void {
  if (op == ScatterOp.assign) store<i32>(to, load<i32>(from));
  else if (isInteger) store<i32>(to, load<i32>(to) + load<i32>(from));
  else store<f32>(to, load<f32>(to) + load<f32>(from));
}

// @ts-ignore: decorator
@inline
function loop(op: ScatterOp, isInteger: bool, task: ScatterTask, begin: usize, end: usize): void {
  const x = task.x, inner = task.inner, innerCount = task.innerCount, indices = task.indices;
  const n = task.n, step = task.step, byColumns = task.byColumns != 0;
  const top: usize = byColumns ? 0 : begin, bottom = byColumns ? task.outerCount : end;
  const left: usize = byColumns ? begin : 0, right = byColumns ? end : innerCount;
  for (let o = top; o < bottom; o++) {
    const base = task.out + (<usize>load<i32>(task.outer + o * 4) << 2);
    if (innerCount == 1) {
      const column = base + (<usize>load<i32>(inner) << 2), list = indices + o * n * 4, from = x + o * n * F32;
      for (let i: usize = 0; i < n; i++) {
        put(op, isInteger, column + ((<usize>load<i32>(list + i * 4) * step) << 2), from + i * F32);
      }
    } else {
      for (let i: usize = 0; i < n; i++) {
        const row = (o * n + i) * innerCount;
        for (let j = left; j < right; j++) {
          const value = <usize>load<i32>(indices + (row + j) * 4);
          put(op, isInteger, base + ((value * step + <usize>load<i32>(inner + j * 4)) << 2), x + (row + j) * F32);
        }
      }
    }
  }
}

export function scatter(task: ScatterTask, begin: usize, end: usize): void {
  if (task.op == ScatterOp.assign) loop(ScatterOp.assign, false, task, begin, end);
  else if (task.isInteger) loop(ScatterOp.sum, true, task, begin, end);
  else loop(ScatterOp.sum, false, task, begin, end);
}
