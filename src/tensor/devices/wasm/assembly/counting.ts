import { VEC } from "./simd";
import { Task } from "./task";

/** A list of bools, in parts of `length`. */
@unmanaged
export class NonzeroTask extends Task {
  x: usize;
  size: usize;
  length: usize;
  /** int32: how many are true in each part; then, and one more, where those of each part begin in `out`. */
  parts: usize;
  /** int32 (count, axes) */
  out: usize;
  /** int32: the sizes of the axes. */
  shape: usize;
  axes: usize;
}

/** How many bytes of x are not 0. */
function countTrue(x: usize, n: usize): i32 {
  const nil = i8x16.splat(0);
  const end = x + n, stop = x + (n & ~15);
  let count: i32 = 0;
  for (; x < stop; x += VEC) count += popcnt(i8x16.bitmask(i8x16.ne(v128.load(x), nil)));
  for (; x < end; x++) count += i32(load<u8>(x) != 0);
  return count;
}

/** Counts what is true in parts begin to end. */
export function countNonzero(task: NonzeroTask, begin: usize, end: usize): void {
  const length = task.length;
  for (let part = begin; part < end; part++) {
    const from = part * length;
    store<i32>(task.parts + part * 4, countTrue(task.x + from, min(length, task.size - from)));
  }
}

/** Writes at `to` the indices of place i among axes of the sizes at `shape`. */
function put(i: usize, shape: usize, axes: usize, to: usize): void {
  for (let axis = axes; axis-- > 0; ) {
    const size = <usize>load<i32>(shape + axis * 4);
    const rest = i / size;
    store<i32>(to + axis * 4, <i32>(i - rest * size));
    i = rest;
  }
}

/**
 * Writes the indices of what is true in parts begin to end. Along one axis or two without asking: where it is false, the next
 * place is written there again.
 */
export function nonzero(task: NonzeroTask, begin: usize, end: usize): void {
  const x = task.x, axes = task.axes, shape = task.shape, bytes = axes * 4;
  const n = <usize>load<i32>(shape + (axes - 1) * 4);
  for (let part = begin; part < end; part++) {
    let i = part * task.length;
    let to = task.out + <usize>load<i32>(task.parts + part * 4) * bytes;
    const stop = task.out + <usize>load<i32>(task.parts + part * 4, 4) * bytes;
    if (axes == 1) {
      for (; to < stop; i++) {
        store<i32>(to, <i32>i);
        to += <usize>(load<u8>(x + i) != 0) << 2;
      }
    } else if (axes == 2) {
      let row = i / n;
      let column = i - row * n;
      for (; to < stop; row++, column = 0) {
        for (; column < n && to < stop; column++, i++) {
          store<u64>(to, <u64>row | (<u64>column << 32));
          to += <usize>(load<u8>(x + i) != 0) << 3;
        }
      }
    } else {
      for (; to < stop; i++) {
        if (load<u8>(x + i) == 0) continue;
        put(i, shape, axes, to);
        to += bytes;
      }
    }
  }
}

/** int32 places, in pieces, each of which counts for itself. */
@unmanaged
export class CountTask extends Task {
  places: usize;
  /** int32 (pieces, length) */
  counts: usize;
  length: usize;
  /** For {@link joinCounts}. */
  pieces: usize;
  out: usize;
}

/** How often each of 0 … length − 1 comes among places begin to end. */
export function count(task: CountTask, begin: usize, end: usize): void {
  const bytes = task.length * 4;
  const counts = task.counts + (begin / task.chunk) * bytes;
  memory.fill(counts, 0, bytes);
  for (let at = task.places + begin * 4, stop = task.places + end * 4; at < stop; at += 4) {
    const counter = counts + (<usize>load<i32>(at) << 2);
    store<i32>(counter, load<i32>(counter) + 1);
  }
}

/** The sums over the pieces, of counts begin to end. */
export function joinCounts(task: CountTask, begin: usize, end: usize): void {
  for (let i = begin; i < end; i++) {
    let sum: i32 = 0;
    for (let piece: usize = 0; piece < task.pieces; piece++) sum += load<i32>(task.counts + (piece * task.length + i) * 4);
    store<i32>(task.out + i * 4, sum);
  }
}
