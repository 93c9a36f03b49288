import { batchNorm, type Tensor } from "../autograd";
import { checkOptions, dims } from "../tensor";
import { checkSizes } from "./check";
import * as init from "./init";
import { Module } from "./module";
import { type BufferTensor, buffer, type Parameter, parameter } from "./parameter";

/**
 * Every channel of images (B, C, H, W) with mean 0 and variance 1, then ⊙ weight + bias. In training over the batch and
 * all places, while running statistics take in a part `momentum` of what they see (the variance unbiased); after eval()
 * by the running statistics. `momentum: null` averages over all batches instead.
 *
 * Ioffe and Szegedy, "Batch normalization", 2015.
 */
export class BatchNorm2d extends Module {
  readonly weight?: Parameter;
  readonly bias?: Parameter;
  readonly runningMean?: BufferTensor;
  readonly runningVar?: BufferTensor;
  readonly numBatchesTracked?: BufferTensor;
  readonly eps: number;
  readonly momentum: number | null;

  constructor(
    readonly numFeatures: number,
    options: { eps?: number; momentum?: number | null; affine?: boolean; trackRunningStats?: boolean } = {},
  ) {
    super();
    checkOptions("BatchNorm2d", options, "eps, momentum", {
      eps: "number",
      momentum: "any",
      affine: "boolean",
      trackRunningStats: "boolean",
    });
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;

    checkSizes("BatchNorm2d", { numFeatures });
    this.eps = eps;
    this.momentum = momentum;
    if (affine) {
      this.weight = parameter(init.ones([numFeatures]));
      this.bias = parameter(init.zeros([numFeatures]));
    }
    if (trackRunningStats) {
      this.runningMean = buffer(init.zeros([numFeatures]));
      this.runningVar = buffer(init.ones([numFeatures]));
      this.numBatchesTracked = buffer(init.zeros([], { dtype: "int32" }));
    }
  }

  forward(x: Tensor): Tensor {
    dims("BatchNorm2d", x.shape, `B ${this.numFeatures} H W`);
    const { weight, bias, runningMean, runningVar, eps, numBatchesTracked } = this;
    if (this.training && numBatchesTracked) numBatchesTracked.data.fill(numBatchesTracked.item() + 1);
    const momentum = this.momentum ?? 1 / (numBatchesTracked?.item() ?? 1);
    const training = this.training || !runningMean;
    return batchNorm(x, { weight, bias, runningMean, runningVar, training, momentum, eps });
  }

  override extraRepr(): string {
    return `${this.numFeatures}, eps=${this.eps}, momentum=${this.momentum}`;
  }
}
