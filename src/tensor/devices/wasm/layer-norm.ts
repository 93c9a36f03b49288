import type { Floats, Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { ReduceOp } from "./tasks.generated";
import { GRAIN } from "./thresholds";

type LayerNorm = Pick<Kernels, "layerNorm" | "layerNormBackward">;

export function layerNormKernels(runner: Runner, space: Space, reference: Kernels): LayerNorm {
  const input = (data: Floats | null) => (data ? space.input(data) : 0);
  const output = (data: Floats | null) => (data ? space.output(data) : 0);

  return {
    layerNorm(x, weight, bias, eps, y, mean, rstd, rows, n) {
      const isDone =
        rows * n > 0 &&
        x instanceof Float32Array &&
        runner.run("layerNorm", {
          total: rows,
          chunk: runner.chunk(rows, GRAIN / 2 / n),
          x: space.input(x),
          weight: input(weight),
          bias: input(bias),
          eps,
          y: space.output(y),
          mean: space.output(mean),
          rstd: space.output(rstd),
          n,
        });
      if (!isDone) reference.layerNorm(x, weight, bias, eps, y, mean, rstd, rows, n);
    },

    layerNormBackward(g, x, weight, mean, rstd, gx, gWeight, gBias, rows, n) {
      if (rows * n === 0 || !(x instanceof Float32Array)) {
        return reference.layerNormBackward(g, x, weight, mean, rstd, gx, gWeight, gBias, rows, n);
      }
      // Each thread adds up its own rows; with more than one piece, a sum over the pieces follows.
      const chunk = runner.chunk(rows, GRAIN / 2 / n);
      const pieces = Math.ceil(rows / chunk);
      const part = (out: number) => (pieces > 1 && out ? space.scratch(pieces * n * 4) : out);
      const [outWeight, outBias] = [output(gWeight), output(gBias)];
      const [partWeight, partBias] = [part(outWeight), part(outBias)];
      const addUp = (parts: number, out: number) => {
        if (parts === out) return;
        runner.perform("reduce", {
          total: n,
          chunk: n,
          op: ReduceOp.sum,
          x: parts,
          y: parts,
          out,
          n: pieces,
          inner: n,
          parts: 1,
          length: pieces,
          totals: 0,
        });
      };
      const isDone = runner.run(
        "layerNormBackward",
        {
          total: rows,
          chunk,
          g: space.input(g),
          x: space.input(x),
          weight: input(weight),
          mean: space.input(mean),
          rstd: space.input(rstd),
          gx: space.output(gx),
          gWeight: partWeight,
          gBias: partBias,
          n,
        },
        () => {
          addUp(partWeight, outWeight);
          addUp(partBias, outBias);
        },
      );
      if (!isDone) reference.layerNormBackward(g, x, weight, mean, rstd, gx, gWeight, gBias, rows, n);
    },
  };
}
