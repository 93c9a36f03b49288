import {
  broadcastShapes,
  check,
  checkOptions,
  checkShape,
  expected,
  fromStorage,
  layerNormBackward,
  type NDArray,
  layerNorm as rowNorm,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
  words,
} from "../../tensor";
import type { Grad } from "../backward";
import { record } from "../record";
import { checkTensor, type Tensor } from "../tensor";
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
export function layerNorm(x: Tensor, normalizedShape: number | Shape, options: AffineOptions = {}): Tensor {
  checkTensor("layerNorm", x);

  checkOptions("layerNorm", options, "weight, bias", { weight: "tensor", bias: "tensor", eps: "number" });
  const { weight, bias, eps = 1e-5 } = options;

  const n = checkLastAxes("layerNorm", x, normalizedShape, { weight, bias });
  return record(
    "layerNorm",
    present(x, weight, bias),
    (x) => {
      const [y, saved] = rowNorm(x, n, eps, weight?.data, bias?.data);
      return [y, (g) => present<Grad>(...layerNormBackward(g, n, saved))];
    },
    { keepsGrads: false },
  );
}

/**
 * y = x / √(mean(x²) + eps) ⊙ weight over the last axes (Zhang & Sennrich, 2019). Shape of x. Without `eps`
 * the machine epsilon of x's type, as PyTorch.
 * x̄ = r (ŷ − x̂ mean(ŷ ⊙ x̂)), where r = 1/√(mean(x²) + eps), x̂ = r x and ŷ = ȳ ⊙ weight.
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  options: Omit<AffineOptions, "bias"> = {},
): Tensor {
  checkTensor("rmsNorm", x);

  checkOptions("rmsNorm", options, "weight, eps", { weight: "tensor", eps: "number" });
  const { weight, eps } = options;

  const n = checkLastAxes("rmsNorm", x, normalizedShape, { weight });
  const count = typeof normalizedShape === "number" ? 1 : normalizedShape.length;
  const axes = Array.from({ length: count }, (_, i) => i - count);
  const tiny = eps ?? (x.dtype === "float64" ? Number.EPSILON : 2 ** -23);
  return record(
    "rmsNorm",
    present(x, weight),
    (x) => {
      const w = weight?.data ?? null;
      const meanOver = (a: NDArray) => a.mean(axes, { keepDims: true });
      // By way of √(mean x²), which no square overflows or vanishes on its way to.
      const root = x.norm(2, axes, { keepDims: true }).div(Math.sqrt(n));
      const r = fromStorage(
        root.flat().map((size) => 1 / Math.hypot(size, Math.sqrt(tiny))),
        root.shape,
      );
      const hat = x.mul(r);
      return [
        w ? hat.mul(w) : hat,
        (g) => {
          const gHat = w ? g.mul(w) : g;
          return present(
            () => gHat.sub(hat.mul(meanOver(gHat.mul(hat)))).mul(r),
            weight && (() => g.mul(hat)),
          );
        },
      ];
    },
    { keepsGrads: false },
  );
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
  if (shape.length === 0 || !endsWith(x.shape, shape)) {
    throw expected(
      op,
      `an input whose last axes are the normalized shape ${showShape(shape)}`,
      words(showShape(x.shape)),
    );
  }
  checkAffine(op, "weight", affine.weight, shape);
  checkAffine(op, "bias", affine.bias, shape);
  return sizeOf(shape);
}

function endsWith(shape: Shape, end: Shape): boolean {
  const start = shape.length - end.length;
  return start >= 0 && end.every((n, i) => n === shape[start + i]);
}

function checkAffine(op: string, name: string, a: Tensor | undefined, shape: Shape): void {
  if (a && !sameShape(a.shape, shape))
    throw expected(op, `${name} of the normalized shape ${showShape(shape)}`, words(showShape(a.shape)));
}

export function checkPerChannel(op: string, x: Tensor, { weight, bias }: AffineOptions): void {
  const C = x.shape[1];
  for (const a of [weight, bias]) {
    if (!a || sameShape(a.shape, [C])) continue;
    throw expected(
      op,
      `weight and bias of one number per channel, ${showShape([C])}`,
      words(showShape(a.shape)),
    );
  }
}

/** x ⊙ weight + bias, with one weight and bias per channel (axis 1). */
function perChannel(x: Tensor, { weight, bias }: AffineOptions): Tensor {
  const along = (a: Tensor): Tensor => a.reshape(x.shape.map((n, axis) => (axis === 1 ? n : 1)));
  const scaled = weight ? x.mul(along(weight)) : x;
  return bias ? scaled.add(along(bias)) : scaled;
}

/**
 * x (N, C, …) normalised over each of `numGroups` groups of channels and all positions, then ⊙ weight + bias
 * per channel (Wu & He, 2018). `numGroups: C` is instance norm.
 */
export function groupNorm(x: Tensor, numGroups: number, options: AffineOptions = {}): Tensor {
  checkTensor("groupNorm", x);
  check("groupNorm", "numGroups", numGroups, "number");

  checkOptions("groupNorm", options, "weight, bias", { weight: "tensor", bias: "tensor", eps: "number" });
  const { weight, bias, eps = 1e-5 } = options;

  const [N, C] = x.shape;
  if (x.ndim < 2 || !Number.isInteger(numGroups) || numGroups < 1 || C % numGroups !== 0) {
    throw expected(
      "groupNorm",
      `(N, C, …) with C divisible by ${numGroups} groups`,
      words(showShape(x.shape)),
    );
  }
  checkPerChannel("groupNorm", x, { weight, bias });
  const n = (C / numGroups) * sizeOf(x.shape.slice(2));
  const y = layerNorm(x.reshape([N, numGroups, n]), n, { eps }).reshape(x.shape);
  return perChannel(y, { weight, bias });
}

/** x / max(‖x‖ₚ, eps) along `axis`; axis 1 unless given, as PyTorch. */
export const normalize = (x: Tensor, options: { p?: number; axis?: number; eps?: number } = {}): Tensor => {
  checkTensor("normalize", x);

  checkOptions("normalize", options, "p, axis", { p: "number", axis: "number", eps: "number" });
  const { p = 2, axis = 1, eps = 1e-12 } = options;
  return x.div(x.norm(p, axis, { keepDims: true }).clamp(eps));
};

/**
 * a · b / (max(‖a‖, eps) max(‖b‖, eps)) along `axis`, which goes; axis 1 unless given, as PyTorch. Broadcasts.
 * Gradients are those of ‖a‖ and ‖b‖ even below eps, as PyTorch.
 */
export const cosineSimilarity = (
  a: Tensor,
  b: Tensor,
  options: { axis?: number; eps?: number } = {},
): Tensor => {
  checkOptions("cosineSimilarity", options, "axis, eps", { axis: "number", eps: "number" });
  const { axis = 1, eps = 1e-8 } = options;

  checkTensor("cosineSimilarity", a);
  checkTensor("cosineSimilarity", b);
  broadcastShapes("cosineSimilarity", a.shape, b.shape);
  const unit = (x: Tensor) => {
    const size = x.norm(2, axis, { keepDims: true });
    return x.div(record("atLeast", [size], (size) => [size.maximum(eps), (g) => [g]], { keepsGrads: false }));
  };
  return unit(a).mul(unit(b)).sum(axis);
};
