import type { Module } from "../../nn";
import { arange, concat, type NDArray, randn } from "../../tensor";
import { checkModel } from "./check";

/**
 * First weights for a small BERT that has little time. Tables are small and random; places start as sines and cosines
 * (Vaswani et al. 2017), so that "one place to the left" means the same everywhere from the first step; the rest stays as
 * the layers made it.
 */
export function startSmall(model: Module): void {
  checkModel("startSmall", model);
  const std = 0.05;
  for (const [name, { data }] of model.namedParameters()) {
    if (name.endsWith("words.weight") || name.endsWith("tokenTypes.weight"))
      data.assign(randn(data.shape).mul(std));
    if (name.endsWith("positions.weight")) data.assign(waves(data.shape[0], data.shape[1]).mul(std));
  }
}

/** (T, C): sines in the first half of the columns, cosines in the second, from fast to slow. */
function waves(T: number, C: number): NDArray {
  const speeds = arange(0, C / 2)
    .mul((-2 * Math.log(1000)) / C)
    .exp();
  const angles = arange(0, T).unsqueeze(1).mul(speeds);
  return concat([angles.sin(), angles.cos()], 1);
}
