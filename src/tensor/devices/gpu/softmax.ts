import type { KernelCache } from "./cache";
import { pack, packedLogSoftmax, packedRowExpSum, packedRowMax, packedSoftmax, unpack } from "./packed";
import {
  logSoftmax,
  logSoftmaxBackward,
  rowDot,
  rowExpSum,
  rowMax,
  rowSum,
  softmax,
  softmaxBackward,
} from "./programs";
import { isGL, type Mode } from "./runtime";

type RowOp = "softmax" | "logSoftmax";

/** Rows of n numbers: exp(x − max) and its sum stand behind both operations. */
export function rowsForward(
  cache: KernelCache,
  mode: Mode,
  op: RowOp,
  x: Float32Array,
  y: Float32Array,
  rows: number,
  n: number,
): void {
  if (isGL(mode) && n % 4 === 0) {
    const n4 = n / 4;
    const last = op === "softmax" ? packedSoftmax : packedLogSoftmax;
    cache.onGpu((run) => {
      const packed = run(pack, [n4, rows, 1], { rows, cols: n, batch: 0, row: n, col: 1 }, [x]);
      const max = run(packedRowMax, [rows], { n4 }, [packed]);
      const total = run(packedRowExpSum, [rows], { n4 }, [packed, max]);
      unpack(run(last, [n4, rows], { n4 }, [packed, max, total]), y, rows, n);
    });
    return;
  }
  const max = cache.run(rowMax, [rows], { n }, [x]) as Float32Array;
  const total = cache.run(rowExpSum, [rows], { n }, [x, max]) as Float32Array;
  const result = cache.run(op === "softmax" ? softmax : logSoftmax, [n, rows], { n }, [x, max, total]);
  fill(y, result as Float32Array[]);
}

/** gx from y, g and one sum per row: of g ⊙ y for softmax, of g for logSoftmax. */
export function rowsBackward(
  cache: KernelCache,
  op: RowOp,
  y: Float32Array,
  g: Float32Array,
  gx: Float32Array,
  rows: number,
  n: number,
): void {
  const isSoftmax = op === "softmax";
  const sum = isSoftmax ? cache.run(rowDot, [rows], { n }, [g, y]) : cache.run(rowSum, [rows], { n }, [g]);
  const program = isSoftmax ? softmaxBackward : logSoftmaxBackward;
  fill(gx, cache.run(program, [n, rows], { n }, [y, g, sum as Float32Array]) as Float32Array[]);
}

function fill(out: Float32Array, rows: readonly Float32Array[]): void {
  for (let i = 0; i < rows.length; i++) out.set(rows[i], i * rows[i].length);
}
