import {
  adaptiveAvgPool2d,
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
  type Pool1dOptions,
  type PoolOptions,
  type Tensor,
} from "../autograd";
import { checkOptions, frozenCopy, type Pair } from "../tensor";
import { checkSizes } from "./check";
import { Module } from "./module";

/** The largest number of every window. (B, C, H, W) → (B, C, H', W'); the stride is the window's size unless given. */
export class MaxPool2d extends Module {
  readonly kernelSize: Pair;
  readonly options: PoolOptions & { readonly dilation?: Pair };

  constructor(kernelSize: Pair, options: PoolOptions & { dilation?: Pair } = {}) {
    super();
    checkOptions("MaxPool2d", options, "stride: 2", {
      ...{ stride: "any", padding: "any", ceilMode: "boolean", dilation: "any" },
    });
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
    checkOptions("AvgPool2d", options, "stride: 2", {
      ...{ stride: "any", padding: "any", ceilMode: "boolean", countIncludePad: "boolean" },
    });
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

/** The largest number of every window. (B, C, L) → (B, C, L'); the stride is the window's size unless given. */
export class MaxPool1d extends Module {
  readonly options: Pool1dOptions & { readonly dilation?: number };

  constructor(
    readonly kernelSize: number,
    options: Pool1dOptions & { dilation?: number } = {},
  ) {
    super();
    checkOptions("MaxPool1d", options, "stride: 2", { ...options1d, dilation: "size" });
    checkSizes("MaxPool1d", { kernelSize });
    this.options = frozenCopy(options);
  }

  forward(x: Tensor): Tensor {
    return maxPool1d(x, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    return windowRepr(this.kernelSize, this.options);
  }
}

/** The mean of every window. (B, C, L) → (B, C, L'); the stride is the window's size unless given. */
export class AvgPool1d extends Module {
  readonly options: Pool1dOptions & { readonly countIncludePad?: boolean };

  constructor(
    readonly kernelSize: number,
    options: Pool1dOptions & { countIncludePad?: boolean } = {},
  ) {
    super();
    checkOptions("AvgPool1d", options, "stride: 2", { ...options1d, countIncludePad: "boolean" });
    checkSizes("AvgPool1d", { kernelSize });
    this.options = frozenCopy(options);
  }

  forward(x: Tensor): Tensor {
    return avgPool1d(x, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    return windowRepr(this.kernelSize, this.options);
  }
}

const options1d = { stride: "size", padding: "count", ceilMode: "boolean" } as const;

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

const windowRepr = (kernelSize: Pair, options: PoolOptions | Pool1dOptions): string =>
  [["kernelSize", kernelSize], ...Object.entries(options)]
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ");
