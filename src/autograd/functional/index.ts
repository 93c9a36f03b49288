/** Neural operations: forward and backward side by side, the formula as the comment. */
export * from "./activation";
export { type AttentionOptions, scaledDotProductAttention } from "./attention";
export { type BatchNormOptions, batchNorm } from "./batch-norm";
export * from "./conv";
export * from "./cross-entropy";
export { type DropoutOptions, dropout, dropout2d } from "./dropout";
export { embedding } from "./embedding";
export { type GridSampleOptions, gridSample } from "./grid-sample";
export { type InterpolateOptions, interpolate } from "./interpolate";
export * from "./join";
export { linear } from "./linear";
export {
  type BinaryLossOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  huberLoss,
  klDiv,
  type LossOptions,
  l1Loss,
  mseLoss,
  type Reduction,
  smoothL1Loss,
} from "./loss";
export {
  type AffineOptions,
  cosineSimilarity,
  groupNorm,
  layerNorm,
  normalize,
  rmsNorm,
} from "./norm";
export { adaptiveAvgPool2d, avgPool2d, maxPool2d, type PoolOptions } from "./pool";
export { avgPool1d, maxPool1d, type Pool1dOptions } from "./pool-1d";
export * from "./rearrange";
export { logSoftmax, softmax } from "./softmax";
