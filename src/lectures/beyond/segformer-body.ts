import { checkTensor, dropout, type Tensor, tensor } from "../../autograd";
import {
  activation,
  activationOf,
  Conv2d,
  Dropout,
  type LabelConfig,
  LayerNorm,
  Linear,
  Module,
  MultiHeadAttention,
} from "../../nn";
import { check, dims, expected, ones, words } from "../../tensor";

/** `config.json` of a SegFormer. What it leaves out is as in mit-b0. Lists have one entry per stage. */
export interface SegformerConfig extends LabelConfig {
  readonly num_channels?: number;
  readonly num_encoder_blocks?: number;
  readonly depths?: readonly number[];
  /** How much coarser the grid of keys and values is, along each side. */
  readonly sr_ratios?: readonly number[];
  readonly hidden_sizes?: readonly number[];
  readonly patch_sizes?: readonly number[];
  readonly strides?: readonly number[];
  readonly num_attention_heads?: readonly number[];
  readonly mlp_ratios?: readonly number[];
  readonly hidden_act?: string;
  readonly hidden_dropout_prob?: number;
  readonly attention_probs_dropout_prob?: number;
  readonly classifier_dropout_prob?: number;
  readonly drop_path_rate?: number;
  readonly decoder_hidden_size?: number;
  /** Pixels of this label cost nothing. */
  readonly semantic_loss_ignore_index?: number;
  /** Whether the last stage too puts out images (B, C, H, W), or a list of places (B, N, C). */
  readonly reshape_last_stage?: boolean;
}

export const segformerB0 = {
  num_channels: 3,
  num_encoder_blocks: 4,
  depths: [2, 2, 2, 2] as readonly number[],
  sr_ratios: [8, 4, 2, 1] as readonly number[],
  hidden_sizes: [32, 64, 160, 256] as readonly number[],
  patch_sizes: [7, 3, 3, 3] as readonly number[],
  strides: [4, 2, 2, 2] as readonly number[],
  num_attention_heads: [1, 2, 5, 8] as readonly number[],
  mlp_ratios: [4, 4, 4, 4] as readonly number[],
  hidden_act: "gelu",
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  classifier_dropout_prob: 0.1,
  drop_path_rate: 0.1,
  decoder_hidden_size: 256,
  semantic_loss_ignore_index: 255,
  reshape_last_stage: true,
};

type Full = typeof segformerB0;

/** With what it leaves out; throws unless every list has an entry per stage. */
export function fullConfig(op: string, config: SegformerConfig): Full {
  check(op, "config", config, "object");
  const full = { ...segformerB0, ...config };
  const { depths, sr_ratios, hidden_sizes, patch_sizes, strides, num_attention_heads, mlp_ratios } = full;
  const lists = { depths, sr_ratios, hidden_sizes, patch_sizes, strides, num_attention_heads, mlp_ratios };
  for (const [name, list] of Object.entries(lists)) {
    check(op, name, list, "numbers");
    if (list.length >= full.num_encoder_blocks) continue;
    throw expected(
      op,
      `${name} with an entry for each of the ${full.num_encoder_blocks} stages`,
      words(`${list.length}`),
    );
  }
  return full;
}

/** (B, N, C) → (B, C, H, W), N = H · W. */
export const toMap = (x: Tensor, H: number, W: number): Tensor =>
  x.transpose(1, 2).reshape([x.shape[0], x.shape[2], H, W]);
/** (B, C, H, W) → (B, H · W, C). */
export const toPlaces = (map: Tensor): Tensor => map.flatten(2).transpose(1, 2);

/** Windows that overlap: a convolution with stride below its width. (B, C, H, W) → (B, E, H', W'), each place normed. */
class OverlapPatchEmbedding extends Module {
  readonly projection: Conv2d;
  readonly norm: LayerNorm;

  constructor(patchSize: number, stride: number, inChannels: number, embedDim: number) {
    super();
    const padding = Math.floor(patchSize / 2);
    this.projection = new Conv2d(inChannels, embedDim, patchSize, { stride, padding });
    this.norm = new LayerNorm(embedDim);
  }

  forward(images: Tensor): Tensor {
    const map = this.projection.forward(images);
    return toMap(this.norm.forward(toPlaces(map)), map.shape[2], map.shape[3]);
  }
}

/** Keys and values on a coarser grid: r × r places become one, so that attention costs r² times less. */
class SequenceReduction extends Module {
  readonly convolution: Conv2d;
  readonly norm: LayerNorm;

  constructor(embedDim: number, ratio: number) {
    super();
    this.convolution = new Conv2d(embedDim, embedDim, ratio, { stride: ratio });
    this.norm = new LayerNorm(embedDim);
  }

  forward(x: Tensor, H: number, W: number): Tensor {
    return this.norm.forward(toPlaces(this.convolution.forward(toMap(x, H, W))));
  }
}

/** An MLP that looks at the neighbours in between, channel by channel. It stands in for positions: zeros beyond the edge tell where one is. */
class MixMLP extends Module {
  readonly hidden: Linear;
  readonly neighbours: Conv2d;
  readonly output: Linear;
  readonly dropout: Dropout;
  readonly activation: (x: Tensor) => Tensor;

  constructor(embedDim: number, hiddenDim: number, { hidden_act, hidden_dropout_prob }: Full) {
    super();
    this.hidden = new Linear(embedDim, hiddenDim);
    this.neighbours = new Conv2d(hiddenDim, hiddenDim, 3, { padding: 1, groups: hiddenDim });
    this.output = new Linear(hiddenDim, embedDim);
    this.dropout = new Dropout(hidden_dropout_prob);
    this.activation = activation(activationOf(hidden_act));
  }

  forward(x: Tensor, H: number, W: number): Tensor {
    const seen = toPlaces(this.neighbours.forward(toMap(this.hidden.forward(x), H, W)));
    const h = this.dropout.forward(this.activation(seen));
    return this.dropout.forward(this.output.forward(h));
  }
}

class SegformerBlock extends Module {
  readonly attentionNorm: LayerNorm;
  readonly attention: MultiHeadAttention;
  readonly reduction?: SequenceReduction;
  readonly dropout: Dropout;
  readonly mlpNorm: LayerNorm;
  readonly mlp: MixMLP;

  constructor(
    full: Full,
    stage: number,
    /** How often, in training, a branch is left out for an image (stochastic depth; Huang et al., 2016). */
    readonly dropPath: number,
  ) {
    super();
    const C = full.hidden_sizes[stage];
    this.attentionNorm = new LayerNorm(C);
    this.attention = new MultiHeadAttention(C, full.num_attention_heads[stage], {
      dropout: full.attention_probs_dropout_prob,
    });
    if (full.sr_ratios[stage] > 1) this.reduction = new SequenceReduction(C, full.sr_ratios[stage]);
    this.dropout = new Dropout(full.hidden_dropout_prob);
    this.mlpNorm = new LayerNorm(C);
    this.mlp = new MixMLP(C, Math.floor(C * full.mlp_ratios[stage]), full);
  }

  /** x (B, N, C), N = H · W → the same; attentions (B, heads, N, N / r²) if asked for. */
  forward(
    x: Tensor,
    H: number,
    W: number,
    needWeights: boolean,
  ): { output: Tensor; attentions: Tensor | undefined } {
    const normed = this.attentionNorm.forward(x);
    const key = this.reduction ? this.reduction.forward(normed, H, W) : normed;
    const { output, weights } = this.attention.forward(normed, { key, needWeights });
    const h = x.add(this.#perhaps(this.dropout.forward(output)));
    const mixed = this.mlp.forward(this.mlpNorm.forward(h), H, W);
    return { output: h.add(this.#perhaps(mixed)), attentions: weights };
  }

  /** One draw per image: its branch whole, grown by 1 / (1 − p), or nothing of it. */
  #perhaps(branch: Tensor): Tensor {
    if (!this.training || this.dropPath === 0) return branch;
    const kept = tensor(ones([branch.shape[0], 1, 1], { dtype: branch.dtype }));
    return branch.mul(dropout(kept, { p: this.dropPath, training: true }));
  }
}

class SegformerStage extends Module {
  readonly patches: OverlapPatchEmbedding;
  readonly blocks: SegformerBlock[];
  readonly norm: LayerNorm;

  constructor(full: Full, stage: number) {
    super();
    const C = full.hidden_sizes[stage];
    const channels = stage === 0 ? full.num_channels : full.hidden_sizes[stage - 1];
    this.patches = new OverlapPatchEmbedding(full.patch_sizes[stage], full.strides[stage], channels, C);
    const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
    const before = sum(full.depths.slice(0, stage));
    const last = Math.max(sum(full.depths) - 1, 1);
    this.blocks = Array.from(
      { length: full.depths[stage] },
      (_, i) => new SegformerBlock(full, stage, (full.drop_path_rate * (before + i)) / last),
    );
    this.norm = new LayerNorm(C);
  }

  /** (B, C, H, W) → (B, C', H', W'); the weights of every block are put into `attentions` where there is one. */
  forward(images: Tensor, attentions?: Tensor[]): Tensor {
    const map = this.patches.forward(images);
    const [, , H, W] = map.shape;
    let x = toPlaces(map);
    for (const block of this.blocks) {
      const state = block.forward(x, H, W, attentions !== undefined);
      x = state.output;
      if (state.attentions) attentions?.push(state.attentions);
    }
    return toMap(this.norm.forward(x), H, W);
  }
}

export interface SegformerInputs {
  readonly needAttentions?: boolean;
}

export interface SegformerOutput {
  /** The output of the last stage, (B, C, H, W), or (B, N, C) if the configuration wants no image there. */
  readonly lastHiddenState: Tensor;
  /** The output of every stage. */
  readonly hiddenStates: readonly Tensor[];
  /** The same as images (B, C, H, W), whatever the configuration wants of the last one. */
  readonly featureMaps: readonly Tensor[];
  /** Of every block, (B, heads, N, N / r²); empty unless asked for. */
  readonly attentions: readonly Tensor[];
}

/** The body that all tasks share: a pyramid of stages, each coarser and wider than the one before. */
export class SegformerBody extends Module {
  readonly stages: SegformerStage[];

  constructor(
    full: Full,
    readonly reshapesLast = full.reshape_last_stage,
  ) {
    super();
    this.stages = Array.from({ length: full.num_encoder_blocks }, (_, i) => new SegformerStage(full, i));
  }

  forward(op: string, images: Tensor, inputs: SegformerInputs): SegformerOutput {
    checkTensor(op, images);
    dims(op, images.shape, `B ${this.stages[0].patches.projection.inChannels} H W`);
    const attentions: Tensor[] = [];
    const featureMaps: Tensor[] = [];
    for (const stage of this.stages)
      featureMaps.push(
        stage.forward(featureMaps.at(-1) ?? images, inputs.needAttentions ? attentions : undefined),
      );
    const last = featureMaps[featureMaps.length - 1];
    const lastHiddenState = this.reshapesLast ? last : toPlaces(last);
    return {
      lastHiddenState,
      hiddenStates: [...featureMaps.slice(0, -1), lastHiddenState],
      featureMaps,
      attentions,
    };
  }
}
