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
      const fallBack = () => reference.batchNorm(x, weight, bias, eps, y, mean, variance, channels, n);
      if (!(x instanceof Float32Array) || x.length === 0) return fallBack();
      const batch = x.length / channels / n;
      const [px, pw, pb] = [space.input(x), input(weight), input(bias)];
      const [py, pm, pv] = [space.output(y), space.output(mean), space.output(variance)];
      if (!space.ready()) return fallBack();
      runner.run(
        "batchNorm",
        channels,
        GRAIN / (batch * n),
        ...[px, pw, pb, eps, py, pm, pv, batch, channels, n],
      );
      space.done();
    },

    batchNormBackward(g, x, weight, mean, variance, eps, gx, gWeight, gBias, channels, n) {
      const fallBack = () =>
        reference.batchNormBackward(g, x, weight, mean, variance, eps, gx, gWeight, gBias, channels, n);
      if (!(x instanceof Float32Array) || x.length === 0) return fallBack();
      const batch = x.length / channels / n;
      const [pg, px, pw] = [space.input(g), space.input(x), input(weight)];
      const [pm, pv] = [space.input(mean), space.input(variance)];
      const [po, outW, outB] = [space.output(gx), output(gWeight), output(gBias)];
      if (!space.ready()) return fallBack();
      runner.run(
        "batchNormBackward",
        channels,
        GRAIN / (batch * n),
        ...[pg, px, pw, pm, pv, eps, po, outW, outB, batch, channels, n],
      );
      space.done();
    },
  };
}
