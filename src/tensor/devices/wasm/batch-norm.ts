import type { Floats, Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";

/** Elements that are worth waking a thread for. */
const GRAIN = 8_192;

type BatchNorm = Pick<Kernels, "batchNorm" | "batchNormBackward">;

export function batchNormKernels(runner: Runner, space: Space, reference: Kernels): BatchNorm {
  const input = (data: Floats | null) => (data ? space.input(data) : 0);
  const output = (data: Floats | null) => (data ? space.output(data) : 0);

  return {
    batchNorm(x, weight, bias, eps, y, mean, variance, channels, n) {
      const batch = x.length / channels / n;
      const isDone =
        x instanceof Float32Array &&
        x.length > 0 &&
        runner.run("batchNorm", {
          total: channels,
          chunk: runner.chunk(channels, GRAIN / (batch * n)),
          x: space.input(x),
          weight: input(weight),
          bias: input(bias),
          eps,
          y: space.output(y),
          mean: space.output(mean),
          variance: space.output(variance),
          batch,
          channels,
          n,
        });
      if (!isDone) reference.batchNorm(x, weight, bias, eps, y, mean, variance, channels, n);
    },

    batchNormBackward(g, x, weight, mean, variance, eps, gx, gWeight, gBias, channels, n) {
      const batch = x.length / channels / n;
      const isDone =
        x instanceof Float32Array &&
        x.length > 0 &&
        runner.run("batchNormBackward", {
          total: channels,
          chunk: runner.chunk(channels, GRAIN / (batch * n)),
          g: space.input(g),
          x: space.input(x),
          weight: input(weight),
          mean: space.input(mean),
          variance: space.input(variance),
          eps,
          gx: space.output(gx),
          gWeight: output(gWeight),
          gBias: output(gBias),
          batch,
          channels,
          n,
        });
      if (!isDone)
        reference.batchNormBackward(g, x, weight, mean, variance, eps, gx, gWeight, gBias, channels, n);
    },
  };
}
