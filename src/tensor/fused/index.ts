/**
 * Operations that a device computes whole, and the way back through each: arrays in, arrays out. Here memory is taken, strides
 * are settled and the kernel is called, once for each; autograd records them beside their formulas.
 */
export { activationBackward, prelu } from "./activation";
export { adamStep } from "./adam";
export { unwritten } from "./arrays";
export { attention, attentionBackward, fitsAttention, maskedSoftmax } from "./attention";
export { batchNorm, batchNormBackward } from "./batch-norm";
export * from "./conv";
export * from "./cross-entropy";
export { distancesByProduct } from "./distances";
export { gatherRows, rowNumbers, scatterAddRows } from "./embedding";
export {
  type GridSampleSettings,
  gridSample,
  gridSampleBackwardGrid,
  gridSampleBackwardInput,
} from "./grid-sample";
export { addInPlace, discard, mulInPlace } from "./in-place";
export { layerNorm, layerNormBackward } from "./layer-norm";
export { huber, huberSlope, logisticLoss, logisticSlope } from "./losses";
export {
  linearBackwardBias,
  linearBackwardWeight,
  matmulBackwardLeft,
  matmulBackwardRight,
} from "./matmul";
export * from "./pooling";
export { cumprodBackward, productsOfOthers } from "./products";
export { resampling } from "./resampling";
export { logSoftmaxBackward, softmaxBackward } from "./softmax";
