import type { Tensor } from "../../autograd";
import type { NDArray } from "../../tensor";
import { average, Optimizer, type Params, type State } from "./optimizer";
import type { Slots } from "./state";

export interface RMSpropSettings {
  /** Learning rate, 0.01. */
  lr: number;
  /** How much of the average of g² is kept at each step, 0.99. */
  alpha: number;
  /** Keeps the division away from zero, 1e-8. */
  eps: number;
  /** L2 penalty: adds weightDecay · w to the gradient, 0. */
  weightDecay: number;
  /** How much of the last velocity is kept, 0. */
  momentum: number;
  /** Divide by the standard deviation of g in place of its root mean square. */
  centered: boolean;
}

/**
 * v ← α v + (1 − α) g²,  w ← w − lr · g / (√v + eps): a step size for each weight. Adam without the average of g.
 * Hinton, lecture 6 of "Neural networks for machine learning", 2012.
 */
export class RMSprop extends Optimizer<RMSpropSettings> {
  constructor(params: Params<RMSpropSettings>, options: Partial<RMSpropSettings> = {}) {
    super(
      params,
      {
        lr: 0.01,
        alpha: 0.99,
        eps: 1e-8,
        weightDecay: 0,
        momentum: 0,
        centered: false,
      },
      options,
    );
  }

  protected override slots({ centered, momentum }: RMSpropSettings): Slots {
    return { squareAvg: true, gradAvg: centered, momentumBuffer: momentum > 0 };
  }

  protected override update(param: Tensor, grad: NDArray, state: State, s: RMSpropSettings): void {
    const w = param.data;
    const g = s.weightDecay === 0 ? grad : grad.add(w.mul(s.weightDecay));
    const v = average(state, "squareAvg", param);
    v.assign(v.mul(s.alpha).add(g.square().mul(1 - s.alpha)));
    let spread = v;
    if (s.centered) {
      const mean = average(state, "gradAvg", param);
      mean.assign(mean.mul(s.alpha).add(g.mul(1 - s.alpha)));
      spread = v.sub(mean.square());
    }
    let d = g.div(spread.sqrt().add(s.eps));
    if (s.momentum > 0) {
      const velocity = average(state, "momentumBuffer", param);
      d = velocity.assign(velocity.mul(s.momentum).add(d));
    }
    w.assign(w.sub(d.mul(s.lr)));
  }
}
