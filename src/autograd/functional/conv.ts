import {
  type ConvWindows,
  check,
  checkOptions,
  convBackwardBias,
  convBackwardInput,
  convBackwardWeight,
  convolve,
  convSizes,
  dims,
  fold2d,
  frozenCopy,
  type TransposedConvWindows,
  transposedConvSizes,
  unfold2d,
  type WindowOptions,
} from "../../tensor";
import type { Grad } from "../backward";
import { record } from "../record";
import { checkTensor, type Tensor } from "../tensor";
import { present } from "./shared";

export interface ConvOptions extends ConvWindows {
  readonly bias?: Tensor;
}

/** Of what kind they are, the windows say. */
const OPTIONS = { bias: "tensor", stride: "any", padding: "any", dilation: "any", groups: "any" } as const;

/**
 * Cross-correlation, as every library calls a convolution: x (B, C, H, W), weight (O, C/groups, kh, kw) →
 * (B, O, H', W'), H' = ⌊(H + 2 padding − dilation (kh − 1) − 1) / stride⌋ + 1.
 *
 *     y[o, i, j] = Σ weight[o, c, ky, kx] · x[c, i·stride + ky·dilation − padding, …] + bias[o]
 *     x̄ = Σ weight · ȳ over the windows that saw a pixel,  W̄ = Σ ȳ · x over all windows,  b̄ = Σ ȳ
 *
 * One image alone, (C, H, W), gives (O, H', W').
 */
export function conv2d(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  checkTensor("conv2d", x);
  checkTensor("conv2d: weight", weight);
  checkOptions("conv2d", options, "stride: 2", OPTIONS);
  if (x.ndim === 3) return conv2d(x.unsqueeze(0), weight, options).squeeze(0);
  const { bias } = options;
  const sizes = convSizes("conv2d", x.shape, weight.shape, bias?.shape, options);
  return record(
    "conv2d",
    present(x, weight, bias),
    (x, weight, bias) => [
      convolve(x, weight, bias, sizes),
      (g) =>
        present<Grad>(
          () => convBackwardInput(g, weight, sizes),
          () => convBackwardWeight(g, x, sizes),
          bias && (() => convBackwardBias(g)),
        ),
    ],
    { keepsGrads: false },
  );
}

/** {@link conv2d} along one axis: x (B, C, L), weight (O, C/groups, k) → (B, O, L'). */
export function conv1d(
  x: Tensor,
  weight: Tensor,
  options: Omit<ConvOptions, "stride" | "padding" | "dilation"> & {
    readonly stride?: number;
    readonly padding?: number | "same" | "valid";
    readonly dilation?: number;
  } = {},
): Tensor {
  checkTensor("conv1d", x);
  checkTensor("conv1d", weight);

  checkOptions("conv1d", options, "bias, groups", {
    bias: "tensor",
    groups: "number",
    stride: "number",
    padding: "any",
    dilation: "number",
  });
  const { bias, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;

  if (x.ndim === 2)
    return conv1d(x.unsqueeze(0), weight, { bias, stride, padding, dilation, groups }).squeeze(0);
  dims("conv1d", x.shape, "B C L");
  dims("conv1d: weight", weight.shape, "O I k");
  return conv2d(x.unsqueeze(2), weight.unsqueeze(2), {
    bias,
    stride: [1, stride],
    padding: typeof padding === "number" ? [0, padding] : padding,
    dilation: [1, dilation],
    groups,
  }).squeeze(2);
}

export interface TransposedConvOptions extends TransposedConvWindows {
  readonly bias?: Tensor;
}

/**
 * The adjoint of {@link conv2d}: x (B, C, H, W), weight (C, O/groups, kh, kw) → (B, O, H', W'),
 * H' = (H − 1) stride − 2 padding + dilation (kh − 1) + outputPadding + 1. Forward is what conv2d does backward, and
 * the other way round.
 */
export function convTranspose2d(x: Tensor, weight: Tensor, options: TransposedConvOptions = {}): Tensor {
  checkTensor("convTranspose2d", x);
  checkTensor("convTranspose2d: weight", weight);
  checkOptions("convTranspose2d", options, "stride: 2", {
    ...{ bias: "tensor", stride: "pair", padding: "pair", outputPadding: "pair" },
    ...{ dilation: "pair", groups: "size" },
  });
  if (x.ndim === 3) return convTranspose2d(x.unsqueeze(0), weight, options).squeeze(0);
  const op = "convTranspose2d";
  const { bias } = options;
  const sizes = transposedConvSizes(op, x.shape, weight.shape, bias?.shape, options);
  const y = record(
    op,
    [x, weight],
    (x, weight) => [
      convBackwardInput(x, weight, sizes),
      (g) => [() => convolve(g, weight, undefined, sizes), () => convBackwardWeight(x, g, sizes)],
    ],
    { keepsGrads: false },
  );
  return bias ? y.add(bias.reshape([bias.size, 1, 1])) : y;
}

/** {@link convTranspose2d} along one axis: x (B, C, L), weight (C, O/groups, k) → (B, O, L'). */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  options: Omit<TransposedConvOptions, "stride" | "padding" | "outputPadding" | "dilation"> & {
    readonly stride?: number;
    readonly padding?: number;
    readonly outputPadding?: number;
    readonly dilation?: number;
  } = {},
): Tensor {
  checkTensor("convTranspose1d", x);
  checkTensor("convTranspose1d: weight", weight);
  checkOptions("convTranspose1d", options, "stride: 2", {
    ...{ bias: "tensor", stride: "size", padding: "count", outputPadding: "count" },
    ...{ dilation: "size", groups: "size" },
  });
  if (x.ndim === 2) return convTranspose1d(x.unsqueeze(0), weight, options).squeeze(0);
  const { bias, groups, stride = 1, padding = 0, outputPadding = 0, dilation = 1 } = options;
  dims("convTranspose1d", x.shape, "B C L");
  dims("convTranspose1d: weight", weight.shape, "I O k");
  return convTranspose2d(x.unsqueeze(2), weight.unsqueeze(2), {
    ...{ bias, groups, stride: [1, stride], padding: [0, padding] },
    ...{ outputPadding: [0, outputPadding], dilation: [1, dilation] },
  }).squeeze(2);
}

const windowKinds = { kernelSize: "pair", stride: "any", padding: "any", dilation: "any" } as const;

/** Sliding windows of images as columns: (B, C, H, W) → (B, C·kh·kw, L). */
export function unfold(x: Tensor, given: WindowOptions): Tensor {
  checkTensor("unfold", x);
  checkOptions("unfold", given, "kernelSize, stride", windowKinds, ["kernelSize"]);
  const options = frozenCopy(given);
  return record(
    "unfold",
    [x],
    (x) => [unfold2d(x, options), (g) => [fold2d(g, [x.shape[2], x.shape[3]], options)]],
    { keepsGrads: false },
  );
}

/** The adjoint of {@link unfold}: columns are added up into images of `size` [H, W]. */
export function fold(x: Tensor, size: readonly [number, number], given: WindowOptions): Tensor {
  checkTensor("fold", x);
  check("fold", "size", size, "numbers");
  checkOptions("fold", given, "kernelSize, stride", windowKinds, ["kernelSize"]);
  const options = frozenCopy(given);
  return record("fold", [x], (x) => [fold2d(x, size, options), (g) => [unfold2d(g, options)]], {
    keepsGrads: false,
  });
}
