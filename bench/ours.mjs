/** What our contenders share. */
import { device } from "gradschool";

/** What stands beside our figure: the configuration, the number of parameters, and how the device runs. */
export function facts(model, config) {
  const { name, info } = device();
  const { threads = 1, fma } = info();
  return { config, params: model.parameterCount(), device: name, threads, fma: fma === "yes" };
}

/** One training step: forward and loss, backward, update. */
export const trainingStep = (optimizer, lossOf) => () => {
  const loss = lossOf();
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  loss.item();
};
