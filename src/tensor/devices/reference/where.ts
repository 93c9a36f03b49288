import type { Kernels } from "../../kernels";

/** A choice between two values, element by element. */
export const where: Kernels["where"] = (condition, a, b, out) => {
  // A single element serves all: step 0.
  const [c, x, y] = [condition, a, b].map((data) => Number(data.length > 1));
  for (let i = 0; i < out.length; i++) out[i] = condition[i * c] !== 0 ? a[i * x] : b[i * y];
};
