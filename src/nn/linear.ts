import { checkTensor, linear, type Tensor } from "../autograd";
import { checkOptions, expected, ofShape } from "../tensor";
import { checkSizes } from "./check";
import * as init from "./init";
import { Module } from "./module";
import { type Parameter, parameter } from "./parameter";

/**
 * y = x Wᵀ + b on the last axis: (..., inFeatures) → (..., outFeatures). The weight is (outFeatures, inFeatures), one
 * row per output, as PyTorch stores it.
 *
 * Weight and bias start uniform in ±1/√inFeatures.
 */
export class Linear extends Module {
  /** May be another layer's, to share it: `head.weight = embedding.weight`. */
  weight: Parameter;
  readonly bias?: Parameter;

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    options: { bias?: boolean } = {},
  ) {
    super();

    checkSizes("Linear", { inFeatures, outFeatures });
    checkOptions("Linear", options, "bias: false", { bias: "boolean" });
    const { bias = true } = options;
    const bound = 1 / Math.sqrt(inFeatures);
    this.weight = parameter(init.kaimingUniform([outFeatures, inFeatures], { a: Math.sqrt(5) }));
    if (bias) this.bias = parameter(init.uniform([outFeatures], { low: -bound, high: bound }));
  }

  forward(x: Tensor): Tensor {
    checkTensor("Linear", x);
    if (x.shape[x.ndim - 1] !== this.inFeatures) {
      throw expected("Linear", `a last axis of ${this.inFeatures} (inFeatures)`, ofShape(x.shape));
    }
    return linear(x, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== undefined}`;
  }
}
