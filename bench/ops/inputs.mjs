import { ones, rand, randint, randn, tensor } from "gradschool";

/** An input of a row, as make in torch-ops.py. @param {import("./table.mjs").Input} input @param {boolean} requiresGrad */
export function make([kind, shape, below = 2], requiresGrad) {
  if (kind === "normal") return randn(shape, { requiresGrad });
  if (kind === "probability") return tensor(rand(shape).mul(0.98).add(0.01).data, { requiresGrad });
  if (kind === "positive") return rand(shape).mul(5).add(0.01);
  if (kind === "share") return rand(shape);
  if (kind === "ones") return ones(shape);
  if (kind === "sorted") return randn(shape).sort().values;
  if (kind === "bool") return randn(shape).gt(0);
  return randint(0, below, shape);
}
