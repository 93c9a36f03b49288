import { checkTensor, type Tensor } from "../autograd";
import { check, checkOptions, expected, type NDArray, refusal } from "../tensor";
import { type AttentionForwardOptions, MultiHeadAttention } from "./attention";
import { checkSizes } from "./check";
import { Dropout } from "./dropout";
import type { KVCache } from "./kv-cache";
import type { Mask } from "./mask";
import { type Activation, MLP } from "./mlp";
import { Module } from "./module";
import { LayerNorm } from "./norm";

export interface TransformerOptions {
  /** Width of the MLP; 4 · embedDim unless given. */
  readonly mlpDim?: number;
  /** "gelu" unless given. */
  readonly activation?: Activation;
  /** After each sublayer, and on the attention weights. */
  readonly dropout?: number;
  /** Pre-norm (true, the default): x + f(norm(x)), steady in deep stacks. Post-norm, as in 2017: norm(x + f(x)). */
  readonly normFirst?: boolean;
  /** eps of the layer norms, 1e-5. */
  readonly normEps?: number;
  readonly bias?: boolean;
  /** Of the query, key and value layers alone; as `bias` unless given. */
  readonly qkvBias?: boolean;
  /** On the attention weights alone; as `dropout` unless given. */
  readonly attentionDropout?: number;
  /** What attention's scores are multiplied by; 1 / √D unless given. */
  readonly attentionScale?: number;
}

export interface BlockForwardOptions {
  /** bool: true = may attend; float: added to the scores. (T, S), (B, T, S) or (B, H, T, S). */
  readonly mask?: Mask;
  /** (B, S), **true = a real token**. */
  readonly keyPaddingMask?: NDArray;
  /** No token sees those after it. */
  readonly isCausal?: boolean;
  /** What cross-attention looks at: the encoder's output (B, M, E). */
  readonly memory?: Tensor;
  /** (B, M), **true = a real token** of the memory. */
  readonly memoryKeyPaddingMask?: NDArray;
  readonly cache?: KVCache;
  /** A list that receives the self-attention weights (B, H, T, S) of every block, for pictures. */
  readonly attentions?: Tensor[];
  /** The same for cross-attention, (B, H, T, M). */
  readonly crossAttentions?: Tensor[];
}

/** The masks are checked by attention, which knows their sizes. */
const DECODER_OPTIONS = {
  mask: "any",
  keyPaddingMask: "any",
  memory: "any",
  memoryKeyPaddingMask: "any",
  cache: "any",
  attentions: "list",
  crossAttentions: "list",
} as const;
const BLOCK_OPTIONS = { ...DECODER_OPTIONS, isCausal: "boolean" } as const;

/**
 * One layer of a transformer: tokens exchange (attention), then each thinks alone (MLP). Both are added to what was
 * there, so a block starts close to doing nothing. With `crossAttention` the tokens look at a memory in between.
 * (B, T, E) → (B, T, E).
 */
export class TransformerBlock extends Module {
  readonly attentionNorm: LayerNorm;
  readonly attention: MultiHeadAttention;
  readonly crossAttentionNorm?: LayerNorm;
  readonly crossAttention?: MultiHeadAttention;
  readonly mlpNorm: LayerNorm;
  readonly mlp: MLP;
  readonly dropout: Dropout;
  readonly normFirst: boolean;

  constructor(
    embedDim: number,
    numHeads: number,
    options: TransformerOptions & { crossAttention?: boolean } = {},
  ) {
    super();
    checkOptions("TransformerBlock", options, "mlpDim, activation", {
      mlpDim: "number",
      activation: "any",
      dropout: "number",
      normFirst: "boolean",
      normEps: "number",
      bias: "boolean",
      qkvBias: "boolean",
      attentionDropout: "number",
      attentionScale: "number",
      crossAttention: "boolean",
    });
    const {
      mlpDim = 4 * embedDim,
      activation = "gelu",
      dropout = 0,
      normFirst = true,
      normEps = 1e-5,
      bias = true,
      qkvBias = bias,
      attentionDropout = dropout,
      attentionScale: scale,
      crossAttention = false,
    } = options;

    checkSizes("TransformerBlock", { embedDim, numHeads, mlpDim });
    const norm = () => new LayerNorm(embedDim, { eps: normEps, bias });
    this.attentionNorm = norm();
    const attention = () =>
      new MultiHeadAttention(embedDim, numHeads, { dropout: attentionDropout, bias, qkvBias, scale });
    this.attention = attention();
    if (crossAttention) {
      this.crossAttentionNorm = norm();
      this.crossAttention = attention();
    }
    this.mlpNorm = norm();
    this.mlp = new MLP(embedDim, mlpDim, { activation, bias });
    this.dropout = new Dropout(dropout);
    this.normFirst = normFirst;
  }

  forward(x: Tensor, options: BlockForwardOptions = {}): Tensor {
    checkTensor("TransformerBlock", x);

    checkOptions("TransformerBlock", options, "keyPaddingMask, memory", BLOCK_OPTIONS);
    const { mask, keyPaddingMask, isCausal, cache, attentions, crossAttentions } = options;
    const { memory, memoryKeyPaddingMask } = options;
    this.#checkMemory(memory);

    x = this.#residual(x, this.attentionNorm, (x) =>
      attend(
        this.attention,
        x,
        { mask, keyPaddingMask, isCausal, cache, needWeights: attentions !== undefined },
        attentions,
      ),
    );
    if (this.crossAttention && this.crossAttentionNorm) {
      const { crossAttention } = this;
      x = this.#residual(x, this.crossAttentionNorm, (x) =>
        attend(
          crossAttention,
          x,
          {
            key: memory,
            keyPaddingMask: memoryKeyPaddingMask,
            cache,
            needWeights: crossAttentions !== undefined,
          },
          crossAttentions,
        ),
      );
    }
    return this.#residual(x, this.mlpNorm, (x) => this.mlp.forward(x));
  }

  /** x + f(norm(x)), or norm(x + f(x)). */
  #residual(x: Tensor, norm: LayerNorm, f: (x: Tensor) => Tensor): Tensor {
    if (this.normFirst) return x.add(this.dropout.forward(f(norm.forward(x))));
    return norm.forward(x.add(this.dropout.forward(f(x))));
  }

  #checkMemory(memory?: Tensor): void {
    if (this.crossAttention && !memory) {
      throw refusal("TransformerBlock", "cross-attention needs something to look at", "pass { memory }");
    }
    if (!this.crossAttention && memory) {
      throw refusal(
        "TransformerBlock",
        "got a memory but no cross-attention",
        "make it with { crossAttention: true }",
      );
    }
  }

  override extraRepr(): string {
    return `normFirst=${this.normFirst}`;
  }
}

/** What attention gives for x; its weights go to `list`, if there is one. */
function attend(
  layer: MultiHeadAttention,
  x: Tensor,
  options: AttentionForwardOptions,
  list: Tensor[] | undefined,
): Tensor {
  const { output, weights } = layer.forward(x, options);
  if (list && weights) list.push(weights);
  return output;
}

/**
 * Blocks in which every token sees every other: for understanding a text or an image (BERT, ViT).
 * A pre-norm stack ends with a norm of its own. (B, T, E) → (B, T, E).
 */
export class Encoder extends Module {
  readonly blocks: TransformerBlock[];
  readonly norm?: LayerNorm;

  constructor(embedDim: number, numHeads: number, numLayers: number, options: TransformerOptions = {}) {
    super();
    check(this.constructor.name, "options", options, "object");
    this.blocks = stack(
      this.constructor.name,
      numLayers,
      () => new TransformerBlock(embedDim, numHeads, options),
    );
    if (options.normFirst ?? true) this.norm = finalNorm(embedDim, options);
  }

  forward(
    x: Tensor,
    options: Pick<BlockForwardOptions, "mask" | "keyPaddingMask" | "isCausal" | "attentions"> = {},
  ): Tensor {
    checkTensor("Encoder", x);
    checkOptions("Encoder", options, "mask, keyPaddingMask", {
      mask: "tensorOrArray",
      keyPaddingMask: "array",
      isCausal: "boolean",
      attentions: "list",
    });

    for (const block of this.blocks) x = block.forward(x, options);
    return this.norm ? this.norm.forward(x) : x;
  }
}

/**
 * Blocks in which no token sees those after it, so that each can be trained to tell the next: GPT, or with
 * `crossAttention` the second half of a translator. (B, T, E) → (B, T, E).
 */
export class Decoder extends Module {
  readonly blocks: TransformerBlock[];
  readonly norm?: LayerNorm;

  constructor(
    embedDim: number,
    numHeads: number,
    numLayers: number,
    options: TransformerOptions & { crossAttention?: boolean } = {},
  ) {
    super();
    check(this.constructor.name, "options", options, "object");
    this.blocks = stack(
      this.constructor.name,
      numLayers,
      () => new TransformerBlock(embedDim, numHeads, options),
    );
    if (options.normFirst ?? true) this.norm = finalNorm(embedDim, options);
  }

  forward(x: Tensor, options: Omit<BlockForwardOptions, "isCausal"> = {}): Tensor {
    checkTensor("Decoder", x);

    checkOptions("Decoder", options, "memory, cache", DECODER_OPTIONS);
    const causal = { ...options, isCausal: true };
    for (const block of this.blocks) x = block.forward(x, causal);
    return this.norm ? this.norm.forward(x) : x;
  }
}

/** More than any model has, and few enough to be made. */
const MOST_LAYERS = 10_000;

function stack(op: string, numLayers: number, block: () => TransformerBlock): TransformerBlock[] {
  check(op, "numLayers", numLayers, "count");
  if (numLayers > MOST_LAYERS) throw expected(op, `at most ${MOST_LAYERS} layers`, numLayers);
  return Array.from({ length: numLayers }, block);
}

const finalNorm = (embedDim: number, { normEps, bias }: TransformerOptions): LayerNorm =>
  new LayerNorm(embedDim, { eps: normEps, bias });
