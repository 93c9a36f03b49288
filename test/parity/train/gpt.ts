import { gelu, scaledDotProductAttention, split, type Tensor } from "../../../src/autograd";
import { Embedding, LayerNorm, Linear, Module } from "../../../src/nn";
import { arange, type NDArray } from "../../../src/tensor";

export interface GPTConfig {
  readonly vocab: number;
  readonly context: number;
  readonly d: number;
  readonly heads: number;
  readonly layers: number;
  readonly ff: number;
  readonly gelu: "none" | "tanh";
  readonly tie: boolean;
}

/** (B, T, C) → (B, H, T, C / H) */
export function heads(x: Tensor, H: number): Tensor {
  const [B, T, C] = x.shape;
  return x.reshape([B, T, H, C / H]).transpose(1, 2);
}

/** The way back. */
export function merge(x: Tensor): Tensor {
  const [B, H, T, D] = x.shape;
  return x.transpose(1, 2).reshape([B, T, H * D]);
}

/** A block as the manifest's `model_code` writes it, name by name: one matrix makes query, key and value, without a bias. */
class GPTBlock extends Module {
  readonly ln1: LayerNorm;
  readonly qkv: Linear;
  readonly proj: Linear;
  readonly ln2: LayerNorm;
  readonly fc1: Linear;
  readonly fc2: Linear;

  constructor(readonly config: GPTConfig) {
    super();
    const { d, ff } = config;
    this.ln1 = new LayerNorm(d);
    this.qkv = new Linear(d, 3 * d, { bias: false });
    this.proj = new Linear(d, d);
    this.ln2 = new LayerNorm(d);
    this.fc1 = new Linear(d, ff);
    this.fc2 = new Linear(ff, d);
  }

  forward(x: Tensor): Tensor {
    const { d, heads: H, gelu: approximate } = this.config;
    const [q, k, v] = split(this.qkv.forward(this.ln1.forward(x)), d, -1).map((part) => heads(part, H));
    const h = x.add(this.proj.forward(merge(scaledDotProductAttention(q, k, v, { isCausal: true }))));
    return h.add(this.fc2.forward(gelu(this.fc1.forward(this.ln2.forward(h)), { approximate })));
  }
}

/** The GPT of the training fixtures. */
export class FixtureGPT extends Module {
  readonly tok: Embedding;
  readonly pos: Embedding;
  readonly blocks: GPTBlock[];
  readonly ln_f: LayerNorm;
  readonly head?: Linear;

  constructor(config: GPTConfig) {
    super();
    this.tok = new Embedding(config.vocab, config.d);
    this.pos = new Embedding(config.context, config.d);
    this.blocks = Array.from({ length: config.layers }, () => new GPTBlock(config));
    this.ln_f = new LayerNorm(config.d);
    if (!config.tie) this.head = new Linear(config.d, config.vocab, { bias: false });
  }

  forward(ids: NDArray): Tensor {
    let x = this.tok.forward(ids).add(this.pos.forward(arange(0, ids.shape[1])));
    for (const block of this.blocks) x = block.forward(x);
    x = this.ln_f.forward(x);
    return this.head ? this.head.forward(x) : x.matmul(this.tok.weight.transpose());
  }
}
