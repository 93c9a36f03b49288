import { F32, VEC } from "./simd";
import { Task } from "./task";

/** Rows from so many bytes on are copied faster by the engine. */
const LONG: usize = 4096;

@unmanaged
export class GatherRowsTask extends Task {
  table: usize;
  indices: usize;
  out: usize;
  /** Of a row. */
  bytes: usize;
}

/** out row r = table row indices[r]. */
export function gatherRows(task: GatherRowsTask, begin: usize, end: usize): void {
  const table = task.table, indices = task.indices, out = task.out;
  const bytes = task.bytes;
  if (bytes == F32) {
    for (let r = begin; r < end; r++) {
      store<i32>(out + r * F32, load<i32>(table + (<usize>load<i32>(indices + r * 4) << 2)));
    }
    return;
  }
  for (let r = begin; r < end; r++) {
    let from = table + <usize>load<i32>(indices + r * 4) * bytes;
    let to = out + r * bytes;
    if (bytes >= LONG) {
      memory.copy(to, from, bytes);
      continue;
    }
    const end = to + bytes, stop = to + (bytes & ~15);
    for (; to < stop; to += VEC, from += VEC) v128.store(to, v128.load(from));
    for (; to + F32 <= end; to += F32, from += F32) store<i32>(to, load<i32>(from));
    for (; to < end; to++, from++) store<u8>(to, load<u8>(from));
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
