import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { GRAIN, GRAIN_EXP } from "./thresholds";

type Softmax = Pick<Kernels, "softmax" | "softmaxBackward" | "logSoftmax" | "logSoftmaxBackward">;

export function softmaxKernels(runner: Runner, space: Space, reference: Kernels): Softmax {
  const forward =
    (kernel: "softmax" | "logSoftmax"): Kernels[typeof kernel] =>
    (x, y, rows, n) => {
      const isDone =
        rows * n > 0 &&
        x instanceof Float32Array &&
        runner.run(kernel, {
          total: rows,
          chunk: runner.chunk(rows, GRAIN_EXP / n),
          x: space.input(x),
          y: space.output(y),
          n,
        });
      if (!isDone) reference[kernel](x, y, rows, n);
    };

  const backward =
    (kernel: "softmaxBackward" | "logSoftmaxBackward", grain: number): Kernels[typeof kernel] =>
    (y, g, gx, rows, n) => {
      const isDone =
        rows * n > 0 &&
        y instanceof Float32Array &&
        runner.run(kernel, {
          total: rows,
          chunk: runner.chunk(rows, grain / n),
          y: space.input(y),
          g: space.input(g),
          gx: space.output(gx),
          n,
        });
      if (!isDone) reference[kernel](y, g, gx, rows, n);
    };

  return {
    softmax: forward("softmax"),
    softmaxBackward: backward("softmaxBackward", GRAIN),
    logSoftmax: forward("logSoftmax"),
    logSoftmaxBackward: backward("logSoftmaxBackward", GRAIN_EXP),
  };
}
