import { type ConvOptions, checkTensor, conv1d, conv2d, type Tensor } from "../autograd";
import { check, checkOptions, expected, frozenCopy, type Pair, showShape, words } from "../tensor";
import { Module } from "./module";
import type { Parameter } from "./parameter";
import { checkWindow, sides, windowRepr, windowWeights } from "./window-weights";

export interface Conv1dOptions {
  readonly stride?: number;
  /** Zeros on each side; "same" keeps the length (stride 1 only), "valid" adds none. */
  readonly padding?: number | "same" | "valid";
  readonly dilation?: number;
  /** Input and output channels are cut into this many groups that do not see each other. */
  readonly groups?: number;
  readonly bias?: boolean;
}

/**
 * A window of weights that slides over sequences: (B, inChannels, L) → (B, outChannels, L'),
 * L' = ⌊(L + 2 padding − dilation (kernelSize − 1) − 1) / stride⌋ + 1. The weight is (out, in / groups, kernelSize).
 *
 * Weight and bias start uniform in ±1/√(in / groups · kernelSize). Waibel et al., "Phoneme recognition using time-delay neural
 * networks", 1989.
 */
export class Conv1d extends Module {
  readonly weight: Parameter;
  readonly bias?: Parameter;
  readonly options: Required<Omit<Conv1dOptions, "bias">>;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    readonly kernelSize: number,
    options: Conv1dOptions = {},
  ) {
    super();
    const op = "Conv1d";
    checkOptions(op, options, "stride: 2", {
      ...{ stride: "size", padding: "any", dilation: "size", groups: "size", bias: "boolean" },
    });
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options;
    check(op, "padding", padding, typeof padding === "string" ? ["same", "valid"] : "count");
    check(op, "kernelSize", kernelSize, "size");
    const sizes = { inChannels, outChannels, kernelSize, groups, bias };
    checkWindow(op, sizes);
    this.options = frozenCopy({ stride, padding, dilation, groups });
    const made = windowWeights(outChannels, inChannels / groups, [kernelSize], sizes);
    this.weight = made.weight;
    if (made.bias) this.bias = made.bias;
  }

  forward(x: Tensor): Tensor {
    checkTensor("Conv1d", x);
    checkChannels("Conv1d", x, x.ndim - 2, this.inChannels, "(B, C, L)");
    return conv1d(x, this.weight, { ...this.options, bias: this.bias });
  }

  override extraRepr(): string {
    return windowRepr(this);
  }
}

/**
 * A window of weights that slides over images: (B, inChannels, H, W) → (B, outChannels, H', W'),
 * H' = ⌊(H + 2 padding − dilation (kernelSize − 1) − 1) / stride⌋ + 1. The weight is (out, in / groups, kh, kw).
 *
 * Weight and bias start uniform in ±1/√(in / groups · kh · kw). LeCun et al., "Backpropagation applied to handwritten
 * zip code recognition", 1989.
 */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias?: Parameter;
  readonly kernelSize: Pair;
  readonly options: Required<Omit<ConvOptions, "bias">>;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: Pair,
    options: Omit<ConvOptions, "bias"> & { bias?: boolean } = {},
  ) {
    super();
    const op = "Conv2d";
    checkOptions(op, options, "stride: 2", {
      ...{ stride: "pair", padding: "any", dilation: "pair", groups: "size", bias: "boolean" },
    });
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options;
    check(op, "padding", padding, typeof padding === "string" ? ["same", "valid"] : "pair");
    const sizes = { inChannels, outChannels, kernelSize, groups, bias };
    checkWindow(op, sizes);
    this.kernelSize = frozenCopy(kernelSize);
    this.options = frozenCopy({ stride, padding, dilation, groups });
    const made = windowWeights(outChannels, inChannels / groups, sides(kernelSize), sizes);
    this.weight = made.weight;
    if (made.bias) this.bias = made.bias;
  }

  forward(x: Tensor): Tensor {
    checkTensor("Conv2d", x);
    checkChannels("Conv2d", x, x.ndim - 3, this.inChannels, "(B, C, H, W)");
    return conv2d(x, this.weight, { ...this.options, bias: this.bias });
  }

  override extraRepr(): string {
    return windowRepr(this);
  }
}

/** Throws where the input has other channels than the layer; too few axes are the operation's to tell. */
export function checkChannels(op: string, x: Tensor, axis: number, channels: number, axes: string): void {
  if (axis < 0 || x.shape[axis] === channels) return;
  throw expected(
    op,
    `${channels} channels (inChannels)`,
    words(`${x.shape[axis]} in ${axes} = ${showShape(x.shape)}`),
  );
}
