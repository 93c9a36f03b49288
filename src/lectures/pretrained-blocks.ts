import type { Tensor } from "../autograd";
import { activationOf, type BlockForwardOptions, TransformerBlock } from "../nn";

/** What the released models of several lectures have in common: how `config.json` tells of their blocks, and what they give. */

/** A stack of transformer blocks as Hugging Face's BERT, ViT and CLIP spell it. */
export interface BlocksConfig {
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  readonly hidden_act: string;
  readonly layer_norm_eps: number;
  readonly hidden_dropout_prob?: number;
  /** BERT's and ViT's name, and CLIP's. */
  readonly attention_probs_dropout_prob?: number;
  readonly attention_dropout?: number;
  readonly qkv_bias?: boolean;
}

/** The blocks of that configuration. */
export const blocksOf = (config: BlocksConfig, options: { normFirst?: boolean } = {}): TransformerBlock[] =>
  Array.from(
    { length: config.num_hidden_layers },
    () =>
      new TransformerBlock(config.hidden_size, config.num_attention_heads, {
        mlpDim: config.intermediate_size,
        activation: activationOf(config.hidden_act),
        dropout: config.hidden_dropout_prob,
        attentionDropout: config.attention_probs_dropout_prob ?? config.attention_dropout,
        normFirst: options.normFirst,
        qkvBias: config.qkv_bias,
        normEps: config.layer_norm_eps,
      }),
  );

/** What such a stack, with what stands around it, gives for (B, T, C). */
export interface BlocksOutput {
  /** (B, T, C): every token (or patch) in its context. */
  readonly lastHiddenState: Tensor;
  /** The embeddings, then the output of every block, each (B, T, C). */
  readonly hiddenStates: readonly Tensor[];
  /** Of every block, (B, H, T, T); empty unless asked for. */
  readonly attentions: readonly Tensor[];
}

/** x and the output of every block, one after the other, and their attention weights if asked for. */
export function throughBlocks(
  blocks: readonly TransformerBlock[],
  x: Tensor,
  options: BlockForwardOptions = {},
  needAttentions = false,
): { hiddenStates: Tensor[]; attentions: Tensor[] } {
  const attentions: Tensor[] = [];
  const hiddenStates = [x];
  for (const block of blocks) {
    const last = hiddenStates[hiddenStates.length - 1];
    hiddenStates.push(block.forward(last, needAttentions ? { ...options, attentions } : options));
  }
  return { hiddenStates, attentions };
}
