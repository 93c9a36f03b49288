import type { Kernels } from "../../kernels";

/** Products of a sparse matrix. */

export const sparseProduct: Kernels["sparseProduct"] = (x, n, rows, columns, values, y, m) => {
  for (let from = 0, to = 0; from < x.length; from += n, to += m) {
    for (let t = 0; t < rows.length; ) {
      const row = rows[t];
      let sum = 0;
      for (; t < rows.length && rows[t] === row; t++) sum += (values ? values[t] : 1) * x[from + columns[t]];
      y[to + row] += sum;
    }
  }
};

export const sparseBackwardValues: Kernels["sparseBackwardValues"] = (g, m, x, n, rows, columns, out) => {
  out.fill(0);
  for (let from = 0, to = 0; from < x.length; from += n, to += m)
    for (let t = 0; t < out.length; t++) out[t] += g[to + rows[t]] * x[from + columns[t]];
};
