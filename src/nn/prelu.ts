import { prelu, type Tensor } from "../autograd";
import { checkOptions } from "../tensor";
import * as init from "./init";
import { Module } from "./module";
import { type Parameter, parameter } from "./parameter";

/**
 * x where x > 0, else weight · x, with a weight that is learned: one for all, or with `numParameters` one for each channel
 * (axis 1). Weight decay pulls it to 0, so leave it out there. He et al., "Delving deep into rectifiers", 2015.
 */
export class PReLU extends Module {
  readonly weight: Parameter;

  constructor(options: { numParameters?: number; init?: number } = {}) {
    super();
    checkOptions("PReLU", options, "numParameters: 8", { numParameters: "size", init: "number" });
    const { numParameters = 1, init: first = 0.25 } = options;
    this.weight = parameter(init.constant([numParameters], first));
  }

  forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }

  override extraRepr(): string {
    return `numParameters=${this.weight.size}`;
  }
}
