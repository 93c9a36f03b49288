import { describe } from "vitest";
import type { Device } from "../../src/tensor/device";
import { attentionConformance } from "./conformance/attention";
import { batchNormConformance } from "./conformance/batch-norm";
import { convConformance } from "./conformance/conv";
import { copyConformance } from "./conformance/copy";
import { crossEntropyConformance } from "./conformance/cross-entropy";
import { elementwiseConformance, reduceConformance } from "./conformance/elementwise";
import { extremesConformance } from "./conformance/extremes";
import { matmulConformance } from "./conformance/matmul";
import { poolingConformance } from "./conformance/pooling";
import {
  adamConformance,
  normConformance,
  rowIndexConformance,
  softmaxConformance,
} from "./conformance/rows";

/**
 * What every device must do: each kernel of the interface against the reference in float64, on sizes with 0, 1
 * and odd, on arrays in and out of the device's memory, with guards around every output.
 */
export function conformance(name: string, make: () => Device): void {
  describe(`conformance: ${name}`, () => {
    copyConformance(make);
    matmulConformance(make);
    elementwiseConformance(make);
    reduceConformance(make);
    convConformance(make);
    batchNormConformance(make);
    poolingConformance(make);
    attentionConformance(make);
    crossEntropyConformance(make);
    softmaxConformance(make);
    normConformance(make);
    rowIndexConformance(make);
    adamConformance(make);
    extremesConformance(make);
  });
}
