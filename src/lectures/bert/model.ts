import type { Tensor } from "../../autograd";
import {
  type CheckpointTable,
  Dropout,
  Embedding,
  LayerNorm,
  Linear,
  Module,
  PretrainedModel,
  type TransformerBlock,
} from "../../nn";
import { arange, check, checkArray, checkOptions, dims, type NDArray, refusal, zeros } from "../../tensor";
import { type BlocksOutput, blocksOf, throughBlocks } from "../pretrained-blocks";
import { bertTable } from "./checkpoint";

/** `config.json` of a BERT. What it leaves out is as in bert-base-uncased. */
export interface BertConfig {
  readonly vocab_size?: number;
  readonly hidden_size?: number;
  readonly num_hidden_layers?: number;
  readonly num_attention_heads?: number;
  readonly intermediate_size?: number;
  readonly hidden_act?: string;
  readonly hidden_dropout_prob?: number;
  readonly attention_probs_dropout_prob?: number;
  readonly max_position_embeddings?: number;
  readonly type_vocab_size?: number;
  readonly layer_norm_eps?: number;
  readonly pad_token_id?: number;
  /** true makes every token see only those before it: not BERT as it was published, and refused here. */
  readonly is_decoder?: boolean;
  /** false gives word prediction a table of its own; refused too. */
  readonly tie_word_embeddings?: boolean;
}

export const bertBase = {
  vocab_size: 30522,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: "gelu",
  hidden_dropout_prob: 0.1,
  attention_probs_dropout_prob: 0.1,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  pad_token_id: 0,
  is_decoder: false,
  tie_word_embeddings: true,
} as const satisfies BertConfig;

export interface BertInputs {
  /** (B, T), 1 for a token, 0 for padding; all 1 unless given. */
  readonly attentionMask?: NDArray;
  /** (B, T), 0 for the first sentence, 1 for the second; all 0 unless given. */
  readonly tokenTypeIds?: NDArray;
  /** Return the attention weights too, which costs a little more. */
  readonly needAttentions?: boolean;
}

export const inputKinds = {
  attentionMask: "array",
  tokenTypeIds: "array",
  needAttentions: "boolean",
} as const;

export type BertOutput = BlocksOutput;

/** What a token is, where it stands, and in which sentence: three tables, added and normalised. */
class BertEmbeddings extends Module {
  readonly words: Embedding;
  readonly positions: Embedding;
  readonly tokenTypes: Embedding;
  readonly norm: LayerNorm;
  readonly dropout: Dropout;

  constructor(config: Required<BertConfig>) {
    super();
    const C = config.hidden_size;
    this.words = new Embedding(config.vocab_size, C, { paddingIdx: config.pad_token_id });
    this.positions = new Embedding(config.max_position_embeddings, C);
    this.tokenTypes = new Embedding(config.type_vocab_size, C);
    this.norm = new LayerNorm(C, { eps: config.layer_norm_eps });
    this.dropout = new Dropout(config.hidden_dropout_prob);
  }

  /** (B, T) → (B, T, C) */
  forward(ids: NDArray, tokenTypeIds: NDArray = zeros(ids.shape, { dtype: "int32" })): Tensor {
    const { T } = dims("BertEmbeddings", ids.shape, "B T");
    const x = this.words
      .forward(ids)
      .add(this.positions.forward(arange(0, T)))
      .add(this.tokenTypes.forward(tokenTypeIds));
    return this.dropout.forward(this.norm.forward(x));
  }
}

/** The body that every task shares: embeddings, then post-norm blocks in which every token sees every other. */
export class BertBody extends Module {
  readonly embeddings: BertEmbeddings;
  readonly blocks: TransformerBlock[];

  constructor(config: Required<BertConfig>) {
    super();
    this.embeddings = new BertEmbeddings(config);
    this.blocks = blocksOf(config, { normFirst: false });
  }

  forward(ids: NDArray, inputs: BertInputs = {}): BertOutput {
    checkOptions("Bert", inputs, "attentionMask, tokenTypeIds", inputKinds);
    const { attentionMask, tokenTypeIds, needAttentions } = inputs;
    const keyPaddingMask = attentionMask?.ne(0);
    const x = this.embeddings.forward(ids, tokenTypeIds);
    const passed = throughBlocks(this.blocks, x, { keyPaddingMask }, needAttentions);
    return { lastHiddenState: passed.hiddenStates[this.blocks.length], ...passed };
  }
}

/** tanh(W h_[CLS] + b): the sentence as one vector (B, C), read off its first token. */
export class BertPooler extends Module {
  readonly dense: Linear;

  constructor(hiddenSize: number) {
    super();
    this.dense = new Linear(hiddenSize, hiddenSize);
  }

  forward(hidden: Tensor): Tensor {
    return this.dense.forward(hidden.select(1, 0)).tanh();
  }
}

/** Our names stand behind `bert.` in every model with a head, so one table serves them all. */
export abstract class BertPretrained extends PretrainedModel<BertConfig> {
  readonly full: Required<BertConfig>;

  constructor(config: BertConfig = {}) {
    super(config);
    this.full = { ...bertBase, ...config };
    if (this.full.is_decoder || !this.full.tie_word_embeddings)
      throw refusal(
        "BERT",
        "expected is_decoder false and tie_word_embeddings true, others are not supported",
      );
  }

  override table(): CheckpointTable {
    return bertTable;
  }
}

/**
 * BERT: a transformer that reads a text in both directions. Devlin et al., "BERT: Pre-training of deep bidirectional
 * transformers for language understanding", 2019.
 */
export class BertModel extends BertPretrained {
  readonly bert: BertBody;
  readonly pooler: BertPooler;

  constructor(config?: BertConfig) {
    super(config);
    this.bert = new BertBody(this.full);
    this.pooler = new BertPooler(this.full.hidden_size);
  }

  override table(): CheckpointTable {
    return { ...bertTable, bare: true };
  }

  forward(ids: NDArray, inputs?: BertInputs): BertOutput & { readonly poolerOutput: Tensor } {
    checkArray("BertModel", ids);
    if (inputs !== undefined) check("BertModel", "inputs", inputs, "object");

    const output = this.bert.forward(ids, inputs);
    return { ...output, poolerOutput: this.pooler.forward(output.lastHiddenState) };
  }
}
