import type { Kernels, ReduceOp } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import * as codes from "./tasks.generated";
import { GRAIN, SMALL } from "./thresholds";

/** Sums of so many contiguous numbers run in float64 here as there. */
const SMALL_SUM = 16;

/** What assembly/ has; the rest is left to the reference. */
const reduceOps: { readonly [op in ReduceOp]?: number } = codes.ReduceOp;

export function reduceKernel(runner: Runner, space: Space, reference: Kernels): Kernels["reduce"] {
  return (op, x, out, outer, n, inner) => {
    const code = reduceOps[op];
    const isExact = op === "max" || op === "min" || (inner === 1 && n < SMALL_SUM);
    const total = outer * inner;
    const isDone =
      code !== undefined &&
      total * n >= (isExact ? SMALL : 1) &&
      x instanceof Float32Array &&
      runner.run("reduce", {
        total,
        chunk: runner.chunk(total, GRAIN / n),
        op: code,
        x: space.input(x),
        out: space.output(out),
        n,
        inner,
      });
    if (!isDone) reference.reduce(op, x, out, outer, n, inner);
  };
}
