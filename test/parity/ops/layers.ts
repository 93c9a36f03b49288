import type { Tensor } from "../../../src/autograd";
import { MultiHeadAttention, TransformerBlock } from "../../../src/nn";
import { number, numberOr, type Op, type OpInput } from "./case";

/** Layers of torch.nn against our modules: the fixture's weights stand in for the module's parameters. */

/** query, key and value in one matrix (in_proj) or three, handed to our three linear layers. */
function placeAttention(c: OpInput, attention: MultiHeadAttention, prefix = ""): void {
  const E = attention.embedDim;
  const get = (name: string) => c.optional(`${prefix}${name}`);
  [attention.query, attention.key, attention.value].forEach((layer, i) => {
    const own = get(["q_proj_weight", "k_proj_weight", "v_proj_weight"][i]);
    const weight = own ?? get("in_proj_weight")?.narrow(0, i * E, E);
    place(layer, { weight, bias: get("in_proj_bias")?.narrow(0, i * E, E) });
  });
  place(attention.output, { weight: get("out_proj.weight"), bias: get("out_proj.bias") });
}

/** Put tensors of a graph where a module keeps its parameters, so that gradients reach the fixture's inputs. */
function place(module: object, tensors: Readonly<Record<string, Tensor | undefined>>): void {
  Object.assign(module, Object.fromEntries(Object.entries(tensors).filter(([, x]) => x)));
}

/** torch.nn's boolean masks are true where attention is NOT allowed; ours (and F.sdpa's) where it is. */
const allowed = (x: Tensor | undefined) => x?.data.logicalNot();

export const layers: Readonly<Record<string, Op>> = {
  multihead_attention: (c) => {
    const attention = new MultiHeadAttention(number(c, "embed_dim"), number(c, "num_heads"), {
      bias: (c.args.bias as boolean | undefined) ?? true,
      keyDim: numberOr(c, "kdim", undefined),
      valueDim: numberOr(c, "vdim", undefined),
    });
    placeAttention(c, attention);
    const { output, weights } = attention.forward(c.input("query"), {
      key: c.input("key"),
      value: c.input("value"),
      mask: c.optional("attn_mask") ?? allowed(c.optional("attn_mask_bool")),
      keyPaddingMask: allowed(c.optional("key_padding_mask")),
      needWeights: true,
    });
    const all = weights as Tensor;
    const isMean = (c.args.average_attn_weights as boolean | undefined) ?? true;
    return { y: output, attn_weights: isMean ? all.mean(1) : all };
  },
  transformer_encoder_layer: (c) => {
    const block = new TransformerBlock(number(c, "d_model"), number(c, "nhead"), {
      mlpDim: number(c, "dim_feedforward"),
      activation: c.args.activation as "relu" | "gelu",
      normFirst: Boolean(c.args.norm_first),
      normEps: number(c, "layer_norm_eps"),
    });
    placeAttention(c, block.attention, "self_attn.");
    const pair = (name: string) => ({ weight: c.input(`${name}.weight`), bias: c.input(`${name}.bias`) });
    place(block.mlp.hidden, pair("linear1"));
    place(block.mlp.output, pair("linear2"));
    place(block.attentionNorm, pair("norm1"));
    place(block.mlpNorm, pair("norm2"));
    return block.forward(c.input("x"), {
      mask: allowed(c.optional("src_mask_bool")),
      keyPaddingMask: allowed(c.optional("src_key_padding_mask")),
    });
  },
};
