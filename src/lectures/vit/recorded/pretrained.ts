import type { Tensor } from "../../../autograd";
import { type Recording, readMnist } from "../../../data";
import { manualSeed } from "../../../tensor";
import { ViTForImageClassification } from "../model";
import { onPaper } from "../on-paper";
import { drawingsViT, pretrainedViT } from "../pretrain";
import { accuracyOn, trainClassifier } from "../train";

/** One ViT that has learned some digits, and how many of 2,000 others it reads. */
export interface PretrainingPoint {
  /** Whether it starts from the lecture's ViT that knows drawings; else from nothing. */
  readonly isPretrained: boolean;
  /** Digits that it may learn from. */
  readonly images: number;
  /** Share of right answers on the test, 0 to 1. */
  readonly accuracy: number;
}

export interface PretrainingOptions {
  readonly isPretrained: boolean;
  /** So many digits; each seed from 1 on has its own. */
  readonly images: number;
  readonly seed: number;
  /** Of 32 digits. Default: 60 for 100 digits, 150 for more. */
  readonly steps?: number;
}

/** Train the lecture's ViT for drawings on a few digits, with what it knows or without, and test it on others. */
export function pretrainingPoint({
  isPretrained,
  images,
  seed,
  steps,
}: PretrainingOptions): PretrainingPoint {
  const few = readMnist({ start: (seed - 1) * images, limit: images });
  const test = readMnist({ split: "test", limit: 2000 });
  manualSeed(seed);
  const model = new ViTForImageClassification({ ...drawingsViT, hidden_dropout_prob: 0, num_labels: 10 });
  if (isPretrained) model.vit.loadStateDict(pretrainedViT().model.vit.stateDict());
  const logits = (x: Tensor) => model.forward(x.mul(2).sub(1)).logits;
  const options = {
    steps: steps ?? (images <= 100 ? 60 : 150),
    batch: 32,
    lr: isPretrained ? 5e-4 : 1e-3,
    seed,
    jitter: { shift: 2, outside: 1 },
  };
  trainClassifier(model, logits, { images: onPaper(few.images), labels: few.labels }, options);
  const accuracy = accuracyOn(model, logits, { images: onPaper(test.images), labels: test.labels });
  return { isPretrained, images, accuracy };
}

/** With and without pretraining on 100 and 1,000 digits, as `npm run record -- vit-pretrained` runs them. */
export const recording: Recording<PretrainingPoint[]> = {
  says: "A ViT that knows drawings and the same ViT from nothing learn to read digits from 100 and 1,000 of them",
  seeds: [1, 2, 3],
  run: (seed, log) =>
    [100, 1000].flatMap((images) =>
      [false, true].map((isPretrained) => {
        const point = pretrainingPoint({ isPretrained, images, seed });
        log(JSON.stringify(point));
        return point;
      }),
    ),
};
