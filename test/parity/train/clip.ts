import { concat, normalize, quickGelu, scaledDotProductAttention, type Tensor } from "../../../src/autograd";
import { clipLoss } from "../../../src/lectures/clip";
import {
  Conv2d,
  Embedding,
  init,
  LayerNorm,
  Linear,
  Module,
  type Parameter,
  parameter,
} from "../../../src/nn";
import { arange, full, type NDArray } from "../../../src/tensor";
import { heads, merge } from "./gpt";

interface TowerConfig {
  readonly d: number;
  readonly heads: number;
  readonly layers: number;
  readonly ff: number;
}

interface ImageConfig extends TowerConfig {
  readonly image: number;
  readonly patch: number;
  readonly channels: number;
}

interface TextConfig extends TowerConfig {
  readonly vocab: number;
  readonly context: number;
}

export interface CLIPConfig {
  readonly image: ImageConfig;
  readonly text: TextConfig;
  readonly embed: number;
  readonly logit_scale: number;
}

// Modules as the manifest's `model_code` writes them, name by name.

class Attention extends Module {
  readonly q: Linear;
  readonly k: Linear;
  readonly v: Linear;
  readonly o: Linear;

  constructor(
    d: number,
    readonly heads: number,
  ) {
    super();
    this.q = new Linear(d, d);
    this.k = new Linear(d, d);
    this.v = new Linear(d, d);
    this.o = new Linear(d, d);
  }

  forward(x: Tensor, isCausal: boolean): Tensor {
    const [q, k, v] = [this.q, this.k, this.v].map((layer) => heads(layer.forward(x), this.heads));
    return this.o.forward(merge(scaledDotProductAttention(q, k, v, { isCausal })));
  }
}

class ClipBlock extends Module {
  readonly ln1: LayerNorm;
  readonly ln2: LayerNorm;
  readonly attn: Attention;
  readonly fc1: Linear;
  readonly fc2: Linear;

  constructor({ d, heads, ff }: TowerConfig) {
    super();
    this.ln1 = new LayerNorm(d);
    this.ln2 = new LayerNorm(d);
    this.attn = new Attention(d, heads);
    this.fc1 = new Linear(d, ff);
    this.fc2 = new Linear(ff, d);
  }

  forward(x: Tensor, isCausal: boolean): Tensor {
    const h = x.add(this.attn.forward(this.ln1.forward(x), isCausal));
    return h.add(this.fc2.forward(quickGelu(this.fc1.forward(this.ln2.forward(h)))));
  }
}

const blocksOf = (config: TowerConfig) => Array.from({ length: config.layers }, () => new ClipBlock(config));

class ImageTower extends Module {
  readonly patch: Conv2d;
  readonly cls: Parameter;
  readonly pos: Parameter;
  readonly ln_pre: LayerNorm;
  readonly ln_post: LayerNorm;
  readonly blocks: ClipBlock[];
  readonly proj: Linear;

  constructor(config: ImageConfig, embed: number) {
    super();
    const { image, patch, channels, d } = config;
    this.patch = new Conv2d(channels, d, patch, { stride: patch, bias: false });
    this.cls = parameter(init.zeros([d]));
    this.pos = parameter(init.zeros([Math.floor(image / patch) ** 2 + 1, d]));
    this.ln_pre = new LayerNorm(d);
    this.ln_post = new LayerNorm(d);
    this.blocks = blocksOf(config);
    this.proj = new Linear(d, embed, { bias: false });
  }

  forward(images: Tensor): Tensor {
    const patches = this.patch.forward(images).flatten(2).transpose(1, 2);
    const cls = this.cls.expand([patches.shape[0], 1, patches.shape[2]]);
    let x = this.ln_pre.forward(concat([cls, patches], 1).add(this.pos));
    for (const block of this.blocks) x = block.forward(x, false);
    return this.proj.forward(this.ln_post.forward(x.select(1, 0)));
  }
}

class TextTower extends Module {
  readonly tok: Embedding;
  readonly pos: Parameter;
  readonly blocks: ClipBlock[];
  readonly ln_f: LayerNorm;
  readonly proj: Linear;

  constructor(config: TextConfig, embed: number) {
    super();
    this.tok = new Embedding(config.vocab, config.d);
    this.pos = parameter(init.zeros([config.context, config.d]));
    this.blocks = blocksOf(config);
    this.ln_f = new LayerNorm(config.d);
    this.proj = new Linear(config.d, embed, { bias: false });
  }

  forward(ids: NDArray): Tensor {
    const [B, T] = ids.shape;
    let x = this.tok.forward(ids).add(this.pos.narrow(0, 0, T));
    for (const block of this.blocks) x = block.forward(x, true);
    // The end of the text has the largest id.
    const ends = arange(0, B).mul(T).add(ids.argmax(1));
    return this.proj.forward(this.ln_f.forward(x).flatten(0, 1).indexSelect(0, ends));
  }
}

/** The CLIP of the training fixtures; its forward is the loss. */
export class FixtureCLIP extends Module {
  readonly image: ImageTower;
  readonly text: TextTower;
  readonly logit_scale: Parameter;

  constructor({ image, text, embed, logit_scale }: CLIPConfig) {
    super();
    this.image = new ImageTower(image, embed);
    this.text = new TextTower(text, embed);
    this.logit_scale = parameter(full([], logit_scale));
  }

  forward(images: Tensor, ids: NDArray): Tensor {
    const i = normalize(this.image.forward(images), { axis: -1 });
    const t = normalize(this.text.forward(ids), { axis: -1 });
    return clipLoss(i.mul(this.logit_scale.exp()).matmul(t.transpose()));
  }
}
