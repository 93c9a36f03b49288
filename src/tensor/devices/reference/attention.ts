import type { AttentionSizes, Floats, Kernels } from "../../kernels";

/** Attention in plain loops: one head of one sequence after the other, one query after the other. */

/** Where query t of head h of sequence b lies in arrays (B, T, H, C), its row of weights and of the mask. */
function* queries(sizes: AttentionSizes) {
  const { batch, heads, queries: T, keys: S, isCausal, maskStrides } = sizes;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (let t = 0; t < T; t++) {
        yield {
          /** Row of q and out. */
          row: (b * T + t) * heads + h,
          /** Row of k and v for key 0; key s lies `heads` rows further for each. */
          first: b * S * heads + h,
          weightsAt: ((b * heads + h) * T + t) * S,
          maskAt: b * maskStrides[0] + h * maskStrides[1] + t * maskStrides[2],
          /** How many keys this query may see. */
          visible: isCausal ? Math.min(S, t + 1) : S,
        };
      }
    }
  }
}

const dot = (a: Floats, i: number, b: Floats, j: number, n: number): number => {
  let sum = 0;
  for (let c = 0; c < n; c++) sum += a[i + c] * b[j + c];
  return sum;
};

/** out += factor · x, n elements. */
function addScaled(
  out: Float64Array | Floats,
  at: number,
  factor: number,
  x: Floats,
  from: number,
  n: number,
) {
  for (let c = 0; c < n; c++) out[at + c] += factor * x[from + c];
}

export const attention: Kernels["attention"] = (q, k, v, mask, out, weights, sizes) => {
  const { heads, keys: S, width: C, valueWidth: D, scale } = sizes;
  const scores = new Float64Array(S);
  const y = new Float64Array(D);
  for (const { row, first, weightsAt, maskAt, visible } of queries(sizes)) {
    let max = Number.NEGATIVE_INFINITY;
    for (let s = 0; s < visible; s++) {
      scores[s] = scale * dot(q, row * C, k, (first + s * heads) * C, C) + (mask ? mask[maskAt + s] : 0);
      if (!(scores[s] <= max)) max = scores[s];
    }
    const isBlind = mask !== null && max === Number.NEGATIVE_INFINITY;
    let total = 0;
    for (let s = 0; s < visible; s++) total += scores[s] = isBlind ? 0 : Math.exp(scores[s] - max);
    y.fill(0);
    for (let s = 0; s < S; s++) {
      const weight = s < visible && !isBlind ? scores[s] / total : 0;
      if (weights) weights[weightsAt + s] = weight;
      if (s < visible) addScaled(y, 0, weight, v, (first + s * heads) * D, D);
    }
    out.set(y, row * D);
  }
};

export const attentionBackward: Kernels["attentionBackward"] = (g, q, k, v, weights, gq, gk, gv, sizes) => {
  const { heads, width: C, valueWidth: D, scale } = sizes;
  const [sumQ, sumK, sumV] = [gq, gk, gv].map((x) => new Float64Array(x.length));
  const gWeights = new Float64Array(sizes.keys);
  for (const { row, first, weightsAt, visible } of queries(sizes)) {
    let total = 0;
    for (let s = 0; s < visible; s++) {
      gWeights[s] = dot(g, row * D, v, (first + s * heads) * D, D);
      total += gWeights[s] * weights[weightsAt + s];
    }
    for (let s = 0; s < visible; s++) {
      const weight = weights[weightsAt + s];
      const gScore = scale * weight * (gWeights[s] - total);
      const key = first + s * heads;
      addScaled(sumQ, row * C, gScore, k, key * C, C);
      addScaled(sumK, key * C, gScore, q, row * C, C);
      addScaled(sumV, key * D, weight, g, row * D, D);
    }
  }
  gq.set(sumQ);
  gk.set(sumK);
  gv.set(sumV);
};
