import { describe, expect, test } from "vitest";
import * as nn from "../../src/nn";
import { leaf, recorded } from "./torch";

interface Table {
  readonly kind: string;
  readonly args: Readonly<Record<string, number>>;
  readonly lr: readonly number[];
}

const schedules: Readonly<Record<string, (a: Readonly<Record<string, number>>) => nn.Schedule>> = {
  OneCycleLR: (a) =>
    nn.oneCycleLR({
      maxLR: a.max_lr,
      totalSteps: a.total_steps,
      pctStart: a.pct_start,
      divFactor: a.div_factor,
      finalDivFactor: a.final_div_factor,
    }),
  PolynomialLR: (a) => nn.polynomialLR({ totalIters: a.total_iters, power: a.power }),
  CosineAnnealingWarmRestarts: (a) =>
    nn.cosineAnnealingWarmRestarts({ t0: a.T_0, tMult: a.T_mult, etaMin: a.eta_min }),
  LinearLR: () => nn.linearLR(),
};

test.each(recorded<readonly Table[]>("schedules").map((t) => [t.kind, t] as const))(
  "%s as PyTorch",
  (kind, t) => {
    const schedule = schedules[kind](t.args);
    t.lr.forEach((lr, step) => {
      expect(Math.abs(schedule(step, 0.2) - lr), `step ${step}`).toBeLessThan(1e-14);
    });
  },
);

describe("by hand", () => {
  test("warm-up, then a cosine down to minLR", () => {
    const schedule = nn.cosineWithWarmup({ warmupSteps: 4, totalSteps: 8, minLR: 2 });
    const rates = [0, 1, 2, 4, 6, 8].map((step) => schedule(step, 10));
    [0, 2.5, 5, 10, 6, 2].forEach((lr, i) => {
      expect(rates[i]).toBeCloseTo(lr, 12);
    });
  });

  test("a factor of your own, and no warm-up", () => {
    expect(nn.lambdaLR((step) => 1 / (step + 1))(3, 2)).toBe(0.5);
    expect(nn.linearWithWarmup({ warmupSteps: 0, totalSteps: 4 })(1, 8)).toBe(6);
    expect(nn.constantWithWarmup({ warmupSteps: 0 })(0, 8)).toBe(8);
  });
});

describe("LRScheduler", () => {
  test("drives every group from its own rate", () => {
    const optimizer = new nn.SGD([{ params: [leaf([1])], lr: 8 }, { params: [leaf([1])] }], { lr: 2 });
    const scheduler = new nn.LRScheduler(optimizer, nn.stepLR({ stepSize: 2, gamma: 0.5 }));
    const seen = Array.from({ length: 5 }, () => {
      const rates = optimizer.paramGroups.map((group) => group.lr);
      optimizer.step();
      scheduler.step();
      return rates;
    });
    expect(seen).toEqual([
      [8, 2],
      [8, 2],
      [4, 1],
      [4, 1],
      [2, 0.5],
    ]);
    expect(scheduler.lr).toBe(2);
  });

  test("goes on where it stood", () => {
    const make = () => {
      const optimizer = new nn.SGD([leaf([1])], { lr: 1 });
      return new nn.LRScheduler(optimizer, nn.linearWithWarmup({ warmupSteps: 5, totalSteps: 20 }));
    };
    const [a, b] = [make(), make()];
    for (let i = 0; i < 7; i++) a.step();
    b.loadStateDict(JSON.parse(JSON.stringify(a.stateDict())));
    expect(b.lr).toBe(a.lr);
    a.step();
    b.step();
    expect(b.lr).toBe(a.lr);
    expect(() => b.loadStateDict({ step: 1, bases: [1, 2] })).toThrow("expected 1 rates, got 2");
  });

  test("a state that does not fit is refused, with every fault, and changes nothing", () => {
    const make = (schedule: nn.Schedule = nn.stepLR({ stepSize: 3 })) => {
      const optimizer = new nn.SGD([{ params: [leaf([1])], lr: 8 }, { params: [leaf([1])] }], { lr: 2 });
      return new nn.LRScheduler(optimizer, schedule);
    };
    const scheduler = make();
    scheduler.step();
    const before = JSON.stringify([scheduler.stateDict(), scheduler.lr]);
    const load = (state: unknown) => () =>
      scheduler.loadStateDict(state as { step: number; bases: number[] });
    for (const [state, message] of [
      [undefined, "expected { step, bases } as stateDict() gives, got undefined"],
      [null, "got null"],
      [[1, [2, 3]], "got a list of 2"],
      [{ bases: [1, 2] }, "expected a whole number of steps >= 0, got undefined"],
      [{ step: 1.5, bases: [1, 2] }, "got 1.5"],
      [{ step: "3", bases: [1, 2] }, 'got "3"'],
      [{ step: -1, bases: [1, 2] }, "got -1"],
      [{ step: 1e300, bases: [1, 2] }, "got 1e+300"],
      [{ step: 1 }, "expected a list of rates as bases, got undefined"],
      [{ step: 1, bases: [1, "2"] }, 'expected rates >= 0 as bases, got [1, "2"]'],
      [{ step: 1, bases: [1, null] }, "got [1, null]"],
      [{ step: 1, bases: [1, 2], last: 3 }, 'expected step and bases alone, got "last" too'],
      [
        { step: -1, bases: [1] },
        "LRScheduler.loadStateDict: expected a whole number of steps >= 0, got -1\n  expected 2 rates, got 1\nnothing was loaded",
      ],
    ] as const) {
      expect(load(state)).toThrow(message);
      expect(JSON.stringify([scheduler.stateDict(), scheduler.lr])).toBe(before);
    }
    const short = make((step, base) => (step < 3 ? base : Number.NaN));
    expect(() => short.loadStateDict({ step: 3, bases: [1, 2] })).toThrow(
      "expected a finite rate at step 3, got NaN",
    );
    short.step();
    short.step();
    expect(() => short.step()).toThrow("expected a finite rate at step 3");
    expect(short.stateDict().step).toBe(2);
  });

  test("a sequence needs one milestone between every two", () => {
    expect(() => nn.sequentialLR([nn.linearLR()], [3])).toThrow(
      "sequentialLR: expected 0 milestones for 1 schedules, got 1",
    );
  });
});
