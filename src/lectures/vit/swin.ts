import { checkTensor, concat, type Tensor } from "../../autograd";
import {
  activationOf,
  type CheckpointTable,
  init,
  type LabelConfig,
  LayerNorm,
  Linear,
  labelCount,
  labelLoss,
  MLP,
  Module,
  MultiHeadAttention,
  type Parameter,
  PatchEmbedding,
  PretrainedModel,
  parameter,
  type Rename,
  weightAndBias,
} from "../../nn";
import { checkOptions, dims, type NDArray } from "../../tensor";
import { patchConvolution } from "./model";
import { relativePositionIndex, shiftMask, windowPartition, windowReverse } from "./windows";

/** `config.json` of a Swin. What it leaves out is as in swin-tiny-patch4-window7-224. */
export interface SwinConfig extends LabelConfig {
  readonly image_size?: number;
  readonly patch_size?: number;
  readonly num_channels?: number;
  readonly embed_dim?: number;
  readonly depths?: readonly number[];
  readonly num_heads?: readonly number[];
  readonly window_size?: number;
  readonly mlp_ratio?: number;
  readonly qkv_bias?: boolean;
  readonly hidden_act?: string;
  readonly layer_norm_eps?: number;
  /** Learned places besides the offsets of attention; images must then have `image_size`. */
  readonly use_absolute_embeddings?: boolean;
}

export const swinTiny = {
  image_size: 224,
  patch_size: 4,
  num_channels: 3,
  embed_dim: 96,
  depths: [2, 2, 6, 2] as readonly number[],
  num_heads: [3, 6, 12, 24] as readonly number[],
  window_size: 7,
  mlp_ratio: 4,
  qkv_bias: true,
  hidden_act: "gelu",
  layer_norm_eps: 1e-5,
  use_absolute_embeddings: false,
};

type Full = typeof swinTiny;

/** Zeros at the bottom and the right, up to multiples of `n`; axes are the two from `axis` on. */
function padTo(x: Tensor, n: number, axis: number): Tensor {
  const missing = (size: number) => (n - (size % n)) % n;
  const widths = x.shape.map((size, i): [number, number] => [
    0,
    i === axis || i === axis + 1 ? missing(size) : 0,
  ]);
  return widths.some(([, after]) => after > 0) ? x.pad(widths) : x;
}

/** Attention within w × w windows; every second block shifts them by half, so that neighbours meet. */
class SwinBlock extends Module {
  readonly attentionNorm: LayerNorm;
  readonly attention: MultiHeadAttention;
  /** One number per head and offset between two places, ((2w − 1)², heads). */
  readonly positionBias: Parameter;
  readonly mlpNorm: LayerNorm;
  readonly mlp: MLP;

  constructor(
    embedDim: number,
    readonly numHeads: number,
    readonly window: number,
    readonly shift: number,
    { layer_norm_eps: eps, mlp_ratio, hidden_act, qkv_bias }: Full,
  ) {
    super();
    this.attentionNorm = new LayerNorm(embedDim, { eps });
    this.attention = new MultiHeadAttention(embedDim, numHeads, { qkvBias: qkv_bias });
    this.positionBias = parameter(init.truncatedNormal([(2 * window - 1) ** 2, numHeads], { std: 0.02 }));
    this.mlpNorm = new LayerNorm(embedDim, { eps });
    this.mlp = new MLP(embedDim, Math.floor(mlp_ratio * embedDim), { activation: activationOf(hidden_act) });
  }

  /** x (B, H, W, C) → the same; attentions (B·windows, heads, w², w²). */
  forward(x: Tensor): { output: Tensor; attentions: Tensor } {
    const { H, W } = dims("SwinBlock", x.shape, "B H W C");
    const w = this.window;
    // One window holds all there is: nothing to shift.
    const shift = Math.min(H, W) <= w ? 0 : this.shift;

    const padded = padTo(this.attentionNorm.forward(x), w, 1);
    const [B, rows, columns, C] = padded.shape;
    const rolled = shift ? padded.roll([-shift, -shift], [1, 2]) : padded;
    const tokens = windowPartition(rolled, w).reshape([-1, w * w, C]);
    const mask = this.#mask(B, rows, columns, shift);
    const { output, weights } = this.attention.forward(tokens, { mask, needWeights: true });

    const merged = windowReverse(output.reshape([-1, w, w, C]), w, rows, columns);
    const back = shift ? merged.roll([shift, shift], [1, 2]) : merged;
    const h = x.add(back.narrow(1, 0, H).narrow(2, 0, W));
    return { output: h.add(this.mlp.forward(this.mlpNorm.forward(h))), attentions: weights as Tensor };
  }

  /** What is added to the scores, (B·windows, heads, w², w²): the bias of each offset, and −100 between strangers. */
  #mask(B: number, H: number, W: number, shift: number): Tensor {
    const n = this.window ** 2;
    const index = relativePositionIndex(this.window).reshape([-1]);
    const bias = this.positionBias
      .indexSelect(0, index)
      .reshape([1, n, n, this.numHeads])
      .permute([0, 3, 1, 2]);
    const windows = (H * W) / n;
    const one = shift
      ? bias.add(shiftMask(H, W, this.window, shift).unsqueeze(1))
      : bias.expand([windows, this.numHeads, n, n]);
    return one
      .unsqueeze(0)
      .expand([B, windows, this.numHeads, n, n])
      .reshape([B * windows, this.numHeads, n, n]);
  }
}

/** Four neighbours become one place of twice the channels: (B, H, W, C) → (B, ⌈H/2⌉, ⌈W/2⌉, 2C). */
class PatchMerging extends Module {
  readonly norm: LayerNorm;
  readonly reduction: Linear;

  constructor(C: number) {
    super();
    this.norm = new LayerNorm(4 * C);
    this.reduction = new Linear(4 * C, 2 * C, { bias: false });
  }

  forward(x: Tensor): Tensor {
    const even = padTo(x, 2, 1);
    const corners = [
      even.slice(":", "::2", "::2"),
      even.slice(":", "1::2", "::2"),
      even.slice(":", "::2", "1::2"),
      even.slice(":", "1::2", "1::2"),
    ];
    return this.reduction.forward(this.norm.forward(concat(corners, -1)));
  }
}

/** Blocks at one resolution, then a merging unless it is the last. */
class SwinStage extends Module {
  readonly blocks: SwinBlock[];
  readonly merging?: PatchMerging;

  constructor(embedDim: number, depth: number, numHeads: number, isLast: boolean, full: Full) {
    super();
    const w = full.window_size;
    this.blocks = Array.from(
      { length: depth },
      (_, i) => new SwinBlock(embedDim, numHeads, w, i % 2 === 0 ? 0 : Math.floor(w / 2), full),
    );
    if (!isLast) this.merging = new PatchMerging(embedDim);
  }

  forward(x: Tensor): { output: Tensor; attentions: Tensor } {
    let state: { output: Tensor; attentions?: Tensor } = { output: x };
    for (const block of this.blocks) state = block.forward(state.output);
    const output = this.merging ? this.merging.forward(state.output) : state.output;
    return { output, attentions: state.attentions as Tensor };
  }
}

export interface SwinOutput {
  /** (B, N, C): the places of the last stage, after the final norm. */
  readonly lastHiddenState: Tensor;
  /** Their mean, (B, C). */
  readonly poolerOutput: Tensor;
  /** The embeddings, then the output of every stage, as images (B, C, H, W). */
  readonly featureMaps: readonly Tensor[];
  /** Of the last block of every stage, (B·windows, heads, w², w²). */
  readonly attentions: readonly Tensor[];
}

/** The body that both models share. */
export class SwinBody extends Module {
  readonly patches: PatchEmbedding;
  readonly patchNorm: LayerNorm;
  readonly positions?: Parameter;
  readonly stages: SwinStage[];
  readonly norm: LayerNorm;

  constructor(config: SwinConfig) {
    super();
    const full = { ...swinTiny, ...config };
    const { depths, num_heads, embed_dim } = full;
    this.patches = new PatchEmbedding(full.patch_size, full.num_channels, embed_dim);
    this.patchNorm = new LayerNorm(embed_dim);
    if (full.use_absolute_embeddings) {
      const places = Math.floor(full.image_size / full.patch_size) ** 2;
      this.positions = parameter(init.truncatedNormal([places, embed_dim], { std: 0.02 }));
    }
    this.stages = depths.map(
      (depth, i) => new SwinStage(embed_dim * 2 ** i, depth, num_heads[i], i === depths.length - 1, full),
    );
    this.norm = new LayerNorm(embed_dim * 2 ** (depths.length - 1), { eps: full.layer_norm_eps });
  }

  forward(images: Tensor): SwinOutput {
    const padded = padTo(images, this.patches.patchSize, 2);
    const [B, , H, W] = padded.shape;
    const normed = this.patchNorm.forward(this.patches.forward(padded));
    const tokens = this.positions ? normed.add(this.positions) : normed;
    let x = tokens.reshape([B, H / this.patches.patchSize, W / this.patches.patchSize, -1]);
    const maps = [x];
    const attentions: Tensor[] = [];
    for (const stage of this.stages) {
      const state = stage.forward(x);
      x = state.output;
      maps.push(x);
      attentions.push(state.attentions);
    }
    const lastHiddenState = this.norm.forward(x).flatten(1, 2);
    const featureMaps = maps.map((map) => map.permute([0, 3, 1, 2]));
    return { lastHiddenState, poolerOutput: lastHiddenState.mean(1), featureMaps, attentions };
  }
}

abstract class SwinPretrained extends PretrainedModel<SwinConfig> {
  override table(): CheckpointTable {
    const { patch_size: P, num_channels: channels, embed_dim: C } = { ...swinTiny, ...this.config };
    return swinTable(patchConvolution(channels, P), C);
  }
}

/**
 * A vision transformer whose attention stays within windows, at coarser and coarser resolutions. Liu et al., "Swin
 * transformer: Hierarchical vision transformer using shifted windows", 2021.
 */
export class SwinModel extends SwinPretrained {
  readonly swin: SwinBody;

  constructor(config: SwinConfig = {}) {
    super(config);
    this.swin = new SwinBody(config);
  }

  override table(): CheckpointTable {
    return { ...super.table(), bare: true };
  }

  forward(images: Tensor): SwinOutput {
    checkTensor("SwinModel", images);

    return this.swin.forward(images);
  }
}

/** Which of L classes is it? Labels (B): class ids. */
export class SwinForImageClassification extends SwinPretrained {
  readonly swin: SwinBody;
  readonly classifier: Linear;

  constructor(config: SwinConfig = {}) {
    super(config);
    this.swin = new SwinBody(config);
    this.classifier = new Linear(this.swin.norm.weight?.size ?? 0, labelCount(config));
  }

  forward(
    images: Tensor,
    options: { labels?: NDArray } = {},
  ): SwinOutput & { readonly logits: Tensor; readonly loss?: Tensor } {
    checkTensor("SwinForImageClassification", images);

    checkOptions("SwinForImageClassification", options, "labels", { labels: "array" });
    const { labels } = options;

    const output = this.swin.forward(images);
    const logits = this.classifier.forward(output.poolerOutput);
    return { ...output, logits, ...(labels && { loss: labelLoss(this.config, logits, labels) }) };
  }
}

const layer = "swin.encoder.layers.*.blocks.*";
const block = "swin.stages.*.blocks.*";

/** Hugging Face's names of a Swin, and ours. */
const swinTable = (patch: Rename["reshape"], C: number): CheckpointTable => ({
  modelType: "swin",
  prefix: "swin.",
  ignored: [`${layer}.attention.self.relative_position_index`],
  renames: [
    {
      theirs: "swin.embeddings.patch_embeddings.projection.weight",
      ours: "swin.patches.projection.weight",
      reshape: patch,
    },
    { theirs: "swin.embeddings.patch_embeddings.projection.bias", ours: "swin.patches.projection.bias" },
    ...weightAndBias("swin.embeddings.norm", "swin.patchNorm"),
    {
      theirs: "swin.embeddings.position_embeddings",
      ours: "swin.positions",
      reshape: { theirs: [1, -1, C], ours: [-1, C] },
    },
    ...weightAndBias(`${layer}.layernorm_before`, `${block}.attentionNorm`),
    ...weightAndBias(`${layer}.attention.self.query`, `${block}.attention.query`),
    ...weightAndBias(`${layer}.attention.self.key`, `${block}.attention.key`),
    ...weightAndBias(`${layer}.attention.self.value`, `${block}.attention.value`),
    { theirs: `${layer}.attention.self.relative_position_bias_table`, ours: `${block}.positionBias` },
    ...weightAndBias(`${layer}.attention.output.dense`, `${block}.attention.output`),
    ...weightAndBias(`${layer}.layernorm_after`, `${block}.mlpNorm`),
    ...weightAndBias(`${layer}.intermediate.dense`, `${block}.mlp.hidden`),
    ...weightAndBias(`${layer}.output.dense`, `${block}.mlp.output`),
    ...weightAndBias("swin.encoder.layers.*.downsample.norm", "swin.stages.*.merging.norm"),
    {
      theirs: "swin.encoder.layers.*.downsample.reduction.weight",
      ours: "swin.stages.*.merging.reduction.weight",
    },
    ...weightAndBias("swin.layernorm", "swin.norm"),
    ...weightAndBias("classifier", "classifier"),
  ],
});
