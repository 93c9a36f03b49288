import type { Storage } from "../../dtype";
import type { Kernels, MatmulSizes } from "../../kernels";
import type { Engine } from "./engine";
import type { Space } from "./space";

const F32 = 4;

/** Below this many multiply-adds the plain loops win: a call with its copies costs about a microsecond. */
const SMALL = 64;

export function matmulKernel({ exports }: Engine, space: Space, reference: Kernels): Kernels["matmul"] {
  const scratch = space.reserve(exports.matmulScratch());

  return (a: Storage, b: Storage, out: Storage, sizes: MatmulSizes) => {
    const { batch, m, k, n, transposeA, transposeB, sharedA, sharedB } = sizes;
    if (!(a instanceof Float32Array) || batch * m * n * k < SMALL) return reference.matmul(a, b, out, sizes);
    // One B for every A of a batch whose rows follow one another: a single, taller product.
    const fold = batch > 1 && sharedB && !sharedA && !transposeA;
    const rows = fold ? batch * m : m;
    const done = space.run(() => {
      exports.matmul(
        space.input(a),
        sharedA ? 0 : m * k * F32,
        (transposeA ? 1 : k) * F32,
        (transposeA ? m : 1) * F32,
        space.input(b),
        sharedB ? 0 : k * n * F32,
        (transposeB ? 1 : n) * F32,
        (transposeB ? k : 1) * F32,
        space.output(out),
        m * n * F32,
        n * F32,
        fold ? 1 : batch,
        rows,
        n,
        k,
        scratch,
      );
    });
    if (!done) reference.matmul(a, b, out, sizes);
  };
}
