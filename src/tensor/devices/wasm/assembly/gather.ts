import { Task } from "./task";

/** See Kernels.gather; all places in elements. */
@unmanaged
export class GatherTask extends Task {
  x: usize;
  /** int32 lists. */
  outer: usize;
  inner: usize;
  innerCount: usize;
  indices: usize;
  /** Indices between two entries of `outer`, counting those of one entry of `inner`. */
  n: usize;
  step: usize;
  out: usize;
}

/** Lines begin to end of (outer, n), each of `innerCount` elements of four bytes. */
export function gather(task: GatherTask, begin: usize, end: usize): void {
  const x = task.x, outer = task.outer, inner = task.inner, innerCount = task.innerCount;
  const n = task.n, step = task.step, out = task.out, indices = task.indices;
  let o = begin / n;
  let i = begin - o * n;
  let base = x + (<usize>load<i32>(outer + o * 4) << 2);
  for (let line = begin; line < end; line++) {
    if (i == n) {
      i = 0;
      base = x + (<usize>load<i32>(outer + ++o * 4) << 2);
    }
    if (innerCount == 1) {
      // A run of one entry of `outer`.
      const first = base + (<usize>load<i32>(inner) << 2);
      const stop = min(end, line + n - i);
      for (; line < stop; line++) {
        store<i32>(out + (line << 2), load<i32>(first + ((<usize>load<i32>(indices + (line << 2)) * step) << 2)));
      }
      line--;
      i = n;
      continue;
    }
    i++;
    const first = line * innerCount;
    for (let j: usize = 0; j < innerCount; j++) {
      const index = <usize>load<i32>(indices + ((first + j) << 2));
      const from = base + ((index * step + <usize>load<i32>(inner + (j << 2))) << 2);
      store<i32>(out + ((first + j) << 2), load<i32>(from));
    }
  }
}
