import { noGrad, type Tensor, tensor } from "../../autograd";
import type { Module } from "../../nn";
import { check, checkMethods, concat, dims, type NDArray } from "../../tensor";
import type { DenseScenes } from "./dense-scenes";
import { type Found, found } from "./metrics";
import { PatchDetector } from "./patch-detector";
import type { ViTSegmenter } from "./segmenter";
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

/** A detector whose body is the segmenter's: only its heads are new, with YOLOS its eight questions and their places too. */
export function detectorFrom(segmenter: ViTSegmenter, classes: number, asks: "patches" | "tokens"): Detector {
  checkMethods("detectorFrom", "a ViTSegmenter", segmenter, ["forward"]);
  check("detectorFrom", "classes", classes, "size");
  check("detectorFrom", "asks", asks, ["patches", "tokens"]);
  const config = { ...sceneViT, num_detection_tokens: QUERIES, num_labels: classes };
  const model =
    asks === "patches" ? new PatchDetector(sceneViT, classes) : new YolosForObjectDetection(config);
  const learned = segmenter.vit.stateDict();
  const start = new Map(model.vit.stateDict());
  for (const [name, x] of start) {
    const from = learned.get(name);
    if (!from || name === "embeddings.detectionTokens") continue;
    if (name !== "embeddings.positions") start.set(name, from);
    else start.set(name, concat([from.narrow(0, 0, PLACES), x.narrow(0, PLACES, x.shape[0] - PLACES)], 0));
  }
  model.vit.loadStateDict(start);
  return model;
}

/** Both detectors take pictures, and labels for a loss, and give logits and boxes. */
export type Detector = PatchDetector | YolosForObjectDetection;

/** The class token and the patches. */
const PLACES = 1 + 64;
/** More than a scene has things, which is six at most. */
const QUERIES = 8;

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
export const detect = (model: Detector, scenes: DenseScenes): Found[] =>
  inParts("detect", model, scenes, (images) => {
    const { logits, boxes } = model.forward(images);
    return found(logits, boxes);
  }).flat();
