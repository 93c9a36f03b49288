import type { Tensor } from "../../../autograd";
import { type LabelledImages, type Recording, readFashion, readMnist } from "../../../data";
import { Linear, type Module } from "../../../nn";
import { full, manualSeed, type NDArray } from "../../../tensor";
import { DRAWN_GROUPS, readDrawings } from "../drawings";
import { type ViTConfig, ViTForImageClassification } from "../model";
import { drawingsViT, pretrainedViT } from "../pretrain";
import { SmallResNet } from "../resnet";
import { accuracyOn, type Classifier, type JitterOptions, trainClassifier } from "../train";

export const RIVALS = ["linear", "ResNet", "ViT", "ViT, pretrained"] as const;
export type Rival = (typeof RIVALS)[number];

/** One trained model: on what, how much of it, and how well it does on images that it has not seen. */
export interface RivalPoint {
  readonly data: string;
  readonly model: Rival;
  /** Training images. */
  readonly images: number;
  /** Share of right answers on the test, 0 to 1. */
  readonly accuracy: number;
  /** Core-seconds of the training. */
  readonly seconds: number;
  /** Floating-point operations of the training, in 10¹². */
  readonly teraFlop: number;
}

/** Images for all four alike: (N, 3, 32, 32), dark on white. */
export interface RivalData {
  readonly name: string;
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly classes: number;
  readonly jitter: JitterOptions;
}

/** (N, 28, 28), ink 1 → (N, 3, 32, 32), ink 0 on white. */
export function onPaper(images: NDArray): NDArray {
  const N = images.shape[0];
  const paper = full([N, 32, 32], 1);
  paper.slice(":", "2:30", "2:30").assign(images.neg().add(1));
  return paper.unsqueeze(1).expand([N, 3, 32, 32]).contiguous();
}

const digits = (split: "train" | "test", limit: number): LabelledImages => {
  const { images, labels } = readMnist({ split, limit });
  return { images: onPaper(images), labels };
};

const MOST = 10_000;
const TEST = 2000;

/** MNIST, the drawings by group, and Fashion-MNIST where it is installed. */
export async function rivalData(): Promise<RivalData[]> {
  const move = { shift: 2, outside: 1 };
  const mnist = {
    name: "MNIST",
    train: digits("train", MOST),
    test: digits("test", TEST),
    classes: 10,
    jitter: move,
  };
  const styles = ["noto", "fluent", "openmoji"] as const;
  const drawn = await readDrawings({ part: "train", styles });
  const other = await readDrawings({ part: "train", styles: ["twemoji"] });
  const drawings = {
    name: "drawings, another style",
    train: { images: drawn.images, labels: drawn.groups },
    test: { images: other.images, labels: other.groups },
    classes: DRAWN_GROUPS.length,
    jitter: { shift: 3, zoom: 0.2, mirror: true, colour: 0.2, outside: 1 },
  };
  const [train, test] = [readFashion({ limit: MOST }), readFashion({ split: "test", limit: TEST })];
  if (!train || !test) return [mnist, drawings];
  const paper = ({ images, labels }: LabelledImages) => ({ images: onPaper(images), labels });
  return [
    mnist,
    {
      name: "Fashion-MNIST",
      train: paper(train),
      test: paper(test),
      classes: 10,
      jitter: { ...move, mirror: true },
    },
    drawings,
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
  "ViT, pretrained": vitFlop,
};
const sizeOf = (model: Module) => model.parameters().reduce((sum, { data }) => sum + data.size, 0);

/** Each matrix once for each of T tokens; scores and sums of attention, 4 T² E in each layer. */
function vitFlop(model: Module): number {
  const { hidden_size: E, num_hidden_layers: layers, image_size, patch_size } = drawingsViT;
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
  const config: ViTConfig = { ...drawingsViT, hidden_dropout_prob: 0, num_labels: classes };
  const model = new ViTForImageClassification(config);
  if (rival === "ViT, pretrained") model.vit.loadStateDict(pretrainedViT().model.vit.stateDict());
  return { model, logits: (x) => model.forward(seen(x)).logits, lr: rival === "ViT" ? 1e-3 : 5e-4 };
}

export interface RivalOptions {
  readonly model: Rival;
  /** So many training images; each seed from 1 on has its own. */
  readonly images: number;
  readonly seed: number;
  /** Default: 60 for 100 images, 150 for 1,000, 400 for more. */
  readonly steps?: number;
}

const BATCH = 32;
const stepsFor = (images: number) => (images <= 100 ? 60 : images <= 1000 ? 150 : 400);

/** Train one of the four on some of the images, in steps of 32, and test it. */
export function rivalPoint(data: RivalData, { model: rival, images, seed, steps }: RivalOptions): RivalPoint {
  manualSeed(seed);
  const { model, logits, lr } = build(rival, data.classes);
  const { train } = data;
  const start = images === train.labels.size ? 0 : (seed - 1) * images; // other images for every seed
  const some = {
    images: train.images.narrow(0, start, images),
    labels: train.labels.narrow(0, start, images),
  };
  const all = steps ?? stepsFor(images);
  const before = coreSeconds();
  trainClassifier(model, logits, some, { steps: all, batch: BATCH, lr, seed, jitter: data.jitter });
  const seconds = coreSeconds() - before;
  const teraFlop = (3 * FLOP[rival](model) * BATCH * all) / 1e12; // backward is two products for each of forward's
  const accuracy = accuracyOn(model, logits, data.test);
  return { data: data.name, model: rival, images, accuracy, seconds, teraFlop };
}

/** Four models on as many images as there are, and on fewer digits, as `npm run record -- vit-compare` runs them. */
export const recording: Recording<RivalPoint[]> = {
  says: "A linear model, a small ResNet, and a small ViT from scratch and pretrained on drawings: accuracy on three data sets, and against the number of training images",
  seeds: [1, 2, 3],
  async run(seed, log) {
    const points: RivalPoint[] = [];
    for (const data of await rivalData()) {
      const all = data.train.images.shape[0];
      for (const images of data.name === "MNIST" ? [100, 1000, all] : [all])
        for (const model of RIVALS) {
          // The pretrained model has seen these drawings.
          if (model === "ViT, pretrained" && data.name.startsWith("drawings")) continue;
          const point = rivalPoint(data, { model, images, seed });
          log(
            `${point.data}, ${images} images, ${model}: ${point.accuracy.toFixed(4)}, ${point.seconds.toFixed(1)} core-seconds`,
          );
          points.push(point);
        }
    }
    return points;
  },
};
