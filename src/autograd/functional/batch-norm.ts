import {
  addInPlace,
  batchNormBackward,
  batchNorm as byBatch,
  checkOptions,
  expected,
  isFloat,
  mulInPlace,
  type NDArray,
  sameShape,
  showShape,
  words,
} from "../../tensor";
import type { Grad } from "../backward";
import { record } from "../record";
import { arrayOf, checkTensor, type Tensor } from "../tensor";
import { type AffineOptions, checkPerChannel } from "./norm";
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
  checkTensor("batchNorm", x);
  checkOptions("batchNorm", options, "runningMean, runningVar", {
    runningMean: "tensorOrArray",
    runningVar: "tensorOrArray",
    training: "boolean",
    momentum: "number",
    weight: "tensor",
    bias: "tensor",
    eps: "number",
  });

  const { runningMean, runningVar, weight, bias, training = false, momentum = 0.1, eps = 1e-5 } = options;
  if (x.ndim < 2) throw expected("batchNorm", "(N, C, …)", words(showShape(x.shape)));
  const C = x.shape[1];
  const [mean, variance] = [runningMean, runningVar].map((a) => a && arrayOf(a));
  const odd = [mean, variance].find((a) => a && !sameShape(a.shape, [C]));
  if (odd) {
    const what = `running statistics of shape ${showShape([C])} for ${showShape(x.shape)}`;
    throw expected("batchNorm", what, words(showShape(odd.shape)));
  }
  checkPerChannel("batchNorm", x, { weight, bias });
  if (!training && mean && variance) return byGiven(x, { weight, bias, eps }, mean, variance);
  const count = x.size / Math.max(1, C);
  if (training && count <= 1) {
    throw expected("batchNorm", "more than 1 value per channel when training", words(showShape(x.shape)));
  }
  const takeIn = (running: NDArray, ofBatch: NDArray) =>
    running.assign(running.mul(1 - momentum).add(ofBatch.mul(momentum)));
  return normalised(x, { weight, bias, eps }, (batchMean, batchVariance) => {
    if (!training) return;
    if (mean) takeIn(mean, batchMean);
    if (variance) takeIn(variance, batchVariance.mul(count / (count - 1)));
  });
}

/**
 * By given statistics (C). The mean goes off first: folded into one factor and one summand per channel, it would cost the
 * digits of numbers far from 0.
 */
function byGiven(
  x: Tensor,
  { weight, bias, eps = 1e-5 }: AffineOptions,
  mean: NDArray,
  variance: NDArray,
): Tensor {
  return record(
    "batchNorm",
    present(x, weight, bias),
    (given) => {
      const x = isFloat(given.dtype) ? given : given.to("float32");
      const along = (a: NDArray) => a.reshape([a.size, ...x.shape.slice(2).map(() => 1)]);
      const rstd = variance.to(x.dtype).add(eps).rsqrt();
      const scale = along(weight ? weight.data.to(x.dtype).mul(rstd) : rstd);
      const centred = () => x.sub(along(mean.to(x.dtype)));
      const y = centred();
      mulInPlace(y, scale);
      if (bias) addInPlace(y, along(bias.data));
      const perChannel = (a: NDArray) => a.sum(a.shape.map((_, axis) => axis).filter((axis) => axis !== 1));
      return [
        y,
        (g) =>
          present<Grad>(
            () => g.mul(scale),
            weight && (() => perChannel(g.mul(centred())).mul(rstd)),
            bias && (() => perChannel(g)),
          ),
      ];
    },
    { keepsGrads: false },
  );
}

/** By the statistics of the batch, mean and biased variance (C), which `see` is told. */
function normalised(
  x: Tensor,
  { weight, bias, eps = 1e-5 }: AffineOptions,
  see: (mean: NDArray, variance: NDArray) => void,
): Tensor {
  return record(
    "batchNorm",
    present(x, weight, bias),
    (x) => {
      const [y, saved] = byBatch(x, eps, weight?.data, bias?.data);
      see(saved.mean, saved.variance);
      return [y, (g) => present<Grad>(...batchNormBackward(g, saved))];
    },
    { keepsGrads: false },
  );
}
