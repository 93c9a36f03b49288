import { adaptiveAvgPool2d, avgPool2d, maxPool2d, type PoolOptions, type Tensor } from "../autograd";
import { checkOptions, frozenCopy, type Pair } from "../tensor";
import { Module } from "./module";

/** The largest number of every window. (B, C, H, W) → (B, C, H', W'); the stride is the window's size unless given. */
export class MaxPool2d extends Module {
  readonly kernelSize: Pair;
  readonly options: PoolOptions & { readonly dilation?: Pair };

  constructor(kernelSize: Pair, options: PoolOptions & { dilation?: Pair } = {}) {
    super();
    checkOptions("MaxPool2d", options, "stride: 2");
    this.kernelSize = frozenCopy(kernelSize);
    this.options = frozenCopy(options);
  }

  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    return windowRepr(this.kernelSize, this.options);
  }
}

/** The mean of every window. (B, C, H, W) → (B, C, H', W'); the stride is the window's size unless given. */
export class AvgPool2d extends Module {
  readonly kernelSize: Pair;
  readonly options: PoolOptions & { readonly countIncludePad?: boolean };

  constructor(kernelSize: Pair, options: PoolOptions & { countIncludePad?: boolean } = {}) {
    super();
    checkOptions("AvgPool2d", options, "stride: 2");
    this.kernelSize = frozenCopy(kernelSize);
    this.options = frozenCopy(options);
  }

  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    return windowRepr(this.kernelSize, this.options);
  }
}

/** Means over as many windows as the output has places, whatever the image's size. (B, C, H, W) → (B, C, h, w). */
export class AdaptiveAvgPool2d extends Module {
  readonly outputSize: Pair;

  constructor(outputSize: Pair) {
    super();
    this.outputSize = frozenCopy(outputSize);
  }

  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }

  override extraRepr(): string {
    return `outputSize=${JSON.stringify(this.outputSize)}`;
  }
}

const windowRepr = (kernelSize: Pair, options: PoolOptions): string =>
  [["kernelSize", kernelSize], ...Object.entries(options)]
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ");
