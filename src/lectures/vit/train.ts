import { crossEntropy, noGrad, type Tensor, tensor } from "../../autograd";
import type { LabelledImages } from "../../data";
import { AdamW, clipGradNorm, cosineWithWarmup, LRScheduler, type Module } from "../../nn";
import { check, checkOptions, concat, dims, elements, Generator, type NDArray, zeros } from "../../tensor";

/** Scores of classes, (B, L), for images (B, C, H, W). */
export type Classifier = (images: Tensor) => Tensor;

export interface ClassifierOptions {
  readonly steps: number;
  /** Images in a step. */
  readonly batch: number;
  readonly lr: number;
  /** Of the images that are drawn, and of how they are moved. */
  readonly seed: number;
  /** Default: 0.05. */
  readonly weightDecay?: number;
  /** How images may be changed before they are shown; see {@link jitter}. Default: not at all. */
  readonly jitter?: JitterOptions;
  /** Called after every step, with the number of steps done and the loss in nats. */
  readonly after?: (done: number, loss: number) => void;
}

/**
 * Train to tell classes apart, as the lecture's notebook does: AdamW, warm-up and cosine, gradients clipped to 1, images drawn
 * at random.
 */
export function trainClassifier(
  model: Module,
  logitsOf: Classifier,
  { images, labels }: LabelledImages,
  options: ClassifierOptions,
): void {
  check("trainClassifier", "model", model, "object");
  check("trainClassifier", "logitsOf", logitsOf, "function");
  checkOptions(
    "trainClassifier",
    options,
    "steps, batch, lr, seed",
    {
      steps: "size",
      batch: "size",
      lr: "positive",
      seed: "number",
      weightDecay: "number",
      jitter: "object",
      after: "function",
    },
    ["steps", "batch", "lr", "seed"],
  );
  const { steps, batch, lr, seed, weightDecay = 0.05, jitter: moves, after } = options;
  const optimizer = new AdamW(model.parameters(), { lr, betas: [0.9, 0.98], weightDecay });
  const schedule = cosineWithWarmup({ warmupSteps: Math.ceil(0.08 * steps), totalSteps: steps });
  const scheduler = new LRScheduler(optimizer, schedule);
  const generator = new Generator(seed);
  model.train();
  for (let done = 1; done <= steps; done++) {
    const rows = generator.integers([batch], { high: images.shape[0] });
    const drawn = images.indexSelect(0, rows);
    const seen = moves ? jitter(drawn, generator, moves) : drawn;
    const loss = crossEntropy(logitsOf(tensor(seen)), labels.indexSelect(0, rows));
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    scheduler.step();
    after?.(done, loss.item());
  }
}

/** The class that the model takes each image for, (N), a few hundred images at a time. */
export function predict(model: Module, logitsOf: Classifier, images: NDArray): NDArray {
  check("predict", "model", model, "object");
  check("predict", "logitsOf", logitsOf, "function");
  const N = images.shape[0];
  const few = 250;
  const parts: NDArray[] = [];
  model.evaluating(() =>
    noGrad(() => {
      for (let row = 0; row < N; row += few)
        parts.push(logitsOf(tensor(images.narrow(0, row, Math.min(few, N - row)))).data.argmax(-1));
    }),
  );
  return concat(parts, 0);
}

/** The share of images whose class is said rightly, 0 to 1. */
export const accuracyOn = (model: Module, logitsOf: Classifier, { images, labels }: LabelledImages): number =>
  predict(model, logitsOf, images).eq(labels).mean().item();

export interface JitterOptions {
  /** Move by up to so many pixels, each way. Default: 0. */
  readonly shift?: number;
  /** Larger or smaller by up to this share. Default: 0. */
  readonly zoom?: number;
  /** Half of the images are mirrored. Default: no. */
  readonly mirror?: boolean;
  /** Each channel is made stronger or weaker by up to this share. Default: 0. */
  readonly colour?: number;
  /** What comes in from outside. Default: 0, black. */
  readonly outside?: number;
}

/** Images (B, C, H, W), each changed a little in its own way: what is in them stays what it is. */
export function jitter(images: NDArray, generator: Generator, options: JitterOptions = {}): NDArray {
  const { B, C, H, W } = dims("jitter", images.shape, "B C H W");
  checkOptions("jitter", options, "shift, mirror", {
    shift: "count",
    zoom: "number",
    mirror: "boolean",
    colour: "number",
    outside: "number",
  });
  const { shift = 0, zoom = 0, mirror = false, colour = 0, outside = 0 } = options;
  const out = zeros([B, C, H, W]);
  const [from, to] = [elements(images.contiguous()), elements(out)];
  const moves = elements(generator.integers([B, 2], { low: -shift, high: shift + 1 }));
  const chances = elements(generator.uniform([B, 2 + C], { low: -1, high: 1 }));
  for (let b = 0; b < B; b++) {
    const mine = b * (2 + C);
    const scale = 1 / (1 + zoom * chances[mine]);
    const across = mirror && chances[mine + 1] < 0 ? -scale : scale;
    // Where in the old image the pixel of the new one comes from: around the middle.
    const rows = Array.from({ length: H }, (_, y) =>
      Math.round((y - (H - 1) / 2 - moves[2 * b]) * scale + (H - 1) / 2),
    );
    const columns = Array.from({ length: W }, (_, x) =>
      Math.round((x - (W - 1) / 2 - moves[2 * b + 1]) * across + (W - 1) / 2),
    );
    for (let c = 0; c < C; c++) {
      const strength = 1 + colour * chances[mine + 2 + c];
      const plane = (b * C + c) * H * W;
      for (let y = 0; y < H; y++)
        for (let x = 0; x < W; x++) {
          const [row, column] = [rows[y], columns[x]];
          const isInside = row >= 0 && row < H && column >= 0 && column < W;
          to[plane + y * W + x] = isInside ? from[plane + row * W + column] * strength : outside;
        }
    }
  }
  return out;
}
