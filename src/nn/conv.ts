import { type ConvOptions, checkTensor, conv2d, type Tensor } from "../autograd";
import { checkOptions, frozenCopy, type Pair, showShape } from "../tensor";
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

const show = (pair: Pair | string = 1): string =>
  typeof pair === "object" ? `[${pair.join(", ")}]` : `${pair}`;
