import type { ConvSizes, Kernels, MatmulSizes } from "../../kernels";

type Tested = Pick<Kernels, "matmul" | "conv" | "convBackwardWeight" | "empty">;

/**
 * What `kernels` compute wrong, in words, or null: products in every layout, and those that are added to what is there, of
 * which convolutions are made. All numbers are small and whole, so that their sums are exact.
 */
export const selfTest = (kernels: Tested, reference: Kernels): string | null =>
  productFault(kernels) ?? convolutionFault(kernels, reference);

/** An array of the device's with a number for each place. */
function filled(kernels: Tested, length: number, at: (i: number) => number): Float32Array {
  const made = kernels.empty("float32", length) as Float32Array;
  for (let i = 0; i < length; i++) made[i] = at(i);
  return made;
}

/** Where a product is written NaN may stand: what is there counts for nothing. */
const forResult = (kernels: Tested, length: number) => filled(kernels, length, () => Number.NaN);

/** Sizes for which no transpose, no leading dimension and no edge of a block can be mistaken for another. */
const [M, K, N] = [37, 70, 51];

function productFault(kernels: Tested): string | null {
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const A = (i: number, p: number) => ((i * 7 + p * 3) % 11) - 5;
      const B = (p: number, j: number) => ((p * 5 + j * 2) % 13) - 6;
      const a = filled(kernels, M * K, (i) =>
        transposeA ? A(i % M, Math.floor(i / M)) : A(Math.floor(i / K), i % K),
      );
      const b = filled(kernels, K * N, (i) =>
        transposeB ? B(i % K, Math.floor(i / K)) : B(Math.floor(i / N), i % N),
      );
      const out = forResult(kernels, M * N);
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

/** More than one image, line of the window and block of lines, so that products are added up. */
const SIZES: ConvSizes = {
  ...{ batch: 2, groups: 1, channels: 24, outChannels: 7, image: [9, 13], windows: [9, 13], window: [3, 3] },
  ...{ stride: [1, 1], padding: [1, 1], dilation: [1, 1] },
};

function convolutionFault(kernels: Tested, reference: Kernels): string | null {
  const { batch, channels, outChannels } = SIZES;
  const pixels = 9 * 13;
  const x = filled(kernels, batch * channels * pixels, (i) => ((i * 5) % 13) - 6);
  const weight = filled(kernels, outChannels * channels * 9, (i) => ((i * 7) % 11) - 5);
  const bias = filled(kernels, outChannels, (i) => i - 3);
  const g = filled(kernels, batch * outChannels * pixels, (i) => ((i * 3) % 7) - 3);
  const computed = (by: Pick<Kernels, "conv" | "convBackwardWeight">): [string, Float32Array][] => {
    const out = forResult(kernels, g.length);
    const gWeight = forResult(kernels, weight.length);
    by.conv(x, weight, bias, out, SIZES);
    by.convBackwardWeight(g, x, gWeight, SIZES);
    return [
      ["a convolution", out],
      ["a convolution's gradient", gWeight],
    ];
  };
  const wanted = computed(reference);
  for (const [k, [what, found]] of computed(kernels).entries()) {
    const odd = found.findIndex((value, i) => value !== wanted[k][1][i]);
    if (odd >= 0) return `element ${odd} of ${what} is ${found[odd]}, expected ${wanted[k][1][odd]}`;
  }
  return null;
}
