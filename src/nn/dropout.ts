import { dropout, dropout2d, type Tensor } from "../autograd";
import { checkOptions, expected, type Generator } from "../tensor";
import { Module } from "./module";

abstract class DropoutBase extends Module {
  /** Where the zeros are drawn from; a checkpoint of a training saves its state. */
  readonly generator?: Generator;

  constructor(
    readonly p = 0.5,
    options: { generator?: Generator } = {},
  ) {
    super();
    const op = new.target.name;
    checkOptions(op, options, "generator", { generator: "generator" });
    const { generator } = options;
    if (typeof p !== "number" || !(p >= 0 && p <= 1)) throw expected(op, "a probability in [0, 1]", p);
    if (generator !== undefined) this.generator = generator;
  }

  override extraRepr(): string {
    return `p=${this.p}`;
  }
}

/**
 * In training, every element becomes 0 with probability p and the others grow by 1 / (1 − p), so that the expected
 * value stays. After eval() it does nothing. Srivastava et al., "Dropout", 2014.
 */
export class Dropout extends DropoutBase {
  forward(x: Tensor): Tensor {
    return dropout(x, { p: this.p, training: this.training, generator: this.generator });
  }
}

/**
 * {@link Dropout} of whole channels of images (B, C, H, W), where neighbouring pixels say almost the same. Tompson et al.,
 * "Efficient object localization using convolutional networks", 2015.
 */
export class Dropout2d extends DropoutBase {
  forward(x: Tensor): Tensor {
    return dropout2d(x, { p: this.p, training: this.training, generator: this.generator });
  }
}
