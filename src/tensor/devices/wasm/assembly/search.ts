import { Task } from "./task";

/** See Kernels.search; elements of four bytes. */
@unmanaged
export class SearchTask extends Task {
  sorted: usize;
  n: usize;
  values: usize;
  width: usize;
  right: u32;
  isInteger: u32;
  out: usize;
}

/** The end of what comes before a value, `half` elements further on at the most, where that many do. */
// @ts-ignore: decorator
@inline
function step<T>(right: bool, at: usize, half: usize, value: T): usize {
  const element = load<T>(at + half - 4);
  return select<usize>(at + half, at, right ? element <= value : element < value);
}

/** How many of the n elements at `row`, at least one, come before a value, which is not NaN. */
function one<T>(right: bool, row: usize, n: usize, value: T): i32 {
  let at = row, rest = n;
  for (; rest > 1; rest -= rest >> 1) at = step<T>(right, at, (rest >> 1) * 4, value);
  return <i32>((step<T>(right, at, 4, value) - row) >> 2);
}

/** Of `count` values; eight at a time, which do not wait for each other. */
// @ts-ignore: decorator
@inline
function all<T>(right: bool, row: usize, n: usize, values: usize, count: usize, out: usize): void {
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    const v = values + i * 4, to = out + i * 4;
    const v0 = load<T>(v), v1 = load<T>(v, 4), v2 = load<T>(v, 8), v3 = load<T>(v, 12);
    const v4 = load<T>(v, 16), v5 = load<T>(v, 20), v6 = load<T>(v, 24), v7 = load<T>(v, 28);
    let a0 = row, a1 = row, a2 = row, a3 = row, a4 = row, a5 = row, a6 = row, a7 = row;
    for (let rest = n; rest > 0; ) {
      const half = max<usize>(rest >> 1, 1), bytes = half * 4;
      a0 = step<T>(right, a0, bytes, v0);
      a1 = step<T>(right, a1, bytes, v1);
      a2 = step<T>(right, a2, bytes, v2);
      a3 = step<T>(right, a3, bytes, v3);
      a4 = step<T>(right, a4, bytes, v4);
      a5 = step<T>(right, a5, bytes, v5);
      a6 = step<T>(right, a6, bytes, v6);
      a7 = step<T>(right, a7, bytes, v7);
      rest -= half;
    }
    store<i32>(to, <i32>((a0 - row) >> 2));
    store<i32>(to, <i32>((a1 - row) >> 2), 4);
    store<i32>(to, <i32>((a2 - row) >> 2), 8);
    store<i32>(to, <i32>((a3 - row) >> 2), 12);
    store<i32>(to, <i32>((a4 - row) >> 2), 16);
    store<i32>(to, <i32>((a5 - row) >> 2), 20);
    store<i32>(to, <i32>((a6 - row) >> 2), 24);
    store<i32>(to, <i32>((a7 - row) >> 2), 28);
  }
  for (; i < count; i++) store<i32>(out + i * 4, one<T>(right, row, n, load<T>(values + i * 4)));
}

/** NaN comes behind all numbers, infinity among them, or behind all there is. */
function correct(right: bool, row: usize, n: usize, values: usize, count: usize, out: usize): void {
  for (let i: usize = 0; i < count; i++) {
    if (!isNaN(load<f32>(values + i * 4))) continue;
    store<i32>(out + i * 4, right ? <i32>n : one<f32>(true, row, n, f32.POSITIVE_INFINITY));
  }
}

/** Of values begin to end. */
export function search(task: SearchTask, begin: usize, end: usize): void {
  const n = task.n, width = task.width, right = task.right != 0;
  for (let i = begin; i < end; ) {
    const r = i / width;
    const count = min(end, (r + 1) * width) - i;
    const row = task.sorted + r * n * 4, values = task.values + i * 4, out = task.out + i * 4;
    if (task.isInteger) {
      if (right) all<i32>(true, row, n, values, count, out);
      else all<i32>(false, row, n, values, count, out);
    } else {
      if (right) all<f32>(true, row, n, values, count, out);
      else all<f32>(false, row, n, values, count, out);
      correct(right, row, n, values, count, out);
    }
    i += count;
  }
}
