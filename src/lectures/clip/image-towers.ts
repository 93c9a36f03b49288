import { checkTensor, concat, relu, type Tensor } from "../../autograd";
import { BatchNorm2d, Conv2d, init, Module, MultiHeadAttention, type Parameter, parameter } from "../../nn";
import { check, checkOptions, expected, words } from "../../tensor";
import { type ViTConfig, ViTModel, vitBase } from "../vit";
import { ResidualBlock } from "./resnet";

/** An image encoder: images (B, 3, H, W), 0 to 1, → (B, width). */
export interface ImageTower extends Module {
  readonly width: number;
  forward(images: Tensor): Tensor;
}

/** What networks are used to see: 0 to 1 becomes −1 to 1. */
const centred = (images: Tensor): Tensor => images.mul(2).sub(1);

/**
 * The mean of all places asks them, by attention, what is to be told: where a plain mean would forget which thing stood
 * left. CLIP's ResNets end with it. (B, C, H, W) → (B, C)
 */
export class AttentionPool extends Module {
  readonly positions: Parameter;
  readonly attention: MultiHeadAttention;

  constructor(places: number, width: number, heads: number) {
    super();
    this.positions = parameter(init.normal([places + 1, width], { std: width ** -0.5 }));
    this.attention = new MultiHeadAttention(width, heads);
  }

  forward(features: Tensor): Tensor {
    const places = features.flatten(2).transpose(1, 2); // (B, HW, C)
    const mean = places.mean(1, { keepDims: true });
    const all = concat([mean, places], 1).add(this.positions);
    return this.attention.forward(all.narrow(1, 0, 1), { key: all }).output.squeeze(1);
  }
}

export interface ResNetTowerOptions {
  /** Pixels on each side. Default: 32. */
  readonly size?: number;
  /** Channels of each stage. Default: 32, 64, 128. */
  readonly widths?: readonly number[];
  /** Heads of the attention that pools. Default: 4. */
  readonly heads?: number;
}

/**
 * A small ResNet for pictures of `size` pixels: a first convolution that halves it, then residual blocks, each with half
 * the places and more channels, then {@link AttentionPool}.
 */
export class ResNetTower extends Module implements ImageTower {
  readonly stem: Conv2d;
  readonly stemNorm: BatchNorm2d;
  readonly blocks: ResidualBlock[];
  readonly pool: AttentionPool;
  readonly width: number;

  constructor(options: ResNetTowerOptions = {}) {
    super();
    checkOptions("ResNetTower", options, "widths: [16, 32, 64]", {
      size: "size",
      widths: "numbers",
      heads: "size",
    });
    const { size = 32, widths = [32, 64, 128], heads = 4 } = options;
    if (widths.length === 0 || size % 2 ** widths.length !== 0)
      throw expected(
        "ResNetTower",
        "a size that can be halved once for each width",
        words(`${size}, ${widths.length} widths`),
      );
    this.stem = new Conv2d(3, widths[0], 3, { stride: 2, padding: 1, bias: false });
    this.stemNorm = new BatchNorm2d(widths[0]);
    this.blocks = widths.map(
      (width, i) => new ResidualBlock("basic", widths[Math.max(0, i - 1)], width, i === 0 ? 1 : 2),
    );
    this.width = widths[widths.length - 1];
    const side = size / 2 ** widths.length;
    this.pool = new AttentionPool(side * side, this.width, heads);
  }

  /** (B, C, H, W) before pooling. */
  features(images: Tensor): Tensor {
    checkTensor("ResNetTower", images);
    const first = relu(this.stemNorm.forward(this.stem.forward(centred(images))));
    return this.blocks.reduce((x, block) => block.forward(x), first);
  }

  forward(images: Tensor): Tensor {
    return this.pool.forward(this.features(images));
  }
}

/** A ViT: what its class token has seen in the end. */
export class ViTTower extends Module implements ImageTower {
  readonly model: ViTModel;
  readonly width: number;

  constructor(config: ViTConfig) {
    super();
    check("ViTTower", "config", config, "object");
    this.model = new ViTModel(config);
    this.width = config.hidden_size ?? vitBase.hidden_size;
  }

  forward(images: Tensor): Tensor {
    checkTensor("ViTTower", images);
    return this.model.vit.forward(centred(images)).lastHiddenState.select(1, 0);
  }
}
