import type { Kernels } from "../../kernels";

/** Negative when `a` comes before `b`; NaN counts as larger than everything, as PyTorch. */
const ascending = (a: number, b: number): number => {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
};

export const order: Kernels["order"] = (x, out, n, first, count, descending) => {
  for (let start = 0, to = 0; start < x.length; start += n, to += count) {
    const row = x.subarray(start, start + n);
    const positions = Int32Array.from(row, (_, i) => i);
    positions.sort((i, j) => (descending ? ascending(row[j], row[i]) : ascending(row[i], row[j])) || i - j);
    out.set(positions.subarray(first, first + count), to);
  }
};
