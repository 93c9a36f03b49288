import type { MatmulSizes } from "../../kernels";
import type { KernelCache } from "./cache";
import { type PackConstants, type PackedMatmulConstants, pack, packedMatmul, unpack } from "./packed";
import { type MatmulConstants, matmul } from "./programs";

export type Product = (
  cache: KernelCache,
  a: Float32Array,
  b: Float32Array,
  out: Float32Array,
  sizes: MatmulSizes,
) => void;

/** On flat inputs, four rows to the thread. */
export const flatProduct: Product = (cache, a, b, out, sizes) => {
  const { batch, m, k, n, transposeA, transposeB, sharedA, sharedB } = sizes;
  const constants: MatmulConstants = {
    k,
    quads: k - (k % 4),
    lastRow: m - 1,
    aBatch: sharedA ? 0 : m * k,
    aRow: transposeA ? 1 : k,
    aCol: transposeA ? m : 1,
    bBatch: sharedB ? 0 : k * n,
    bRow: transposeB ? 1 : n,
    bCol: transposeB ? k : 1,
  };
  const result = cache.run(matmul, [n, Math.ceil(m / 4), batch], constants, [a, b]);
  for (let z = 0; z < batch; z++) {
    for (let i = 0, to = z * m * n; i < m; i++) {
      const row = (result as Float32Array[][][])[z][i >> 2];
      for (let j = 0; j < n; j++) out[to++] = row[j][i & 3];
    }
  }
};

/** On packed textures, four columns to the thread. */
export const packedProduct: Product = (cache, a, b, out, sizes) => {
  const { batch, m, k, n, transposeA, transposeB, sharedA, sharedB } = sizes;
  const [k4, n4] = [Math.ceil(k / 4), Math.ceil(n / 4)];
  cache.onGpu((run) => {
    const left = run(pack, [k4, m, sharedA ? 1 : batch], place(m, k, transposeA), [a]);
    const right = run(pack, [n4, 4 * k4, sharedB ? 1 : batch], place(k, n, transposeB), [b]);
    const constants: PackedMatmulConstants = { k4, aBatch: sharedA ? 0 : 1, bBatch: sharedB ? 0 : 1 };
    unpack(run(packedMatmul, [n4, m, batch], constants, [left, right]), out, batch * m, n);
  });
};

const place = (rows: number, cols: number, isTransposed: boolean): PackConstants => ({
  rows,
  cols,
  batch: rows * cols,
  row: isTransposed ? 1 : cols,
  col: isTransposed ? rows : 1,
});
