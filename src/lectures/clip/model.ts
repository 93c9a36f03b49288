import { checkTensor, crossEntropy, normalize, type Tensor } from "../../autograd";
import {
  type CheckpointTable,
  Embedding,
  LayerNorm,
  Linear,
  Module,
  type Parameter,
  PretrainedModel,
  parameter,
  type Rename,
  type TransformerBlock,
  weightAndBias,
} from "../../nn";
import { arange, checkArray, dims, frozenCopy, full, type NDArray } from "../../tensor";
import { type BlocksConfig, blocksOf, throughBlocks } from "../pretrained-blocks";
import { ImageEmbeddings, patchConvolution } from "../vit/model";

export interface CLIPTextConfig extends BlocksConfig {
  readonly vocab_size: number;
  readonly max_position_embeddings: number;
  /** The token whose vector stands for the text. 2 in the released files, where it means: the one with the largest id. */
  readonly eos_token_id: number;
}

export interface CLIPVisionConfig extends BlocksConfig {
  readonly image_size: number;
  readonly patch_size: number;
  readonly num_channels: number;
}

/** `config.json` of a CLIP. What it leaves out is as in clip-vit-base-patch32. */
export interface CLIPConfig {
  readonly projection_dim?: number;
  readonly logit_scale_init_value?: number;
  readonly text_config?: Partial<CLIPTextConfig>;
  readonly vision_config?: Partial<CLIPVisionConfig>;
}

const towerBase = { num_hidden_layers: 12, hidden_act: "quick_gelu", layer_norm_eps: 1e-5 } as const;

export const clipTextBase: CLIPTextConfig = {
  ...towerBase,
  hidden_size: 512,
  intermediate_size: 2048,
  num_attention_heads: 8,
  vocab_size: 49408,
  max_position_embeddings: 77,
  eos_token_id: 2,
};

export const clipVisionBase: CLIPVisionConfig = {
  ...towerBase,
  hidden_size: 768,
  intermediate_size: 3072,
  num_attention_heads: 12,
  image_size: 224,
  patch_size: 32,
  num_channels: 3,
};

export interface TowerOutput {
  /** (B, T, C) */
  readonly lastHiddenState: Tensor;
  /** (B, C): the whole text or image as one vector. */
  readonly pooled: Tensor;
  /** What goes into the blocks, then the output of every block. */
  readonly hiddenStates: readonly Tensor[];
}

/** A causal transformer over the caption; what it knows at the end of the text stands for the text. */
export class CLIPTextTower extends Module {
  readonly config: CLIPTextConfig;
  readonly tokens: Embedding;
  readonly positions: Embedding;
  readonly blocks: TransformerBlock[];
  readonly norm: LayerNorm;

  constructor(config: CLIPTextConfig) {
    super();
    this.config = frozenCopy(config);
    this.tokens = new Embedding(config.vocab_size, config.hidden_size);
    this.positions = new Embedding(config.max_position_embeddings, config.hidden_size);
    this.blocks = blocksOf(config);
    this.norm = new LayerNorm(config.hidden_size, { eps: config.layer_norm_eps });
  }

  /** ids (B, T), attentionMask (B, T) with 0 for padding. */
  forward(ids: NDArray, attentionMask?: NDArray): TowerOutput {
    checkArray("CLIPTextTower", ids);
    if (attentionMask !== undefined) checkArray("CLIPTextTower", attentionMask);

    const { B, T } = dims("CLIPTextTower", ids.shape, "B T");
    const keyPaddingMask = attentionMask?.ne(0);
    const x = this.tokens.forward(ids).add(this.positions.forward(arange(0, T)));
    const { hiddenStates } = throughBlocks(this.blocks, x, { isCausal: true, keyPaddingMask });
    const lastHiddenState = this.norm.forward(hiddenStates[this.blocks.length]);
    // Row b, the place of its end: the b·T + end[b]-th of all tokens.
    const rows = arange(0, B).mul(T).add(this.#end(ids));
    return { lastHiddenState, pooled: lastHiddenState.flatten(0, 1).indexSelect(0, rows), hiddenStates };
  }

  /** Where each text ends (B): its first end-of-text token. */
  #end(ids: NDArray): NDArray {
    const eos = this.config.eos_token_id;
    return eos === 2 ? ids.argmax(1) : ids.eq(eos).to("int32").argmax(1);
  }
}

/** A ViT with a norm before its blocks; its class token stands for the image. */
export class CLIPVisionTower extends Module {
  readonly embeddings: ImageEmbeddings;
  readonly preNorm: LayerNorm;
  readonly blocks: TransformerBlock[];
  readonly norm: LayerNorm;

  constructor(config: CLIPVisionConfig) {
    super();
    const { image_size, patch_size, num_channels, hidden_size, layer_norm_eps: eps } = config;
    this.embeddings = new ImageEmbeddings(image_size, patch_size, num_channels, hidden_size, { bias: false });
    this.preNorm = new LayerNorm(hidden_size, { eps });
    this.blocks = blocksOf(config);
    this.norm = new LayerNorm(hidden_size, { eps });
  }

  /** images (B, 3, H, W) */
  forward(images: Tensor): TowerOutput {
    const { hiddenStates } = throughBlocks(
      this.blocks,
      this.preNorm.forward(this.embeddings.forward(images)),
    );
    const lastHiddenState = hiddenStates[this.blocks.length];
    return { lastHiddenState, pooled: this.norm.forward(lastHiddenState.select(1, 0)), hiddenStates };
  }
}

export interface CLIPOutput {
  /** (images, texts): cosine similarity times the learned scale. */
  readonly logitsPerImage: Tensor;
  readonly logitsPerText: Tensor;
  /** (B, D), of length 1. */
  readonly imageEmbeds: Tensor;
  readonly textEmbeds: Tensor;
  readonly vision: TowerOutput;
  readonly text: TowerOutput;
}

/**
 * Images and texts in one space, where those that belong together lie close. Radford et al., "Learning transferable
 * visual models from natural language supervision", 2021.
 */
export class CLIPModel extends PretrainedModel<CLIPConfig> {
  readonly text: CLIPTextTower;
  readonly vision: CLIPVisionTower;
  readonly textProjection: Linear;
  readonly visualProjection: Linear;
  /** ln of the scale 1/τ. */
  readonly logitScale: Parameter;

  constructor(config: CLIPConfig = {}) {
    super(config);
    const text = { ...clipTextBase, ...config.text_config };
    const vision = { ...clipVisionBase, ...config.vision_config };
    const D = config.projection_dim ?? 512;
    this.text = new CLIPTextTower(text);
    this.vision = new CLIPVisionTower(vision);
    this.textProjection = new Linear(text.hidden_size, D, { bias: false });
    this.visualProjection = new Linear(vision.hidden_size, D, { bias: false });
    this.logitScale = parameter(full([], config.logit_scale_init_value ?? Math.log(1 / 0.07)));
  }

  override table(): CheckpointTable {
    const { patch_size: P, num_channels: channels } = { ...clipVisionBase, ...this.config.vision_config };
    return clipTable(patchConvolution(channels, P));
  }

  /** Projections before normalisation, (B, D). */
  imageFeatures(images: Tensor): Tensor {
    return this.visualProjection.forward(this.vision.forward(images).pooled);
  }

  textFeatures(ids: NDArray, attentionMask?: NDArray): Tensor {
    checkArray("CLIPModel.textFeatures", ids);
    if (attentionMask !== undefined) checkArray("CLIPModel.textFeatures", attentionMask);

    return this.textProjection.forward(this.text.forward(ids, attentionMask).pooled);
  }

  /** ids (N, T) and images (M, 3, H, W); N and M may differ. */
  forward(ids: NDArray, images: Tensor, attentionMask?: NDArray): CLIPOutput {
    checkArray("CLIPModel", ids);
    checkTensor("CLIPModel", images);
    if (attentionMask !== undefined) checkArray("CLIPModel", attentionMask);

    const vision = this.vision.forward(images);
    const text = this.text.forward(ids, attentionMask);
    const imageEmbeds = normalize(this.visualProjection.forward(vision.pooled), { axis: -1 });
    const textEmbeds = normalize(this.textProjection.forward(text.pooled), { axis: -1 });
    const logitsPerText = textEmbeds.matmul(imageEmbeds.transpose()).mul(this.logitScale.exp());
    return {
      logitsPerImage: logitsPerText.transpose(),
      logitsPerText,
      imageEmbeds,
      textEmbeds,
      vision,
      text,
    };
  }
}

/**
 * The symmetric loss of figure 3 of the paper: image i belongs to text i, so both the rows and the columns of the
 * (B, B) logits should pick the diagonal. ½ (CE(rows) + CE(columns)).
 */
export function clipLoss(logitsPerText: Tensor): Tensor {
  const { B } = dims("clipLoss", logitsPerText.shape, "B B");
  const diagonal = arange(0, B);
  return crossEntropy(logitsPerText, diagonal).add(crossEntropy(logitsPerText.transpose(), diagonal)).div(2);
}

const tower = (theirs: string, ours: string): Rename[] => [
  ...weightAndBias(`${theirs}.encoder.layers.*.layer_norm1`, `${ours}.blocks.*.attentionNorm`),
  ...weightAndBias(`${theirs}.encoder.layers.*.self_attn.q_proj`, `${ours}.blocks.*.attention.query`),
  ...weightAndBias(`${theirs}.encoder.layers.*.self_attn.k_proj`, `${ours}.blocks.*.attention.key`),
  ...weightAndBias(`${theirs}.encoder.layers.*.self_attn.v_proj`, `${ours}.blocks.*.attention.value`),
  ...weightAndBias(`${theirs}.encoder.layers.*.self_attn.out_proj`, `${ours}.blocks.*.attention.output`),
  ...weightAndBias(`${theirs}.encoder.layers.*.layer_norm2`, `${ours}.blocks.*.mlpNorm`),
  ...weightAndBias(`${theirs}.encoder.layers.*.mlp.fc1`, `${ours}.blocks.*.mlp.hidden`),
  ...weightAndBias(`${theirs}.encoder.layers.*.mlp.fc2`, `${ours}.blocks.*.mlp.output`),
];

/** Hugging Face's names of a CLIP, and ours. */
const clipTable = (patch: Rename["reshape"]): CheckpointTable => ({
  modelType: "clip",
  ignored: ["text_model.embeddings.position_ids", "vision_model.embeddings.position_ids"],
  renames: [
    { theirs: "logit_scale", ours: "logitScale" },
    { theirs: "text_projection.weight", ours: "textProjection.weight" },
    { theirs: "visual_projection.weight", ours: "visualProjection.weight" },
    { theirs: "text_model.embeddings.token_embedding.weight", ours: "text.tokens.weight" },
    { theirs: "text_model.embeddings.position_embedding.weight", ours: "text.positions.weight" },
    ...tower("text_model", "text"),
    ...weightAndBias("text_model.final_layer_norm", "text.norm"),
    { theirs: "vision_model.embeddings.class_embedding", ours: "vision.embeddings.classToken" },
    { theirs: "vision_model.embeddings.position_embedding.weight", ours: "vision.embeddings.positions" },
    {
      theirs: "vision_model.embeddings.patch_embedding.weight",
      ours: "vision.embeddings.patches.projection.weight",
      reshape: patch,
    },
    ...weightAndBias("vision_model.pre_layrnorm", "vision.preNorm"),
    ...tower("vision_model", "vision"),
    ...weightAndBias("vision_model.post_layernorm", "vision.norm"),
  ],
});
