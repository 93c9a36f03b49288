import { checkTensor, crossEntropy, interpolate, type Tensor } from "../../autograd";
import { LayerNorm, Linear, Module } from "../../nn";
import { checkOptions, type NDArray } from "../../tensor";
import { fullYolosConfig, YolosBody, type YolosConfig } from "./yolos";

export interface SegmenterOptions {
  /** "linear" reads every patch's class off by one layer (SETR's naive head); "tokens" asks with one token per class. */
  readonly head: "linear" | "tokens";
  readonly classes: number;
}

/**
 * A ViT that says of every pixel which of L classes it is. Its last vectors, one per patch, become scores of the classes,
 * a small map (h, w), and that is upsampled bilinearly to the image.
 *
 * - "linear": scores = patch · W. Zheng et al., "Rethinking semantic segmentation ... with transformers" (SETR), 2021.
 * - "tokens": L class tokens stand behind the patches, and go through all blocks with them; the score is the cosine of
 *   patch and token, each projected, with a norm over the classes. Strudel et al., "Segmenter", 2021 (there the tokens
 *   come in for the last two blocks alone).
 */
export class ViTSegmenter extends Module {
  readonly vit: YolosBody;
  readonly linear?: Linear;
  readonly patchProjection?: Linear;
  readonly classProjection?: Linear;
  readonly classNorm?: LayerNorm;

  constructor(
    config: YolosConfig,
    readonly options: SegmenterOptions,
  ) {
    super();
    const op = "ViTSegmenter";
    checkOptions(op, options, 'head: "linear", classes: 9', { head: ["linear", "tokens"], classes: "size" }, [
      "head",
      "classes",
    ]);
    const { head, classes } = options;
    const full = fullYolosConfig(op, { ...config, num_detection_tokens: head === "tokens" ? classes : 1 });
    const C = full.hidden_size;
    this.vit = new YolosBody(full);
    if (head === "linear") {
      this.linear = new Linear(C, classes);
      return;
    }
    this.patchProjection = new Linear(C, C, { bias: false });
    this.classProjection = new Linear(C, C, { bias: false });
    this.classNorm = new LayerNorm(classes);
  }

  /** images (B, channels, H, W) → logits (B, L, H, W); with labels (B, H, W), class ids, the cross-entropy of all pixels. */
  forward(images: Tensor, options: { labels?: NDArray } = {}): { logits: Tensor; loss?: Tensor } {
    checkTensor("ViTSegmenter", images);
    checkOptions("ViTSegmenter", options, "labels", { labels: "array" });
    const { lastHiddenState: x } = this.vit.forward("ViTSegmenter", images, {});
    const [B, , H, W] = images.shape;
    const [rows, columns] = this.vit.grid(images);
    const patches = x.narrow(1, 1, rows * columns);
    const scores = this.#scores(patches, x.narrow(1, 1 + rows * columns, x.shape[1] - 1 - rows * columns));
    const map = scores.transpose(1, 2).reshape([B, this.options.classes, rows, columns]);
    const logits = interpolate(map, { size: [H, W], mode: "bilinear" });
    return { logits, ...(options.labels && { loss: crossEntropy(logits, options.labels) }) };
  }

  /** patches (B, N, C), tokens (B, L, C) → (B, N, L) */
  #scores(patches: Tensor, tokens: Tensor): Tensor {
    const { linear, patchProjection, classProjection, classNorm } = this;
    if (linear || !patchProjection || !classProjection || !classNorm)
      return (linear as Linear).forward(patches);
    const asked = unit(classProjection.forward(tokens));
    return classNorm.forward(unit(patchProjection.forward(patches)).matmul(asked.transpose()));
  }
}

/** Every vector divided by its length. */
const unit = (x: Tensor): Tensor =>
  x.div(x.square().sum(-1, { keepDims: true }).sqrt().clamp(1e-6, Number.POSITIVE_INFINITY));
