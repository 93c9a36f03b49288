import { batchNorm, checkTensor, groupNorm, type Tensor } from "../autograd";
import { checkOptions, dims, expected, type NDArray, showShape, words } from "../tensor";
import { checkSizes } from "./check";
import * as init from "./init";
import { Module } from "./module";
import { type BufferTensor, buffer, type Parameter, parameter } from "./parameter";

/** What norms with running statistics share: a weight and a bias per channel, and the statistics. */
abstract class RunningNorm<Momentum extends number | null> extends Module {
  readonly weight?: Parameter;
  readonly bias?: Parameter;
  readonly runningMean?: BufferTensor;
  readonly runningVar?: BufferTensor;
  readonly numBatchesTracked?: BufferTensor;

  constructor(
    readonly numFeatures: number,
    readonly eps: number,
    readonly momentum: Momentum,
    affine: boolean,
    trackRunningStats: boolean,
  ) {
    super();
    checkSizes(new.target.name, { numFeatures });
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

  override extraRepr(): string {
    return `${this.numFeatures}, eps=${this.eps}, momentum=${this.momentum}`;
  }
}

export interface BatchNormSettings {
  /** Added to the variance, 1e-5. */
  readonly eps?: number;
  /** How much of the batch's statistics the running ones take in, 0.1; null averages over all batches. */
  readonly momentum?: number | null;
  /** Whether to have weight and bias, true. */
  readonly affine?: boolean;
  /** Whether to keep running statistics, true. Without them evaluation too uses the batch. */
  readonly trackRunningStats?: boolean;
}

const settingKinds = { eps: "number", affine: "boolean", trackRunningStats: "boolean" } as const;

abstract class BatchNorm extends RunningNorm<number | null> {
  constructor(numFeatures: number, options: BatchNormSettings = {}) {
    checkOptions(new.target.name, options, "eps, momentum", { ...settingKinds, momentum: "any" });
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    super(numFeatures, eps, momentum, affine, trackRunningStats);
  }

  protected abstract checkShape(x: Tensor): void;

  forward(x: Tensor): Tensor {
    checkTensor(this.constructor.name, x);
    this.checkShape(x);
    const { weight, bias, runningMean, runningVar, eps, numBatchesTracked } = this;
    if (this.training && numBatchesTracked) numBatchesTracked.data.fill(numBatchesTracked.item() + 1);
    const momentum = this.momentum ?? 1 / (numBatchesTracked?.item() ?? 1);
    const training = this.training || !runningMean;
    return batchNorm(x, { weight, bias, runningMean, runningVar, training, momentum, eps });
  }
}

/**
 * Every channel of images (B, C, H, W) with mean 0 and variance 1, then ⊙ weight + bias. In training over the batch and
 * all places, while running statistics take in a part `momentum` of what they see (the variance unbiased); after eval()
 * by the running statistics. `momentum: null` averages over all batches instead.
 *
 * Ioffe and Szegedy, "Batch normalization", 2015.
 */
export class BatchNorm2d extends BatchNorm {
  protected override checkShape(x: Tensor): void {
    dims("BatchNorm2d", x.shape, `B ${this.numFeatures} H W`);
  }
}

/** {@link BatchNorm2d} for rows of features (B, C), or for sequences (B, C, L), channels before length. */
export class BatchNorm1d extends BatchNorm {
  protected override checkShape(x: Tensor): void {
    const C = this.numFeatures;
    if ((x.ndim === 2 || x.ndim === 3) && x.shape[1] === C) return;
    throw expected("BatchNorm1d", `(B, ${C}) or (B, ${C}, L)`, words(`shape ${showShape(x.shape)}`));
  }
}

/**
 * Every channel of every image (B, C, H, W), or of one (C, H, W), with mean 0 and variance 1, in training and in evaluation; then
 * ⊙ weight + bias if `affine`. With `trackRunningStats` evaluation uses running statistics, which take in a part
 * `momentum` of the batch's means of what the images have (the variance unbiased).
 *
 * Ulyanov et al., "Instance normalization: the missing ingredient for fast stylization", 2016.
 */
export class InstanceNorm2d extends RunningNorm<number> {
  constructor(
    numFeatures: number,
    options: { eps?: number; momentum?: number; affine?: boolean; trackRunningStats?: boolean } = {},
  ) {
    checkOptions("InstanceNorm2d", options, "affine: true", { ...settingKinds, momentum: "number" });
    const { eps = 1e-5, momentum = 0.1, affine = false, trackRunningStats = false } = options;
    super(numFeatures, eps, momentum, affine, trackRunningStats);
  }

  forward(x: Tensor): Tensor {
    checkTensor("InstanceNorm2d", x);
    if (x.ndim === 3) return this.forward(x.unsqueeze(0)).squeeze(0);
    const { H, W } = dims("InstanceNorm2d", x.shape, `B ${this.numFeatures} H W`);
    const { weight, bias, runningMean, runningVar, eps, momentum } = this;
    if (runningMean && !this.training) return batchNorm(x, { weight, bias, runningMean, runningVar, eps });
    if (H * W <= 1) {
      throw expected("InstanceNorm2d", "more than 1 pixel per image", words(`shape ${showShape(x.shape)}`));
    }
    if (runningMean && runningVar) {
      const takeIn = (running: NDArray, ofImages: NDArray) =>
        running.assign(running.mul(1 - momentum).add(ofImages.mean(0).mul(momentum)));
      takeIn(runningMean.data, x.data.mean([2, 3]));
      takeIn(runningVar.data, x.data.var([2, 3]));
    }
    return groupNorm(x, this.numFeatures, { weight, bias, eps });
  }
}
