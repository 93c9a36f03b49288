import { checkTensor, concat, interpolate, relu, type Tensor } from "../../autograd";
import {
  type CheckpointTable,
  Dropout,
  init,
  type LabelConfig,
  LayerNorm,
  Linear,
  labelCount,
  Module,
  type Parameter,
  PatchEmbedding,
  PretrainedModel,
  parameter,
  type TransformerBlock,
  weightAndBias,
} from "../../nn";
import { check, checkAll, checkOptions, dims, type Shape } from "../../tensor";
import { type BlocksOutput, blocksOf } from "../pretrained-blocks";
import { vitRenames } from "../vit/model";
import { type DetectionLoss, detectionLoss, type Objects } from "./matching";

/** `config.json` of a YOLOS. What it leaves out is as in yolos-base. */
export interface YolosConfig extends LabelConfig {
  readonly hidden_size?: number;
  readonly num_hidden_layers?: number;
  readonly num_attention_heads?: number;
  readonly intermediate_size?: number;
  readonly hidden_act?: string;
  readonly hidden_dropout_prob?: number;
  readonly attention_probs_dropout_prob?: number;
  readonly layer_norm_eps?: number;
  /** [height, width] for which the position tables are made. */
  readonly image_size?: readonly number[];
  readonly patch_size?: number;
  readonly num_channels?: number;
  readonly qkv_bias?: boolean;
  /** How many things it can find at most. */
  readonly num_detection_tokens?: number;
  /** Whether places are told again after every block but the last. */
  readonly use_mid_position_embeddings?: boolean;
  readonly class_cost?: number;
  readonly bbox_cost?: number;
  readonly giou_cost?: number;
  readonly bbox_loss_coefficient?: number;
  readonly giou_loss_coefficient?: number;
  /** What a query that found nothing counts in the loss, beside 1. */
  readonly eos_coefficient?: number;
}

export const yolosBase = {
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: "gelu",
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  layer_norm_eps: 1e-12,
  image_size: [512, 864] as readonly number[],
  patch_size: 16,
  num_channels: 3,
  qkv_bias: true,
  num_detection_tokens: 100,
  use_mid_position_embeddings: true,
  class_cost: 1,
  bbox_cost: 5,
  giou_cost: 2,
  bbox_loss_coefficient: 5,
  giou_loss_coefficient: 2,
  eos_coefficient: 0.1,
};

type Full = typeof yolosBase;

/** With what it leaves out. */
export function fullYolosConfig(op: string, config: YolosConfig): Full {
  check(op, "config", config, "object");
  const full = { ...yolosBase, ...config };
  check(op, "image_size", full.image_size, "numbers", "write [height, width]");
  const [height, width] = full.image_size;
  const { patch_size, num_detection_tokens } = full;
  checkAll(op, {
    "image_size[0]": [height, "size"],
    "image_size[1]": [width, "size"],
    patch_size: [patch_size, "size"],
    num_detection_tokens: [num_detection_tokens, "size"],
  });
  return full;
}

/** Rows and columns of whole patches in an image. */
const gridOf = (size: Shape, P: number): [number, number] => [
  Math.floor(size[0] / P),
  Math.floor(size[1] / P),
];

/** A table (…, 1 + N + D, C) of places drawn over another grid of patches; the class and detection tokens keep their own. */
function resized(table: Tensor, made: Shape, wanted: Shape): Tensor {
  if (made[0] === wanted[0] && made[1] === wanted[1]) return table;
  const N = made[0] * made[1];
  const [length, C] = table.shape.slice(-2);
  const before = table.shape.slice(0, -2);
  const map = table
    .narrow(-2, 1, N)
    .reshape([-1, ...made, C])
    .permute([0, 3, 1, 2]);
  const patches = interpolate(map, { size: [wanted[0], wanted[1]], mode: "bicubic" });
  const places = patches.permute([0, 2, 3, 1]).reshape([...before, wanted[0] * wanted[1], C]);
  return concat([table.narrow(-2, 0, 1), places, table.narrow(-2, 1 + N, length - 1 - N)], -2);
}

/** A class token, the patches, and the detection tokens, each with its place. (B, C, H, W) → (B, 1 + N + D, E). */
class YolosEmbeddings extends Module {
  readonly classToken: Parameter;
  readonly detectionTokens: Parameter;
  readonly positions: Parameter;
  readonly patches: PatchEmbedding;
  readonly dropout: Dropout;
  readonly #grid: Shape;

  constructor(full: Full) {
    super();
    const { hidden_size: C, num_detection_tokens: D, patch_size: P } = full;
    this.#grid = gridOf(full.image_size, P);
    const made = (shape: Shape) => parameter(init.truncatedNormal(shape, { std: 0.02 }));
    this.classToken = made([C]);
    this.detectionTokens = made([D, C]);
    this.positions = made([1 + this.#grid[0] * this.#grid[1] + D, C]);
    this.patches = new PatchEmbedding(P, full.num_channels, C);
    this.dropout = new Dropout(full.hidden_dropout_prob);
  }

  forward(images: Tensor): Tensor {
    const P = this.patches.patchSize;
    const [B, , H, W] = images.shape;
    const grid = gridOf([H, W], P);
    // Pixels beyond the last whole patch are left out.
    const whole = images.narrow(2, 0, grid[0] * P).narrow(3, 0, grid[1] * P);
    const patches = this.patches.forward(whole);
    const [D, C] = this.detectionTokens.shape;
    const tokens = concat(
      [this.classToken.expand([B, 1, C]), patches, this.detectionTokens.expand([B, D, C])],
      1,
    );
    return this.dropout.forward(tokens.add(resized(this.positions, this.#grid, grid)));
  }
}

export interface YolosInputs {
  readonly needAttentions?: boolean;
}

/** T = 1 + N + D: the class token, the patches, the detection tokens; `lastHiddenState` after the final norm. */
export type YolosOutput = BlocksOutput;

/** The body: a ViT with detection tokens behind the patches. */
export class YolosBody extends Module {
  readonly embeddings: YolosEmbeddings;
  readonly blocks: TransformerBlock[];
  /** (blocks − 1, 1, 1 + N + D, C): what is added between two blocks. */
  readonly midPositions?: Parameter;
  readonly norm: LayerNorm;
  readonly #grid: Shape;

  constructor(full: Full) {
    super();
    const { hidden_size: C, num_hidden_layers: L } = full;
    this.#grid = gridOf(full.image_size, full.patch_size);
    this.embeddings = new YolosEmbeddings(full);
    this.blocks = blocksOf(full);
    if (full.use_mid_position_embeddings && L > 1) {
      const length = this.embeddings.positions.shape[0];
      this.midPositions = parameter(init.truncatedNormal([L - 1, 1, length, C], { std: 0.02 }));
    }
    this.norm = new LayerNorm(C, { eps: full.layer_norm_eps });
  }

  /** Rows and columns of patches in these images. */
  grid(images: Tensor): [number, number] {
    return gridOf(images.shape.slice(2), this.embeddings.patches.patchSize);
  }

  forward(op: string, images: Tensor, inputs: YolosInputs): YolosOutput {
    checkTensor(op, images);
    dims(op, images.shape, `B ${this.embeddings.patches.inChannels} H W`);
    const between = this.midPositions && resized(this.midPositions, this.#grid, this.grid(images));
    const attentions: Tensor[] = [];
    let x = this.embeddings.forward(images);
    const hiddenStates = [x];
    for (const [i, block] of this.blocks.entries()) {
      const output = block.forward(x, inputs.needAttentions ? { attentions } : {});
      hiddenStates.push(output);
      x = between && i < this.blocks.length - 1 ? output.add(between.select(0, i)) : output;
    }
    const lastHiddenState = this.norm.forward(x);
    return { lastHiddenState, hiddenStates, attentions };
  }
}

/** Three linear layers with relu between them. */
export class PredictionHead extends Module {
  readonly layers: Linear[];

  constructor(C: number, outFeatures: number) {
    super();
    this.layers = [new Linear(C, C), new Linear(C, C), new Linear(C, outFeatures)];
  }

  forward(x: Tensor): Tensor {
    const [first, second, last] = this.layers;
    return last.forward(relu(second.forward(relu(first.forward(x)))));
  }
}

abstract class YolosPretrained extends PretrainedModel<YolosConfig> {
  override table(): CheckpointTable {
    return yolosTable({ ...yolosBase, ...this.config });
  }
}

/**
 * "You only look at one sequence": a plain ViT finds things when tokens that ask for them stand behind its patches.
 * Fang et al., 2021.
 */
export class YolosModel extends YolosPretrained {
  readonly vit: YolosBody;
  readonly pooler: Linear;

  constructor(config: YolosConfig = {}) {
    super(config);
    const full = fullYolosConfig("YolosModel", config);
    this.vit = new YolosBody(full);
    this.pooler = new Linear(full.hidden_size, full.hidden_size);
  }

  override table(): CheckpointTable {
    return { ...super.table(), bare: true };
  }

  /** poolerOutput (B, C): tanh of a linear layer on the class token. */
  forward(images: Tensor, inputs: YolosInputs = {}): YolosOutput & { readonly poolerOutput: Tensor } {
    checkOptions("YolosModel", inputs, "needAttentions", { needAttentions: "boolean" });
    const output = this.vit.forward("YolosModel", images, inputs);
    return { ...output, poolerOutput: this.pooler.forward(output.lastHiddenState.select(1, 0)).tanh() };
  }
}

export interface Detections extends YolosOutput {
  /** (B, D, L + 1): scores of L classes and, last, of "nothing here", by every detection token. */
  readonly logits: Tensor;
  /** (B, D, 4): centre x, centre y, width, height, each 0 … 1 as a part of the picture's side. */
  readonly boxes: Tensor;
}

/** What is where? Every detection token answers with a class, or with "nothing", and a box. */
export class YolosForObjectDetection extends YolosPretrained {
  readonly vit: YolosBody;
  readonly classifier: PredictionHead;
  readonly boxPredictor: PredictionHead;

  constructor(config: YolosConfig = {}) {
    super(config);
    const full = fullYolosConfig("YolosForObjectDetection", config);
    this.vit = new YolosBody(full);
    this.classifier = new PredictionHead(full.hidden_size, labelCount(config) + 1);
    this.boxPredictor = new PredictionHead(full.hidden_size, 4);
  }

  /** `labels`: what is in each of the B pictures; then there is a loss, {@link detectionLoss} weighted by the configuration. */
  forward(
    images: Tensor,
    options: YolosInputs & { labels?: readonly Objects[] } = {},
  ): Detections & { readonly loss?: Tensor; readonly losses?: DetectionLoss } {
    const op = "YolosForObjectDetection";
    checkOptions(op, options, "labels, needAttentions", { needAttentions: "boolean", labels: "objects" });
    const { labels, ...inputs } = options;
    const full = { ...yolosBase, ...this.config };
    const output = this.vit.forward(op, images, inputs);
    const T = output.lastHiddenState.shape[1];
    const found = output.lastHiddenState.narrow(1, T - full.num_detection_tokens, full.num_detection_tokens);
    const logits = this.classifier.forward(found);
    const boxes = this.boxPredictor.forward(found).sigmoid();
    if (!labels) return { ...output, logits, boxes };
    const losses = detectionLoss(logits, boxes, labels, {
      classCost: full.class_cost,
      boxCost: full.bbox_cost,
      giouCost: full.giou_cost,
      boxWeight: full.bbox_loss_coefficient,
      giouWeight: full.giou_loss_coefficient,
      nothingWeight: full.eos_coefficient,
    });
    return { ...output, logits, boxes, loss: losses.loss, losses };
  }
}

/** Hugging Face's names of a YOLOS, and ours: those of a ViT, and these. */
const yolosTable = (config: Full): CheckpointTable => ({
  modelType: "yolos",
  prefix: "vit.",
  renames: [
    ...vitRenames(config),
    {
      theirs: "vit.embeddings.detection_tokens",
      ours: "vit.embeddings.detectionTokens",
      reshape: { theirs: [1, -1, config.hidden_size], ours: [-1, config.hidden_size] },
    },
    { theirs: "vit.encoder.mid_position_embeddings", ours: "vit.midPositions" },
    ...weightAndBias("class_labels_classifier.layers.*", "classifier.layers.*"),
    ...weightAndBias("bbox_predictor.layers.*", "boxPredictor.layers.*"),
  ],
});
