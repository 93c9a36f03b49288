import {
  binaryCrossEntropyWithLogits,
  concat,
  crossEntropy,
  interpolate,
  relu,
  type Tensor,
} from "../../autograd";
import {
  BatchNorm2d,
  type CheckpointTable,
  Conv2d,
  Dropout,
  Linear,
  labelCount,
  labelLoss,
  Module,
  PretrainedModel,
  weightAndBias,
} from "../../nn";
import { checkOptions, type NDArray } from "../../tensor";
import {
  fullConfig,
  SegformerBody,
  type SegformerConfig,
  type SegformerInputs,
  type SegformerOutput,
  toMap,
  toPlaces,
} from "./segformer-body";

/** Every stage's map through a linear layer, upsampled to the first one's size, put together, and read off place by place. */
class DecodeHead extends Module {
  readonly projections: Linear[];
  readonly fuse: Conv2d;
  readonly norm: BatchNorm2d;
  readonly dropout: Dropout;
  readonly classifier: Conv2d;

  constructor(config: SegformerConfig) {
    super();
    const full = fullConfig("SegformerForSemanticSegmentation", config);
    const C = full.decoder_hidden_size;
    this.projections = full.hidden_sizes
      .slice(0, full.num_encoder_blocks)
      .map((width) => new Linear(width, C));
    this.fuse = new Conv2d(C * full.num_encoder_blocks, C, 1, { bias: false });
    this.norm = new BatchNorm2d(C);
    this.dropout = new Dropout(full.classifier_dropout_prob);
    this.classifier = new Conv2d(C, labelCount(config), 1);
  }

  /** The maps of all stages → (B, L, H, W) of the first. */
  forward(maps: readonly Tensor[]): Tensor {
    const [, , H, W] = maps[0].shape;
    const same = maps.map((map, i) => {
      const projected = this.projections[i].forward(toPlaces(map));
      return interpolate(toMap(projected, map.shape[2], map.shape[3]), { size: [H, W], mode: "bilinear" });
    });
    const fused = this.fuse.forward(concat(same.reverse(), 1));
    return this.classifier.forward(this.dropout.forward(relu(this.norm.forward(fused))));
  }
}

/** transformers loses the grid of a last stage that is a list, and takes it for a square of ⌊√C⌋ places a side. */
function lastMap({ lastHiddenState, featureMaps }: SegformerOutput): Tensor {
  const side = Math.floor(Math.sqrt(lastHiddenState.shape[lastHiddenState.ndim - 1]));
  const isSquare = lastHiddenState.ndim === 3 && side * side === lastHiddenState.shape[1];
  return isSquare ? toMap(lastHiddenState, side, side) : featureMaps[featureMaps.length - 1];
}

abstract class SegformerPretrained extends PretrainedModel<SegformerConfig> {
  override table(): CheckpointTable {
    return segformerTable;
  }
}

/**
 * A pyramid of transformers without positions: attention over a coarser grid of keys, and MLPs that look at their
 * neighbours. Xie et al., "SegFormer: Simple and efficient design for semantic segmentation with transformers", 2021.
 */
export class SegformerModel extends SegformerPretrained {
  readonly segformer: SegformerBody;

  constructor(config: SegformerConfig = {}) {
    super(config);
    this.segformer = new SegformerBody(fullConfig("SegformerModel", config));
  }

  override table(): CheckpointTable {
    return { ...super.table(), bare: true };
  }

  /** images (B, channels, H, W) */
  forward(images: Tensor, inputs: SegformerInputs = {}): SegformerOutput {
    checkOptions("SegformerModel", inputs, "needAttentions", { needAttentions: "boolean" });
    return this.segformer.forward("SegformerModel", images, inputs);
  }
}

/** Which of L classes is it? Read off the mean of the last stage's places. Labels (B): class ids. */
export class SegformerForImageClassification extends SegformerPretrained {
  readonly segformer: SegformerBody;
  readonly classifier: Linear;

  constructor(config: SegformerConfig = {}) {
    super(config);
    const full = fullConfig("SegformerForImageClassification", config);
    this.segformer = new SegformerBody(full);
    this.classifier = new Linear(full.hidden_sizes[full.hidden_sizes.length - 1], labelCount(config));
  }

  forward(
    images: Tensor,
    options: SegformerInputs & { labels?: NDArray } = {},
  ): SegformerOutput & { readonly logits: Tensor; readonly loss?: Tensor } {
    const op = "SegformerForImageClassification";
    checkOptions(op, options, "labels, needAttentions", { needAttentions: "boolean", labels: "array" });
    const { labels, ...inputs } = options;
    const output = this.segformer.forward(op, images, inputs);
    const last = output.featureMaps[output.featureMaps.length - 1];
    const logits = this.classifier.forward(toPlaces(last).mean(1));
    return { ...output, logits, ...(labels && { loss: labelLoss(this.config, logits, labels) }) };
  }
}

/**
 * Which of L classes is every pixel? Logits come at the first stage's resolution, a quarter of the image's unless
 * `strides` say otherwise. Labels (B, H, W): class ids, to whose size the logits are upsampled for the loss; of a
 * single class, 0 or 1.
 */
export class SegformerForSemanticSegmentation extends SegformerPretrained {
  readonly segformer: SegformerBody;
  readonly head: DecodeHead;

  constructor(config: SegformerConfig = {}) {
    super(config);
    this.segformer = new SegformerBody(fullConfig("SegformerForSemanticSegmentation", config));
    this.head = new DecodeHead(config);
  }

  forward(
    images: Tensor,
    options: SegformerInputs & { labels?: NDArray } = {},
  ): SegformerOutput & { readonly logits: Tensor; readonly loss?: Tensor } {
    const op = "SegformerForSemanticSegmentation";
    checkOptions(op, options, "labels, needAttentions", { needAttentions: "boolean", labels: "array" });
    const { labels, ...inputs } = options;
    const output = this.segformer.forward(op, images, inputs);
    const logits = this.head.forward([...output.featureMaps.slice(0, -1), lastMap(output)]);
    return { ...output, logits, ...(labels && { loss: this.#loss(logits, labels) }) };
  }

  #loss(logits: Tensor, labels: NDArray): Tensor {
    const { semantic_loss_ignore_index: ignoreIndex } = fullConfig("SegformerConfig", this.config);
    const [H, W] = labels.shape.slice(-2);
    const large = interpolate(logits, { size: [H, W], mode: "bilinear" });
    if (large.shape[1] > 1) return crossEntropy(large, labels, { ignoreIndex });
    const valid = labels.ge(0).logicalAnd(labels.ne(ignoreIndex)).to(logits.dtype);
    const losses = binaryCrossEntropyWithLogits(large.squeeze(1), labels.to(logits.dtype), {
      reduction: "none",
    });
    return losses.mul(valid).mean();
  }
}

const body = "segformer.encoder";
const stage = "segformer.stages.*";
const layer = `${body}.block.*.*`;
const block = `${stage}.blocks.*`;

/** Hugging Face's names of a SegFormer, and ours. */
const segformerTable: CheckpointTable = {
  modelType: "segformer",
  prefix: "segformer.",
  renames: [
    ...weightAndBias(`${body}.patch_embeddings.*.proj`, `${stage}.patches.projection`),
    ...weightAndBias(`${body}.patch_embeddings.*.layer_norm`, `${stage}.patches.norm`),
    ...weightAndBias(`${layer}.layer_norm_1`, `${block}.attentionNorm`),
    ...weightAndBias(`${layer}.attention.self.query`, `${block}.attention.query`),
    ...weightAndBias(`${layer}.attention.self.key`, `${block}.attention.key`),
    ...weightAndBias(`${layer}.attention.self.value`, `${block}.attention.value`),
    ...weightAndBias(`${layer}.attention.self.sr`, `${block}.reduction.convolution`),
    ...weightAndBias(`${layer}.attention.self.layer_norm`, `${block}.reduction.norm`),
    ...weightAndBias(`${layer}.attention.output.dense`, `${block}.attention.output`),
    ...weightAndBias(`${layer}.layer_norm_2`, `${block}.mlpNorm`),
    ...weightAndBias(`${layer}.mlp.dense1`, `${block}.mlp.hidden`),
    ...weightAndBias(`${layer}.mlp.dwconv.dwconv`, `${block}.mlp.neighbours`),
    ...weightAndBias(`${layer}.mlp.dense2`, `${block}.mlp.output`),
    ...weightAndBias(`${body}.layer_norm.*`, `${stage}.norm`),
    ...weightAndBias("decode_head.linear_c.*.proj", "head.projections.*"),
    { theirs: "decode_head.linear_fuse.weight", ours: "head.fuse.weight" },
    ...weightAndBias("decode_head.batch_norm", "head.norm"),
    { theirs: "decode_head.batch_norm.running_mean", ours: "head.norm.runningMean" },
    { theirs: "decode_head.batch_norm.running_var", ours: "head.norm.runningVar" },
    { theirs: "decode_head.batch_norm.num_batches_tracked", ours: "head.norm.numBatchesTracked" },
    ...weightAndBias("decode_head.classifier", "head.classifier"),
    ...weightAndBias("classifier", "classifier"),
  ],
};
