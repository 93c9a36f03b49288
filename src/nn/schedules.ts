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
  words,
} from "../tensor";
import { isCount, isRecord, refuse } from "./faults";
import { Optimizer } from "./optim/optimizer";

/**
 * The learning rate at `step`, counted from 0, of an optimiser whose own rate is `base`. A schedule is a function,
 * so it can be plotted before it is used:
 * ```ts
 * const schedule = cosineWithWarmup({ warmupSteps: 100, totalSteps: 2000 });
 * schedule(50, 3e-4); // 1.5e-4
 * ```
 */
export type Schedule = (step: number, base: number) => number;

/**
 * Drives the `lr` of every group of an optimiser by a schedule. Call `step()` after each `optimizer.step()`.
 * The rates found in the groups when it is made are the bases.
 */
export class LRScheduler {
  /** How many steps were taken. */
  #step = 0;
  readonly #bases: number[];

  constructor(
    readonly optimizer: Optimizer<{ lr: number }>,
    readonly schedule: Schedule,
  ) {
    if (!isA<object>(optimizer, Optimizer) || typeof schedule !== "function") {
      throw expectedKind(
        "LRScheduler",
        "an optimizer and a schedule, as in new LRScheduler(optimizer, stepLR({ stepSize: 10 }))",
        words(`${describe(optimizer)} and ${describe(schedule)}`),
      );
    }
    this.#bases = optimizer.paramGroups.map((group) => group.lr);
    this.#write(this.#ratesAt(0, this.#bases));
  }

  /** The rate that the next optimiser step will use (of the first group). */
  get lr(): number {
    return this.optimizer.paramGroups[0].lr;
  }

  step(): void {
    const rates = this.#ratesAt(this.#step + 1, this.#bases);
    this.#step++;
    this.#write(rates);
  }

  stateDict(): { step: number; bases: number[] } {
    return { step: this.#step, bases: [...this.#bases] };
  }

  /** Everything about `saved` that does not fit here, in words; none when loadStateDict() takes it. */
  stateFaults(saved: unknown): string[] {
    if (!isRecord(saved)) return [`expected { step, bases } as stateDict() gives, got ${describe(saved)}`];
    const { step, bases, ...others } = saved;
    const faults = Object.keys(others).map(
      (name) => `expected step and bases alone, got ${quoted(name)} too`,
    );
    if (!isCount(step)) faults.push(`expected a whole number of steps >= 0, got ${describe(step)}`);
    if (!isList(bases)) faults.push(`expected a list of rates as bases, got ${describe(bases)}`);
    else if (bases.length !== this.#bases.length)
      faults.push(`expected ${this.#bases.length} rates, got ${bases.length}`);
    else if (!bases.every((base) => Number.isFinite(base) && base >= 0))
      faults.push(`expected rates >= 0 as bases, got ${brief(bases)}`);
    if (faults.length > 0) return faults;
    try {
      this.#ratesAt(step as number, bases as number[]);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  }

  /** Go on where `saved` stood. Throws one error that lists all that does not fit, and then has changed nothing. */
  loadStateDict(saved: { step: number; bases: readonly number[] }): void {
    refuse("LRScheduler.loadStateDict", this.stateFaults(saved));
    const rates = this.#ratesAt(saved.step, saved.bases);
    this.#step = saved.step;
    for (const [i, base] of saved.bases.entries()) this.#bases[i] = base;
    this.#write(rates);
  }

  #ratesAt(step: number, bases: readonly number[]): number[] {
    const rates = bases.map((base) => this.schedule(step, base));
    if (rates.every((rate) => Number.isFinite(rate))) return rates;
    const odd = rates.find((rate) => !Number.isFinite(rate));
    throw expected(
      "LRScheduler",
      `a finite rate at step ${step}`,
      odd,
      "are all the schedule's options given?",
    );
  }

  #write(rates: readonly number[]): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      group.lr = rates[i];
    });
  }
}

suggestMembers(LRScheduler, "schedule");

// For transformers: small steps first, while Adam's averages are rough, then slowly down

/** base · step / warmupSteps, then base. */
export const constantWithWarmup = (options: { warmupSteps: number }): Schedule => {
  checkOptions("constantWithWarmup", options, "warmupSteps", { warmupSteps: "count" }, ["warmupSteps"]);
  const { warmupSteps } = options;
  return (step, base) => base * warmup(step, warmupSteps);
};

/** Up to base in a straight line, then down to 0 at totalSteps. */
export const linearWithWarmup = (options: { warmupSteps: number; totalSteps: number }): Schedule => {
  checkOptions(
    "linearWithWarmup",
    options,
    "warmupSteps, totalSteps",
    { warmupSteps: "count", totalSteps: "count" },
    ["warmupSteps", "totalSteps"],
  );
  const { warmupSteps, totalSteps } = options;
  return (step, base) =>
    step < warmupSteps
      ? base * warmup(step, warmupSteps)
      : base * Math.max(0, (totalSteps - step) / Math.max(1, totalSteps - warmupSteps));
};

/**
 * Up to base in a straight line, then down along half a cosine to `minLR` (0) at totalSteps. Beyond totalSteps the
 * cosine goes up again, as in transformers; `cycles` is the number of whole waves, 0.5.
 */
export const cosineWithWarmup = (options: {
  warmupSteps: number;
  totalSteps: number;
  cycles?: number;
  minLR?: number;
}): Schedule => {
  checkOptions(
    "cosineWithWarmup",
    options,
    "warmupSteps, totalSteps",
    { warmupSteps: "count", totalSteps: "count", cycles: "number", minLR: "number" },
    ["warmupSteps", "totalSteps"],
  );
  const { warmupSteps, totalSteps, cycles = 0.5, minLR = 0 } = options;
  return (step, base) => {
    if (step < warmupSteps) return base * warmup(step, warmupSteps);
    const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
    return minLR + (base - minLR) * Math.max(0, 0.5 * (1 + Math.cos(2 * Math.PI * cycles * progress)));
  };
};

const warmup = (step: number, warmupSteps: number): number =>
  step < warmupSteps ? step / Math.max(1, warmupSteps) : 1;

// PyTorch's, as closed formulas where PyTorch multiplies from step to step

/** base times a factor of your own. */
export const lambdaLR = (factor: (step: number) => number): Schedule => {
  check("lambdaLR", "factor", factor, "function");
  return (step, base) => base * factor(step);
};

/** base times a factor that goes in a straight line from startFactor to endFactor within totalIters steps. */
export const linearLR = (
  options: { startFactor?: number; endFactor?: number; totalIters?: number } = {},
): Schedule => {
  checkOptions("linearLR", options, "startFactor, endFactor", {
    startFactor: "number",
    endFactor: "number",
    totalIters: "count",
  });
  const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
  return (step, base) => base * (startFactor + (endFactor - startFactor) * Math.min(1, step / totalIters));
};

/** etaMin + (base − etaMin)(1 + cos(π step / tMax)) / 2; beyond tMax it goes up again. */
export const cosineAnnealingLR = (options: { tMax: number; etaMin?: number }): Schedule => {
  checkOptions("cosineAnnealingLR", options, "tMax, etaMin", { tMax: "positive", etaMin: "number" }, [
    "tMax",
  ]);
  const { tMax, etaMin = 0 } = options;
  return (step, base) => etaMin + ((base - etaMin) * (1 + Math.cos((Math.PI * step) / tMax))) / 2;
};

/**
 * A cosine from base to etaMin over t0 steps, then at once back to base and again, each period tMult times as long.
 * Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.
 */
export const cosineAnnealingWarmRestarts = (options: {
  t0: number;
  tMult?: number;
  etaMin?: number;
}): Schedule => {
  checkOptions(
    "cosineAnnealingWarmRestarts",
    options,
    "t0, tMult",
    { t0: "size", tMult: "size", etaMin: "number" },
    ["t0"],
  );
  const { t0, tMult = 1, etaMin = 0 } = options;
  return (step, base) => {
    check("cosineAnnealingWarmRestarts", "step", step, "finite");
    let period = t0;
    let at = tMult === 1 ? step % t0 : step;
    while (at >= period) {
      at -= period;
      period *= tMult;
    }
    return cosineAnnealingLR({ tMax: period, etaMin })(at, base);
  };
};

/** base · gamma^⌊step / stepSize⌋ */
export const stepLR = (options: { stepSize: number; gamma?: number }): Schedule => {
  checkOptions("stepLR", options, "stepSize, gamma", { stepSize: "positive", gamma: "number" }, ["stepSize"]);
  const { stepSize, gamma = 0.1 } = options;
  return (step, base) => base * gamma ** Math.floor(step / stepSize);
};

/** base · gamma^(number of milestones reached) */
export function multiStepLR(options: { milestones: readonly number[]; gamma?: number }): Schedule {
  checkOptions("multiStepLR", options, "milestones, gamma", { milestones: "numbers", gamma: "number" }, [
    "milestones",
  ]);
  const { milestones, gamma = 0.1 } = options;
  const steps = [...milestones];
  return (step, base) => base * gamma ** steps.filter((milestone) => milestone <= step).length;
}

/** base · gamma^step */
export const exponentialLR = (options: { gamma: number }): Schedule => {
  checkOptions("exponentialLR", options, "gamma", { gamma: "number" }, ["gamma"]);
  const { gamma } = options;
  return (step, base) => base * gamma ** step;
};

/** base · (1 − step / totalIters)^power, 0 from totalIters on. */
export const polynomialLR = (options: { totalIters?: number; power?: number } = {}): Schedule => {
  checkOptions("polynomialLR", options, "totalIters, power", { totalIters: "count", power: "number" });
  const { totalIters = 5, power = 1 } = options;
  return (step, base) => base * (1 - Math.min(step, totalIters) / totalIters) ** power;
};

/**
 * From maxLR / divFactor up to maxLR in the first `pctStart` of the steps, then down to maxLR / divFactor /
 * finalDivFactor, both along half a cosine. The optimiser's own rate is not used; its momentum is left alone (PyTorch
 * moves it too, unless cycle_momentum is off). Smith and Topin, "Super-convergence", 2018.
 */
export const oneCycleLR = (options: {
  maxLR: number;
  totalSteps: number;
  pctStart?: number;
  divFactor?: number;
  finalDivFactor?: number;
}): Schedule => {
  checkOptions(
    "oneCycleLR",
    options,
    "maxLR, totalSteps",
    {
      maxLR: "number",
      totalSteps: "count",
      pctStart: "number",
      divFactor: "number",
      finalDivFactor: "number",
    },
    ["maxLR", "totalSteps"],
  );
  const { maxLR, totalSteps, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 } = options;
  return (step) => {
    const first = maxLR / divFactor;
    const top = pctStart * totalSteps - 1;
    const wave = (from: number, to: number, part: number) =>
      to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2;
    if (step <= top) return wave(first, maxLR, step / top);
    return wave(maxLR, first / finalDivFactor, Math.min(1, (step - top) / (totalSteps - 1 - top)));
  };
};

/** One schedule after another: number i + 1 starts, at its own step 0, at milestones[i]. */
export function sequentialLR(schedules: readonly Schedule[], milestones: readonly number[]): Schedule {
  check("sequentialLR", "schedules", schedules, "list");
  check("sequentialLR", "milestones", milestones, "numbers");
  for (const schedule of schedules) check("sequentialLR", "each schedule", schedule, "function");

  if (milestones.length !== schedules.length - 1) {
    throw expected(
      "sequentialLR",
      `${schedules.length - 1} milestones for ${schedules.length} schedules`,
      milestones.length,
    );
  }
  const [parts, starts] = [[...schedules], [0, ...milestones]];
  return (step, base) => {
    const i = starts.filter((start, i) => i > 0 && start <= step).length;
    return parts[i](step - starts[i], base);
  };
}
