import type { Floats, Kernels } from "../../kernels";

/** Softmax and its logarithm in plain loops: one row after the other. */

/** The largest of a row; NaN wins. */
export function rowMax(x: Floats, at: number, n: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = at; i < at + n; i++) if (!(x[i] <= max)) max = x[i];
  return max;
}

export const softmax: Kernels["softmax"] = (x, y, rows, n) => {
  for (let at = 0; at < rows * n; at += n) {
    const max = rowMax(x, at, n);
    let total = 0;
    for (let i = at; i < at + n; i++) total += y[i] = Math.exp(x[i] - max);
    for (let i = at; i < at + n; i++) y[i] /= total;
  }
};

export const softmaxBackward: Kernels["softmaxBackward"] = (y, g, gx, rows, n) => {
  for (let at = 0; at < rows * n; at += n) {
    let dot = 0;
    for (let i = at; i < at + n; i++) dot += g[i] * y[i];
    for (let i = at; i < at + n; i++) gx[i] = y[i] * (g[i] - dot);
  }
};

export const logSoftmax: Kernels["logSoftmax"] = (x, y, rows, n) => {
  for (let at = 0; at < rows * n; at += n) {
    const max = rowMax(x, at, n);
    let total = 0;
    for (let i = at; i < at + n; i++) total += Math.exp(x[i] - max);
    const logTotal = Math.log(total);
    for (let i = at; i < at + n; i++) y[i] = x[i] - max - logTotal;
  }
};

export const logSoftmaxBackward: Kernels["logSoftmaxBackward"] = (y, g, gx, rows, n) => {
  for (let at = 0; at < rows * n; at += n) {
    let total = 0;
    for (let i = at; i < at + n; i++) total += g[i];
    for (let i = at; i < at + n; i++) gx[i] = g[i] - Math.exp(y[i]) * total;
  }
};
