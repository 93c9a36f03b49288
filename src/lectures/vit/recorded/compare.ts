import type { Tensor } from "../../../autograd";
import { type LabelledImages, type Recording, readFashion, readMnist } from "../../../data";
import { Linear, type Module } from "../../../nn";
import { manualSeed } from "../../../tensor";
import { DRAWN_GROUPS, readDrawings } from "../drawings";
import { type ViTConfig, ViTForImageClassification } from "../model";
import { onPaper } from "../on-paper";
import { SmallResNet } from "../resnet";
import { accuracyOn, type Classifier, type JitterOptions, trainClassifier } from "../train";

/** 16 patches of 8 × 8 pixels, vectors of 64 numbers: as small as the notebook's own. */
const smallViT = {
  hidden_size: 64,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  intermediate_size: 128,
  layer_norm_eps: 1e-6,
  image_size: 32,
  patch_size: 8,
  num_channels: 3,
} as const satisfies ViTConfig;

export const RIVALS = ["linear", "ResNet", "ViT"] as const;
export type Rival = (typeof RIVALS)[number];

/** One trained model: on what, how much of it, and how well it does on images that it has not seen. */
export interface RivalPoint {
  readonly data: string;
  readonly model: Rival;
  /** Training images. */
  readonly images: number;
  readonly steps: number;
  /** Share of right answers on the test, 0 to 1. */
  readonly accuracy: number;
  /** Core-seconds of the training. */
  readonly seconds: number;
  /** Floating-point operations of the training, in 10¹². */
  readonly teraFlop: number;
}

/** Images for all three alike: (N, 3, 32, 32), dark on white. */
export interface RivalData {
  readonly name: string;
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly classes: number;
  readonly jitter: JitterOptions;
}

const papers = ({ images, labels }: LabelledImages): LabelledImages => ({ images: onPaper(images), labels });

const digits = (split: "train" | "test", limit: number) => papers(readMnist({ split, limit }));

function clothes(split: "train" | "test", limit: number): LabelledImages {
  const found = readFashion({ split, limit });
  if (!found) throw new Error("vit-compare: this recording needs fashion: npm start -- --with fashion");
  return papers(found);
}

const MOST = 10_000;
const TEST = 2000;

const STYLES = ["noto", "fluent", "openmoji"] as const;
const DRAWN_MOVES = { shift: 3, zoom: 0.2, mirror: true, colour: 0.2, outside: 1 };

/** MNIST, Fashion-MNIST, and the drawings by group: three styles to learn from, Twemoji to be judged by. */
async function rivalData(): Promise<RivalData[]> {
  const drawn = await readDrawings({ part: "train", styles: STYLES });
  const other = await readDrawings({ part: "train", styles: ["twemoji"] });
  return [
    {
      name: "MNIST",
      train: digits("train", MOST),
      test: digits("test", TEST),
      classes: 10,
      jitter: { shift: 2, outside: 1 },
    },
    {
      name: "Fashion-MNIST",
      train: clothes("train", MOST),
      test: clothes("test", TEST),
      classes: 10,
      jitter: { shift: 2, mirror: true, outside: 1 },
    },
    {
      name: "drawings, another style",
      train: { images: drawn.images, labels: drawn.groups },
      test: { images: other.images, labels: other.groups },
      classes: DRAWN_GROUPS.length,
      jitter: DRAWN_MOVES,
    },
  ];
}

/** Multiplications and additions of one image's way through, forward. */
const FLOP: Record<Rival, (model: Module) => number> = {
  linear: (model) => 2 * sizeOf(model),
  // Each convolution once at each place of its output.
  ResNet: (model) =>
    model.namedParameters().reduce((sum, [name, { data }]) => {
      const stage = /stages\.(\d)/.exec(name)?.[1];
      const places = stage === undefined ? 256 : [64, 16, 4][Number(stage)];
      return (
        sum + (data.ndim === 4 ? 2 * data.size * places : name.startsWith("classifier") ? 2 * data.size : 0)
      );
    }, 0),
  ViT: vitFlop,
};
const sizeOf = (model: Module) => model.parameters().reduce((sum, { data }) => sum + data.size, 0);

/** Each matrix once for each of T tokens; scores and sums of attention, 4 T² E in each layer. */
function vitFlop(model: Module): number {
  const { hidden_size: E, num_hidden_layers: layers, image_size, patch_size } = smallViT;
  const T = 1 + (image_size / patch_size) ** 2;
  const matrices = model
    .namedParameters()
    .reduce((sum, [name, { data }]) => sum + (data.ndim === 2 && name.includes("blocks") ? data.size : 0), 0);
  return T * (2 * matrices + 2 * 3 * patch_size ** 2 * E) + layers * 4 * T * T * E;
}

const coreSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const seen = (x: Tensor) => x.mul(2).sub(1);

function build(rival: Rival, classes: number): { model: Module; logits: Classifier; lr: number } {
  if (rival === "linear") {
    const model = new Linear(3 * 32 * 32, classes);
    return { model, logits: (x) => model.forward(seen(x).flatten(1)), lr: 1e-3 };
  }
  if (rival === "ResNet") {
    const model = new SmallResNet(3, 16, classes);
    return { model, logits: (x) => model.forward(seen(x)), lr: 3e-3 };
  }
  const model = new ViTForImageClassification({ ...smallViT, num_labels: classes });
  return { model, logits: (x) => model.forward(seen(x)).logits, lr: 3e-3 };
}

export interface RivalOptions {
  readonly model: Rival;
  /** So many training images; each seed from 1 on has its own. */
  readonly images: number;
  /** Of {@link BATCH} images. */
  readonly steps: number;
  readonly seed: number;
}

const BATCH = 32;

/** Train one of the three on some of the images, and test it. */
export function rivalPoint(data: RivalData, { model: rival, images, steps, seed }: RivalOptions): RivalPoint {
  manualSeed(seed);
  const { model, logits, lr } = build(rival, data.classes);
  const { train } = data;
  const start = images === train.labels.size ? 0 : (seed - 1) * images; // other images for every seed
  const some = {
    images: train.images.narrow(0, start, images),
    labels: train.labels.narrow(0, start, images),
  };
  const before = coreSeconds();
  trainClassifier(model, logits, some, { steps, batch: BATCH, lr, seed, jitter: data.jitter });
  const seconds = coreSeconds() - before;
  const teraFlop = (3 * FLOP[rival](model) * BATCH * steps) / 1e12; // backward is two products for each of forward's
  const accuracy = accuracyOn(model, logits, data.test);
  return { data: data.name, model: rival, images, steps, accuracy, seconds, teraFlop };
}

const STEPS = 600;

/** On digits few images and few steps each by themselves: images at {@link STEPS} steps, then steps with all images. */
const runsOn = ({ name, train }: RivalData): { images: number; steps: number }[] => {
  const all = train.labels.size;
  const full = { images: all, steps: STEPS };
  if (name !== "MNIST") return [full];
  return [{ images: 100, steps: STEPS }, { images: 1000, steps: STEPS }, full, { images: all, steps: 100 }];
};

/** Three models on all images, and on digits with fewer images or steps, as `npm run record -- vit-compare` runs them. */
export const recording: Recording<RivalPoint[]> = {
  says: "A linear model, a small ResNet and a small ViT, from scratch: accuracy on digits, clothes and drawings, and on digits against the number of training images and of steps",
  seeds: [1, 2, 3],
  async run(seed, log) {
    const points: RivalPoint[] = [];
    for (const data of await rivalData())
      for (const run of runsOn(data))
        for (const model of RIVALS) {
          const point = rivalPoint(data, { model, ...run, seed });
          const { images, steps, accuracy, seconds } = point;
          log(
            `${data.name}, ${images} images, ${steps} steps, ${model}: ${accuracy.toFixed(4)}, ${seconds.toFixed(1)} core-seconds`,
          );
          points.push(point);
        }
    return points;
  },
};
