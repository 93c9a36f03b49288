import type { Kernels } from "../../kernels";
import { isReduced } from "./reduce";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { MatmulAxis } from "./tasks.generated";

const F32 = 4;

/** Below this many multiply-adds the plain loops win. */
const SMALL = 64;

/** Multiply-adds that are worth waking a thread for. */
const GRAIN = 50_000;

export function matmulKernel(runner: Runner, space: Space, reference: Kernels): Kernels["matmul"] {
  return (a, b, out, sizes, bias) => {
    const { batch, m, k, n, transposeA, transposeB, sharedA, sharedB } = sizes;
    if (!(a instanceof Float32Array) || batch * m * n * k < SMALL) {
      return reference.matmul(a, b, out, sizes, bias);
    }
    if (batch * m * n === 1 && !bias) {
      // A dot product: a sum, which threads share.
      const isSummed = isReduced(runner, space, "sumOfSquares", [a, b], out, [1, k, 1]);
      if (!isSummed) reference.matmul(a, b, out, sizes, bias);
      return;
    }
    // One B for every A of a batch whose rows follow one another: a single, taller product.
    const fold = batch > 1 && sharedB && !sharedA && !transposeA;
    const products = fold ? 1 : batch;
    const rows = fold ? batch * m : m;
    // Threads share whole products if there are enough, else the longer side of the result; rather the columns, as
    // those who share the rows pack all of B each.
    const { products: byProduct, rows: byRow, columns: byColumn } = MatmulAxis;
    const axis = products >= 4 ? byProduct : rows > n ? byRow : byColumn;
    const total = axis === byProduct ? products : axis === byRow ? rows : n;
    const grain = Math.max(axis === byProduct ? 1 : 8, (GRAIN * total) / (products * rows * n * k));
    const isDone = runner.run("matmul", {
      total,
      chunk: runner.chunk(total, grain),
      axis,
      a: space.input(a),
      aBatch: sharedA ? 0 : m * k * F32,
      aRow: (transposeA ? 1 : k) * F32,
      aCol: (transposeA ? m : 1) * F32,
      b: space.input(b),
      bBatch: sharedB ? 0 : k * n * F32,
      bRow: (transposeB ? 1 : n) * F32,
      bCol: (transposeB ? k : 1) * F32,
      c: space.output(out),
      cBatch: m * n * F32,
      cRow: n * F32,
      batch: products,
      m: rows,
      n,
      k,
      bias: bias ? space.input(bias) : 0,
    });
    if (!isDone) reference.matmul(a, b, out, sizes, bias);
  };
}
