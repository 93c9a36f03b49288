import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { GRAIN_EXP } from "./thresholds";

type CrossEntropy = Pick<Kernels, "crossEntropy" | "crossEntropyBackward">;

export function crossEntropyKernels(runner: Runner, space: Space, reference: Kernels): CrossEntropy {
  return {
    crossEntropy(x, classes, loss, max, logSum, n) {
      const rows = classes.length;
      const isDone =
        rows * n > 0 &&
        x instanceof Float32Array &&
        runner.run("crossEntropy", {
          total: rows,
          chunk: runner.chunk(rows, GRAIN_EXP / n),
          x: space.input(x),
          classes: space.input(classes),
          loss: space.output(loss),
          max: space.output(max),
          logSum: space.output(logSum),
          n,
        });
      if (!isDone) reference.crossEntropy(x, classes, loss, max, logSum, n);
    },

    crossEntropyBackward(x, classes, max, logSum, g, gx, n) {
      const rows = classes.length;
      const isDone =
        rows * n > 0 &&
        x instanceof Float32Array &&
        runner.run("crossEntropyBackward", {
          total: rows,
          chunk: runner.chunk(rows, GRAIN_EXP / n),
          x: space.input(x),
          classes: space.input(classes),
          max: space.input(max),
          logSum: space.input(logSum),
          g: space.input(g),
          gx: space.output(gx),
          n,
        });
      if (!isDone) reference.crossEntropyBackward(x, classes, max, logSum, g, gx, n);
    },
  };
}
