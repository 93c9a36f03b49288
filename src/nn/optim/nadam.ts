import type { Tensor } from "../../autograd";
import { brief, describe, isList, type NDArray } from "../../tensor";
import { average, countStep, Optimizer, type Params, type State } from "./optimizer";
import type { Slots } from "./state";

export interface RAdamSettings {
  /** Learning rate: NAdam 0.002, RAdam 0.001. */
  lr: number;
  /** How much of the averages of g and g² is kept at each step, [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Keeps the division away from zero, 1e-8. */
  eps: number;
  /** L2 penalty, added to the gradient, 0. */
  weightDecay: number;
  /** Shrink the weight by lr · weightDecay · w instead, as AdamW. */
  decoupledWeightDecay: boolean;
  /** Climb instead of descend. */
  maximize: boolean;
}

export interface NAdamSettings extends RAdamSettings {
  /** How fast the momentum rises to β₁, 0.004. */
  momentumDecay: number;
}

/** What both keep and do at the start of a step. */
abstract class AdamVariant<Settings extends RAdamSettings> extends Optimizer<Settings> {
  protected override settingFaults({ betas }: Settings): string[] {
    const isBeta = (beta: unknown): boolean => typeof beta === "number" && beta >= 0 && beta < 1;
    if (isList(betas) && betas.length === 2 && betas.every(isBeta)) return [];
    return [`expected betas in [0, 1), got ${isList(betas) ? brief(betas) : describe(betas)}`];
  }

  /** Decays the weight, takes the gradient into both averages, and returns it. */
  protected takeIn(param: Tensor, grad: NDArray, m: NDArray, v: NDArray, s: Settings): NDArray {
    const w = param.data;
    const [beta1, beta2] = s.betas;
    let g = s.maximize ? grad.neg() : grad;
    if (s.weightDecay !== 0) {
      if (s.decoupledWeightDecay) w.assign(w.mul(1 - s.lr * s.weightDecay));
      else g = g.add(w.mul(s.weightDecay));
    }
    m.assign(m.mul(beta1).add(g.mul(1 - beta1)));
    v.assign(v.mul(beta2).add(g.square().mul(1 - beta2)));
    return g;
  }
}

/**
 * Adam with Nesterov's momentum, which looks one step ahead: the part of m that the next step will keep is taken already.
 *
 *     μₜ = β₁ (1 − ½ 0.96^(t · momentumDecay)),  Πₜ = μ₁ ⋯ μₜ
 *     m ← β₁ m + (1 − β₁) g
 *     v ← β₂ v + (1 − β₂) g²       v̂ = v / (1 − β₂ᵗ)
 *     w ← w − lr · ((1 − μₜ) / (1 − Πₜ) · g + μₜ₊₁ / (1 − Πₜ₊₁) · m) / (√v̂ + eps)
 *
 * Dozat, "Incorporating Nesterov momentum into Adam", 2016.
 */
export class NAdam extends AdamVariant<NAdamSettings> {
  /** Πₜ for every t so far, by the settings that make them. */
  readonly #products = new Map<string, number[]>();

  constructor(params: Params<NAdamSettings>, options: Partial<NAdamSettings> = {}) {
    super(
      params,
      {
        lr: 0.002,
        betas: [0.9, 0.999],
        eps: 1e-8,
        weightDecay: 0,
        momentumDecay: 0.004,
        decoupledWeightDecay: false,
        maximize: false,
      },
      options,
    );
  }

  protected override slots(): Slots {
    return { step: true, expAvg: true, expAvgSq: true };
  }

  protected override update(param: Tensor, grad: NDArray, state: State, s: NAdamSettings): void {
    const t = countStep(state);
    const [m, v] = [average(state, "expAvg", param), average(state, "expAvgSq", param)];
    const g = this.takeIn(param, grad, m, v, s);
    const mu = (t: number) => s.betas[0] * (1 - 0.5 * 0.96 ** (t * s.momentumDecay));
    const product = this.#productTo(t, mu, `${s.betas[0]} ${s.momentumDecay}`);
    const ofGradient = (1 - mu(t)) / (1 - product);
    const ofMomentum = mu(t + 1) / (1 - product * mu(t + 1));
    const root = v
      .div(1 - s.betas[1] ** t)
      .sqrt()
      .add(s.eps);
    const step = g.mul(ofGradient).add(m.mul(ofMomentum)).mul(s.lr).div(root);
    param.data.assign(param.data.sub(step));
  }

  /** Π of mu(1) … mu(t), which goes on from what it was before. */
  #productTo(t: number, mu: (t: number) => number, settings: string): number {
    const known = this.#products.get(settings) ?? [1];
    this.#products.set(settings, known);
    while (known.length <= t) known.push(known[known.length - 1] * mu(known.length));
    return known[t];
  }
}

/**
 * Adam without a need for warm-up: as long as v comes from too few steps to be trusted, a step is that of momentum alone,
 * and after that it is scaled by how far v can be trusted.
 *
 *     ρ∞ = 2 / (1 − β₂) − 1,  ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)
 *     w ← w − lr · m̂                      where ρ ≤ 5, m and v as Adam's
 *     w ← w − lr · m̂ · r · √(1 − β₂ᵗ) / (√v + eps),  r² = (ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ)
 *
 * Liu et al., "On the variance of the adaptive learning rate and beyond", 2020.
 */
export class RAdam extends AdamVariant<RAdamSettings> {
  constructor(params: Params<RAdamSettings>, options: Partial<RAdamSettings> = {}) {
    super(
      params,
      {
        lr: 0.001,
        betas: [0.9, 0.999],
        eps: 1e-8,
        weightDecay: 0,
        decoupledWeightDecay: false,
        maximize: false,
      },
      options,
    );
  }

  protected override slots(): Slots {
    return { step: true, expAvg: true, expAvgSq: true };
  }

  protected override update(param: Tensor, grad: NDArray, state: State, s: RAdamSettings): void {
    const t = countStep(state);
    const [m, v] = [average(state, "expAvg", param), average(state, "expAvgSq", param)];
    this.takeIn(param, grad, m, v, s);
    const [beta1, beta2] = s.betas;
    const unbiased = 1 - beta2 ** t;
    const most = 2 / (1 - beta2) - 1;
    const rho = most - (2 * t * beta2 ** t) / unbiased;
    let step = m.mul(s.lr / (1 - beta1 ** t));
    if (rho > 5) {
      const r = Math.sqrt(((rho - 4) * (rho - 2) * most) / ((most - 4) * (most - 2) * rho));
      step = step.mul(r * Math.sqrt(unbiased)).div(v.sqrt().add(s.eps));
    }
    param.data.assign(param.data.sub(step));
  }
}
