export { binary } from "./binary";
export { copy } from "./copy";
export { activationBackward, unary } from "./elementwise";
export { matmul, scratchBytes, useScratch } from "./matmul";
export { layerNorm, layerNormBackward } from "./norm";
export { reduce } from "./reduce";
export { logSoftmax, logSoftmaxBackward, softmax, softmaxBackward } from "./softmax";
export { adam, gatherRows, scatterAddRows } from "./update";
