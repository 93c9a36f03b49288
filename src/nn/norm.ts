import { checkTensor, groupNorm, layerNorm, rmsNorm, type Tensor } from "../autograd";
import { checkOptions, checkShape, expected, frozenCopy, isList, type Shape, words } from "../tensor";
import { checkSizes } from "./check";
import * as init from "./init";
import { Module } from "./module";
import { type Parameter, parameter } from "./parameter";

/**
 * y = (x − mean) / √(var + eps) ⊙ weight + bias, with mean and (biased) var over the last axis, separately for every
 * token: (..., features) → (..., features). An array of sizes normalises over that many last axes together.
 *
 * Ba, Kiros and Hinton, "Layer normalization", 2016.
 */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly weight?: Parameter;
  readonly bias?: Parameter;

  constructor(
    features: number | Shape,
    options: { eps?: number; elementwiseAffine?: boolean; bias?: boolean } = {},
  ) {
    super();
    checkOptions("LayerNorm", options, "eps: 1e-6", {
      ...{ eps: "number", elementwiseAffine: "boolean", bias: "boolean" },
    });
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    this.normalizedShape = frozenCopy(isList(features) ? features : [features as number]);
    checkShape("LayerNorm", this.normalizedShape);
    this.eps = eps;
    if (elementwiseAffine) this.weight = parameter(init.ones(this.normalizedShape));
    if (elementwiseAffine && bias) this.bias = parameter(init.zeros(this.normalizedShape));
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, { weight: this.weight, bias: this.bias, eps: this.eps });
  }

  override extraRepr(): string {
    return `${this.normalizedShape.join(", ")}, eps=${this.eps}`;
  }
}

/**
 * y = x / √(mean(x²) + eps) ⊙ weight over the last axis: layer norm without centring, as in LLaMA. Without `eps`
 * the smallest step of x's type, as PyTorch. Zhang and Sennrich, "Root mean square layer normalization", 2019.
 */
export class RMSNorm extends Module {
  readonly weight?: Parameter;
  readonly eps?: number;

  constructor(
    readonly features: number,
    options: { eps?: number; elementwiseAffine?: boolean } = {},
  ) {
    super();
    checkOptions("RMSNorm", options, "eps, elementwiseAffine", {
      eps: "number",
      elementwiseAffine: "boolean",
    });
    const { eps, elementwiseAffine = true } = options;

    checkSizes("RMSNorm", { features });
    this.eps = eps;
    if (elementwiseAffine) this.weight = parameter(init.ones([features]));
  }

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.features, { weight: this.weight, eps: this.eps });
  }

  override extraRepr(): string {
    return `${this.features}${this.eps === undefined ? "" : `, eps=${this.eps}`}`;
  }
}

/**
 * Images (B, C, H, W), or any (B, C, ...), normalised over each of `numGroups` groups of channels together with all
 * places, then ⊙ weight + bias per channel; no batch statistics. Wu and He, "Group normalization", 2018.
 */
export class GroupNorm extends Module {
  readonly weight?: Parameter;
  readonly bias?: Parameter;
  readonly eps: number;

  constructor(
    readonly numGroups: number,
    readonly numChannels: number,
    options: { eps?: number; affine?: boolean } = {},
  ) {
    super();
    checkOptions("GroupNorm", options, "eps, affine", { eps: "number", affine: "boolean" });
    const { eps = 1e-5, affine = true } = options;

    checkSizes("GroupNorm", { numGroups, numChannels });
    if (numChannels % numGroups !== 0) {
      throw expected(
        "GroupNorm",
        "channels divisible by groups",
        words(`${numChannels} channels and ${numGroups} groups`),
      );
    }
    this.eps = eps;
    if (affine) {
      this.weight = parameter(init.ones([numChannels]));
      this.bias = parameter(init.zeros([numChannels]));
    }
  }

  forward(x: Tensor): Tensor {
    checkTensor("GroupNorm", x);

    return groupNorm(x, this.numGroups, { weight: this.weight, bias: this.bias, eps: this.eps });
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${this.eps}`;
  }
}
