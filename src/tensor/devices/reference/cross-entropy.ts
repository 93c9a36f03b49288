import type { Kernels } from "../../kernels";
import { rowMax } from "./softmax";

/** Cross-entropy in plain loops: one row after the other. */

export const crossEntropy: Kernels["crossEntropy"] = (x, classes, loss, max, logSum, n) => {
  for (let r = 0, at = 0; r < classes.length; r++, at += n) {
    const top = rowMax(x, at, n);
    let total = 0;
    for (let i = at; i < at + n; i++) total += Math.exp(x[i] - top);
    const rest = Math.log(total);
    max[r] = top;
    logSum[r] = rest;
    loss[r] = classes[r] < 0 ? 0 : top - x[at + classes[r]] + rest;
  }
};

export const crossEntropyBackward: Kernels["crossEntropyBackward"] = (x, classes, max, logSum, g, gx, n) => {
  for (let r = 0, at = 0; r < classes.length; r++, at += n) {
    const factor = classes[r] < 0 ? 0 : g[r];
    for (let i = at; i < at + n; i++)
      gx[i] = classes[r] < 0 ? 0 : factor * Math.exp(x[i] - max[r] - logSum[r]);
    if (classes[r] >= 0) gx[at + classes[r]] -= factor;
  }
};
