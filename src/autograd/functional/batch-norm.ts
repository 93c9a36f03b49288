import {
  type BinaryOp,
  checkOptions,
  elements,
  type Floats,
  fromStorage,
  isFloat,
  kernels,
  type NDArray,
  type Storage,
  sameShape,
  showShape,
  sizeOf,
} from "../../tensor";
import type { Grad } from "../backward";
import { arrayOf, checkTensor, record, type Tensor } from "../tensor";
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
  if (x.ndim < 2) throw new RangeError(`batchNorm: expected (N, C, …), got ${showShape(x.shape)}`);
  const C = x.shape[1];
  const [mean, variance] = [runningMean, runningVar].map((a) => a && arrayOf(a));
  if ([mean, variance].some((a) => a && !sameShape(a.shape, [C]))) {
    throw new RangeError(
      `batchNorm: expected running statistics of shape ${showShape([C])} for ${showShape(x.shape)}`,
    );
  }
  checkPerChannel("batchNorm", x, { weight, bias });
  if (!training && mean && variance) return byGiven(x, { weight, bias, eps }, mean, variance);
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
      const n = sizeOf(x.shape.slice(2));
      const rstd = variance.to(x.dtype).add(eps).rsqrt();
      const scale = weight ? weight.data.to(x.dtype).mul(rstd) : rstd;
      const centred = () => each("sub", elements(x), mean.to(x.dtype), n);
      const y = each("mul", centred(), scale, n, true);
      if (bias) each("add", y, bias.data.to(x.dtype), n, true);
      const perChannel = (a: NDArray) => a.sum(a.shape.map((_, axis) => axis).filter((axis) => axis !== 1));
      return [
        fromStorage(y, x.shape),
        (g) =>
          present<Grad>(
            () => fromStorage(each("mul", elements(g), scale, n), x.shape),
            weight && (() => perChannel(g.mul(fromStorage(centred(), x.shape))).mul(rstd)),
            bias && (() => perChannel(g)),
          ),
      ];
    },
    { keepsGrads: false },
  );
}

/** x (N, C, n) ∘ one number per channel; in place where said. */
function each(op: BinaryOp, x: Storage, perChannel: NDArray, n: number, inPlace = false): Storage {
  const out = inPlace ? x : kernels().empty(perChannel.dtype, x.length);
  kernels().binary(op, x, 1, elements(perChannel), n, out);
  return out;
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
    (given) => {
      const x = (isFloat(given.dtype) ? given : given.to("float32")).contiguous();
      const [C, n] = [x.shape[1], sizeOf(x.shape.slice(2))];
      const inRow = (a: Tensor | undefined) => (a ? a.data.to(x.dtype).contiguous() : null);
      const flat = (a: NDArray | null) => (a ? (elements(a) as Floats) : null);
      const empty = (size: number) => kernels().empty(x.dtype, size) as Floats;
      const w = inRow(weight);
      const [y, mean, variance] = [empty(x.size), empty(C), empty(C)];
      kernels().batchNorm(elements(x) as Floats, flat(w), flat(inRow(bias)), eps, y, mean, variance, C, n);
      see(fromStorage(mean, [C]), fromStorage(variance, [C]));
      return [
        fromStorage(y, x.shape),
        (g) => {
          const gx = empty(x.size);
          const gWeight = weight ? empty(C) : null;
          const gBias = bias ? empty(C) : null;
          const from = elements(g.to(x.dtype)) as Floats;
          const input = elements(x) as Floats;
          kernels().batchNormBackward(from, input, flat(w), mean, variance, eps, gx, gWeight, gBias, C, n);
          return present(
            fromStorage(gx, x.shape),
            gWeight ? fromStorage(gWeight, [C]) : undefined,
            gBias ? fromStorage(gBias, [C]) : undefined,
          );
        },
      ];
    },
    { keepsGrads: false },
  );
}
