/** What our contenders share. */
import { device } from "gradschool";

/**
 * What stands beside our figure: the configuration, the number of parameters, and how the device runs.
 * @param {import("gradschool").Module} model
 * @param {readonly number[]} config
 */
export function facts(model, config) {
  const { name, info } = device();
  const { threads = 1, fma } = info();
  return { config, params: model.parameterCount(), device: name, threads, fma: fma === "yes" };
}

/**
 * One training step: forward and loss, backward, update.
 * @param {import("gradschool").Optimizer<any>} optimizer
 * @param {() => import("gradschool").Tensor | undefined} lossOf with targets, so that there is one
 */
export const trainingStep = (optimizer, lossOf) => () => {
  const loss = /** @type {import("gradschool").Tensor} */ (lossOf());
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  loss.item();
};
