import { checkTensor, type Tensor, tensor } from "../../autograd";
import { Module } from "../../nn";
import { array, check, checkOptions, type NDArray } from "../../tensor";
import { type DetectionLoss, detectionLoss, type Objects } from "./matching";
import { fullYolosConfig, PredictionHead, YolosBody, type YolosConfig } from "./yolos";

/** The side of a box before anything is learned, as a part of the picture's. */
const FIRST_SIDE = 0.32;

/**
 * A detector whose questions are the patches themselves: each answers with a class, or with "nothing", and a box that is
 * told from its own place, box = sigmoid(head + logit(place)). The loss is YOLOS's, {@link detectionLoss}: of the patches
 * that lie on a thing one is matched with it, and the others learn to leave it to that one. (Reference points as in Zhu et
 * al., "Deformable DETR", 2021.)
 */
export class PatchDetector extends Module {
  readonly vit: YolosBody;
  readonly classifier: PredictionHead;
  readonly boxPredictor: PredictionHead;

  constructor(
    config: YolosConfig,
    readonly classes: number,
  ) {
    super();
    check("PatchDetector", "classes", classes, "size");
    const full = fullYolosConfig("PatchDetector", { ...config, num_detection_tokens: 1 });
    this.vit = new YolosBody(full);
    this.classifier = new PredictionHead(full.hidden_size, classes + 1);
    this.boxPredictor = new PredictionHead(full.hidden_size, 4);
  }

  /** images (B, channels, H, W) → logits (B, N, classes + 1), boxes (B, N, 4) as centre and size; with labels the loss. */
  forward(
    images: Tensor,
    options: { labels?: readonly Objects[] } = {},
  ): { logits: Tensor; boxes: Tensor; loss?: Tensor; losses?: DetectionLoss } {
    checkTensor("PatchDetector", images);
    checkOptions("PatchDetector", options, "labels", { labels: "objects" });
    const { lastHiddenState } = this.vit.forward("PatchDetector", images, {});
    const grid = this.vit.grid(images);
    const patches = lastHiddenState.narrow(1, 1, grid[0] * grid[1]);
    const logits = this.classifier.forward(patches);
    const boxes = this.boxPredictor
      .forward(patches)
      .add(tensor(placesOf(grid).to(patches.dtype)))
      .sigmoid();
    if (!options.labels) return { logits, boxes };
    const losses = detectionLoss(logits, boxes, options.labels);
    return { logits, boxes, loss: losses.loss, losses };
  }
}

/** Of every patch its centre and the first side, through the inverse of the sigmoid, (N, 4). */
function placesOf([rows, columns]: readonly [number, number]): NDArray {
  const logit = (part: number) => Math.log(part / (1 - part));
  const side = logit(FIRST_SIDE);
  return array(
    Array.from({ length: rows * columns }, (_, n) => [
      logit(((n % columns) + 0.5) / columns),
      logit((Math.floor(n / columns) + 0.5) / rows),
      side,
      side,
    ]),
  );
}
