import { tensor } from "../../../autograd";
import { type Recording, readScenes } from "../../../data";
import { AdamW, clipGradNorm, cosineWithWarmup, LRScheduler, type Module } from "../../../nn";
import { manualSeed } from "../../../tensor";
import { detect, detectorFrom, sceneViT, segment } from "../dense-models";
import { type DenseScenes, denseScenes } from "../dense-scenes";
import { meanAveragePrecision, meanIoU } from "../metrics";
import { ViTSegmenter } from "../segmenter";

/** Segmentation and detection on 300 scenes with pairs of kinds that training never showed together, 0 to 1. */
export interface DenseResult {
  /** Mean IoU. */
  readonly linear: number;
  readonly classTokens: number;
  /** Mean average precision at IoU 0.5. */
  readonly patches: number;
  readonly detectionTokens: number;
}

/** Steps of 16 scenes, as in the notebook. */
const STEPS = { segment: 600, patches: 450, tokens: 100 };

/** Train both segmenters and both detectors as the notebook does, and test them. */
export async function dense(options: { seed: number; part?: number }): Promise<DenseResult> {
  const { seed, part = 1 } = options;
  const source = await readScenes();
  const test = denseScenes(source, 300, { seed: 98, heldOut: true });
  const classes = source.kinds.length + 1;
  function train<M extends Module>(
    model: M,
    steps: number,
    lr: number,
    lossOf: (scenes: DenseScenes) => Loss,
  ): M {
    const totalSteps = Math.ceil(part * steps);
    const optimizer = new AdamW(model.parameters(), { lr, weightDecay: 0.01 });
    const scheduler = new LRScheduler(optimizer, cosineWithWarmup({ warmupSteps: 50, totalSteps }));
    for (let step = 0; step < totalSteps; step++) {
      const loss = lossOf(denseScenes(source, 16, { seed: 100_000 * seed + step }));
      optimizer.zeroGrad();
      loss.backward();
      clipGradNorm(model.parameters(), 1);
      optimizer.step();
      scheduler.step();
    }
    model.eval();
    return model;
  }
  const segmenter = (head: "linear" | "tokens") => {
    manualSeed(seed);
    const model = new ViTSegmenter(sceneViT, { head, classes });
    return train(
      model,
      STEPS.segment,
      3e-3,
      ({ images, masks }) => model.forward(tensor(images), { labels: masks }).loss!,
    );
  };
  const setr = segmenter("linear");
  const detector = (asks: "patches" | "tokens") => {
    manualSeed(seed + 1);
    const model = detectorFrom(setr, source.kinds.length, asks).train();
    return train(
      model,
      STEPS[asks],
      2e-3,
      ({ images, objects }) => model.forward(tensor(images), { labels: objects }).loss!,
    );
  };
  const iou = (model: ViTSegmenter) => meanIoU(segment(model, test), test.masks, classes);
  const precision = (asks: "patches" | "tokens") =>
    meanAveragePrecision(detect(detector(asks), test), test.objects, source.kinds.length, { iou: 0.5 });
  return {
    linear: iou(setr),
    classTokens: iou(segmenter("tokens")),
    patches: precision("patches"),
    detectionTokens: precision("tokens"),
  };
}

type Loss = ReturnType<typeof tensor>;

export const recording: Recording<DenseResult> = {
  says: "Segmentation and detection as in the notebook, on 300 scenes with pairs of kinds that were never drawn together",
  seeds: [1, 2, 3],
  async run(seed, log) {
    const result = await dense({ seed });
    log(JSON.stringify(result));
    return result;
  },
};
