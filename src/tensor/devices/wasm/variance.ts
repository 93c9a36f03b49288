import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { GRAIN } from "./thresholds";

export function varianceKernel(runner: Runner, space: Space, reference: Kernels): Kernels["variance"] {
  return (x, out, outer, n, inner, divisor, root) => {
    const total = outer * inner;
    const isDone =
      total * n > 0 &&
      x instanceof Float32Array &&
      runner.run("variance", {
        total,
        chunk: runner.chunk(total, GRAIN / 2 / n),
        x: space.input(x),
        out: space.output(out),
        n,
        inner,
        divisor,
        root,
      });
    if (!isDone) reference.variance(x, out, outer, n, inner, divisor, root);
  };
}
