import { noGrad, type Tensor, tensor } from "../../autograd";
import type { SceneSource } from "../../data";
import { AdamW, clipGradNorm, cosineWithWarmup, LRScheduler, type Module } from "../../nn";
import { check, checkMethods, concat, dims, manualSeed, type NDArray } from "../../tensor";
import { type DenseScenes, denseScenes } from "./dense-scenes";
import { type Found, found } from "./metrics";
import { type SegmenterOptions, ViTSegmenter } from "./segmenter";
import { YolosForObjectDetection } from "./yolos";

/** The small ViT of the lecture's segmentation and detection: patches of 4 × 4 pixels, 3 blocks, vectors of 64 numbers. */
export const sceneViT = {
  hidden_size: 64,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  intermediate_size: 128,
  image_size: [32, 32],
  patch_size: 4,
  layer_norm_eps: 1e-5,
  use_mid_position_embeddings: false,
} as const;

export interface DenseTraining {
  readonly steps: number;
  readonly seed: number;
  /** Called after every step with its number, from 1, and its loss. */
  readonly after?: (step: number, loss: number) => void;
}

const BATCH = 16;

/** Steps of AdamW on scenes that are drawn once and never again. */
function train(
  source: SceneSource,
  model: Module,
  lossOf: (scenes: DenseScenes) => Tensor,
  { steps, seed, after }: DenseTraining,
): void {
  const optimizer = new AdamW(model.parameters(), { lr: 3e-3, weightDecay: 0.01 });
  const scheduler = new LRScheduler(optimizer, cosineWithWarmup({ warmupSteps: 50, totalSteps: steps }));
  for (let step = 0; step < steps; step++) {
    const loss = lossOf(denseScenes(source, BATCH, { seed: seed * 100_000 + step }));
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    scheduler.step();
    after?.(step + 1, loss.item());
  }
  model.eval();
}

/** A ViT that says of every pixel what it is. */
export function trainSegmenter(
  source: SceneSource,
  head: SegmenterOptions["head"],
  training: DenseTraining,
): ViTSegmenter {
  manualSeed(training.seed);
  const model = new ViTSegmenter(sceneViT, { head, classes: source.kinds.length + 1 });
  train(
    source,
    model,
    ({ images, masks }) => model.forward(tensor(images), { labels: masks }).loss as Tensor,
    training,
  );
  return model;
}

/** A detector whose body is the segmenter's: only its questions, their places and its two heads are new. */
export function detectorFrom(segmenter: ViTSegmenter, classes: number): YolosForObjectDetection {
  checkMethods("detectorFrom", "a ViTSegmenter", segmenter, ["forward"]);
  check("detectorFrom", "classes", classes, "size");
  const config = { ...sceneViT, num_detection_tokens: QUERIES, num_labels: classes };
  const model = new YolosForObjectDetection(config);
  const learned = segmenter.vit.stateDict();
  const start = new Map(model.vit.stateDict());
  for (const [name, x] of start) {
    const from = learned.get(name);
    if (!from || name === "embeddings.detectionTokens") continue;
    if (name !== "embeddings.positions") start.set(name, from);
    else start.set(name, concat([from.narrow(0, 0, PLACES), x.narrow(0, PLACES, QUERIES)], 0));
  }
  model.vit.loadStateDict(start);
  return model;
}

/** The class token and the patches. */
const PLACES = 1 + 64;
/** More than a scene has things, which is six at most. */
const QUERIES = 8;

/** Train a detector on scenes, by {@link detectionLoss}. */
export function trainDetector(
  source: SceneSource,
  model: YolosForObjectDetection,
  training: DenseTraining,
): YolosForObjectDetection {
  const lossOf = ({ images, objects }: DenseScenes) =>
    model.forward(tensor(images), { labels: objects }).loss as Tensor;
  train(source, model.train(), lossOf, training);
  return model;
}

/** `fn` of a hundred pictures at a time, without gradients. */
function inParts<R>(op: string, model: Module, scenes: DenseScenes, fn: (images: Tensor) => R): R[] {
  checkMethods(op, "a model", model, ["forward"]);
  check(op, "scenes", scenes, "object");
  check(op, "scenes.images", scenes.images, "array");
  const { images } = scenes;
  dims(op, images.shape, "N C H W");
  const parts: R[] = [];
  for (let start = 0; start < images.shape[0]; start += 100) {
    const part = images.narrow(0, start, Math.min(100, images.shape[0] - start));
    parts.push(noGrad(() => fn(tensor(part))));
  }
  return parts;
}

/** What a segmenter says of every pixel, (N, S, S), int32. */
export const segment = (model: ViTSegmenter, scenes: DenseScenes): NDArray =>
  concat(
    inParts("segment", model, scenes, (images) => model.forward(images).logits.data.argmax(1)),
    0,
  );

/** What a detector finds in every picture. */
export const detect = (model: YolosForObjectDetection, scenes: DenseScenes): Found[] =>
  inParts("detect", model, scenes, (images) => {
    const { logits, boxes } = model.forward(images);
    return found(logits, boxes);
  }).flat();
