import type { Kernels, MatmulSizes } from "../../kernels";

/** Sizes for which no transpose, no leading dimension and no edge of a block can be mistaken for another. */
const [M, K, N] = [37, 70, 51];

/** Multiplies small whole numbers, in every layout, and says what came out wrong, or null. Their sums are exact. */
export function selfTest(kernels: Pick<Kernels, "matmul" | "empty">): string | null {
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const a = kernels.empty("float32", M * K) as Float32Array;
      const b = kernels.empty("float32", K * N) as Float32Array;
      const out = kernels.empty("float32", M * N) as Float32Array;
      const A = (i: number, p: number) => ((i * 7 + p * 3) % 11) - 5;
      const B = (p: number, j: number) => ((p * 5 + j * 2) % 13) - 6;
      for (let i = 0; i < M; i++) for (let p = 0; p < K; p++) a[transposeA ? p * M + i : i * K + p] = A(i, p);
      for (let p = 0; p < K; p++) for (let j = 0; j < N; j++) b[transposeB ? j * K + p : p * N + j] = B(p, j);
      const sizes: MatmulSizes = {
        ...{ batch: 1, m: M, k: K, n: N, transposeA, transposeB, sharedA: false, sharedB: false },
      };
      kernels.matmul(a, b, out, sizes, null);
      for (let i = 0; i < M; i++) {
        for (let j = 0; j < N; j++) {
          let want = 0;
          for (let p = 0; p < K; p++) want += A(i, p) * B(p, j);
          const got = out[i * N + j];
          if (got !== want) return `element (${i}, ${j}) of a product is ${got}, expected ${want}`;
        }
      }
    }
  }
  return null;
}
