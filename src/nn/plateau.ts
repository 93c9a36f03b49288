import {
  brief,
  check,
  checkOptions,
  describe,
  expected,
  expectedKind,
  isA,
  isList,
  quoted,
  suggestMembers,
} from "../tensor";
import { isCount, isRecord, refuse } from "./faults";
import { Optimizer } from "./optim/optimizer";

export interface PlateauOptions {
  /** Whether less is better ("min", as of a loss) or more ("max", as of an accuracy). */
  readonly mode?: "min" | "max";
  /** What a rate is multiplied by, 0.1. */
  readonly factor?: number;
  /** How many times in a row may be no better, 10; the next one lowers the rate. */
  readonly patience?: number;
  /** What counts as better: 1e-4 of the best, or with thresholdMode "abs" 1e-4 itself. */
  readonly threshold?: number;
  readonly thresholdMode?: "rel" | "abs";
  /** For how many calls after a change nothing is counted, 0. */
  readonly cooldown?: number;
  /** No rate goes below, 0; one for all groups or a list. */
  readonly minLR?: number | readonly number[];
  /** Changes as small as this are not made, 1e-8. */
  readonly eps?: number;
}

/** Where one stands, fit for JSON. */
export interface PlateauState {
  /** ±Infinity before the first. */
  readonly best: number;
  readonly numBadEpochs: number;
  readonly cooldownCounter: number;
}

/**
 * Lowers the `lr` of every group once what is measured has stopped getting better. Call `step(loss)` after each
 * validation:
 * ```ts
 * const scheduler = new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 3 });
 * scheduler.step(validationLoss);
 * ```
 * NaN is never better. Unlike the schedules, it depends on what happened, and so is no function of the step.
 */
export class ReduceLROnPlateau {
  readonly #options: Required<Omit<PlateauOptions, "minLR">>;
  readonly #floors: readonly number[];
  #best: number;
  #bad = 0;
  #cooldown = 0;

  constructor(
    readonly optimizer: Optimizer<{ lr: number }>,
    options: PlateauOptions = {},
  ) {
    const op = "ReduceLROnPlateau";
    if (!isA(optimizer, Optimizer)) throw expectedKind(op, "an optimizer", optimizer);
    checkOptions(op, options, "factor: 0.5", {
      ...{ mode: ["min", "max"], factor: "fraction", patience: "count", threshold: "finite" },
      ...{ thresholdMode: ["rel", "abs"], cooldown: "count", minLR: "any", eps: "finite" },
    });
    const { minLR = 0, ...rest } = options;
    const defaults = {
      mode: "min",
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: "rel",
    } as const;
    this.#options = { ...defaults, cooldown: 0, eps: 1e-8, ...defined(rest) };
    if (this.#options.factor === 1) throw expected(op, "factor below 1", 1);
    const groups = optimizer.paramGroups.length;
    const floors = typeof minLR === "number" ? new Array<number>(groups).fill(minLR) : minLR;
    const isFloor = (x: unknown) => Number.isFinite(x) && (x as number) >= 0;
    if (!isList(floors) || floors.length !== groups || !floors.every(isFloor)) {
      throw expected(op, `minLR to be a number >= 0, or a list of ${groups}, one for each group`, minLR);
    }
    this.#floors = [...floors];
    this.#best = this.#worst;
  }

  get #worst(): number {
    return this.#options.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** The rate that the next optimiser step will use (of the first group). */
  get lr(): number {
    return this.optimizer.paramGroups[0].lr;
  }

  /** Take in what was measured, and lower the rates if it is time. */
  step(metric: number): void {
    check("ReduceLROnPlateau.step", "metric", metric, "number");
    const { patience, cooldown, factor, eps } = this.#options;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#bad = 0;
    } else this.#bad++;
    if (this.#cooldown > 0) {
      this.#cooldown--;
      this.#bad = 0;
    }
    if (this.#bad <= patience) return;
    this.optimizer.paramGroups.forEach((group, i) => {
      const lower = Math.max(group.lr * factor, this.#floors[i]);
      if (group.lr - lower > eps) group.lr = lower;
    });
    this.#cooldown = cooldown;
    this.#bad = 0;
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === "min" ? -1 : 1;
    const best = this.#best;
    const bar = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === "min" ? metric < bar : metric > bar;
  }

  stateDict(): PlateauState {
    return { best: this.#best, numBadEpochs: this.#bad, cooldownCounter: this.#cooldown };
  }

  /** Everything about `saved` that does not fit here, in words; none when loadStateDict() takes it. */
  stateFaults(saved: unknown): string[] {
    if (!isRecord(saved)) return [`expected a state as stateDict() gives, got ${describe(saved)}`];
    const { best, numBadEpochs, cooldownCounter, ...others } = saved;
    const faults = Object.keys(others).map((name) => `a plateau's state has no ${quoted(name)}`);
    if (typeof best !== "number" || Number.isNaN(best) || best === -this.#worst)
      faults.push(`expected best to be a number, got ${brief(best)}`);
    const { patience, cooldown } = this.#options;
    for (const [name, count, most] of [
      ["numBadEpochs", numBadEpochs, patience],
      ["cooldownCounter", cooldownCounter, cooldown],
    ] as const) {
      if (!isCount(count) || count > most)
        faults.push(`expected ${name} to be a whole number from 0 to ${most}, got ${brief(count)}`);
    }
    return faults;
  }

  /** Go on where `saved` stood. Throws one error that lists all that does not fit, and then has changed nothing. */
  loadStateDict(saved: PlateauState): void {
    refuse("ReduceLROnPlateau.loadStateDict", this.stateFaults(saved));
    this.#best = saved.best;
    this.#bad = saved.numBadEpochs;
    this.#cooldown = saved.cooldownCounter;
  }
}

suggestMembers(ReduceLROnPlateau, "schedule");

/** Without what is undefined. */
const defined = <T extends object>(options: T): Partial<{ [K in keyof T]-?: NonNullable<T[K]> }> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
