import { rowSum } from "./reduce";
import { F32 } from "./simd";
import { Task } from "./task";

/**
 * Pools over windows of planes (height, width). Windows stand in a grid of `rows` × `columns` spans, each four i32:
 * its first cell, the end, the step from cell to cell, and its size for a mean. Planes `begin` to `end` are done.
 */

const SPAN: usize = 16;

/** What the windows are over, `x` or its gradient, and one number for each, `out` or its gradient. */
@unmanaged
export class PoolTask extends Task {
  x: usize;
  out: usize;
  /** Of the largest: where in x it lies, as i32. */
  source: usize;
  height: usize;
  width: usize;
  rows: usize;
  rowCount: usize;
  columns: usize;
  columnCount: usize;
}

/** Word i of a span. */
// @ts-ignore: decorator
@inline
function word(spans: usize, span: usize, i: usize): usize {
  return <usize>load<i32>(spans + span * SPAN + i * 4);
}

/**
 * out = the largest of every window, the first of equals or the last NaN. A window without a cell gives −∞, and −1 for
 * its source.
 */
export function maxPool(task: PoolTask, begin: usize, end: usize): void {
  const x = task.x, out = task.out, source = task.source, height = task.height, width = task.width;
  const rows = task.rows, rowCount = task.rowCount, columns = task.columns, columnCount = task.columnCount;
  let to = begin * rowCount * columnCount;
  for (let plane = begin; plane < end; plane++) {
    for (let r: usize = 0; r < rowCount; r++) {
      const top = word(rows, r, 0), bottom = word(rows, r, 1), stepY = word(rows, r, 2);
      for (let c: usize = 0; c < columnCount; c++) {
        const left = word(columns, c, 0), right = word(columns, c, 1), stepX = word(columns, c, 2);
        let best: i32 = -1;
        let largest: f32 = -Infinity;
        for (let i = top; i < bottom; i += stepY) {
          const line = (plane * height + i) * width;
          for (let j = left; j < right; j += stepX) {
            const value = load<f32>(x + (line + j) * F32);
            if (value > largest || value != value || best < 0) {
              largest = value;
              best = <i32>(line + j);
            }
          }
        }
        store<f32>(out + to * F32, largest);
        store<i32>(source + to * 4, best);
        to++;
      }
    }
  }
}

/** `cells` of x and `windows` per plane. */
@unmanaged
export class MaxPoolBackwardTask extends Task {
  g: usize;
  source: usize;
  gx: usize;
  cells: usize;
  windows: usize;
}

/** gx = 0, then gx[source[i]] += g[i] where that is not −1. */
export function maxPoolBackward(task: MaxPoolBackwardTask, begin: usize, end: usize): void {
  const g = task.g, source = task.source, gx = task.gx, cells = task.cells, windows = task.windows;
  memory.fill(gx + begin * cells * F32, 0, (end - begin) * cells * F32);
  for (let i = begin * windows; i < end * windows; i++) {
    const from = load<i32>(source + i * 4);
    if (from < 0) continue;
    const to = gx + <usize>from * F32;
    store<f32>(to, load<f32>(to) + load<f32>(g + i * F32));
  }
}

/** out = Σ window / its size */
export function averagePool(task: PoolTask, begin: usize, end: usize): void {
  const x = task.x, height = task.height, width = task.width;
  const rows = task.rows, rowCount = task.rowCount, columns = task.columns, columnCount = task.columnCount;
  let to = task.out + begin * rowCount * columnCount * F32;
  for (let plane = begin; plane < end; plane++) {
    for (let r: usize = 0; r < rowCount; r++) {
      for (let c: usize = 0; c < columnCount; c++) {
        const left = word(columns, c, 0), n = word(columns, c, 1) - left;
        let sum: f64 = 0;
        for (let i = word(rows, r, 0); i < word(rows, r, 1); i++) {
          sum += rowSum(x + ((plane * height + i) * width + left) * F32, n);
        }
        store<f32>(to, <f32>(sum / <f64>(word(rows, r, 3) * word(columns, c, 3))));
        to += F32;
      }
    }
  }
}

/** gx = 0, then each cell of a window += g / the window's size. */
export function averagePoolBackward(task: PoolTask, begin: usize, end: usize): void {
  const gx = task.x, height = task.height, width = task.width;
  const rows = task.rows, rowCount = task.rowCount, columns = task.columns, columnCount = task.columnCount;
  memory.fill(gx + begin * height * width * F32, 0, (end - begin) * height * width * F32);
  let from = task.out + begin * rowCount * columnCount * F32;
  for (let plane = begin; plane < end; plane++) {
    for (let r: usize = 0; r < rowCount; r++) {
      for (let c: usize = 0; c < columnCount; c++) {
        const left = word(columns, c, 0), right = word(columns, c, 1);
        const share = load<f32>(from) / <f32>(word(rows, r, 3) * word(columns, c, 3));
        from += F32;
        for (let i = word(rows, r, 0); i < word(rows, r, 1); i++) {
          const line = gx + (plane * height + i) * width * F32;
          for (let j = left; j < right; j++) store<f32>(line + j * F32, load<f32>(line + j * F32) + share);
        }
      }
    }
  }
}
