import type { Kernels } from "../../kernels";

/** Products in plain loops: one row of the result after the other, its sums in float64. */
export const matmul: Kernels["matmul"] = (
  a,
  b,
  out,
  { batch, m, k, n, transposeA, transposeB, sharedA, sharedB },
  bias,
) => {
  const row = new Float64Array(n);
  for (let s = 0; s < batch; s++) {
    const a0 = sharedA ? 0 : s * m * k;
    const b0 = sharedB ? 0 : s * k * n;
    for (let i = 0; i < m; i++) {
      row.fill(0);
      if (bias) row.set(bias);
      for (let p = 0; p < k; p++) {
        const x = a[a0 + (transposeA ? p * m + i : i * k + p)];
        if (transposeB) for (let j = 0; j < n; j++) row[j] += x * b[b0 + j * k + p];
        else for (let j = 0, at = b0 + p * n; j < n; j++) row[j] += x * b[at + j];
      }
      out.set(row, (s * m + i) * n);
    }
  }
};
