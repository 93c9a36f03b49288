import { F32 } from "./simd";
import { Task } from "./task";

/** Rows of up to so many bytes are copied faster element by element. */
const SHORT: usize = 32;

@unmanaged
export class GatherRowsTask extends Task {
  table: usize;
  indices: usize;
  out: usize;
  n: usize;
}

/** out row r = table row indices[r], rows of `n`. */
export function gatherRows(task: GatherRowsTask, begin: usize, end: usize): void {
  const table = task.table, indices = task.indices, out = task.out;
  const bytes = task.n * F32;
  for (let r = begin; r < end; r++) {
    let from = table + <usize>load<i32>(indices + r * 4) * bytes;
    let to = out + r * bytes;
    if (bytes > SHORT) {
      memory.copy(to, from, bytes);
      continue;
    }
    for (const stop = to + bytes; to < stop; to += F32, from += F32) store<i32>(to, load<i32>(from));
  }
}

@unmanaged
export class ScatterAddRowsTask extends Task {
  table: usize;
  indices: usize;
  count: usize;
  x: usize;
  n: usize;
}

/** table row indices[r] += x row r, columns begin to end of rows of `n`: threads share the columns, not the rows. */
export function scatterAddRows(task: ScatterAddRowsTask, begin: usize, end: usize): void {
  const table = task.table, indices = task.indices, count = task.count, x = task.x;
  const bytes = task.n * F32;
  for (let r: usize = 0; r < count; r++) {
    const to = table + <usize>load<i32>(indices + r * 4) * bytes;
    const from = x + r * bytes;
    let i = begin;
    for (; i + 4 <= end; i += 4) {
      v128.store(to + i * F32, f32x4.add(v128.load(to + i * F32), v128.load(from + i * F32)));
    }
    for (; i < end; i++) store<f32>(to + i * F32, load<f32>(to + i * F32) + load<f32>(from + i * F32));
  }
}
