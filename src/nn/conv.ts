import { type ConvOptions, checkTensor, conv2d, convTranspose1d, type Tensor } from "../autograd";
import { checkOptions, expected, frozenCopy, type Pair, showShape, words } from "../tensor";
import { checkSizes } from "./check";
import * as init from "./init";
import { Module } from "./module";
import { type Parameter, parameter } from "./parameter";

/**
 * A window of weights that slides over images: (B, inChannels, H, W) → (B, outChannels, H', W'),
 * H' = ⌊(H + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1. The weight is (out, in / groups, kh, kw).
 *
 * Weight and bias start uniform in ±1/√(in / groups · kh · kw). LeCun et al., "Backpropagation applied to handwritten
 * zip code recognition", 1989.
 */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias?: Parameter;
  readonly kernelSize: Pair;
  readonly options: Omit<ConvOptions, "bias">;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: Pair,
    options: Omit<ConvOptions, "bias"> & { bias?: boolean } = {},
  ) {
    super();

    checkOptions("Conv2d", options, "stride: 2");
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options;
    const [kh, kw] = typeof kernelSize === "object" ? kernelSize : [kernelSize, kernelSize];
    checkSizes("Conv2d", { inChannels, outChannels, groups, kernelSize: kh });
    checkSizes("Conv2d", { kernelSize: kw });
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new RangeError(
        `Conv2d: expected channels divisible by groups = ${groups}, got ${inChannels} in and ${outChannels} out`,
      );
    }
    const fanIn = (inChannels / groups) * kh * kw;
    const bound = 1 / Math.sqrt(fanIn);
    this.kernelSize = frozenCopy(kernelSize);
    this.options = frozenCopy({ stride, padding, dilation, groups });
    this.weight = parameter(
      init.kaimingUniform([outChannels, inChannels / groups, kh, kw], { a: Math.sqrt(5) }),
    );
    if (bias) this.bias = parameter(init.uniform([outChannels], { low: -bound, high: bound }));
  }

  forward(x: Tensor): Tensor {
    checkTensor("Conv2d", x);
    if (x.ndim >= 3 && x.shape[x.ndim - 3] !== this.inChannels) {
      throw new RangeError(
        `Conv2d: expected ${this.inChannels} channels (inChannels), got ${x.shape[x.ndim - 3]} in (B, C, H, W) = ${showShape(x.shape)}`,
      );
    }
    return conv2d(x, this.weight, { ...this.options, bias: this.bias });
  }

  override extraRepr(): string {
    const { stride, padding, dilation, groups } = this.options;
    const parts = [`${this.inChannels}, ${this.outChannels}, kernelSize=${show(this.kernelSize)}`];
    parts.push(`stride=${show(stride)}`);
    if (show(padding) !== "0") parts.push(`padding=${show(padding)}`);
    if (show(dilation) !== "1") parts.push(`dilation=${show(dilation)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    return `${parts.join(", ")}, bias=${this.bias !== undefined}`;
  }
}

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

/**
 * The adjoint of a convolution of sequences, which makes them longer where the convolution makes them shorter:
 * (B, inChannels, L) → (B, outChannels, L'), L' = (L − 1) stride − 2 padding + dilation (kernel − 1) + outputPadding + 1.
 * The weight is (in, out / groups, kernel).
 *
 * Weight and bias start uniform in ±1/√(out / groups · kernel). Dumoulin and Visin, "A guide to convolution arithmetic
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
    checkOptions("ConvTranspose1d", options, "stride: 2", {
      ...{ stride: "size", padding: "count", outputPadding: "count" },
      ...{ groups: "size", bias: "boolean", dilation: "size" },
    });
    const { stride = 1, padding = 0, outputPadding = 0, groups = 1, bias = true, dilation = 1 } = options;
    checkSizes("ConvTranspose1d", { inChannels, outChannels, kernelSize });
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      const got = words(`${inChannels} in and ${outChannels} out`);
      throw expected("ConvTranspose1d", `channels divisible by groups = ${groups}`, got);
    }
    if (outputPadding >= Math.max(stride, dilation)) {
      throw expected(
        "ConvTranspose1d",
        `outputPadding below stride or dilation, ${Math.max(stride, dilation)}`,
        outputPadding,
      );
    }
    this.options = frozenCopy({ stride, padding, outputPadding, groups, dilation });
    const bound = 1 / Math.sqrt((outChannels / groups) * kernelSize);
    const uniform = (...shape: number[]) => parameter(init.uniform(shape, { low: -bound, high: bound }));
    this.weight = uniform(inChannels, outChannels / groups, kernelSize);
    if (bias) this.bias = uniform(outChannels);
  }

  forward(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, { ...this.options, bias: this.bias });
  }

  override extraRepr(): string {
    const { stride, padding, outputPadding, groups, dilation } = this.options;
    const parts = [
      `${this.inChannels}, ${this.outChannels}, kernelSize=${this.kernelSize}, stride=${stride}`,
    ];
    if (padding !== 0) parts.push(`padding=${padding}`);
    if (outputPadding !== 0) parts.push(`outputPadding=${outputPadding}`);
    if (dilation !== 1) parts.push(`dilation=${dilation}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    return `${parts.join(", ")}, bias=${this.bias !== undefined}`;
  }
}

const show = (pair: Pair | string = 1): string =>
  typeof pair === "object" ? `[${pair.join(", ")}]` : `${pair}`;
