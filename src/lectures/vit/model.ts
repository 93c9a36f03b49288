import { concat, interpolate, type Tensor } from "../../autograd";
import {
  activation,
  activationOf,
  type CheckpointTable,
  Dropout,
  init,
  type LabelConfig,
  LayerNorm,
  Linear,
  labelCount,
  labelLoss,
  Module,
  type Parameter,
  PatchEmbedding,
  PretrainedModel,
  parameter,
  type TransformerBlock,
  weightAndBias,
} from "../../nn";
import { check, checkAll, checkOptions, dims, expected, type NDArray, type Shape, words } from "../../tensor";
import { type BlocksOutput, blocksOf, throughBlocks } from "../pretrained-blocks";

/** `config.json` of a ViT. What it leaves out is as in vit-base-patch16-224. */
export interface ViTConfig extends LabelConfig {
  readonly hidden_size?: number;
  readonly num_hidden_layers?: number;
  readonly num_attention_heads?: number;
  readonly intermediate_size?: number;
  readonly hidden_act?: string;
  readonly hidden_dropout_prob?: number;
  readonly attention_probs_dropout_prob?: number;
  readonly layer_norm_eps?: number;
  readonly image_size?: number;
  readonly patch_size?: number;
  readonly num_channels?: number;
  readonly qkv_bias?: boolean;
  readonly pooler_output_size?: number | null;
  readonly pooler_act?: string;
}

export const vitBase = {
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: "gelu",
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  layer_norm_eps: 1e-12,
  image_size: 224,
  patch_size: 16,
  num_channels: 3,
  qkv_bias: true,
};

/** Sizes of table 1 of the paper. */
export const vitLarge = {
  ...vitBase,
  hidden_size: 1024,
  num_hidden_layers: 24,
  num_attention_heads: 16,
  intermediate_size: 4096,
};
export const vitHuge = {
  ...vitLarge,
  hidden_size: 1280,
  num_hidden_layers: 32,
  intermediate_size: 5120,
  patch_size: 14,
};

export interface ViTInputs {
  /** Images of another size than the model was made for: its position table is resized, bicubically. */
  readonly interpolatePositions?: boolean;
  readonly needAttentions?: boolean;
}

/** T = 1 + N: the class token, then the patches; `lastHiddenState` after the final norm. */
export type ViTOutput = BlocksOutput;

/** A learned token in front, then the patches of an image, each with its learned place: (B, C, H, W) → (B, 1 + N, E). */
export class ImageEmbeddings extends Module {
  readonly classToken: Parameter;
  readonly positions: Parameter;
  readonly patches: PatchEmbedding;

  constructor(
    readonly imageSize: number,
    readonly patchSize: number,
    inChannels: number,
    embedDim: number,
    options: { bias?: boolean } = {},
  ) {
    super();
    checkOptions("ImageEmbeddings", options, "bias", { bias: "boolean" });
    const { bias = true } = options;

    checkAll("ImageEmbeddings", { imageSize: [imageSize, "size"], patchSize: [patchSize, "size"] });
    const N = Math.floor(imageSize / patchSize) ** 2;
    this.classToken = parameter(init.truncatedNormal([embedDim], { std: 0.02 }));
    this.positions = parameter(init.truncatedNormal([1 + N, embedDim], { std: 0.02 }));
    this.patches = new PatchEmbedding(patchSize, inChannels, embedDim, { bias });
  }

  forward(images: Tensor, options: ViTInputs = {}): Tensor {
    checkOptions("ImageEmbeddings", options, "interpolatePositions, needAttentions", {
      interpolatePositions: "boolean",
      needAttentions: "boolean",
    });
    const { interpolatePositions = false } = options;

    const { B, H, W } = dims("ImageEmbeddings", images.shape, "B C H W");
    const fits = H === this.imageSize && W === this.imageSize;
    if (!fits && !interpolatePositions) {
      throw expected(
        "ViT",
        `images of ${this.imageSize} × ${this.imageSize}`,
        words(`${H} × ${W}`),
        "resize them, or pass { interpolatePositions: true }",
      );
    }
    const patches = this.patches.forward(images);
    const tokens = concat([this.classToken.expand([B, 1, patches.shape[2]]), patches], 1);
    const grid: Shape = [Math.floor(H / this.patchSize), Math.floor(W / this.patchSize)];
    return tokens.add(fits ? this.positions : this.#resized(grid));
  }

  /** The position table drawn over another grid of patches; the class token keeps its own. */
  #resized([rows, columns]: Shape): Tensor {
    const [length, C] = this.positions.shape;
    const side = Math.sqrt(length - 1);
    const map = this.positions
      .narrow(0, 1, length - 1)
      .reshape([1, side, side, C])
      .permute([0, 3, 1, 2]);
    const resized = interpolate(map, { size: [rows, columns], mode: "bicubic" });
    return concat(
      [this.positions.narrow(0, 0, 1), resized.permute([0, 2, 3, 1]).reshape([rows * columns, C])],
      0,
    );
  }
}

/** The body that every task shares: embeddings, pre-norm blocks, a final norm. */
export class ViTBody extends Module {
  readonly embeddings: ImageEmbeddings;
  readonly dropout: Dropout;
  readonly blocks: TransformerBlock[];
  readonly norm: LayerNorm;

  constructor(config: ViTConfig) {
    super();
    const full = { ...vitBase, ...config };
    const C = full.hidden_size;
    this.embeddings = new ImageEmbeddings(full.image_size, full.patch_size, full.num_channels, C);
    this.dropout = new Dropout(full.hidden_dropout_prob);
    this.blocks = blocksOf(full);
    this.norm = new LayerNorm(C, { eps: full.layer_norm_eps });
  }

  forward(images: Tensor, inputs: ViTInputs = {}): ViTOutput {
    const x = this.dropout.forward(this.embeddings.forward(images, inputs));
    const passed = throughBlocks(this.blocks, x, {}, inputs.needAttentions);
    return { lastHiddenState: this.norm.forward(passed.hiddenStates[this.blocks.length]), ...passed };
  }
}

abstract class ViTPretrained extends PretrainedModel<ViTConfig> {
  override table(): CheckpointTable {
    return vitTable({ ...vitBase, ...this.config });
  }
}

/**
 * An image is cut into patches, and the patches are read as words. Dosovitskiy et al., "An image is worth 16x16 words:
 * Transformers for image recognition at scale", 2021.
 */
export class ViTModel extends ViTPretrained {
  readonly vit: ViTBody;
  readonly pooler: Linear;

  constructor(config: ViTConfig = {}) {
    super(config);
    check("ViTModel", "config", config, "object");

    this.vit = new ViTBody(config);
    const C = config.hidden_size ?? vitBase.hidden_size;
    this.pooler = new Linear(C, config.pooler_output_size ?? C);
  }

  override table(): CheckpointTable {
    return { ...super.table(), bare: true };
  }

  /** poolerOutput (B, C): tanh, unless the configuration names another, of a linear layer on the class token. */
  forward(images: Tensor, inputs?: ViTInputs): ViTOutput & { readonly poolerOutput: Tensor } {
    const output = this.vit.forward(images, inputs);
    const bend = activation(activationOf(this.config.pooler_act ?? "tanh"));
    return { ...output, poolerOutput: bend(this.pooler.forward(output.lastHiddenState.select(1, 0))) };
  }
}

/** Which of L classes is it? Read off the class token. Labels (B): class ids. */
export class ViTForImageClassification extends ViTPretrained {
  readonly vit: ViTBody;
  readonly classifier: Linear;

  constructor(config: ViTConfig = {}) {
    super(config);
    this.vit = new ViTBody(config);
    this.classifier = new Linear(config.hidden_size ?? vitBase.hidden_size, labelCount(config));
  }

  forward(
    images: Tensor,
    options: ViTInputs & { labels?: NDArray } = {},
  ): ViTOutput & { readonly logits: Tensor; readonly loss?: Tensor } {
    checkOptions("ViTForImageClassification", options, "interpolatePositions, needAttentions", {
      interpolatePositions: "boolean",
      needAttentions: "boolean",
      labels: "array",
    });
    const { labels, ...inputs } = options;

    const output = this.vit.forward(images, inputs);
    const logits = this.classifier.forward(output.lastHiddenState.select(1, 0));
    return { ...output, logits, ...(labels && { loss: labelLoss(this.config, logits, labels) }) };
  }
}

const layer = "vit.encoder.layer.*";
const block = "vit.blocks.*";

/** Hugging Face's names of what a ViT and a YOLOS have in common, and ours: the embeddings, the blocks, the norm and the pooler. */
export const vitRenames = ({
  patch_size: P,
  num_channels: channels,
  hidden_size: C,
}: Pick<typeof vitBase, "patch_size" | "num_channels" | "hidden_size">): CheckpointTable["renames"] => [
  {
    theirs: "vit.embeddings.cls_token",
    ours: "vit.embeddings.classToken",
    reshape: { theirs: [1, 1, -1], ours: [-1] },
  },
  {
    theirs: "vit.embeddings.position_embeddings",
    ours: "vit.embeddings.positions",
    reshape: { theirs: [1, -1, C], ours: [-1, C] },
  },
  {
    theirs: "vit.embeddings.patch_embeddings.projection.weight",
    ours: "vit.embeddings.patches.projection.weight",
    reshape: patchConvolution(channels, P),
  },
  {
    theirs: "vit.embeddings.patch_embeddings.projection.bias",
    ours: "vit.embeddings.patches.projection.bias",
  },
  ...weightAndBias(`${layer}.layernorm_before`, `${block}.attentionNorm`),
  ...weightAndBias(`${layer}.attention.attention.query`, `${block}.attention.query`),
  ...weightAndBias(`${layer}.attention.attention.key`, `${block}.attention.key`),
  ...weightAndBias(`${layer}.attention.attention.value`, `${block}.attention.value`),
  ...weightAndBias(`${layer}.attention.output.dense`, `${block}.attention.output`),
  ...weightAndBias(`${layer}.layernorm_after`, `${block}.mlpNorm`),
  ...weightAndBias(`${layer}.intermediate.dense`, `${block}.mlp.hidden`),
  ...weightAndBias(`${layer}.output.dense`, `${block}.mlp.output`),
  ...weightAndBias("vit.layernorm", "vit.norm"),
  ...weightAndBias("vit.pooler.dense", "pooler"),
];

const vitTable = (config: typeof vitBase): CheckpointTable => ({
  modelType: "vit",
  prefix: "vit.",
  renames: [...vitRenames(config), ...weightAndBias("classifier", "classifier")],
});

/** A convolution over P × P patches is a linear layer on their C·P·P numbers. */
export const patchConvolution = (channels: number, P: number) => {
  check("patchConvolution", "channels", channels, "number");
  check("patchConvolution", "P", P, "number");
  return {
    theirs: [-1, channels, P, P],
    ours: [-1, channels * P * P],
  };
};
