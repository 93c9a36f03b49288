import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";

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
    const pa = space.input(a);
    const pb = space.input(b);
    const pc = space.output(out);
    const pBias = bias ? space.input(bias) : 0;
    if (!space.ready()) return reference.matmul(a, b, out, sizes, bias);

    // One B for every A of a batch whose rows follow one another: a single, taller product.
    const fold = batch > 1 && sharedB && !sharedA && !transposeA;
    const products = fold ? 1 : batch;
    const rows = fold ? batch * m : m;
    // Threads share whole products if there are enough, else the longer side of the result; rather the columns, as
    // those who share the rows pack all of B each.
    const axis = products >= 4 ? 0 : rows > n ? 1 : 2;
    const total = axis === 0 ? products : axis === 1 ? rows : n;
    const grain = Math.max(axis === 0 ? 1 : 8, (GRAIN * total) / (products * rows * n * k));
    runner.run(
      "matmul",
      total,
      grain,
      axis,
      pa,
      sharedA ? 0 : m * k * F32,
      (transposeA ? 1 : k) * F32,
      (transposeA ? m : 1) * F32,
      pb,
      sharedB ? 0 : k * n * F32,
      (transposeB ? 1 : n) * F32,
      (transposeB ? k : 1) * F32,
      pc,
      m * n * F32,
      n * F32,
      products,
      rows,
      n,
      k,
      pBias,
    );
    space.done();
  };
}
