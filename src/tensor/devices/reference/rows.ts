import type { Kernels } from "../../kernels";

/** Rows of a table, by their indices. */

export const gatherRows: Kernels["gatherRows"] = (table, indices, out, n) => {
  for (let r = 0; r < indices.length; r++) {
    for (let i = 0, from = indices[r] * n, to = r * n; i < n; i++) out[to + i] = table[from + i];
  }
};

export const scatterAddRows: Kernels["scatterAddRows"] = (table, indices, x, n) => {
  for (let r = 0; r < indices.length; r++) {
    for (let i = 0, to = indices[r] * n, from = r * n; i < n; i++) table[to + i] += x[from + i];
  }
};
