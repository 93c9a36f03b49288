import { adaptiveAvgPool2d, maxPool2d, relu, type Tensor } from "../../autograd";
import {
  BatchNorm2d,
  type CheckpointTable,
  Conv2d,
  Linear,
  Module,
  PretrainedModel,
  weightAndBias,
} from "../../nn";

/** The shape of a ResNet. What it leaves out is as in ResNet-50. */
export interface ResNetConfig {
  /** "basic": two 3 × 3 convolutions (ResNet-18, 34); "bottleneck": 1 × 1, 3 × 3, 1 × 1 (50 and up). */
  readonly block?: "basic" | "bottleneck";
  /** Blocks per stage. */
  readonly layers?: readonly number[];
  /** Channels of the 3 × 3 convolutions per stage; a bottleneck puts out four times as many. */
  readonly widths?: readonly number[];
  /** Channels after the first convolution. */
  readonly stem?: number;
  readonly num_classes?: number;
}

export const resnet50 = {
  block: "bottleneck",
  layers: [3, 4, 6, 3],
  widths: [64, 128, 256, 512],
  stem: 64,
  num_classes: 1000,
} as const satisfies ResNetConfig;

/** Fewer pixels or more channels on the way round a block: a 1 × 1 convolution and a norm. */
class Shortcut extends Module {
  readonly conv: Conv2d;
  readonly norm: BatchNorm2d;

  constructor(inChannels: number, outChannels: number, stride: number) {
    super();
    this.conv = new Conv2d(inChannels, outChannels, 1, { stride, bias: false });
    this.norm = new BatchNorm2d(outChannels);
  }

  forward(x: Tensor): Tensor {
    return this.norm.forward(this.conv.forward(x));
  }
}

/** relu(x + f(x)), where f is a chain of convolutions, each with a norm, all but the last with a relu. */
export class ResidualBlock extends Module {
  readonly convs: Conv2d[];
  readonly norms: BatchNorm2d[];
  readonly shortcut?: Shortcut;

  constructor(kind: "basic" | "bottleneck", inChannels: number, width: number, stride: number) {
    super();
    const out = kind === "basic" ? width : 4 * width;
    const conv3x3 = (from: number, to: number, stride: number) =>
      new Conv2d(from, to, 3, { stride, padding: 1, bias: false });
    const conv1x1 = (from: number, to: number) => new Conv2d(from, to, 1, { bias: false });
    this.convs =
      kind === "basic"
        ? [conv3x3(inChannels, width, stride), conv3x3(width, out, 1)]
        : [conv1x1(inChannels, width), conv3x3(width, width, stride), conv1x1(width, out)];
    this.norms = this.convs.map((conv) => new BatchNorm2d(conv.outChannels));
    if (stride !== 1 || inChannels !== out) this.shortcut = new Shortcut(inChannels, out, stride);
  }

  forward(x: Tensor): Tensor {
    let h = x;
    for (const [i, conv] of this.convs.entries()) {
      h = this.norms[i].forward(conv.forward(h));
      if (i < this.convs.length - 1) h = relu(h);
    }
    return relu(h.add(this.shortcut ? this.shortcut.forward(x) : x));
  }
}

export interface ResNetOutput {
  /** After the stem, then after every stage: (B, channels, H, W). */
  readonly features: readonly Tensor[];
  /** (B, channels): the mean over all places. */
  readonly pooled: Tensor;
  /** (B, classes) */
  readonly logits: Tensor;
}

/**
 * Convolutions with a way round them, so that a deep stack trains as easily as a shallow one: the image encoder of
 * CLIP's first models. He et al., "Deep residual learning for image recognition", 2016. Names and details are
 * torchvision's.
 */
export class ResNet extends PretrainedModel<ResNetConfig> {
  readonly stem: Conv2d;
  readonly stemNorm: BatchNorm2d;
  readonly stages: ResidualBlock[][];
  readonly classifier: Linear;

  constructor(config: ResNetConfig = {}) {
    super(config);
    const { block, layers, widths, stem, num_classes } = { ...resnet50, ...config };
    this.stem = new Conv2d(3, stem, 7, { stride: 2, padding: 3, bias: false });
    this.stemNorm = new BatchNorm2d(stem);
    let channels: number = stem;
    this.stages = layers.map((count, stage) =>
      Array.from({ length: count }, (_, i) => {
        const stride = stage > 0 && i === 0 ? 2 : 1;
        const made = new ResidualBlock(block, channels, widths[stage], stride);
        channels = block === "basic" ? widths[stage] : 4 * widths[stage];
        return made;
      }),
    );
    this.classifier = new Linear(channels, num_classes);
  }

  override table(): CheckpointTable {
    return resnetTable(this.stages.length);
  }

  /** images (B, 3, H, W) */
  forward(images: Tensor): ResNetOutput {
    const first = relu(this.stemNorm.forward(this.stem.forward(images)));
    const features = [maxPool2d(first, 3, { stride: 2, padding: 1 })];
    for (const blocks of this.stages) {
      features.push(blocks.reduce((x, block) => block.forward(x), features[features.length - 1]));
    }
    const pooled = adaptiveAvgPool2d(features[features.length - 1], 1).flatten(1);
    return { features, pooled, logits: this.classifier.forward(pooled) };
  }
}

const norm = (theirs: string, ours: string) => [
  ...weightAndBias(theirs, ours),
  { theirs: `${theirs}.running_mean`, ours: `${ours}.runningMean` },
  { theirs: `${theirs}.running_var`, ours: `${ours}.runningVar` },
  { theirs: `${theirs}.num_batches_tracked`, ours: `${ours}.numBatchesTracked` },
];

/** torchvision's names of a ResNet, and ours. They count stages and convolutions from 1. */
const resnetTable = (stages: number): CheckpointTable => ({
  renames: [
    { theirs: "conv1.weight", ours: "stem.weight" },
    ...norm("bn1", "stemNorm"),
    ...Array.from({ length: stages }, (_, i) => {
      const theirs = `layer${i + 1}.*`;
      const ours = `stages.${i}.*`;
      return [
        ...[0, 1, 2].flatMap((k) => [
          { theirs: `${theirs}.conv${k + 1}.weight`, ours: `${ours}.convs.${k}.weight` },
          ...norm(`${theirs}.bn${k + 1}`, `${ours}.norms.${k}`),
        ]),
        { theirs: `${theirs}.downsample.0.weight`, ours: `${ours}.shortcut.conv.weight` },
        ...norm(`${theirs}.downsample.1`, `${ours}.shortcut.norm`),
      ];
    }).flat(),
    ...weightAndBias("fc", "classifier"),
  ],
});
