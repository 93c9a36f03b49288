import { dropout, type Tensor } from "../autograd";
import { checkOptions, describe, type Generator } from "../tensor";
import { Module } from "./module";

/**
 * In training, every element becomes 0 with probability p and the others grow by 1 / (1 − p), so that the expected
 * value stays. After eval() it does nothing. Srivastava et al., "Dropout", 2014.
 */
export class Dropout extends Module {
  /** Where the zeros are drawn from; a checkpoint of a training saves its state. */
  readonly generator?: Generator;

  constructor(
    readonly p = 0.5,
    options: { generator?: Generator } = {},
  ) {
    super();
    checkOptions("Dropout", options, "generator", { generator: "generator" });
    const { generator } = options;

    if (!(p >= 0 && p <= 1))
      throw new RangeError(`Dropout: expected a probability in [0, 1], got ${describe(p)}`);
    if (generator !== undefined) this.generator = generator;
  }

  forward(x: Tensor): Tensor {
    return dropout(x, { p: this.p, training: this.training, generator: this.generator });
  }

  override extraRepr(): string {
    return `p=${this.p}`;
  }
}
