import { linearBackwardBias, linearBackwardWeight, linear as product } from "../../tensor";
import type { Grad } from "../backward";
import { record } from "../record";
import { checkTensor, type Tensor } from "../tensor";
import { present } from "./shared";

/**
 * y = x Wᵀ + b on the last axis: x (…, I), weight (O, I), bias (O) → (…, O).
 *
 *     x̄ = ȳ W,  W̄ = ȳᵀ x,  b̄ = Σ ȳ     (x and ȳ with all leading axes as rows)
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  checkTensor("linear", x);
  checkTensor("linear", weight);
  if (bias !== undefined) checkTensor("linear: bias", bias);
  return record(
    "linear",
    present(x, weight, bias),
    (x, weight, bias) => [
      product(x, weight, bias),
      (g) =>
        present<Grad>(
          () => g.matmul(weight),
          () => linearBackwardWeight(g, x),
          bias && (() => linearBackwardBias(g)),
        ),
    ],
    { keepsGrads: false },
  );
}
