import type { Tensor } from "../../autograd";
import type { NDArray } from "../../tensor";
import { average, countStep, Optimizer, type Params, type State } from "./optimizer";
import type { Slots } from "./state";

export interface AdagradSettings {
  /** Learning rate, 0.01. */
  lr: number;
  /** At step t the rate is lr / (1 + (t − 1) lrDecay), 0. */
  lrDecay: number;
  /** L2 penalty: adds weightDecay · w to the gradient, 0. */
  weightDecay: number;
  /** What the sum of squares starts from, 0. */
  initialAccumulatorValue: number;
  /** Keeps the division away from zero, 1e-10. */
  eps: number;
}

/**
 * s ← s + g²,  w ← w − lr · g / (√s + eps): rare features keep large steps, frequent ones get small ones.
 * Duchi et al., "Adaptive subgradient methods", 2011.
 */
export class Adagrad extends Optimizer<AdagradSettings> {
  constructor(params: Params<AdagradSettings>, options: Partial<AdagradSettings> = {}) {
    super(
      params,
      {
        lr: 0.01,
        lrDecay: 0,
        weightDecay: 0,
        initialAccumulatorValue: 0,
        eps: 1e-10,
      },
      options,
    );
  }

  protected override slots(): Slots {
    return { sum: true, step: true };
  }

  protected override update(param: Tensor, grad: NDArray, state: State, s: AdagradSettings): void {
    const w = param.data;
    const first = !state.has("sum");
    const sum = average(state, "sum", param);
    if (first) sum.fill(s.initialAccumulatorValue);
    const g = s.weightDecay === 0 ? grad : grad.add(w.mul(s.weightDecay));
    sum.assign(sum.add(g.square()));
    const rate = s.lr / (1 + (countStep(state) - 1) * s.lrDecay);
    w.assign(w.sub(g.mul(rate).div(sum.sqrt().add(s.eps))));
  }
}
