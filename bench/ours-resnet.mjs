/**
 * One SGD step of a small ResNet, written as a student would: ten classes of 3 × 32 × 32 images.
 *
 *   node bench/ours-resnet.mjs 16,2,32      channels of the first stage, blocks per stage, batch
 */
import {
  adaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Linear,
  Module,
  manualSeed,
  nd,
  randn,
  relu,
  SGD,
} from "gradschool";
import { facts, trainingStep } from "./ours.mjs";
import { configuration, contend } from "./peers/measure.mjs";

/** @typedef {import("gradschool").Tensor} Tensor */

class ConvNorm extends Module {
  /** @param {number} inChannels @param {number} outChannels @param {number} kernel */
  constructor(inChannels, outChannels, kernel, stride = 1) {
    super();
    const padding = kernel >> 1;
    this.conv = new Conv2d(inChannels, outChannels, kernel, { stride, padding, bias: false });
    this.norm = new BatchNorm2d(outChannels);
  }

  /** @param {Tensor} x */
  forward(x) {
    return this.norm.forward(this.conv.forward(x));
  }
}

class Block extends Module {
  /** @param {number} inChannels @param {number} outChannels @param {number} stride */
  constructor(inChannels, outChannels, stride) {
    super();
    this.first = new ConvNorm(inChannels, outChannels, 3, stride);
    this.second = new ConvNorm(outChannels, outChannels, 3);
    if (inChannels !== outChannels || stride !== 1)
      this.shortcut = new ConvNorm(inChannels, outChannels, 1, stride);
  }

  /** @param {Tensor} x */
  forward(x) {
    const h = this.second.forward(relu(this.first.forward(x)));
    return relu(h.add(this.shortcut ? this.shortcut.forward(x) : x));
  }
}

class ResNet extends Module {
  /** @param {number} width @param {number} blocks */
  constructor(width, blocks) {
    super();
    this.stem = new ConvNorm(3, width, 3);
    /** @type {Block[]} */
    this.blocks = [];
    let channels = width;
    for (let stage = 0; stage < 3; stage++) {
      for (let i = 0; i < blocks; i++) {
        const out = width << stage;
        this.blocks.push(new Block(channels, out, stage > 0 && i === 0 ? 2 : 1));
        channels = out;
      }
    }
    this.classifier = new Linear(channels, 10);
  }

  /** @param {Tensor} images */
  forward(images) {
    let x = relu(this.stem.forward(images));
    for (const block of this.blocks) x = block.forward(x);
    return this.classifier.forward(adaptiveAvgPool2d(x, 1).flatten(1));
  }
}

const config = configuration("16,2,32");
const [width, blocks, B] = config;

manualSeed(0);
const model = new ResNet(width, blocks);
const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
const images = randn([B, 3, 32, 32]);
const labels = nd.randint(0, 10, [B]);

const step = trainingStep(optimizer, () => crossEntropy(model.forward(images), labels));
await contend("gradschool", step, facts(model, config));
