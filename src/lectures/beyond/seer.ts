import { concat, crossEntropy, noGrad, type Tensor } from "../../autograd";
import { Embedding, Encoder, init, Module, PatchEmbedding } from "../../nn";
import {
  arange,
  array,
  check,
  checkArray,
  checkOptions,
  dims,
  expected,
  frozenCopy,
  words as inWords,
  type NDArray,
  showShape,
  zeros,
} from "../../tensor";
import { prefixMask } from "./exercises/prefix-mask";
import { ConvolutionEyes, toEyes, ViTEyes } from "./eyes";

export interface SeerOptions {
  readonly vocabSize: number;
  /** The longest text. */
  readonly contextLength: number;
  /** C, the size of every vector. */
  readonly embedDim: number;
  readonly numHeads: number;
  readonly numLayers: number;
  /** The side of the pictures in pixels, a multiple of 8. */
  readonly imageSize: number;
  /**
   * What makes vectors of a picture. "patches": squares of 8 × 8 pixels, each through one linear layer, as a ViT's.
   * "convolutions" (default): three of them that halve the picture, and one more: the same grid, and cells that know their
   * neighbours (Xiao et al., "Early convolutions help transformers see better", 2021). "ViT": the one of lecture 06, for
   * pictures of 32 pixels. "none": it is blind.
   */
  readonly eyes?: "patches" | "convolutions" | "ViT" | "none";
}

const PATCH = 8;

/**
 * A GPT with eyes: the vectors of a picture stand in front of the words, and see each other; words look back at all of it.
 *
 *     x = [eyes(image) ; tokens[ids]] + positions,   logits = norm(blocks(x)) Wᵀ at the words
 *
 * The idea of prefixes: Tsimpoukelli et al., "Multimodal few-shot learning with frozen language models", 2021.
 */
export class Seer extends Module {
  readonly options: SeerOptions;
  readonly eyes?: PatchEmbedding | ConvolutionEyes | ViTEyes;
  readonly tokens: Embedding;
  readonly positions: Embedding;
  readonly encoder: Encoder;
  /** N, the vectors of a picture. */
  readonly prefix: number;

  constructor(options: SeerOptions) {
    super();
    checkOptions(
      "Seer",
      options,
      "vocabSize, contextLength, embedDim, numHeads, numLayers, imageSize",
      {
        vocabSize: "size",
        contextLength: "size",
        embedDim: "size",
        numHeads: "size",
        numLayers: "size",
        imageSize: "size",
        eyes: ["patches", "convolutions", "ViT", "none"],
      },
      ["vocabSize", "contextLength", "embedDim", "numHeads", "numLayers", "imageSize"],
    );
    this.options = frozenCopy(options);
    const {
      vocabSize,
      contextLength,
      embedDim,
      numHeads,
      numLayers,
      imageSize,
      eyes = "convolutions",
    } = options;
    if (eyes === "patches") this.eyes = new PatchEmbedding(PATCH, 3, embedDim);
    else if (eyes === "convolutions") this.eyes = new ConvolutionEyes(embedDim);
    else if (eyes === "ViT") this.eyes = new ViTEyes(embedDim);
    this.prefix = eyes === "none" ? 0 : (imageSize / PATCH) ** 2;
    this.tokens = new Embedding(vocabSize, embedDim);
    this.positions = new Embedding(this.prefix + contextLength, embedDim);
    this.encoder = new Encoder(embedDim, numHeads, numLayers, { activation: "geluTanh" });
    for (const table of [this.tokens, this.positions])
      table.weight.data.assign(init.normal(table.weight.shape, { std: 0.02 }));
  }

  /** images (B, 3, S, S) from 0 to 1, ids (B, T) → logits (B, T, V). A blind one does not look at the images. */
  forward(images: NDArray, ids: NDArray, given: { attentions?: Tensor[] } = {}): Tensor {
    checkArray("Seer", ids);
    checkOptions("Seer", given, "attentions", { attentions: "list" });
    const { B, T } = dims("Seer", ids.shape, "B T");
    const { contextLength, imageSize } = this.options;
    if (T > contextLength) throw expected("Seer", `at most ${contextLength} tokens`, inWords(`${T}`));
    if (this.eyes) {
      checkArray("Seer", images);
      const { N: pictures, C, H, W } = dims("Seer", images.shape, "N C H W");
      if (pictures !== B || C !== 3 || H !== imageSize || W !== imageSize)
        throw expected(
          "Seer",
          `images (${B}, 3, ${imageSize}, ${imageSize})`,
          inWords(showShape(images.shape)),
        );
    }
    const words = this.tokens.forward(ids);
    const N = this.prefix;
    const seen = this.eyes ? [this.eyes.forward(toEyes(images))] : [];
    const x = concat([...seen, words], 1).add(this.positions.forward(arange(0, N + T)));
    const pictures = zeros([1, N + T], { dtype: "int32" });
    if (N > 0) pictures.narrow(1, 0, N).fill(1);
    const mask = prefixMask(pictures).select(0, 0);
    const h = this.encoder.forward(x, { mask, attentions: given.attentions }).narrow(1, N, T);
    return h
      .reshape([B * T, -1])
      .matmul(this.tokens.weight.transpose())
      .reshape([B, T, -1]);
  }

  /** Mean cross-entropy in nats over the targets (B, T) that are not −100. */
  loss(images: NDArray, ids: NDArray, targets: NDArray): Tensor {
    checkArray("Seer.loss", targets);
    return crossEntropy(this.forward(images, ids).flatten(0, 1), targets.flatten());
  }

  /** The likeliest answer to each prompt, up to `end`: images (B, 3, S, S), B lists of ids → B lists of ids. */
  answer(images: NDArray, prompts: readonly (readonly number[])[], end: number): number[][] {
    const op = "Seer.answer";
    checkArray(op, images);
    check(op, "prompts", prompts, "list");
    check(op, "end", end, "integer");
    const { contextLength } = this.options;
    for (const prompt of prompts) {
      check(op, "a prompt", prompt, "numbers");
      if (prompt.length === 0 || prompt.length > contextLength)
        throw expected(op, `prompts of 1 to ${contextLength} tokens`, inWords(`${prompt.length}`));
    }
    if (images.shape[0] !== prompts.length)
      throw expected(op, "a picture for each prompt", inWords(`${images.shape[0]} and ${prompts.length}`));
    const rows = prompts.map((prompt) => [...prompt]);
    const answers: number[][] = prompts.map(() => []);
    const open = new Set(rows.keys());
    const say = () => {
      while (open.size > 0) {
        const asked = [...open];
        const length = Math.max(...asked.map((i) => rows[i].length));
        const ids = array(
          asked.map((i) => Array.from({ length }, (_, t) => rows[i][t] ?? 0)),
          { dtype: "int32" },
        );
        const index = array(asked, { dtype: "int32" });
        const logits = this.forward(images.indexSelect(0, index), ids).data;
        asked.forEach((i, row) => {
          const next = logits
            .select(0, row)
            .select(0, rows[i].length - 1)
            .argmax()
            .item();
          rows[i].push(next);
          if (next !== end) answers[i].push(next);
          if (next === end || rows[i].length >= contextLength) open.delete(i);
        });
      }
    };
    this.evaluating(() => noGrad(say));
    return answers;
  }
}
