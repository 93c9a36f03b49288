import {
  adaptiveAvgPool2d,
  avgPool2d,
  batchNorm,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  conv1d,
  conv2d,
  convTranspose2d,
  cosineSimilarity,
  crossEntropy,
  einsum,
  embedding,
  fold,
  groupNorm,
  huberLoss,
  interpolate,
  klDiv,
  l1Loss,
  layerNorm,
  logSoftmax,
  maxPool2d,
  mseLoss,
  nllLoss,
  normalize,
  pixelShuffle,
  rmsNorm,
  scaledDotProductAttention,
  smoothL1Loss,
  softmax,
  Tensor,
  unfold,
  where,
} from "../../../src/autograd";
import { arange, oneHot } from "../../../src/tensor";
import { list, number, numberOr, type Op, type OpInput, pair } from "./case";

type Reduction = "mean" | "sum" | "none";
const reduction = (c: OpInput) => ({ reduction: (c.args.reduction as Reduction | undefined) ?? "mean" });
const window = (c: OpInput) => ({
  kernelSize: pair(c, "kernel_size", 1),
  stride: pair(c, "stride", 1),
  padding: pair(c, "padding", 0),
  dilation: pair(c, "dilation", 1),
});
/** Pooling steps by its own window unless told otherwise. */
const pooling = (c: OpInput) => ({
  padding: pair(c, "padding", 0),
  stride: c.args.stride == null ? pair(c, "kernel_size", 1) : pair(c, "stride", 1),
  ceilMode: Boolean(c.args.ceil_mode),
});
const convolution = (c: OpInput) => ({
  bias: c.optional("bias"),
  stride: pair(c, "stride", 1),
  padding: typeof c.args.padding === "string" ? (c.args.padding as "same") : pair(c, "padding", 0),
  dilation: pair(c, "dilation", 1),
  groups: numberOr(c, "groups", 1),
});
const affine = (c: OpInput) => ({
  weight: c.optional("weight"),
  bias: c.optional("bias"),
  eps: numberOr(c, "eps", 1e-5),
});

export const neural: Readonly<Record<string, Op>> = {
  matmul: (c) => c.input("a").matmul(c.input("b")),
  linear: (c) => {
    const y = c.input("x").matmul(c.input("weight").transpose());
    const bias = c.optional("bias");
    return bias ? y.add(bias) : y;
  },
  outer: (c) => c.input("a").unsqueeze(1).mul(c.input("b").unsqueeze(0)),
  einsum: (c) => einsum(c.args.equation as string, ...c.inputs),
  where: (c) => where(c.input("cond"), c.input("a"), c.input("b")),
  one_hot: (c) => oneHot(c.input("ids").data, number(c, "num_classes")),
  embedding: (c) =>
    embedding(c.input("weight"), c.input("ids"), { paddingIdx: numberOr(c, "padding_idx", undefined) }),

  conv1d: (c) => {
    const { stride, padding, dilation, ...rest } = convolution(c);
    return conv1d(c.input("x"), c.input("weight"), {
      ...rest,
      stride: stride[0],
      padding: typeof padding === "string" ? padding : padding[0],
      dilation: dilation[0],
    });
  },
  conv2d: (c) => conv2d(c.input("x"), c.input("weight"), convolution(c)),
  conv_transpose2d: (c) =>
    convTranspose2d(c.input("x"), c.input("weight"), {
      ...convolution(c),
      padding: pair(c, "padding", 0),
      outputPadding: pair(c, "output_padding", 0),
    }),
  unfold: (c) => unfold(c.input("x"), window(c)),
  fold: (c) => fold(c.input("x"), pair(c, "output_size", 1), window(c)),
  max_pool2d: (c) =>
    maxPool2d(c.input("x"), pair(c, "kernel_size", 1), { ...pooling(c), dilation: pair(c, "dilation", 1) }),
  avg_pool2d: (c) =>
    avgPool2d(c.input("x"), pair(c, "kernel_size", 1), {
      ...pooling(c),
      countIncludePad: (c.args.count_include_pad as boolean | undefined) ?? true,
    }),
  adaptive_avg_pool2d: (c) => adaptiveAvgPool2d(c.input("x"), pair(c, "output_size", 1)),
  pixel_shuffle: (c) => pixelShuffle(c.input("x"), number(c, "upscale_factor")),
  interpolate: (c) =>
    interpolate(c.input("x"), {
      size: c.args.size == null ? undefined : pair(c, "size", 1),
      scaleFactor: c.args.scale_factor == null ? undefined : pair(c, "scale_factor", 1),
      mode: c.args.mode as "nearest" | "bilinear" | "bicubic",
      alignCorners: Boolean(c.args.align_corners),
      antialias: Boolean(c.args.antialias),
    }),

  layer_norm: (c) => layerNorm(c.input("x"), list(c, "normalized_shape"), affine(c)),
  rms_norm: (c) =>
    rmsNorm(c.input("x"), list(c, "normalized_shape"), {
      weight: c.optional("weight"),
      eps: numberOr(c, "eps", undefined),
    }),
  group_norm: (c) => groupNorm(c.input("x"), number(c, "num_groups"), affine(c)),
  instance_norm: (c) => groupNorm(c.input("x"), c.input("x").shape[1], affine(c)),
  batch_norm: (c) => {
    const runningMean = c.input("running_mean").data.clone();
    const runningVar = c.input("running_var").data.clone();
    const y = batchNorm(c.input("x"), {
      ...affine(c),
      runningMean,
      runningVar,
      training: Boolean(c.args.training),
      momentum: number(c, "momentum"),
    });
    return { y, running_mean_after: runningMean, running_var_after: runningVar };
  },
  l2_normalize: (c) => normalize(c.input("x"), { axis: number(c, "dim"), eps: numberOr(c, "eps", 1e-12) }),
  cosine_similarity: (c) =>
    cosineSimilarity(c.input("a"), c.input("b"), { axis: number(c, "dim"), eps: numberOr(c, "eps", 1e-8) }),

  cross_entropy: (c) =>
    crossEntropy(c.input("x"), c.input("target"), {
      ...reduction(c),
      weight: c.optional("weight"),
      ignoreIndex: numberOr(c, "ignore_index", -100),
      labelSmoothing: numberOr(c, "label_smoothing", 0),
    }),
  nll_loss: (c) =>
    nllLoss(logSoftmax(c.input("x"), 1), c.input("target"), {
      ...reduction(c),
      weight: c.optional("weight"),
      ignoreIndex: numberOr(c, "ignore_index", -100),
    }),
  mse_loss: (c) => mseLoss(c.input("x"), c.input("target"), reduction(c)),
  l1_loss: (c) => l1Loss(c.input("x"), c.input("target"), reduction(c)),
  smooth_l1_loss: (c) =>
    smoothL1Loss(c.input("x"), c.input("target"), { ...reduction(c), beta: number(c, "beta") }),
  huber_loss: (c) =>
    huberLoss(c.input("x"), c.input("target"), { ...reduction(c), delta: number(c, "delta") }),
  bce_with_logits: (c) =>
    binaryCrossEntropyWithLogits(c.input("x"), c.input("target"), {
      ...reduction(c),
      weight: c.optional("weight"),
      posWeight: c.optional("pos_weight"),
    }),
  bce: (c) => binaryCrossEntropy(c.input("p"), c.input("target"), reduction(c)),
  kl_div: (c) =>
    klDiv(logSoftmax(c.input("x"), -1), softmax(c.input("target_logits"), -1), {
      reduction: c.args.reduction as Reduction | "batchmean",
    }),
  clip_loss: (c) => {
    const [image, text] = [c.input("image"), c.input("text")].map((x) => normalize(x, { axis: -1 }));
    const logits = image.matmul(text.transpose()).mul(c.input("logit_scale").exp());
    const diagonal = new Tensor(arange(0, image.shape[0]));
    const loss = crossEntropy(logits, diagonal).add(crossEntropy(logits.transpose(), diagonal)).mul(0.5);
    return { loss, logits_per_image: logits };
  },
  scaled_dot_product_attention: (c) =>
    scaledDotProductAttention(c.input("q"), c.input("k"), c.input("v"), {
      mask: c.optional("attn_mask_bool") ?? c.optional("attn_mask"),
      isCausal: Boolean(c.args.is_causal),
      scale: numberOr(c, "scale", undefined),
    }),
};
