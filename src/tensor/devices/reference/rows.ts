import type { Kernels } from "../../kernels";

/** Elements, and rows of a table, by their indices. */

export const gather: Kernels["gather"] = (x, outer, step, inner, indices, out) => {
  const n = indices.length / (outer.length * inner.length);
  for (let o = 0, p = 0; o < outer.length; o++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < inner.length; j++, p++) out[p] = x[outer[o] + step * indices[p] + inner[j]];
    }
  }
};

export const scatter: Kernels["scatter"] = (op, x, outer, step, inner, indices, out) => {
  const n = indices.length / (outer.length * inner.length);
  for (let o = 0, p = 0; o < outer.length; o++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < inner.length; j++, p++) {
        const at = outer[o] + step * indices[p] + inner[j];
        out[at] = op === "sum" ? out[at] + x[p] : x[p];
      }
    }
  }
};

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
