import { allocate } from "../../dtype";
import type { Kernels } from "../../kernels";
import { adam } from "./adam";
import { attention, attentionBackward } from "./attention";
import { batchNorm, batchNormBackward } from "./batch-norm";
import { binary, compare } from "./binary";
import { conv, convBackwardInput, convBackwardWeight } from "./conv";
import { copy } from "./copy";
import { count, nonzero, search } from "./counting";
import { crossEntropy, crossEntropyBackward } from "./cross-entropy";
import { layerNorm, layerNormBackward } from "./layer-norm";
import { matmul } from "./matmul";
import { order } from "./order";
import { averagePool, averagePoolBackward, maxPool, maxPoolBackward } from "./pooling";
import { ramp } from "./ramp";
import { draw } from "./random";
import { argReduce, reduce, scan, scanExtreme } from "./reduce";
import { gather, gatherRows, scatter, scatterAddRows } from "./rows";
import { logSoftmax, logSoftmaxBackward, softmax, softmaxBackward } from "./softmax";
import { sparseBackwardValues, sparseProduct } from "./sparse";
import { activationBackward, unary } from "./unary";
import { variance } from "./variance";
import { where } from "./where";

/**
 * Plain loops, any dtype: the living definition of "correct". Every other device is tested against this one.
 * Sums run in float64, whatever the arrays hold.
 */
export const reference: Kernels = {
  alloc: allocate,
  empty: allocate,
  clock: () => 0,
  free: () => {},
  copy,
  ramp,
  unary,
  activationBackward,
  binary,
  compare,
  where,
  reduce,
  variance,
  argReduce,
  scan,
  scanExtreme,
  order,
  nonzero,
  count,
  search,
  matmul,
  conv,
  convBackwardInput,
  convBackwardWeight,
  attention,
  attentionBackward,
  crossEntropy,
  crossEntropyBackward,
  softmax,
  softmaxBackward,
  logSoftmax,
  logSoftmaxBackward,
  layerNorm,
  layerNormBackward,
  batchNorm,
  batchNormBackward,
  maxPool,
  maxPoolBackward,
  averagePool,
  averagePoolBackward,
  gather,
  scatter,
  gatherRows,
  scatterAddRows,
  sparseProduct,
  sparseBackwardValues,
  draw,
  adam,
};
