import { checkTensor, crossEntropy, noGrad, normalize, type Tensor, tensor } from "../../autograd";
import { Linear, Module, type Parameter, parameter } from "../../nn";
import { arange, check, checkAll, checkMethods, concat, expected, full, type NDArray } from "../../tensor";
import type { ImageTower } from "./image-towers";
import type { TextTower } from "./text-towers";

/** An image encoder and a text encoder of any make, and a common space that both are projected into. */
export class TwoTowers extends Module {
  readonly image: ImageTower;
  readonly text: TextTower;
  readonly imageProjection: Linear;
  readonly textProjection: Linear;
  /** ln of the scale 1/τ, learned. It starts at τ = 0.07, as in the paper. */
  readonly logitScale: Parameter;

  constructor(image: ImageTower, text: TextTower, embedDim = 64) {
    super();
    checkMethods("TwoTowers", "an image tower", image, ["forward"]);
    checkMethods("TwoTowers", "a text tower", text, ["forward", "encode"]);
    this.image = image;
    this.text = text;
    this.imageProjection = new Linear(image.width, embedDim, { bias: false });
    this.textProjection = new Linear(text.width, embedDim, { bias: false });
    this.logitScale = parameter(full([], Math.log(1 / 0.07)));
  }

  /** images (B, 3, H, W) → (B, D), of length 1. */
  embedImages(images: Tensor): Tensor {
    checkTensor("TwoTowers.embedImages", images);
    return normalize(this.imageProjection.forward(this.image.forward(images)), { axis: -1 });
  }

  /** (B, D), of length 1. */
  embedTexts(texts: readonly string[]): Tensor {
    check("TwoTowers.embedTexts", "texts", texts, "texts");
    return normalize(this.textProjection.forward(this.text.forward(this.text.encode(texts))), { axis: -1 });
  }

  /** (images, texts): cosines times the learned scale. It is held below 100, as in the paper. */
  forward(images: Tensor, texts: readonly string[]): Tensor {
    const scale = this.logitScale.clamp(0, Math.log(100)).exp();
    return this.embedImages(images).matmul(this.embedTexts(texts).transpose()).mul(scale);
  }
}

/** How the paper's figure 3 says it: pictures should find their texts, and texts their pictures. */
export function contrastiveLoss(logits: Tensor): Tensor {
  const diagonal = arange(0, logits.shape[0]);
  return crossEntropy(logits, diagonal).add(crossEntropy(logits.transpose(), diagonal)).div(2);
}

/** What `embed` makes of many rows, some at a time, without gradients and in evaluation mode. */
export function embedAll(
  model: Module,
  images: NDArray,
  embed: (images: Tensor) => Tensor,
  batch = 128,
): NDArray {
  checkMethods("embedAll", "a module", model, ["eval", "train"]);
  checkAll("embedAll", { images: [images, "array"], embed: [embed, "function"], batch: [batch, "size"] });
  if (images.ndim === 0 || images.shape[0] === 0) throw expected("embedAll", "at least one image", images);
  const training = model.training;
  model.eval();
  try {
    const parts: NDArray[] = [];
    for (let start = 0; start < images.shape[0]; start += batch) {
      const rows = images.narrow(0, start, Math.min(batch, images.shape[0] - start));
      parts.push(noGrad(() => embed(tensor(rows))).data);
    }
    return concat(parts, 0);
  } finally {
    model.train(training);
  }
}
