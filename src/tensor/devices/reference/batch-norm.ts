import type { Floats, Kernels } from "../../kernels";

/** Batch normalisation in plain loops: one channel after the other. */

/** Calls `visit` for every element of one channel of x (B, channels, n). */
function each(x: Floats, channel: number, channels: number, n: number, visit: (i: number) => void): void {
  for (let row = channel * n; row < x.length; row += channels * n) {
    for (let i = row; i < row + n; i++) visit(i);
  }
}

export const batchNorm: Kernels["batchNorm"] = (x, weight, bias, eps, y, mean, variance, channels, n) => {
  const count = x.length / channels;
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    each(x, c, channels, n, (i) => {
      sum += x[i];
    });
    const mu = sum / count;
    let squares = 0;
    each(x, c, channels, n, (i) => {
      squares += (x[i] - mu) ** 2;
    });
    const scale = (weight ? weight[c] : 1) / Math.sqrt(squares / count + eps);
    const shift = bias ? bias[c] : 0;
    each(x, c, channels, n, (i) => {
      y[i] = (x[i] - mu) * scale + shift;
    });
    mean[c] = mu;
    variance[c] = squares / count;
  }
};

export const batchNormBackward: Kernels["batchNormBackward"] = (
  ...[g, x, weight, mean, variance, eps, gx, gWeight, gBias, channels, n]
) => {
  const count = x.length / channels;
  for (let c = 0; c < channels; c++) {
    const rstd = 1 / Math.sqrt(variance[c] + eps);
    let off = 0; // what was lost when the mean was rounded
    each(x, c, channels, n, (i) => {
      off += (x[i] - mean[c]) / count;
    });
    const hat = (i: number) => (x[i] - mean[c] - off) * rstd;
    let sum = 0; // Σ g and Σ g ⊙ x̂
    let dot = 0;
    each(x, c, channels, n, (i) => {
      sum += g[i];
      dot += g[i] * hat(i);
    });
    const scale = (weight ? weight[c] : 1) * rstd;
    each(x, c, channels, n, (i) => {
      gx[i] = scale * (g[i] - (sum + hat(i) * dot) / count);
    });
    if (gWeight) gWeight[c] = dot;
    if (gBias) gBias[c] = sum;
  }
};
