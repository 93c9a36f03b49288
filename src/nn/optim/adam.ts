import type { Tensor } from "../../autograd";
import { adamStep, brief, describe, isList, type NDArray } from "../../tensor";
import { average, countStep, Optimizer, type Params, type State } from "./optimizer";
import type { Slots } from "./state";

export interface AdamSettings {
  /** Learning rate, 0.001. */
  lr: number;
  /** How much of the averages of g and g² is kept at each step, [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Keeps the division away from zero, 1e-8. */
  eps: number;
  /** Adam 0, AdamW 0.01. */
  weightDecay: number;
  /** Divide by the largest second average so far: Reddi et al., "On the convergence of Adam and beyond", 2018. */
  amsgrad: boolean;
  /** Climb instead of descend. */
  maximize: boolean;
}

/** What Adam and AdamW share; they differ in where the weight decay enters. */
abstract class AdamBase extends Optimizer<AdamSettings> {
  protected abstract readonly decoupled: boolean;

  constructor(params: Params<AdamSettings>, options: Partial<AdamSettings>, weightDecay: number) {
    super(
      params,
      {
        lr: 0.001,
        betas: [0.9, 0.999],
        eps: 1e-8,
        weightDecay,
        amsgrad: false,
        maximize: false,
      },
      options,
    );
  }

  protected override settingFaults({ betas }: AdamSettings): string[] {
    const isBeta = (beta: unknown): boolean => typeof beta === "number" && beta >= 0 && beta < 1;
    if (isList(betas) && betas.length === 2 && betas.every(isBeta)) return [];
    return [`expected betas in [0, 1), got ${isList(betas) ? brief(betas) : describe(betas)}`];
  }

  protected override slots({ amsgrad }: AdamSettings): Slots {
    return { step: true, expAvg: true, expAvgSq: true, maxExpAvgSq: amsgrad };
  }

  protected override update(param: Tensor, grad: NDArray, state: State, s: AdamSettings): void {
    const step = countStep(state);
    const g = s.maximize ? grad.neg() : grad;
    const m = average(state, "expAvg", param);
    const v = average(state, "expAvgSq", param);
    if (s.amsgrad) {
      this.#amsgrad(param.data, g, m, v, average(state, "maxExpAvgSq", param), step, s);
      return;
    }
    const [beta1, beta2] = s.betas;
    const { lr, eps, weightDecay } = s;
    const settings = { step, lr, beta1, beta2, eps, weightDecay, decoupled: this.decoupled };
    adamStep(param.data, g, m, v, settings);
  }

  /** The same with max over all steps of v in place of v; rare, so without a kernel of its own. */
  #amsgrad(
    w: NDArray,
    grad: NDArray,
    m: NDArray,
    v: NDArray,
    top: NDArray,
    step: number,
    s: AdamSettings,
  ): void {
    const [beta1, beta2] = s.betas;
    const g = this.decoupled ? grad : grad.add(w.mul(s.weightDecay));
    m.assign(m.mul(beta1).add(g.mul(1 - beta1)));
    v.assign(v.mul(beta2).add(g.square().mul(1 - beta2)));
    top.assign(top.maximum(v));
    const mHat = m.div(1 - beta1 ** step);
    const vHat = top.div(1 - beta2 ** step);
    const shrink = this.decoupled ? 1 - s.lr * s.weightDecay : 1;
    w.assign(w.mul(shrink).sub(mHat.mul(s.lr).div(vHat.sqrt().add(s.eps))));
  }
}

/**
 * Each weight gets its own step size from averages of its gradient g and of g²:
 *
 *     m ← β₁ m + (1 − β₁) g        m̂ = m / (1 − β₁ᵗ)
 *     v ← β₂ v + (1 − β₂) g²       v̂ = v / (1 − β₂ᵗ)
 *     w ← w − lr · m̂ / (√v̂ + eps)
 *
 * The hats undo the start at zero. Weight decay, if any, is added to g (an L2 penalty): for transformers use AdamW.
 * Kingma and Ba, "Adam: a method for stochastic optimization", 2015.
 */
export class Adam extends AdamBase {
  protected override readonly decoupled = false;

  constructor(params: Params<AdamSettings>, options: Partial<AdamSettings> = {}) {
    super(params, options, 0);
  }
}

/**
 * Adam with decoupled weight decay: the weight itself shrinks by lr · weightDecay · w, untouched by √v̂.
 * Biases and norms are usually left alone, with a group of their own:
 * ```ts
 * const isMatrix = (p: Tensor) => p.ndim >= 2;
 * new AdamW([
 *   { params: model.parameters().filter(isMatrix), weightDecay: 0.1 },
 *   { params: model.parameters().filter((p) => !isMatrix(p)), weightDecay: 0 },
 * ], { lr: 3e-4 });
 * ```
 * Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.
 */
export class AdamW extends AdamBase {
  protected override readonly decoupled = true;

  constructor(params: Params<AdamSettings>, options: Partial<AdamSettings> = {}) {
    super(params, options, 0.01);
  }
}
