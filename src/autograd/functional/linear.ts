import { linear as product, showShape } from "../../tensor";
import type { Grad } from "../backward";
import { asRows } from "../rules";
import { checkTensor, record, type Tensor } from "../tensor";
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
  const [O, I] = weight.shape;
  if (weight.ndim !== 2 || x.ndim === 0 || x.shape[x.ndim - 1] !== I) {
    throw new RangeError(
      `linear: expected x (…, I) and a weight (O, I), got ${showShape(x.shape)} and ${showShape(weight.shape)}`,
    );
  }
  if (bias && (bias.ndim !== 1 || bias.size !== O)) {
    throw new RangeError(`linear: expected a bias ${showShape([O])}, got ${showShape(bias.shape)}`);
  }
  return record(
    "linear",
    present(x, weight, bias),
    (x, weight, bias) => [
      product(x, weight, bias),
      (g) =>
        present<Grad>(
          () => g.matmul(weight),
          () => asRows(g).transpose().matmul(asRows(x)),
          bias && (() => asRows(g).sum(0)),
        ),
    ],
    { keepsGrads: false },
  );
}
