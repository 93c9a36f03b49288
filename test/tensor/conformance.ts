import { describe } from "vitest";
import type { Device } from "../../src/tensor/device";
import { adamConformance } from "./conformance/adam";
import { attentionConformance } from "./conformance/attention";
import { batchNormConformance } from "./conformance/batch-norm";
import { binaryConformance } from "./conformance/binary";
import { convConformance } from "./conformance/conv";
import { copyConformance } from "./conformance/copy";
import { countingConformance } from "./conformance/counting";
import { crossEntropyConformance } from "./conformance/cross-entropy";
import { extremesConformance } from "./conformance/extremes";
import { integersConformance } from "./conformance/integers";
import { layerNormConformance } from "./conformance/layer-norm";
import { matmulConformance } from "./conformance/matmul";
import { orderConformance } from "./conformance/order";
import { poolingConformance } from "./conformance/pooling";
import { rampConformance } from "./conformance/ramp";
import { randomConformance } from "./conformance/random";
import { reduceConformance } from "./conformance/reduce";
import { rowsConformance } from "./conformance/rows";
import { softmaxConformance } from "./conformance/softmax";
import { sparseConformance } from "./conformance/sparse";
import { unaryConformance } from "./conformance/unary";
import { varianceConformance } from "./conformance/variance";
import { whereConformance } from "./conformance/where";

/**
 * What every device must do: each kernel of the interface against the reference in float64, on sizes with 0, 1
 * and odd, on arrays in and out of the device's memory, with guards around every output.
 */
export function conformance(name: string, make: () => Device): void {
  describe(`conformance: ${name}`, () => {
    copyConformance(make);
    matmulConformance(make);
    unaryConformance(make);
    binaryConformance(make);
    whereConformance(make);
    reduceConformance(make);
    varianceConformance(make);
    convConformance(make);
    batchNormConformance(make);
    poolingConformance(make);
    attentionConformance(make);
    crossEntropyConformance(make);
    softmaxConformance(make);
    layerNormConformance(make);
    rowsConformance(make);
    orderConformance(make);
    countingConformance(make);
    sparseConformance(make);
    rampConformance(make);
    randomConformance(make);
    adamConformance(make);
    integersConformance(make);
    extremesConformance(make);
  });
}
