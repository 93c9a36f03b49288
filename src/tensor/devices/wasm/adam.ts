import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { GRAIN } from "./thresholds";

export function adamKernel(runner: Runner, space: Space, reference: Kernels): Kernels["adam"] {
  return (weight, grad, m, v, settings) => {
    const { step, lr, beta1, beta2, eps, weightDecay, decoupled } = settings;
    const isDone =
      weight.length > 0 &&
      weight instanceof Float32Array &&
      runner.run("adam", {
        total: weight.length,
        chunk: runner.chunk(weight.length, GRAIN / 2),
        weight: space.inout(weight),
        grad: space.input(grad),
        m: space.inout(m),
        v: space.inout(v),
        beta1,
        rest1: 1 - beta1,
        beta2,
        rest2: 1 - beta2,
        shrink: decoupled ? 1 - lr * weightDecay : 1,
        pull: decoupled ? 0 : weightDecay,
        rate: lr / (1 - beta1 ** step),
        vScale: 1 / (1 - beta2 ** step),
        eps,
      });
    if (!isDone) reference.adam(weight, grad, m, v, settings);
  };
}
