import { checkTensor, convTranspose1d, convTranspose2d, type Tensor } from "../autograd";
import { checkOptions, frozenCopy, type Pair } from "../tensor";
import { checkChannels } from "./conv";
import { Module } from "./module";
import type { Parameter } from "./parameter";
import { checkOutputPadding, checkWindow, sides, windowRepr, windowWeights } from "./window-weights";

/** {@link ConvTranspose2dOptions} along one axis. */
export interface ConvTranspose1dOptions {
  readonly stride?: number;
  /** How much is cut off on each side. */
  readonly padding?: number;
  /** Added to the end, to choose among the lengths that a strided convolution maps to one. */
  readonly outputPadding?: number;
  readonly groups?: number;
  readonly bias?: boolean;
  readonly dilation?: number;
}

export interface ConvTranspose2dOptions {
  readonly stride?: Pair;
  /** How much is cut off on each side. */
  readonly padding?: Pair;
  /** Added below and at the right, to choose among the sizes that a strided convolution maps to one. */
  readonly outputPadding?: Pair;
  readonly groups?: number;
  readonly bias?: boolean;
  readonly dilation?: Pair;
}

/**
 * The adjoint of a convolution of sequences, which makes them longer where the convolution makes them shorter:
 * (B, inChannels, L) → (B, outChannels, L'), L' = (L − 1) stride − 2 padding + dilation (kernelSize − 1) + outputPadding + 1.
 * The weight is (in, out / groups, kernelSize).
 *
 * Weight and bias start uniform in ±1/√(out / groups · kernelSize). Dumoulin and Visin, "A guide to convolution arithmetic
 * for deep learning", 2016.
 */
export class ConvTranspose1d extends Module {
  readonly weight: Parameter;
  readonly bias?: Parameter;
  readonly options: Required<Omit<ConvTranspose1dOptions, "bias">>;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    readonly kernelSize: number,
    options: ConvTranspose1dOptions = {},
  ) {
    super();
    const op = "ConvTranspose1d";
    checkOptions(op, options, "stride: 2", {
      ...{ stride: "size", padding: "count", outputPadding: "count" },
      ...{ groups: "size", bias: "boolean", dilation: "size" },
    });
    const { stride = 1, padding = 0, outputPadding = 0, groups = 1, bias = true, dilation = 1 } = options;
    const sizes = { inChannels, outChannels, kernelSize, groups, bias };
    checkWindow(op, sizes);
    checkOutputPadding(op, outputPadding, stride, dilation);
    this.options = frozenCopy({ stride, padding, outputPadding, groups, dilation });
    const made = windowWeights(inChannels, outChannels / groups, [kernelSize], sizes);
    this.weight = made.weight;
    if (made.bias) this.bias = made.bias;
  }

  forward(x: Tensor): Tensor {
    checkTensor("ConvTranspose1d", x);
    checkChannels("ConvTranspose1d", x, x.ndim - 2, this.inChannels, "(B, C, L)");
    return convTranspose1d(x, this.weight, { ...this.options, bias: this.bias });
  }

  override extraRepr(): string {
    return windowRepr(this);
  }
}

/**
 * The adjoint of a convolution of images, which makes them larger where the convolution makes them smaller:
 * (B, inChannels, H, W) → (B, outChannels, H', W'),
 * H' = (H − 1) stride − 2 padding + dilation (kh − 1) + outputPadding + 1. The weight is (in, out / groups, kh, kw).
 *
 * Weight and bias start uniform in ±1/√(out / groups · kh · kw). Dumoulin and Visin, "A guide to convolution arithmetic
 * for deep learning", 2016.
 */
export class ConvTranspose2d extends Module {
  readonly weight: Parameter;
  readonly bias?: Parameter;
  readonly kernelSize: Pair;
  readonly options: Required<Omit<ConvTranspose2dOptions, "bias">>;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: Pair,
    options: ConvTranspose2dOptions = {},
  ) {
    super();
    const op = "ConvTranspose2d";
    checkOptions(op, options, "stride: 2", {
      ...{ stride: "pair", padding: "pair", outputPadding: "pair" },
      ...{ groups: "size", bias: "boolean", dilation: "pair" },
    });
    const { stride = 1, padding = 0, outputPadding = 0, groups = 1, bias = true, dilation = 1 } = options;
    const sizes = { inChannels, outChannels, kernelSize, groups, bias };
    checkWindow(op, sizes);
    checkOutputPadding(op, outputPadding, stride, dilation);
    this.kernelSize = frozenCopy(kernelSize);
    this.options = frozenCopy({ stride, padding, outputPadding, groups, dilation });
    const made = windowWeights(inChannels, outChannels / groups, sides(kernelSize), sizes);
    this.weight = made.weight;
    if (made.bias) this.bias = made.bias;
  }

  forward(x: Tensor): Tensor {
    checkTensor("ConvTranspose2d", x);
    checkChannels("ConvTranspose2d", x, x.ndim - 3, this.inChannels, "(B, C, H, W)");
    return convTranspose2d(x, this.weight, { ...this.options, bias: this.bias });
  }

  override extraRepr(): string {
    return windowRepr(this);
  }
}
