import type { AttentionSizes, Floats, Kernels, MatmulSizes } from "../kernels";

/**
 * Attention, forward and backward, out of a device's own products and softmax, which the kernel that other devices have
 * for the whole of it would pass by. A key that may not be seen gets a weight of 0, and is multiplied with it.
 */
export function attentionFrom(kernels: Kernels): Pick<Kernels, "attention" | "attentionBackward"> {
  return {
    attention(q, k, v, mask, out, weights, sizes) {
      const { batch: B, heads: H, queries: T, keys: S, width: C, valueWidth: D } = sizes;
      withScratch(kernels, q, sizes, ({ empty, byHead, fromHeads }) => {
        const scores = empty(B * H * T * S);
        kernels.matmul(
          byHead(q, T, C),
          byHead(k, S, C),
          scores,
          product(sizes, T, C, S, { transposeB: true }),
        );
        const blind = finish(scores, mask, sizes);
        const y = weights ?? empty(scores.length);
        kernels.softmax(scores, y, B * H * T, S);
        for (const at of blind) y.fill(0, at, at + S);
        const mixed = empty(out.length);
        kernels.matmul(y, byHead(v, S, D), mixed, product(sizes, T, S, D));
        fromHeads(mixed, out, T, D);
      });
    },

    attentionBackward(g, q, k, v, weights, gq, gk, gv, sizes) {
      const { batch: B, heads: H, queries: T, keys: S, width: C, valueWidth: D } = sizes;
      withScratch(kernels, q, sizes, ({ empty, byHead, fromHeads }) => {
        const y = empty(weights.length);
        y.set(weights);
        if (sizes.isCausal) fillFuture(y, 0, sizes);
        const gs = byHead(g, T, D);
        const gWeights = empty(y.length);
        kernels.matmul(gs, byHead(v, S, D), gWeights, product(sizes, T, D, S, { transposeB: true }));
        const gScores = empty(y.length);
        kernels.softmaxBackward(y, gWeights, gScores, B * H * T, S);
        for (let i = 0; i < gScores.length; i++) gScores[i] *= sizes.scale;
        const [qs, ks, vs] = [empty(gq.length), empty(gk.length), empty(gv.length)];
        kernels.matmul(gScores, byHead(k, S, C), qs, product(sizes, T, S, C));
        kernels.matmul(gScores, byHead(q, T, C), ks, product(sizes, S, T, C, { transposeA: true }));
        kernels.matmul(y, gs, vs, product(sizes, S, T, D, { transposeA: true }));
        fromHeads(qs, gq, T, C);
        fromHeads(ks, gk, S, C);
        fromHeads(vs, gv, S, D);
      });
    },
  };
}

const product = (
  { batch, heads }: AttentionSizes,
  m: number,
  k: number,
  n: number,
  { transposeA = false, transposeB = false } = {},
): MatmulSizes => ({
  ...{ batch: batch * heads, m, k, n, transposeA, transposeB },
  ...{ sharedA: false, sharedB: false },
});

/** Scores · scale + mask, −∞ for the future; answers where the rows begin that the mask leaves nothing. */
function finish(scores: Floats, mask: Floats | null, sizes: AttentionSizes): number[] {
  const { heads: H, queries: T, keys: S, scale, maskStrides } = sizes;
  for (let i = 0; i < scores.length; i++) scores[i] *= scale;
  if (mask) {
    for (let row = 0; row * S < scores.length; row++) {
      const [t, h, b] = [row % T, Math.floor(row / T) % H, Math.floor(row / T / H)];
      const from = b * maskStrides[0] + h * maskStrides[1] + t * maskStrides[2];
      for (let s = 0; s < S; s++) scores[row * S + s] += mask[from + s];
    }
  }
  if (sizes.isCausal) fillFuture(scores, Number.NEGATIVE_INFINITY, sizes);
  const blind: number[] = [];
  if (mask)
    for (let at = 0; at < scores.length; at += S)
      if (scores.subarray(at, at + S).every((score: number) => score === Number.NEGATIVE_INFINITY))
        blind.push(at);
  return blind;
}

/** x (…, T, S) = value where s > t. */
function fillFuture(x: Floats, value: number, { queries: T, keys: S }: AttentionSizes): void {
  for (let row = 0; row * S < x.length; row++)
    x.fill(value, row * S + Math.min(S, (row % T) + 1), (row + 1) * S);
}

interface Scratch {
  empty(length: number): Floats;
  /** (B, n, H, width) as (B, H, n, width). */
  byHead(x: Floats, n: number, width: number): Floats;
  /** And back. */
  fromHeads(x: Floats, out: Floats, n: number, width: number): void;
}

/** Memory of the device for as long as `work` runs, in the type of `like`. */
function withScratch(
  kernels: Kernels,
  like: Floats,
  { batch: B, heads: H }: AttentionSizes,
  work: (scratch: Scratch) => void,
): void {
  const since = kernels.clock();
  const taken: Floats[] = [];
  const empty = (length: number) => {
    const x = kernels.empty(like instanceof Float64Array ? "float64" : "float32", length) as Floats;
    taken.push(x);
    return x;
  };
  const steps = (n: number, width: number) => ({
    shape: [B, H, n, width],
    headFirst: [H * n * width, n * width, width, 1],
    headLast: [n * H * width, width, H * width, 1],
  });
  try {
    work({
      empty,
      byHead(x, n, width) {
        const { shape, headFirst, headLast } = steps(n, width);
        const out = empty(x.length);
        kernels.copy(shape, x, 0, headLast, out, 0, headFirst);
        return out;
      },
      fromHeads(x, out, n, width) {
        const { shape, headFirst, headLast } = steps(n, width);
        kernels.copy(shape, x, 0, headFirst, out, 0, headLast);
      },
    });
  } finally {
    for (const x of taken) kernels.free(x, since);
  }
}
