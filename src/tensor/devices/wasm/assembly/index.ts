export { useBlas } from "./blas";
export { scratchBytes } from "./matmul";
export { activate, call, drive, settle, start, work } from "./threads";

// The kernels: each is given a task, and does a part of it.
export { activationBackward } from "./activation";
export { adam } from "./adam";
export { attention, attentionBackward } from "./attention";
export { batchNorm, batchNormBackward } from "./batch-norm";
export { binary, compare, joinBools } from "./binary";
export { conv, convBackwardInput, convBackwardWeight } from "./conv";
export { convLines, convLinesBackwardWeight } from "./conv-lines";
export { copy } from "./copy";
export { crossEntropy, crossEntropyBackward } from "./cross-entropy";
export { layerNorm, layerNormBackward } from "./layer-norm";
export { matmul } from "./matmul";
export { averagePool, averagePoolBackward, maxPool, maxPoolBackward } from "./pooling";
export { argReduce } from "./arg-reduce";
export { joinParts, reduce } from "./reduce";
export { scan } from "./scan";
export { gather } from "./gather";
export { gatherRows, scatterAddRows } from "./rows";
export { logSoftmax, logSoftmaxBackward, softmax, softmaxBackward } from "./softmax";
export { unary } from "./unary";
export { variance } from "./variance";
export { where } from "./where";
