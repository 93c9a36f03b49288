import type { Kernels } from "../../kernels";
import { eachLine, squares } from "./reduce";

export const variance: Kernels["variance"] = (x, out, outer, n, inner, divisor, root) => {
  eachLine(outer, n, inner, (i, first) => {
    let sum = 0;
    for (let k = 0, at = first; k < n; k++, at += inner) sum += x[at];
    const [total, scale] = squares(x, first, n, inner, sum / n);
    out[i] = root ? Math.sqrt(total / divisor) * scale : (total / divisor) * scale * scale;
  });
};
