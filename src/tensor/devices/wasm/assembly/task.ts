import { attention, attentionBackward } from "./attention";
import { batchNorm, batchNormBackward } from "./batch-norm";
import { binary } from "./binary";
import { conv, convBackwardInput, convBackwardWeight } from "./conv";
import { copy } from "./copy";
import { crossEntropy, crossEntropyBackward } from "./cross-entropy";
import { activationBackward, unary } from "./elementwise";
import { matmul } from "./matmul";
import { layerNorm, layerNormBackward } from "./norm";
import { averagePool, averagePoolBackward, maxPool, maxPoolBackward } from "./pooling";
import { reduce } from "./reduce";
import { logSoftmax, logSoftmaxBackward, softmax, softmaxBackward } from "./softmax";
import { adam, gatherRows, scatterAddRows } from "./update";
import { variance } from "./variance";

/**
 * A task is written down in memory, so that every thread can read it: float64 words, first the kernel's number (its
 * place in `KERNELS` of ../engine.ts), the total and the length of a piece, then the kernel's own arguments.
 */

const WORD: usize = 8;
const HEADER: usize = 3 * WORD;

/** Word i of the header: 0 the kernel, 1 the total, 2 the length of a piece. */
export function header(task: usize, i: usize): usize {
  return <usize>load<f64>(task + i * WORD);
}

/** Argument i as a pointer, a size, or a stride, which may be negative. */
// @ts-ignore: decorator
@inline
function p(task: usize, i: usize): usize {
  return <usize>(<i64>load<f64>(task + HEADER + i * WORD));
}

/** Argument i as a fraction. */
// @ts-ignore: decorator
@inline
function f(task: usize, i: usize): f64 {
  return load<f64>(task + HEADER + i * WORD);
}

/** Does the part from `begin` to `end` of a task. */
export function perform(t: usize, begin: usize, end: usize): void {
  switch (<i32>header(t, 0)) {
    case 0:
      return matmul(begin, end, <i32>p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7), p(t, 8),
        p(t, 9), p(t, 10), p(t, 11), p(t, 12), p(t, 13), p(t, 14), p(t, 15), p(t, 16));
    case 1:
      return copy(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7), p(t, 8),
        p(t, 9), p(t, 10), p(t, 11), p(t, 12));
    case 2: return unary(begin, end, <i32>p(t, 0), p(t, 1), p(t, 2));
    case 3: return activationBackward(begin, end, <i32>p(t, 0), p(t, 1), p(t, 2), p(t, 3));
    case 4:
      return binary(begin, end, <i32>p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7), p(t, 8));
    case 5: return reduce(begin, end, <i32>p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4));
    case 6: return softmax(begin, end, p(t, 0), p(t, 1), p(t, 2));
    case 7: return softmaxBackward(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3));
    case 8: return logSoftmax(begin, end, p(t, 0), p(t, 1), p(t, 2));
    case 9: return logSoftmaxBackward(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3));
    case 10:
      return layerNorm(begin, end, p(t, 0), p(t, 1), p(t, 2), f(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7));
    case 11:
      return layerNormBackward(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7),
        p(t, 8), p(t, 9));
    case 12: return gatherRows(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3));
    case 13: return scatterAddRows(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4));
    case 15:
      return attention(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7), p(t, 8),
        p(t, 9), p(t, 10), p(t, 11), p(t, 12), p(t, 13), <f32>f(t, 14), p(t, 15) != 0, p(t, 16), p(t, 17));
    case 16:
      return attentionBackward(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7),
        p(t, 8), p(t, 9), p(t, 10), p(t, 11), p(t, 12), p(t, 13), <f32>f(t, 14), p(t, 15) != 0, p(t, 16));
    case 17: return crossEntropy(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5));
    case 18:
      return crossEntropyBackward(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6));
    case 19:
      return conv(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7), p(t, 8), p(t, 9),
        p(t, 10), p(t, 11), p(t, 12), p(t, 13), p(t, 14), p(t, 15), p(t, 16), p(t, 17), p(t, 18), p(t, 19), p(t, 20),
        p(t, 21), p(t, 22));
    case 20:
      return convBackwardWeight(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7),
        p(t, 8), p(t, 9), p(t, 10), p(t, 11), p(t, 12), p(t, 13), p(t, 14), p(t, 15), p(t, 16), p(t, 17), p(t, 18),
        p(t, 19), p(t, 20), p(t, 21));
    case 21:
      return batchNorm(begin, end, p(t, 0), p(t, 1), p(t, 2), f(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7), p(t, 8),
        p(t, 9));
    case 22:
      return batchNormBackward(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), f(t, 5), p(t, 6), p(t, 7),
        p(t, 8), p(t, 9), p(t, 10), p(t, 11));
    case 23:
      return maxPool(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7), p(t, 8));
    case 24: return maxPoolBackward(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4));
    case 25: return averagePool(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7));
    case 26:
      return averagePoolBackward(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7));
    case 27:
      return convBackwardInput(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), p(t, 4), p(t, 5), p(t, 6), p(t, 7),
        p(t, 8), p(t, 9), p(t, 10), p(t, 11), p(t, 12), p(t, 13), p(t, 14), p(t, 15), p(t, 16), p(t, 17), p(t, 18),
        p(t, 19), p(t, 20), p(t, 21));
    case 28: return variance(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), f(t, 4), p(t, 5) != 0);
    default:
      return adam(begin, end, p(t, 0), p(t, 1), p(t, 2), p(t, 3), <f32>f(t, 4), <f32>f(t, 5), <f32>f(t, 6),
        <f32>f(t, 7), <f32>f(t, 8), <f32>f(t, 9), <f32>f(t, 10), <f32>f(t, 11), <f32>f(t, 12));
  }
}
