import { crossEntropy, noGrad, type Tensor } from "../../autograd";
import {
  activationOf,
  type CheckpointTable,
  Dropout,
  Embedding,
  KVCache,
  LayerNorm,
  Linear,
  PretrainedModel,
  type Rename,
  TransformerBlock,
  weightAndBias,
} from "../../nn";
import {
  arange,
  check,
  checkArray,
  checkOptions,
  concat,
  dims,
  type NDArray,
  ones,
  where,
  zeros,
} from "../../tensor";

/** `config.json` of a GPT-2. What it leaves out is as in the smallest one, of 124 million parameters. */
export interface GPT2Config {
  readonly vocab_size?: number;
  readonly n_positions?: number;
  readonly n_embd?: number;
  readonly n_layer?: number;
  readonly n_head?: number;
  /** Width of the MLP; null means 4 · n_embd. */
  readonly n_inner?: number | null;
  readonly activation_function?: string;
  readonly embd_pdrop?: number;
  readonly resid_pdrop?: number;
  readonly attn_pdrop?: number;
  readonly layer_norm_epsilon?: number;
  /** false leaves out the 1 / √D of attention. */
  readonly scale_attn_weights?: boolean;
  /** Divide the scores of block i by i + 1 besides. */
  readonly scale_attn_by_inverse_layer_idx?: boolean;
  /** false gives the head a table of its own. */
  readonly tie_word_embeddings?: boolean;
}

export const gpt2Small = {
  vocab_size: 50257,
  n_positions: 1024,
  n_embd: 768,
  n_layer: 12,
  n_head: 12,
  n_inner: null,
  activation_function: "gelu_new",
  embd_pdrop: 0.1,
  resid_pdrop: 0.1,
  attn_pdrop: 0.1,
  layer_norm_epsilon: 1e-5,
  scale_attn_weights: true,
  scale_attn_by_inverse_layer_idx: false,
  tie_word_embeddings: true,
} as const satisfies GPT2Config;

export interface GPT2Inputs {
  /** (B, S), 1 for a token, 0 for padding, S counting what the cache holds. */
  readonly attentionMask?: NDArray;
  /** (B, T): the tokens themselves, −100 where nothing is asked; the model shifts them by one. */
  readonly labels?: NDArray;
  /** (B, T): where each token stands; 0, 1, … after what the cache holds unless given. */
  readonly positionIds?: NDArray;
  readonly cache?: KVCache;
  /** Return the attention weights too. */
  readonly needAttentions?: boolean;
}

export interface GPT2Output {
  /** (B, T, V): scores of the next token. */
  readonly logits: Tensor;
  /** Mean cross-entropy of the next token, when there were labels. */
  readonly loss?: Tensor;
  /** The embeddings, then the output of every block; the last after the final norm. */
  readonly hiddenStates: readonly Tensor[];
  readonly attentions: readonly Tensor[];
}

/**
 * GPT-2 with its language-model head, as Hugging Face saves it. Radford et al., "Language models are unsupervised
 * multitask learners", 2019. The lecture's own `GPT` is the same model with options instead of a configuration.
 */
export class GPT2LMHeadModel extends PretrainedModel<GPT2Config> {
  readonly tokens: Embedding;
  readonly positions: Embedding;
  readonly dropout: Dropout;
  readonly blocks: TransformerBlock[];
  readonly norm: LayerNorm;
  /** Only where it is not the token table. */
  readonly head?: Linear;

  constructor(config: GPT2Config = {}) {
    super(config);
    const full = { ...gpt2Small, ...config };
    const C = full.n_embd;
    this.tokens = new Embedding(full.vocab_size, C);
    this.positions = new Embedding(full.n_positions, C);
    this.dropout = new Dropout(full.embd_pdrop);
    this.blocks = Array.from(
      { length: full.n_layer },
      (_, i) =>
        new TransformerBlock(C, full.n_head, {
          mlpDim: full.n_inner ?? 4 * C,
          activation: activationOf(full.activation_function),
          dropout: full.resid_pdrop,
          attentionDropout: full.attn_pdrop,
          attentionScale:
            (full.scale_attn_weights ? 1 / Math.sqrt(C / full.n_head) : 1) /
            (full.scale_attn_by_inverse_layer_idx ? i + 1 : 1),
          normEps: full.layer_norm_epsilon,
        }),
    );
    this.norm = new LayerNorm(C, { eps: full.layer_norm_epsilon });
    if (!full.tie_word_embeddings) this.head = new Linear(C, full.vocab_size, { bias: false });
  }

  override table(): CheckpointTable {
    return this.head ? gpt2UntiedTable : gpt2Table;
  }

  /** ids (B, T) → logits (B, T, V). */
  forward(ids: NDArray, given: GPT2Inputs = {}): GPT2Output {
    checkArray("GPT2LMHeadModel", ids);
    check("GPT2LMHeadModel", "given", given, "object");

    checkOptions("GPT2LMHeadModel", given, "attentionMask, labels", {
      attentionMask: "array",
      labels: "array",
      positionIds: "array",
      cache: "object",
      needAttentions: "boolean",
    });
    const { attentionMask, labels, positionIds, cache, needAttentions } = given;

    const { T } = dims("GPT2", ids.shape, "B T");
    const past = cache?.length ?? 0;
    const keyPaddingMask = attentionMask?.ne(0);
    const attentions: Tensor[] = [];
    const places = this.positions.forward(positionIds ?? arange(past, past + T));
    const hiddenStates = [this.dropout.forward(this.tokens.forward(ids).add(places))];
    for (const block of this.blocks) {
      const x = hiddenStates[hiddenStates.length - 1];
      const options = { isCausal: true, keyPaddingMask, cache, ...(needAttentions && { attentions }) };
      hiddenStates.push(block.forward(x, options));
    }
    const last = this.norm.forward(hiddenStates.pop() as Tensor);
    hiddenStates.push(last);
    const logits = this.head ? this.head.forward(last) : last.matmul(this.tokens.weight.transpose());
    if (!labels) return { logits, hiddenStates, attentions };
    const loss = crossEntropy(logits.narrow(1, 0, T - 1).flatten(0, 1), labels.narrow(1, 1, T - 1).flatten());
    return { logits, loss, hiddenStates, attentions };
  }

  /**
   * Greedy continuation of a batch: sequences (B, T + n) and the scores behind every new token (B, n, V). A row that
   * has said `eosToken` is filled with `padToken`; it ends when all have. Prompts of different lengths are padded on
   * the left, with 0 in `attentionMask` (B, T).
   */
  generateGreedy(
    ids: NDArray,
    options: { maxNewTokens: number; eosToken?: number; padToken?: number; attentionMask?: NDArray },
  ): { sequences: NDArray; stepLogits: NDArray } {
    checkArray("GPT2LMHeadModel.generateGreedy", ids);
    checkOptions(
      "GPT2LMHeadModel.generateGreedy",
      options,
      "maxNewTokens, eosToken",
      { maxNewTokens: "number", eosToken: "number", padToken: "number", attentionMask: "array" },
      ["maxNewTokens"],
    );

    const { B, T } = dims("generateGreedy", ids.shape, "B T");
    const { maxNewTokens, eosToken, padToken = 0 } = options;
    const cache = new KVCache();
    let attentionMask = (options.attentionMask ?? ones([B, T])).to("int32");
    let positionIds = attentionMask.cumsum(1).sub(1).maximum(0);
    let unfinished = ones([B], { dtype: "bool" });
    let fresh = ids;
    const sequences = [ids];
    const steps: NDArray[] = [];
    noGrad(() => {
      for (let i = 0; i < maxNewTokens && unfinished.any().item(); i++) {
        const { logits } = this.forward(fresh, { cache, attentionMask, positionIds });
        const scores = logits.data.select(1, -1);
        const next = where(unfinished, scores.argmax(1), padToken);
        steps.push(scores);
        if (eosToken !== undefined) unfinished = unfinished.logicalAnd(next.ne(eosToken));
        fresh = next.unsqueeze(1);
        sequences.push(fresh);
        attentionMask = concat([attentionMask, ones([B, 1], { dtype: "int32" })], 1);
        positionIds = positionIds.narrow(1, -1, 1).add(1);
      }
    });
    const V = this.tokens.numEmbeddings;
    const stepLogits = steps.length
      ? concat(
          steps.map((scores) => scores.unsqueeze(1)),
          1,
        )
      : zeros([B, 0, V]);
    return { sequences: concat(sequences, 1), stepLogits };
  }
}

/** GPT-2's "Conv1D" layers are linear layers whose weight is stored (in, out). */
const turned = (theirs: string, ...ours: string[]): Rename[] => [
  { theirs: `${theirs}.weight`, ours: ours.map((name) => `${name}.weight`), transpose: true },
  { theirs: `${theirs}.bias`, ours: ours.map((name) => `${name}.bias`) },
];

const h = "transformer.h.*";

const masks = [`${h}.attn.bias`, `${h}.attn.masked_bias`];

/** Hugging Face's names of a GPT-2, and ours. The head is the token table, so it has no line of its own. */
const gpt2Table: CheckpointTable = {
  modelType: "gpt2",
  prefix: "transformer.",
  ignored: [...masks, "lm_head.weight"],
  renames: [
    { theirs: "transformer.wte.weight", ours: "tokens.weight" },
    { theirs: "transformer.wpe.weight", ours: "positions.weight" },
    ...weightAndBias(`${h}.ln_1`, "blocks.*.attentionNorm"),
    ...turned(
      `${h}.attn.c_attn`,
      "blocks.*.attention.query",
      "blocks.*.attention.key",
      "blocks.*.attention.value",
    ),
    ...turned(`${h}.attn.c_proj`, "blocks.*.attention.output"),
    ...weightAndBias(`${h}.ln_2`, "blocks.*.mlpNorm"),
    ...turned(`${h}.mlp.c_fc`, "blocks.*.mlp.hidden"),
    ...turned(`${h}.mlp.c_proj`, "blocks.*.mlp.output"),
    ...weightAndBias("transformer.ln_f", "norm"),
  ],
};

/** The same where the head has a table of its own. */
const gpt2UntiedTable: CheckpointTable = {
  ...gpt2Table,
  ignored: masks,
  renames: [...gpt2Table.renames, { theirs: "lm_head.weight", ours: "head.weight" }],
};
