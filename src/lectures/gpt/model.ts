import { crossEntropy, noGrad, type Tensor } from "../../autograd";
import { Decoder, Embedding, init, KVCache, Linear, Module } from "../../nn";
import {
  arange,
  array,
  check,
  checkArray,
  checkOptions,
  dims,
  expected,
  frozenCopy,
  type NDArray,
  words,
} from "../../tensor";
import { type SamplingOptions, sampleToken } from "./sampling";

export interface GPTOptions {
  readonly vocabSize: number;
  /** T, the most tokens that the model can look back on. */
  readonly contextLength: number;
  /** C, the size of every token's vector. */
  readonly embedDim: number;
  readonly numHeads: number;
  readonly numLayers: number;
  readonly dropout?: number;
  /** The output layer is the token table itself (default), as in GPT-2; false gives it weights of its own. */
  readonly tied?: boolean;
}

export interface GPTForwardOptions {
  /** (B, T): the token after each of `ids`; −100 counts for nothing. With them comes a loss. */
  readonly targets?: NDArray;
  /** What the layers remember of earlier tokens: `ids` then go on from there. */
  readonly cache?: KVCache;
  /** A list that receives every block's attention weights (B, H, T, S). */
  readonly attentions?: Tensor[];
}

export interface GPTOutput {
  /** (B, T, V): scores of the next token, at every position. */
  readonly logits: Tensor;
  /** Mean cross-entropy in nats, when there were targets. */
  readonly loss?: Tensor;
}

export interface GenerateOptions extends SamplingOptions {
  readonly maxNewTokens: number;
  /** Stop when this token comes. */
  readonly eos?: number;
  /** Remember keys and values instead of computing them again for every token. Default true. */
  readonly useCache?: boolean;
}

/**
 * A decoder-only transformer that says what comes next:
 *
 *     x = tokens[ids] + positions[0 … T − 1],  x = blocks(x) (pre-norm, causal),  logits = norm(x) Wᵀ
 *
 * Radford et al., "Language models are unsupervised multitask learners", 2019 (GPT-2).
 */
export class GPT extends Module {
  readonly options: GPTOptions;
  readonly tokens: Embedding;
  readonly positions: Embedding;
  readonly decoder: Decoder;
  readonly head?: Linear;

  constructor(options: GPTOptions) {
    super();
    this.options = frozenCopy(options);
    const { vocabSize, contextLength, embedDim, numHeads, numLayers, dropout, tied = true } = options;
    this.tokens = new Embedding(vocabSize, embedDim);
    this.positions = new Embedding(contextLength, embedDim);
    this.decoder = new Decoder(embedDim, numHeads, numLayers, { dropout, activation: "geluTanh" });
    if (!tied) this.head = new Linear(embedDim, vocabSize, { bias: false });
    this.#initialise(numLayers);
  }

  /** GPT-2's start: weights N(0, 0.02²), biases 0; what is added to the residual stream is smaller by √(2 layers). */
  #initialise(numLayers: number): void {
    for (const [name, { data }] of this.namedParameters()) {
      if (name.endsWith("bias")) data.fill(0);
      else if (data.ndim === 2) {
        const isResidual = name.endsWith("attention.output.weight") || name.endsWith("mlp.output.weight");
        data.assign(init.normal(data.shape, { std: isResidual ? 0.02 / Math.sqrt(2 * numLayers) : 0.02 }));
      }
    }
  }

  /** ids (B, T) → logits (B, T, V). */
  forward(ids: NDArray, given: GPTForwardOptions = {}): GPTOutput {
    checkArray("GPT", ids);
    check("GPT", "given", given, "object");

    checkOptions("GPT", given, "targets, cache", { targets: "array", cache: "object", attentions: "list" });
    const { targets, cache, attentions } = given;

    const { T } = dims("GPT", ids.shape, "B T");
    const past = cache?.length ?? 0;
    const { contextLength } = this.options;
    if (past + T > contextLength) {
      throw expected(
        "GPT",
        `at most ${contextLength} tokens, the context length`,
        past + T,
        "keep only the last ones",
      );
    }
    const x = this.tokens.forward(ids).add(this.positions.forward(arange(past, past + T)));
    const h = this.decoder.forward(x, { cache, attentions });
    const logits = this.head ? this.head.forward(h) : h.matmul(this.tokens.weight.transpose());
    if (!targets) return { logits };
    return { logits, loss: crossEntropy(logits.flatten(0, 1), targets.flatten()) };
  }

  /**
   * The prompt and what follows it, token by token. Once the context is full, the model goes on from its last half:
   * it never looks back further than `contextLength`.
   */
  generate(prompt: readonly number[], options: GenerateOptions): number[] {
    check("GPT.generate", "prompt", prompt, "numbers");
    checkOptions(
      "GPT.generate",
      options,
      "maxNewTokens, eos",
      {
        maxNewTokens: "number",
        eos: "number",
        useCache: "boolean",
        temperature: "number",
        topK: "number",
        topP: "number",
        minP: "number",
        repetitionPenalty: "number",
        noRepeatNgram: "number",
        generator: "generator",
      },
      ["maxNewTokens"],
    );

    const { maxNewTokens, eos, useCache = true } = options;
    if (prompt.length === 0)
      throw expected("generate", "a prompt of one token or more, for example bos", words("none"));
    const ids = [...prompt];
    const continueIds = () => {
      const { contextLength } = this.options;
      const half = Math.max(1, contextLength >> 1);
      let start = Math.max(0, ids.length - contextLength);
      let cache = useCache ? new KVCache() : undefined;
      for (let i = 0; i < maxNewTokens; i++) {
        if (ids.length - start > contextLength) {
          start = ids.length - half;
          cache = useCache ? new KVCache() : undefined;
        }
        const fresh = ids.slice(start + (cache?.length ?? 0));
        const { logits } = this.forward(array([fresh], { dtype: "int32" }), { cache });
        const next = sampleToken(logits.data.select(0, 0).select(0, -1), options, ids);
        ids.push(next);
        if (next === eos) break;
      }
    };
    this.evaluating(() => noGrad(continueIds));
    return ids;
  }
}
