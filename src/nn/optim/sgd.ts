import type { Tensor } from "../../autograd";
import type { NDArray } from "../../tensor";
import { Optimizer, type Params, type State } from "./optimizer";
import type { Slots } from "./state";

export interface SGDSettings {
  /** Learning rate, 0.001. */
  lr: number;
  /** How much of the last velocity is kept, 0. */
  momentum: number;
  /** How much of the gradient is held back from the velocity, 0. */
  dampening: number;
  /** L2 penalty: adds weightDecay · w to the gradient, 0. */
  weightDecay: number;
  /** Look ahead along the velocity; needs momentum and no dampening. */
  nesterov: boolean;
  /** Climb instead of descend. */
  maximize: boolean;
}

/**
 * Stochastic gradient descent, w ← w − lr · d. Without momentum d is the gradient g (+ weightDecay · w). With it,
 * a velocity v ← momentum · v + (1 − dampening) · g, starting at v = g, and d = v, or g + momentum · v (nesterov).
 *
 * Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013.
 */
export class SGD extends Optimizer<SGDSettings> {
  constructor(params: Params<SGDSettings>, options: Partial<SGDSettings> = {}) {
    super(
      params,
      {
        lr: 0.001,
        momentum: 0,
        dampening: 0,
        weightDecay: 0,
        nesterov: false,
        maximize: false,
      },
      options,
    );
  }

  protected override settingFaults({ nesterov, momentum, dampening }: SGDSettings): string[] {
    if (!nesterov || (momentum > 0 && dampening === 0)) return [];
    return [
      `nesterov needs momentum > 0 and dampening 0, got momentum ${momentum} and dampening ${dampening}`,
    ];
  }

  protected override slots({ momentum }: SGDSettings): Slots {
    return { momentumBuffer: momentum !== 0 };
  }

  protected override update(param: Tensor, grad: NDArray, state: State, s: SGDSettings): void {
    const w = param.data;
    let g = s.maximize ? grad.neg() : grad;
    if (s.weightDecay !== 0) g = g.add(w.mul(s.weightDecay));
    if (s.momentum !== 0) {
      const before = state.get("momentumBuffer");
      const v = before ? before.assign(before.mul(s.momentum).add(g.mul(1 - s.dampening))) : g.clone();
      state.set("momentumBuffer", v);
      g = s.nesterov ? g.add(v.mul(s.momentum)) : v;
    }
    w.assign(w.sub(g.mul(s.lr)));
  }
}
