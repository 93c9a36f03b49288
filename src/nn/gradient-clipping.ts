import type { Tensor } from "../autograd";
import {
  array,
  check,
  checkOptions,
  expected,
  incrementVersion,
  mulInPlace,
  type NDArray,
  refusal,
} from "../tensor";
import { checkParams } from "./check";

/**
 * Scale all gradients by one factor so that together their norm is at most `maxNorm`; returns the norm before.
 * The factor is min(1, maxNorm / (norm + 1e-6)). Parameters without a gradient are passed over.
 *
 * The norm is that of the gradients' norms: normType p takes (Σ |entry|ᵖ)^(1/p), ±Infinity the largest or smallest entry,
 * 0 the number of gradients that are not all 0 (all as PyTorch). A norm that is NaN or infinite spoils every gradient, as in
 * PyTorch; `errorIfNonfinite` throws instead, and then has changed nothing.
 *
 * Pascanu et al., "On the difficulty of training recurrent neural networks", 2013.
 */
export function clipGradNorm(
  params: Iterable<Tensor>,
  maxNorm: number,
  options: { normType?: number; errorIfNonfinite?: boolean } = {},
): number {
  checkOptions("clipGradNorm", options, "normType, errorIfNonfinite", {
    normType: "number",
    errorIfNonfinite: "boolean",
  });
  const { normType = 2, errorIfNonfinite = false } = options;

  check("clipGradNorm", "maxNorm", maxNorm, "number");
  if (!(maxNorm >= 0)) throw expected("clipGradNorm", "maxNorm >= 0", maxNorm);
  const owners = withGradient("clipGradNorm", params);
  const norms = owners.map(([, grad]) => grad.norm(normType).item());
  const total = norms.length === 0 ? 0 : array(norms, { dtype: "float64" }).norm(normType).item();
  if (errorIfNonfinite && !Number.isFinite(total)) {
    throw refusal(
      "clipGradNorm",
      `the norm of the gradients is ${total}`,
      "lower the learning rate, or look for log(0) and division by 0 in the loss",
    );
  }
  const factor = Math.min(1, maxNorm / (total + 1e-6));
  if (factor === 1) return total;
  for (const [, grad] of owners) {
    mulInPlace(grad, factor);
    incrementVersion(grad);
  }
  return total;
}

/** Every entry of every gradient into [−clipValue, clipValue]. */
export function clipGradValue(params: Iterable<Tensor>, clipValue: number): void {
  check("clipGradValue", "clipValue", clipValue, "number");
  if (!(clipValue >= 0)) throw expected("clipGradValue", "clipValue >= 0", clipValue);
  for (const [param, grad] of withGradient("clipGradValue", params))
    param.grad = grad.clamp(-clipValue, clipValue);
}

function withGradient(op: string, params: Iterable<Tensor>): [Tensor, NDArray][] {
  checkParams(op, params);
  const found: [Tensor, NDArray][] = [];
  for (const param of params) {
    check(op, "each parameter", param, "tensor");
    if (param.grad) found.push([param, param.grad]);
  }
  return found;
}
