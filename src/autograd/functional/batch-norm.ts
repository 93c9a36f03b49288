import {
  type Floats,
  fromStorage,
  isFloat,
  kernels,
  type NDArray,
  sameShape,
  showShape,
  sizeOf,
} from "../../tensor";
import { arrayOf, record, Tensor } from "../tensor";
import { type AffineOptions, checkPerChannel, perChannel } from "./norm";
import { present } from "./shared";

export interface BatchNormOptions extends AffineOptions {
  /** Running statistics (C): read when not training; when training, updated in place. */
  readonly runningMean?: NDArray | Tensor;
  readonly runningVar?: NDArray | Tensor;
  /** Use the statistics of the batch. */
  readonly training?: boolean;
  /** new = (1 − momentum) · old + momentum · batch */
  readonly momentum?: number;
}

/**
 * x (N, C, …) normalised per channel, then ⊙ weight + bias (Ioffe & Szegedy, 2015). In training by mean and
 * biased variance of the batch, while the running variance takes the unbiased one; otherwise by the running
 * statistics.
 *
 *     y = x̂ ⊙ weight + bias,  x̂ = (x − mean) / √(var + eps)
 *     x̄ = weight / √(var + eps) ⊙ (ȳ − mean ȳ − x̂ mean(ȳ ⊙ x̂)),  with means over the batch and all places
 */
export function batchNorm(x: Tensor, options: BatchNormOptions = {}): Tensor {
  const { runningMean, runningVar, weight, bias, training = false, momentum = 0.1, eps = 1e-5 } = options;
  if (x.ndim < 2) throw new RangeError(`batchNorm: expected (N, C, …), got ${showShape(x.shape)}`);
  const C = x.shape[1];
  const [mean, variance] = [runningMean, runningVar].map((a) => a && arrayOf(a));
  if ([mean, variance].some((a) => a && !sameShape(a.shape, [C]))) {
    throw new RangeError(
      `batchNorm: expected running statistics of shape ${showShape([C])} for ${showShape(x.shape)}`,
    );
  }
  checkPerChannel("batchNorm", x, { weight, bias });
  if (!training && mean && variance) {
    // One factor and one summand per channel.
    const rstd = new Tensor(variance.add(eps).rsqrt());
    const scale = weight ? weight.mul(rstd) : rstd;
    const shift = scale.mul(mean).neg();
    return perChannel(x, { weight: scale, bias: bias ? shift.add(bias) : shift });
  }
  const count = x.size / Math.max(1, C);
  if (training && count <= 1) {
    throw new RangeError(
      `batchNorm: expected more than 1 value per channel when training, got ${showShape(x.shape)}`,
    );
  }
  const takeIn = (old: NDArray, now: NDArray) => old.assign(old.mul(1 - momentum).add(now.mul(momentum)));
  return normalised(x, { weight, bias, eps }, (batchMean, batchVariance) => {
    if (!training) return;
    if (mean) takeIn(mean, batchMean);
    if (variance) takeIn(variance, batchVariance.mul(count / (count - 1)));
  });
}

/** By the statistics of the batch, mean and biased variance (C), which `see` is told. */
function normalised(
  x: Tensor,
  { weight, bias, eps = 1e-5 }: AffineOptions,
  see: (mean: NDArray, variance: NDArray) => void,
): Tensor {
  return record("batchNorm", present(x, weight, bias), (given) => {
    const x = isFloat(given.dtype) ? given : given.to("float32");
    const [C, n] = [x.shape[1], sizeOf(x.shape.slice(2))];
    const flatten = (a: Tensor | undefined) => (a ? (a.data.to(x.dtype).flat() as Floats) : null);
    const empty = (size: number) => kernels().empty(x.dtype, size) as Floats;
    const input = x.flat() as Floats;
    const w = flatten(weight);
    const [y, mean, variance] = [empty(x.size), empty(C), empty(C)];
    kernels().batchNorm(input, w, flatten(bias), eps, y, mean, variance, C, n);
    see(fromStorage(mean, [C]), fromStorage(variance, [C]));
    return [
      fromStorage(y, x.shape),
      (g) => {
        const gx = empty(x.size);
        const gWeight = weight ? empty(C) : null;
        const gBias = bias ? empty(C) : null;
        const from = g.to(x.dtype).flat() as Floats;
        kernels().batchNormBackward(from, input, w, mean, variance, eps, gx, gWeight, gBias, C, n);
        return present(
          fromStorage(gx, x.shape),
          gWeight ? fromStorage(gWeight, [C]) : undefined,
          gBias ? fromStorage(gBias, [C]) : undefined,
        );
      },
    ];
  });
}
