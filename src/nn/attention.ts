import { checkTensor, scaledDotProductAttention, type Tensor, tensor } from "../autograd";
import { checkMethods, checkOptions, dims, expected, eye, type NDArray, showShape, words } from "../tensor";
import { checkSizes } from "./check";
import type { KVCache } from "./kv-cache";
import { Linear } from "./linear";
import { combineMasks, type Mask } from "./mask";
import { Module } from "./module";

export interface AttentionLayerOptions {
  /** Probability to drop a weight in training. */
  readonly dropout?: number;
  readonly bias?: boolean;
  /** Of the query, key and value layers alone; as `bias` unless given. */
  readonly qkvBias?: boolean;
  /** Features of what keys are made from; embedDim unless given. */
  readonly keyDim?: number;
  readonly valueDim?: number;
  /** What the scores are multiplied by; 1 / √D unless given. */
  readonly scale?: number;
}

export interface AttentionForwardOptions {
  /** Where keys come from (B, S, keyDim): the query itself unless given (self-attention). */
  readonly key?: Tensor;
  /** Where values come from (B, S, valueDim): the keys' source unless given. */
  readonly value?: Tensor;
  /** (T, S), (B, T, S) or (B, H, T, S). bool: true = may attend; float: added to the scores. */
  readonly mask?: Mask;
  /** (B, S), **true = a real token**, false = padding that no one may see. */
  readonly keyPaddingMask?: NDArray;
  /** Query t sees keys 0 … t only (t counts what the cache holds). */
  readonly isCausal?: boolean;
  /** Self-attention appends its keys and values here; cross-attention computes them once. */
  readonly cache?: KVCache;
  /** Return the attention weights too. */
  readonly needWeights?: boolean;
}

/** The masks and the rest are checked where their sizes are known. */
const FORWARD_OPTIONS = {
  key: "any",
  value: "any",
  mask: "any",
  keyPaddingMask: "any",
  isCausal: "boolean",
  cache: "any",
  needWeights: "boolean",
} as const;

export interface AttentionOutput {
  /** (B, T, E) */
  readonly output: Tensor;
  /** (B, H, T, S), present when `needWeights`. Rows sum to 1, unless dropout took some. */
  readonly weights?: Tensor;
}

/**
 * Every token asks a question (query), and takes in the values of the tokens whose keys answer it. Each of H heads
 * does so in its own D = E / H of the dimensions:
 *
 *     head_h = softmax(Q_h K_hᵀ / √D + mask) V_h,   output = [head_1 … head_H] W_o
 *
 * A query that may see nothing gets zeros before the output layer, and no NaN, as in PyTorch's
 * scaled_dot_product_attention. Vaswani et al., "Attention is all you need", 2017.
 */
export class MultiHeadAttention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  /** Probability to drop a weight in training. */
  readonly dropout: number;
  /** Replaces 1 / √D. */
  readonly scale?: number;

  constructor(
    readonly embedDim: number,
    readonly numHeads: number,
    options: AttentionLayerOptions = {},
  ) {
    super();
    checkOptions("MultiHeadAttention", options, "dropout, bias", {
      dropout: "number",
      bias: "boolean",
      qkvBias: "boolean",
      keyDim: "number",
      valueDim: "number",
      scale: "number",
    });
    const {
      dropout = 0,
      bias = true,
      qkvBias = bias,
      keyDim = embedDim,
      valueDim = embedDim,
      scale,
    } = options;

    checkSizes("MultiHeadAttention", { embedDim, numHeads });
    if (embedDim % numHeads !== 0) {
      throw expected(
        "MultiHeadAttention",
        "embedDim divisible by numHeads",
        words(`${embedDim} and ${numHeads}`),
      );
    }
    this.query = new Linear(embedDim, embedDim, { bias: qkvBias });
    this.key = new Linear(keyDim, embedDim, { bias: qkvBias });
    this.value = new Linear(valueDim, embedDim, { bias: qkvBias });
    this.output = new Linear(embedDim, embedDim, { bias });
    this.dropout = dropout;
    this.scale = scale;
  }

  /** query (B, T, E) → output (B, T, E) */
  forward(query: Tensor, options: AttentionForwardOptions = {}): AttentionOutput {
    checkTensor("MultiHeadAttention", query);
    checkOptions("MultiHeadAttention", options, "key, value", FORWARD_OPTIONS);
    if (options.key !== undefined) checkTensor("MultiHeadAttention", options.key);
    if (options.value !== undefined) checkTensor("MultiHeadAttention", options.value);
    const {
      key = query,
      value = key,
      mask,
      keyPaddingMask,
      isCausal = false,
      cache,
      needWeights = false,
    } = options;
    const { B, T } = dims("MultiHeadAttention", query.shape, "B T E");
    if (key.shape[0] !== B || value.shape[0] !== B || key.shape[1] !== value.shape[1]) {
      const came = [query, key, value].map((x) => showShape(x.shape)).join(", ");
      throw expected(
        "MultiHeadAttention",
        "query (B, T, E) and key, value (B, S, …) of one batch and one S",
        words(came),
      );
    }
    const isSelf = key === query;
    if (cache !== undefined)
      checkMethods(`${this.constructor.name}.forward`, "a KVCache as cache", cache, [
        "lengthOf",
        "append",
        "keep",
      ]);
    const past = cache && isSelf ? cache.lengthOf(this) : 0;

    const q = this.#split(this.query.forward(query)); // (B, H, T, D)
    const project = () => ({
      key: this.#split(this.key.forward(key)), // (B, H, S, D)
      value: this.#split(this.value.forward(value)),
    });
    let { key: k, value: v } = cache && !isSelf ? cache.keep(this, { key, value }, project) : project();
    if (cache && isSelf) ({ key: k, value: v } = cache.append(this, { key: k, value: v }));

    const size = { B, H: this.numHeads, T, S: k.shape[2] };
    const hidden = { mask, keyPaddingMask, past: isCausal ? past : 0 };
    const attend = (values: Tensor) =>
      scaledDotProductAttention(q, k, values, {
        mask: combineMasks("MultiHeadAttention", size, hidden),
        isCausal: isCausal && past === 0,
        dropout: this.training ? this.dropout : 0,
        scale: this.scale,
      });
    if (!needWeights) return { output: this.output.forward(merge(attend(v))) };

    // Attention over the identity gives the weights themselves: P I = P.
    const weights = attend(tensor(eye(size.S, size.S, { dtype: v.dtype })));
    return { output: this.output.forward(merge(weights.matmul(v))), weights };
  }

  /** (B, T, E) → (B, H, T, D): cut every token's features into heads. */
  #split(x: Tensor): Tensor {
    const { B, T, E } = dims("MultiHeadAttention", x.shape, "B T E");
    return x.reshape([B, T, this.numHeads, E / this.numHeads]).transpose(1, 2);
  }

  override extraRepr(): string {
    return `embedDim=${this.embedDim}, numHeads=${this.numHeads}, dropout=${this.dropout}`;
  }
}

/** (B, H, T, D) → (B, T, E): put the heads side by side. */
function merge(x: Tensor): Tensor {
  const { B, H, T, D } = dims("MultiHeadAttention", x.shape, "B H T D");
  const E = H * D;
  return x.transpose(1, 2).reshape([B, T, E]);
}
