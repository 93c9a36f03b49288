import type { Floats, Kernels } from "../../kernels";

/** Layer normalisation in plain loops: one row after the other. */

/** Σ (x − from) / n over a row. */
function meanFrom(x: Floats, at: number, n: number, from: number): number {
  let sum = 0;
  for (let i = at; i < at + n; i++) sum += x[i] - from;
  return sum / n;
}

export const layerNorm: Kernels["layerNorm"] = (x, weight, bias, eps, y, mean, rstd, rows, n) => {
  for (let r = 0, at = 0; r < rows; r++, at += n) {
    const mu = meanFrom(x, at, n, 0);
    let squares = 0;
    for (let i = at; i < at + n; i++) squares += (x[i] - mu) ** 2;
    const scale = 1 / Math.sqrt(squares / n + eps);
    for (let i = 0; i < n; i++) {
      y[at + i] = (x[at + i] - mu) * scale * (weight ? weight[i] : 1) + (bias ? bias[i] : 0);
    }
    mean[r] = mu;
    rstd[r] = scale;
  }
};

export const layerNormBackward: Kernels["layerNormBackward"] = (
  ...[g, x, weight, mean, rstd, gx, gWeight, gBias, rows, n]
) => {
  const sumWeight = new Float64Array(n);
  const sumBias = new Float64Array(n);
  for (let r = 0, at = 0; r < rows; r++, at += n) {
    const mu = mean[r] + meanFrom(x, at, n, mean[r]); // with what was lost when the mean was rounded
    const hat = (i: number) => (x[at + i] - mu) * rstd[r];
    const gw = (i: number) => g[at + i] * (weight ? weight[i] : 1);
    let sum = 0; // Σ ḡ and Σ ḡ ⊙ x̂, ḡ = g ⊙ weight
    let dot = 0;
    for (let i = 0; i < n; i++) {
      sum += gw(i);
      dot += gw(i) * hat(i);
      sumWeight[i] += g[at + i] * hat(i);
      sumBias[i] += g[at + i];
    }
    for (let i = 0; i < n; i++) gx[at + i] = rstd[r] * (gw(i) - (sum + hat(i) * dot) / n);
  }
  gWeight?.set(sumWeight);
  gBias?.set(sumBias);
};
