import { rowSum } from "./reduce";
import { F32 } from "./simd";

/**
 * Pools over windows of planes (height, width). Windows stand in a grid of `rows` × `columns` spans, each four i32:
 * its first cell, the end, the step from cell to cell, and its size for a mean. Planes `begin` to `end` are done.
 */

const SPAN: usize = 16;

/** Word i of a span. */
// @ts-ignore: decorator
@inline
function word(spans: usize, span: usize, i: usize): usize {
  return <usize>load<i32>(spans + span * SPAN + i * 4);
}

/**
 * out = the largest of every window, the first of equals or the last NaN; `source` (i32): where in x it lies. A window
 * without a cell gives −∞ and −1.
 */
export function maxPool(begin: usize, end: usize, x: usize, out: usize, source: usize, height: usize, width: usize,
  rows: usize, rowCount: usize, columns: usize, columnCount: usize): void {
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

/** gx = 0, then gx[source[i]] += g[i] where that is not −1; `cells` of x and `windows` per plane. */
export function maxPoolBackward(begin: usize, end: usize, g: usize, source: usize, gx: usize, cells: usize,
  windows: usize): void {
  memory.fill(gx + begin * cells * F32, 0, (end - begin) * cells * F32);
  for (let i = begin * windows; i < end * windows; i++) {
    const from = load<i32>(source + i * 4);
    if (from < 0) continue;
    const to = gx + <usize>from * F32;
    store<f32>(to, load<f32>(to) + load<f32>(g + i * F32));
  }
}

/** out = Σ window / its size */
export function averagePool(begin: usize, end: usize, x: usize, out: usize, height: usize, width: usize, rows: usize,
  rowCount: usize, columns: usize, columnCount: usize): void {
  let to = out + begin * rowCount * columnCount * F32;
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
export function averagePoolBackward(begin: usize, end: usize, g: usize, gx: usize, height: usize, width: usize,
  rows: usize, rowCount: usize, columns: usize, columnCount: usize): void {
  memory.fill(gx + begin * height * width * F32, 0, (end - begin) * height * width * F32);
  let from = g + begin * rowCount * columnCount * F32;
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
