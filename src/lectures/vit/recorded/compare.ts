import type { Tensor } from "../../../autograd";
import { type LabelledImages, type Recording, readMnist } from "../../../data";
import { Linear, type Module } from "../../../nn";
import { expected, full, manualSeed, type NDArray } from "../../../tensor";
import { DRAWN_GROUPS, drawnSubgroups, readDrawings } from "../drawings";
import { type ViTConfig, ViTForImageClassification } from "../model";
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

const STYLES = ["noto", "fluent", "openmoji"] as const;
const DRAWN_MOVES = { shift: 3, zoom: 0.2, mirror: true, colour: 0.2, outside: 1 };

/** MNIST, and the drawings by group: three styles to learn from, Twemoji to be judged by. */
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
      name: "drawings, another style",
      train: { images: drawn.images, labels: drawn.groups },
      test: { images: other.images, labels: other.groups },
      classes: DRAWN_GROUPS.length,
      jitter: DRAWN_MOVES,
    },
  ];
}

/** The small ViT's body after so many steps of 64 drawings, by their subgroups: what it knows before it sees a digit. */
export async function rivalBody(steps = 500): Promise<ReadonlyMap<string, NDArray>> {
  const { images, subgroups: labels } = await readDrawings({ part: "train", styles: STYLES });
  manualSeed(7);
  const model = new ViTForImageClassification({ ...smallViT, num_labels: drawnSubgroups().length });
  const logits: Classifier = (x) => model.forward(seen(x)).logits;
  const options = { steps, batch: 64, lr: 3e-3, seed: 7, jitter: DRAWN_MOVES };
  trainClassifier(model, logits, { images, labels }, options);
  return model.vit.stateDict();
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

function build(
  rival: Rival,
  classes: number,
  body?: ReadonlyMap<string, NDArray>,
): { model: Module; logits: Classifier; lr: number } {
  if (rival === "linear") {
    const model = new Linear(3 * 32 * 32, classes);
    return { model, logits: (x) => model.forward(seen(x).flatten(1)), lr: 1e-3 };
  }
  if (rival === "ResNet") {
    const model = new SmallResNet(3, 16, classes);
    return { model, logits: (x) => model.forward(seen(x)), lr: 3e-3 };
  }
  const model = new ViTForImageClassification({ ...smallViT, num_labels: classes });
  if (rival === "ViT, pretrained") {
    if (!body) throw expected("rivalPoint", "a body for the pretrained ViT, as rivalBody() gives it", body);
    model.vit.loadStateDict(body);
  }
  return { model, logits: (x) => model.forward(seen(x)).logits, lr: 3e-3 };
}

export interface RivalOptions {
  readonly model: Rival;
  /** So many training images; each seed from 1 on has its own. */
  readonly images: number;
  readonly seed: number;
  /** Default: 50 for 100 images, 120 for 1,000, 300 for more. */
  readonly steps?: number;
  /** Of the pretrained ViT: see {@link rivalBody}. */
  readonly body?: ReadonlyMap<string, NDArray>;
}

const BATCH = 32;
const stepsFor = (images: number) => (images <= 100 ? 50 : images <= 1000 ? 120 : 300);

/** Train one of the four on some of the images, in steps of 32, and test it. */
export function rivalPoint(
  data: RivalData,
  { model: rival, images, seed, steps, body }: RivalOptions,
): RivalPoint {
  manualSeed(seed);
  const { model, logits, lr } = build(rival, data.classes, body);
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

/** What all seeds start from, made when the first asks for it. */
let knows: ReadonlyMap<string, NDArray> | undefined;

/** Four models on as many images as there are, and on fewer digits, as `npm run record -- vit-compare` runs them. */
export const recording: Recording<RivalPoint[]> = {
  says: "A linear model, a small ResNet, and a small ViT from scratch and pretrained on drawings: accuracy on digits and drawings, and against the number of training images",
  seeds: [1, 2, 3],
  async run(seed, log) {
    const points: RivalPoint[] = [];
    knows ??= await rivalBody();
    const body = knows;
    log("the ViT has learned the drawings");
    for (const data of await rivalData()) {
      const all = data.train.images.shape[0];
      for (const images of data.name === "MNIST" ? [100, 1000, all] : [all])
        for (const model of RIVALS) {
          // The pretrained model has seen these drawings.
          if (model === "ViT, pretrained" && data.name.startsWith("drawings")) continue;
          const point = rivalPoint(data, { model, images, seed, body });
          log(
            `${point.data}, ${images} images, ${model}: ${point.accuracy.toFixed(4)}, ${point.seconds.toFixed(1)} core-seconds`,
          );
          points.push(point);
        }
    }
    return points;
  },
};
