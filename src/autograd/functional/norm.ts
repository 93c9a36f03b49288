import {
  broadcastShapes,
  checkShape,
  type Floats,
  fromStorage,
  isFloat,
  kernels,
  type NDArray,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
} from "../../tensor";
import { arrayOf, checkTensor, record, type Tensor } from "../tensor";
import { present } from "./shared";

export interface AffineOptions {
  readonly weight?: Tensor;
  readonly bias?: Tensor;
  /** Added to the variance, against division by 0. */
  readonly eps?: number;
}

/**
 * y = (x − μ) / √(σ² + eps) ⊙ weight + bias, with mean and biased variance over the last axes, which must be
 * `normalizedShape` (Ba et al., 2016). Shape of x.
 * x̄ = (ŷ − mean ŷ − x̂ mean(ŷ ⊙ x̂)) / √(σ² + eps), where ŷ = ȳ ⊙ weight and x̂ is the normalised x.
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  { weight, bias, eps = 1e-5 }: AffineOptions = {},
): Tensor {
  const n = checkLastAxes("layerNorm", x, normalizedShape, { weight, bias });
  return record("layerNorm", present(x, weight, bias), (given) => {
    const x = isFloat(given.dtype) ? given : given.to("float32");
    const flatten = (a: Tensor | undefined) => (a ? (a.data.to(x.dtype).flat() as Floats) : null);
    const empty = (size: number) => kernels().empty(x.dtype, size) as Floats;
    const input = x.flat() as Floats;
    const w = flatten(weight);
    const rows = x.size / Math.max(1, n);
    const [y, mean, rstd] = [empty(x.size), empty(rows), empty(rows)];
    kernels().layerNorm(input, w, flatten(bias), eps, y, mean, rstd, rows, n);
    return [
      fromStorage(y, x.shape),
      (g) => {
        const gx = empty(x.size);
        const gWeight = weight ? empty(n) : null;
        const gBias = bias ? empty(n) : null;
        kernels().layerNormBackward(g.flat() as Floats, input, w, mean, rstd, gx, gWeight, gBias, rows, n);
        return present(
          fromStorage(gx, x.shape),
          weight && fromStorage(gWeight as Floats, weight.shape),
          bias && fromStorage(gBias as Floats, bias.shape),
        );
      },
    ];
  });
}

/**
 * y = x / √(mean(x²) + eps) ⊙ weight over the last axes (Zhang & Sennrich, 2019). Shape of x. Without `eps`
 * the machine epsilon of x's type, as PyTorch.
 * x̄ = r (ŷ − x̂ mean(ŷ ⊙ x̂)), where r = 1/√(mean(x²) + eps), x̂ = r x and ŷ = ȳ ⊙ weight.
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  { weight, eps }: Omit<AffineOptions, "bias"> = {},
): Tensor {
  checkLastAxes("rmsNorm", x, normalizedShape, { weight });
  const count = typeof normalizedShape === "number" ? 1 : normalizedShape.length;
  const axes = Array.from({ length: count }, (_, i) => i - count);
  const tiny = eps ?? (x.dtype === "float64" ? Number.EPSILON : 2 ** -23);
  return record("rmsNorm", present(x, weight), (x) => {
    const w = weight?.data ?? null;
    const meanOver = (a: NDArray) => a.mean(axes, { keepDims: true });
    const r = meanOver(x.square()).add(tiny).rsqrt();
    const hat = x.mul(r);
    return [
      w ? hat.mul(w) : hat,
      (g) => {
        const gHat = w ? g.mul(w) : g;
        return present(() => gHat.sub(hat.mul(meanOver(gHat.mul(hat)))).mul(r), weight && (() => g.mul(hat)));
      },
    ];
  });
}

function checkLastAxes(
  op: string,
  x: Tensor,
  normalizedShape: number | Shape,
  affine: { weight?: Tensor; bias?: Tensor },
): number {
  checkTensor(op, x);
  const shape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  checkShape(op, shape);
  if (shape.length === 0 || !sameShape(x.shape.slice(-shape.length), shape)) {
    throw new RangeError(
      `${op}: expected an input whose last axes are the normalized shape ${showShape(shape)}, got ${showShape(x.shape)}`,
    );
  }
  for (const [name, a] of Object.entries(affine)) {
    if (a && !sameShape(a.shape, shape)) {
      throw new RangeError(
        `${op}: expected ${name} of the normalized shape ${showShape(shape)}, got ${showShape(a.shape)}`,
      );
    }
  }
  return sizeOf(shape);
}

/** y ⊙ weight + bias, with one weight and bias per channel (axis 1). */
function perChannel(op: string, y: Tensor, { weight, bias }: AffineOptions): Tensor {
  const along = (a: Tensor): Tensor => {
    if (!sameShape(a.shape, [y.shape[1]])) {
      throw new RangeError(
        `${op}: expected weight and bias of one number per channel, ${showShape([y.shape[1]])}, got ${showShape(a.shape)}`,
      );
    }
    return a.reshape(y.shape.map((n, axis) => (axis === 1 ? n : 1)));
  };
  const scaled = weight ? y.mul(along(weight)) : y;
  return bias ? scaled.add(along(bias)) : scaled;
}

/**
 * x (N, C, …) normalised over each of `numGroups` groups of channels and all positions, then ⊙ weight + bias
 * per channel (Wu & He, 2018). `numGroups: C` is instance norm.
 */
export function groupNorm(
  x: Tensor,
  numGroups: number,
  { weight, bias, eps = 1e-5 }: AffineOptions = {},
): Tensor {
  const [N, C] = x.shape;
  if (x.ndim < 2 || !Number.isInteger(numGroups) || numGroups < 1 || C % numGroups !== 0) {
    throw new RangeError(
      `groupNorm: expected (N, C, …) with C divisible by ${numGroups} groups, got ${showShape(x.shape)}`,
    );
  }
  const n = (C / numGroups) * sizeOf(x.shape.slice(2));
  const y = layerNorm(x.reshape([N, numGroups, n]), n, { eps }).reshape(x.shape);
  return perChannel("groupNorm", y, { weight, bias });
}

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
 */
export function batchNorm(
  x: Tensor,
  {
    runningMean,
    runningVar,
    weight,
    bias,
    training = false,
    momentum = 0.1,
    eps = 1e-5,
  }: BatchNormOptions = {},
): Tensor {
  if (x.ndim < 2) throw new RangeError(`batchNorm: expected (N, C, …), got ${showShape(x.shape)}`);
  const C = x.shape[1];
  const stats = [runningMean, runningVar].map((a) => a && arrayOf(a));
  if (stats.some((a) => a && !sameShape(a.shape, [C]))) {
    throw new RangeError(
      `batchNorm: expected running statistics of shape ${showShape([C])} for ${showShape(x.shape)}`,
    );
  }
  const [mean, variance] = stats;
  if (!training && mean && variance) {
    const along = (a: NDArray) => a.reshape(x.shape.map((n, axis) => (axis === 1 ? n : 1)));
    const y = x.sub(along(mean)).mul(along(variance.add(eps).rsqrt()));
    return perChannel("batchNorm", y, { weight, bias });
  }
  const n = x.size / Math.max(1, C);
  if (training && n <= 1) {
    throw new RangeError(
      `batchNorm: expected more than 1 value per channel when training, got ${showShape(x.shape)}`,
    );
  }
  if (training) {
    const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
    const blend = (old: NDArray, now: NDArray) => old.assign(old.mul(1 - momentum).add(now.mul(momentum)));
    if (mean) blend(mean, x.data.mean(axes));
    if (variance) blend(variance, x.data.var(axes));
  }
  const byChannel = x.transpose(0, 1);
  const y = layerNorm(byChannel.reshape([C, n]), n, { eps });
  return perChannel("batchNorm", y.reshape(byChannel.shape).transpose(0, 1), { weight, bias });
}

/** x / max(‖x‖ₚ, eps) along `axis`; axis 1 unless given, as PyTorch. */
export const normalize = (
  x: Tensor,
  { p = 2, axis = 1, eps = 1e-12 }: { p?: number; axis?: number; eps?: number } = {},
): Tensor => x.div(x.norm(p, axis, { keepDims: true }).clamp(eps));

/**
 * a · b / (max(‖a‖, eps) max(‖b‖, eps)) along `axis`, which goes; axis 1 unless given, as PyTorch. Broadcasts.
 * Gradients are those of ‖a‖ and ‖b‖ even below eps, as PyTorch.
 */
export const cosineSimilarity = (
  a: Tensor,
  b: Tensor,
  { axis = 1, eps = 1e-8 }: { axis?: number; eps?: number } = {},
): Tensor => {
  checkTensor("cosineSimilarity", a);
  checkTensor("cosineSimilarity", b);
  broadcastShapes("cosineSimilarity", a.shape, b.shape);
  const unit = (x: Tensor) => {
    const size = x.norm(2, axis, { keepDims: true });
    return x.div(record("atLeast", [size], (size) => [size.maximum(eps), (g) => [g]]));
  };
  return unit(a).mul(unit(b)).sum(axis);
};
