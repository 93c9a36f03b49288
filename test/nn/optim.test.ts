import { describe, expect, test } from "vitest";
import { type Tensor, tensor } from "../../src/autograd";
import * as nn from "../../src/nn";
import { array, type NDArray, type Nested, parseSafetensors, serializeSafetensors } from "../../src/tensor";
import { expectClose, f64, leaf, recorded } from "./torch";

interface Recorded {
  readonly a: Nested;
  readonly b: Nested;
  readonly start: Nested;
  readonly runs: readonly {
    optimizer: string;
    args: Readonly<Record<string, never>>;
    rows: readonly Nested[];
  }[];
}

const makers = {
  SGD: nn.SGD,
  Adam: nn.Adam,
  AdamW: nn.AdamW,
  RMSprop: nn.RMSprop,
  Adagrad: nn.Adagrad,
  NAdam: nn.NAdam,
  RAdam: nn.RAdam,
};

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

test.each([
  ["options that the parity fixtures leave out", "optimizers", 6],
  ["NAdam and RAdam", "optimizers_more", 6],
])("%s, as PyTorch", (_, recording, count) => {
  const { a, b, start, runs } = recorded<Recorded>(recording);
  for (const { optimizer: name, args, rows } of runs) {
    const w = leaf(start);
    const options = Object.fromEntries(Object.entries(args).map(([key, value]) => [camel(key), value]));
    let optimizer = new makers[name as keyof typeof makers]([w], options);
    rows.forEach((row, i) => {
      if (i === 3) {
        // Goes on from its state alone.
        const twin = new makers[name as keyof typeof makers]([w], options);
        twin.loadStateDict(optimizer.stateDict() as never);
        optimizer = twin;
      }
      optimizer.zeroGrad();
      w.sub(f64(b)).square().mul(f64(a)).sum().backward();
      optimizer.step();
      expectClose(w, f64(row));
    });
  }
  expect(runs.length).toBe(count);
});

/** A step on Σ w², whose gradient is 2 w. */
function step(optimizer: nn.Optimizer<{ lr: number }>, params: readonly Tensor[]): void {
  optimizer.zeroGrad();
  for (const w of params) w.mul(w).sum().backward();
  optimizer.step();
}

describe("by hand", () => {
  test("SGD with momentum", () => {
    const w = leaf([1]);
    const optimizer = new nn.SGD([w], { lr: 0.1, momentum: 0.5 });
    step(optimizer, [w]); // g 2, v 2: 1 − 0.2
    expect(w.item()).toBeCloseTo(0.8, 12);
    step(optimizer, [w]); // g 1.6, v 2.6: 0.8 − 0.26
    expect(w.item()).toBeCloseTo(0.54, 12);
  });

  test("the first step of Adam is lr in the direction of the sign; AdamW also shrinks the weight", () => {
    for (const [Maker, shrunk] of [
      [nn.Adam, 5],
      [nn.AdamW, 5 * (1 - 0.1 * 0.2)],
    ] as const) {
      const w = leaf([5]);
      step(new Maker([w], { lr: 0.1, eps: 0, weightDecay: 0.2 }), [w]);
      expect(w.item()).toBeCloseTo(shrunk - 0.1, 10);
    }
  });

  test("defaults are PyTorch's", () => {
    const settings = (o: { paramGroups: readonly object[] }) => {
      const { params: _, ...rest } = o.paramGroups[0] as { params: unknown };
      return rest;
    };
    const common = { lr: 0.001, betas: [0.9, 0.999], eps: 1e-8, amsgrad: false, maximize: false };
    expect(settings(new nn.Adam([leaf([1])]))).toEqual({ ...common, weightDecay: 0 });
    expect(settings(new nn.AdamW([leaf([1])]))).toEqual({ ...common, weightDecay: 0.01 });
  });
});

describe("groups", () => {
  test("settings of a group win over those of the optimiser; parameters without gradient stay", () => {
    const [a, b, c] = [leaf([1]), leaf([1]), leaf([1])];
    const optimizer = new nn.SGD([{ params: [a], lr: 0.1 }, { params: [b, c] }], { lr: 0.25 });
    expect(optimizer.paramGroups.map(({ lr, momentum }) => [lr, momentum])).toEqual([
      [0.1, 0],
      [0.25, 0],
    ]);
    step(optimizer, [a, b]);
    expect([a, b, c].map((w) => w.item())).toEqual([0.8, 0.5, 1]);
  });

  test("the step happens in the parameter's own memory", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const { data } = w.data;
    step(new nn.AdamW([w]), [w]);
    expect(w.data.data).toBe(data);
    expect(data[0]).toBeLessThan(1);
  });

  test("a parameter with strided data is laid out and moved all the same", () => {
    const w = tensor(
      array([
        [1, 2],
        [3, 4],
      ]).transpose(),
      { requiresGrad: true },
    );
    step(new nn.SGD([w], { lr: 0.25 }), [w]);
    expect(w.toArray()).toEqual([
      [0.5, 1.5],
      [1, 2],
    ]);
  });
});

describe("save and go on", () => {
  const cases: [string, (params: Tensor[]) => nn.Optimizer<{ lr: number }>][] = [
    ["SGD", (params) => new nn.SGD(params, { lr: 0.1, momentum: 0.9 })],
    ["AdamW", (params) => new nn.AdamW([{ params: [params[0]], lr: 0.3 }, { params: [params[1]] }])],
    ["Adam, amsgrad", (params) => new nn.Adam(params, { amsgrad: true })],
    ["RMSprop", (params) => new nn.RMSprop(params, { centered: true, momentum: 0.5 })],
    ["Adagrad", (params) => new nn.Adagrad(params, { lrDecay: 0.1 })],
  ];
  test.each(cases)("%s goes on exactly, through safetensors", (_, make) => {
    const params = () => [tensor([1, -2], { requiresGrad: true }), tensor([[3]], { requiresGrad: true })];
    const [whole, part] = [params(), params()];
    const optimizer = make(whole);
    for (let i = 0; i < 6; i++) step(optimizer, whole);

    const first = make(part);
    for (let i = 0; i < 3; i++) step(first, part);
    const { state, groups } = first.stateDict();
    const saved = {
      state: parseSafetensors(Buffer.concat(serializeSafetensors(state))) as Map<string, NDArray>,
      groups: JSON.parse(JSON.stringify(groups)),
    };
    const resumed = make(part);
    resumed.loadStateDict(saved);
    for (let i = 0; i < 3; i++) step(resumed, part);
    part.forEach((w, i) => {
      expect(w.toArray()).toEqual(whole[i].toArray());
    });
  });

  test("a scalar parameter, saved in float32 and resumed in float64", () => {
    const optimizer = (w: Tensor) => new nn.AdamW([w], { lr: 0.1 });
    const [small, large] = [tensor(1, { requiresGrad: true }), leaf(1)];
    const first = optimizer(small);
    step(first, [small]);
    const second = optimizer(large);
    second.loadStateDict(first.stateDict());
    step(second, [large]);
    expect(second.stateDict().state.get("0.expAvg")?.dtype).toBe("float64");
    expect(second.stateDict().state.get("0.step")?.item()).toBe(2);
    expect(first.stateDict().state.get("0.step")?.item()).toBe(1);
  });

  test("a loaded state is a copy", () => {
    const w = leaf([1]);
    const optimizer = new nn.SGD([w], { momentum: 0.9 });
    step(optimizer, [w]);
    const saved = optimizer.stateDict();
    const other = new nn.SGD([leaf([1])], { momentum: 0.9 });
    other.loadStateDict(saved);
    saved.state.get("0.momentumBuffer")?.fill(100);
    expect(other.stateDict().state.get("0.momentumBuffer")?.item()).not.toBe(100);
  });

  test("what does not fit is named", () => {
    const w = leaf([1, 2]);
    const optimizer = new nn.Adam([w]);
    step(optimizer, [w]);
    const saved = optimizer.stateDict();
    expect([...saved.state.keys()]).toEqual(["0.step", "0.expAvg", "0.expAvgSq"]);
    expect(() => new nn.Adam([leaf([1])]).loadStateDict(saved)).toThrow(
      'Adam.loadStateDict: "0.expAvg" should have the shape (1,) of its parameter, got (2,)',
    );
    const groups = [...saved.groups, ...saved.groups];
    expect(() => new nn.Adam([w]).loadStateDict({ ...saved, groups })).toThrow(
      "Adam.loadStateDict: expected 1 groups of settings, got 2",
    );
    const state = new Map([["3.step", f64(1)]]);
    expect(() => new nn.Adam([w]).loadStateDict({ ...saved, state })).toThrow(
      'Adam.loadStateDict: "3.step" is beyond the 1 parameters here',
    );
  });
});

describe("a state that does not fit is refused whole, with every fault", () => {
  type Saved = nn.OptimizerState<nn.AdamSettings>;
  const params = () => [leaf([1, 2]), leaf([[3]]), leaf([4])];
  /** Two steps of the first two parameters; the third never has a gradient. */
  function adam() {
    const list = params();
    const optimizer = new nn.AdamW([{ params: list.slice(0, 2) }, { params: [list[2]], lr: 0.5 }]);
    step(optimizer, list.slice(0, 2));
    step(optimizer, list.slice(0, 2));
    return optimizer;
  }
  /** The message of loading `change(saved)`, into an optimiser that must stay as it was. */
  function refusal(
    change: (saved: Saved) => unknown,
    optimizer: nn.Optimizer<{ lr: number }> = adam(),
  ): string {
    const look = () =>
      JSON.stringify([
        [...optimizer.stateDict().state].map(([name, x]) => [name, x.toArray()]),
        optimizer.paramGroups.map(({ params: _, ...settings }) => settings),
      ]);
    const before = look();
    const { state, groups, stepped } = adam().stateDict();
    let message = "";
    try {
      optimizer.loadStateDict(
        change({ state: new Map(state), groups: structuredClone(groups), stepped }) as Saved,
      );
    } catch (error) {
      message = (error as Error).message;
    }
    expect(look()).toBe(before);
    return message;
  }
  const withGroup = (settings: object) => (saved: Saved) => ({
    ...saved,
    groups: [{ ...saved.groups[0], ...settings }, saved.groups[1]],
  });
  const withState = (edit: (state: Map<string, unknown>) => unknown) => (saved: Saved) => {
    edit(saved.state);
    return saved;
  };

  test.each<[string, (saved: Saved) => unknown, string]>([
    ["lr a word", withGroup({ lr: "abc" }), 'group 0: expected a number as lr, got "abc"'],
    ["lr NaN", withGroup({ lr: Number.NaN }), "group 0: expected lr >= 0, got NaN"],
    ["lr null, as JSON has NaN", withGroup({ lr: null }), "group 0: expected a number as lr, got null"],
    ["lr negative", withGroup({ lr: -1 }), "group 0: expected lr >= 0, got -1"],
    ["eps infinite", withGroup({ eps: Number.POSITIVE_INFINITY }), "expected eps >= 0, got Infinity"],
    ["betas beyond 1", withGroup({ betas: [0.9, 1] }), "expected betas in [0, 1), got [0.9, 1]"],
    ["betas of words", withGroup({ betas: ["a", 0] }), 'expected betas in [0, 1), got ["a", 0]'],
    ["betas missing", withGroup({ betas: undefined }), "expected betas in [0, 1), got undefined"],
    ["a flag a number", withGroup({ amsgrad: 1 }), "expected a boolean as amsgrad, got 1"],
    ["a setting of SGD", withGroup({ momentum: 0.9 }), "no setting is called momentum"],
    ["a group null", (s) => ({ ...s, groups: [null, s.groups[1]] }), "group 0: expected settings, got null"],
    ["a setting missing", (s) => ({ ...s, groups: [{ lr: 1 }, s.groups[1]] }), "the setting eps is missing"],
    ["a group too few", (s) => ({ ...s, groups: s.groups.slice(1) }), "expected 2 groups of settings, got 1"],
    ["groups no list", (s) => ({ ...s, groups: {} }), "expected { state, groups } as stateDict() gives"],
    ["state no Map", (s) => ({ ...s, state: Object.fromEntries(s.state) }), "state a Map"],
    ["nothing", () => undefined, "as stateDict() gives, state a Map, got undefined"],
    ["null", () => null, "got null"],
    ["one slot missing", withState((s) => s.delete("1.expAvgSq")), '"1.expAvgSq" is missing'],
    [
      "one parameter's state missing",
      withState((s) => ["step", "expAvg", "expAvgSq"].map((slot) => s.delete(`1.${slot}`))),
      '"1.step" is missing\n  "1.expAvg" is missing\n  "1.expAvgSq" is missing\nnothing was loaded',
    ],
    [
      "one parameter's state missing, and no word of who had one",
      ({ state, groups }) => ({ state: new Map([...state].filter(([key]) => key.startsWith("0"))), groups }),
      '"1.step" is missing',
    ],
    [
      "a slot of SGD",
      withState((s) => s.set("0.momentumBuffer", s.get("0.expAvg"))),
      '"0.momentumBuffer" is not of this optimiser, which keeps step, expAvg, expAvgSq, maxExpAvgSq of a parameter',
    ],
    ["amsgrad without its averages", withGroup({ amsgrad: true }), '"0.maxExpAvgSq" is missing'],
    [
      "an index beyond",
      withState((s) => s.set("3.step", s.get("0.step"))),
      '"3.step" is beyond the 3 parameters',
    ],
    ["an index spelled oddly", withState((s) => s.set("00.step", s.get("0.step"))), 'got "00.step"'],
    ["an index in hexadecimal", withState((s) => s.set("0x1.step", s.get("0.step"))), 'got "0x1.step"'],
    ["no index", withState((s) => s.set("step", s.get("0.step"))), 'names such as "0.expAvg", got "step"'],
    ["a key that is no text", withState((s) => s.set(3 as never, 1)), "got 3"],
    [
      "a list for an array",
      withState((s) => s.set("0.expAvg", [1, 2])),
      '"0.expAvg" should be an NDArray, got a list of 2',
    ],
    [
      "another shape",
      withState((s) => s.set("0.expAvg", f64([1]))),
      '"0.expAvg" should have the shape (2,) of its parameter, got (1,)',
    ],
    [
      "integers",
      withState((s) => s.set("0.expAvg", array([1, 2], { dtype: "int32" }))),
      "should be of a float type, got int32",
    ],
    ["step 0", withState((s) => s.set("0.step", f64(0))), '"0.step" should be one whole number >= 1, got 0'],
    ["step 1.5", withState((s) => s.set("0.step", f64(1.5))), "got 1.5"],
    ["steps", withState((s) => s.set("0.step", f64([1, 2]))), "got [1, 2]"],
    ["stepped a word", (s) => ({ ...s, stepped: "all" }), 'in stepped the indices of parameters, got "all"'],
    ["stepped beyond", (s) => ({ ...s, stepped: [0, 1, 7] }), "got [0, 1, 7]"],
    [
      "stepped short",
      (s) => ({ ...s, stepped: [0] }),
      "parameter 1 has a state, but is not among those in stepped",
    ],
    ["stepped long", (s) => ({ ...s, stepped: [0, 1, 2] }), '"2.step" is missing'],
  ])("%s", (_, change, message) => {
    expect(refusal(change)).toMatch(/^AdamW\.loadStateDict: .*nothing was loaded$/s);
    expect(refusal(change)).toContain(message);
  });

  test("Adam's state in SGD: all of it is named", () => {
    const list = params();
    const sgd = new nn.SGD([{ params: list.slice(0, 2) }, { params: [list[2]] }], { momentum: 0.9 });
    step(sgd, list);
    const message = refusal((saved) => saved, sgd);
    expect(message.split("\n").length).toBeGreaterThan(20);
    expect(message).toContain("group 1: no setting is called betas; there are lr, momentum");
    expect(message).toContain(
      '"1.expAvg" is not of this optimiser, which keeps momentumBuffer of a parameter',
    );
    expect(message).toContain('"0.momentumBuffer" is missing');
  });

  test("and several faults at once", () => {
    expect(
      refusal((s) => withGroup({ lr: "abc", eps: -1 })(withState((m) => m.delete("0.step"))(s) as Saved)),
    ).toBe(
      `AdamW.loadStateDict: group 0: expected a number as lr, got "abc"
  group 0: expected eps >= 0, got -1
  "0.step" is missing
nothing was loaded`,
    );
  });

  test("an optimiser of your own keeps what it likes", () => {
    class Own extends nn.Optimizer<{ lr: number }> {
      protected override update(param: Tensor, _: NDArray, state: nn.State): void {
        state.set("mine", param.data.clone());
      }
    }
    const list = params();
    const own = new Own(list, { lr: 1 });
    step(own, list);
    const again = new Own(params(), { lr: 2 });
    again.loadStateDict(own.stateDict());
    expect(again.stateDict().state.get("0.mine")?.toArray()).toEqual([1, 2]);
    expect(() => again.loadStateDict({ ...own.stateDict(), state: new Map() })).toThrow(
      "Own.loadStateDict: the state of parameter 0 is missing",
    );
  });
});

describe("errors", () => {
  const w = leaf([1]);
  test.each([
    [() => new nn.AdamW([]), "AdamW: expected parameters, got an empty list"],
    [() => new nn.SGD([w, w]), "SGD: a parameter (1,) was given twice; each belongs to one group"],
    [() => new nn.SGD([{ params: [w] }, { params: [w] }]), "SGD: a parameter (1,) was given twice"],
    [() => new nn.SGD([w.mul(2)]), "SGD: expected leaves, got a tensor (1,) made by mul"],
    [() => new nn.SGD([w], { lr: -1 }), "SGD: expected lr >= 0, got -1"],
    [() => new nn.SGD([w], { lr: Number.NaN }), "SGD: expected lr >= 0, got NaN"],
    [
      () => new nn.SGD([w, { params: [leaf([2])] }] as Tensor[]),
      "SGD: expected parameters or groups { params, ... }, got both in one list",
    ],
    [
      () => new nn.SGD([w], { nesterov: true }),
      "SGD: nesterov needs momentum > 0 and dampening 0, got momentum 0 and dampening 0",
    ],
    [() => new nn.Adam([w], { eps: Number.NaN }), "Adam: expected eps >= 0, got NaN"],
    [() => new nn.SGD([w], { lr: Number.POSITIVE_INFINITY }), "SGD: expected lr >= 0, got Infinity"],
    [
      () => new nn.SGD([{ params: [w], momentom: 0.9 } as nn.ParamGroup<nn.SGDSettings>]),
      "SGD: no setting is called momentom; there are lr, momentum",
    ],
    [
      () => new nn.SGD([{ params: [w], lr: "fast" as unknown as number }]),
      'SGD: expected a number as lr, got "fast"',
    ],
    [() => new nn.Adam([w], { betas: [0.9, 1] }), "Adam: expected betas in [0, 1), got [0.9, 1]"],
  ])("%#", (run, message) => {
    expect(run).toThrow(message);
  });
});

interface Clip {
  readonly grads: readonly Nested[];
  readonly norms: readonly { p: number | "inf"; total: number; clipped: readonly Nested[] }[];
}

describe("clipping", () => {
  const withGrads = (grads: readonly Nested[]) =>
    grads.map((values) => {
      const w = leaf(f64(values));
      w.grad = f64(values);
      return w;
    });

  test("by the norms that PyTorch computes", () => {
    const { grads, norms } = recorded<Clip>("clip");
    for (const { p, total, clipped } of norms) {
      const params = withGrads(grads);
      const normType = p === "inf" ? Number.POSITIVE_INFINITY : p;
      expect(nn.clipGradNorm(params, 0.7, { normType })).toBeCloseTo(total, 9);
      params.forEach((w, i) => {
        expectClose(w.grad as NDArray, f64(clipped[i]));
      });
    }
  });

  test("norm types 0 and −∞, and sizes whose squares float32 does not hold", () => {
    // The values are those of torch.nn.utils.clip_grad_norm_: the norm of the gradients' norms.
    const grads = [
      [3, 0],
      [-0.5, 4],
      [0, 0],
    ];
    const zero = withGrads(grads);
    expect(nn.clipGradNorm(zero, 0.1, { normType: 0 })).toBe(2); // two gradients are not all 0
    expectClose(zero[0].grad as NDArray, f64([3 * (0.1 / (2 + 1e-6)), 0]));
    const smallest = withGrads(grads);
    expect(nn.clipGradNorm(smallest, 0.1, { normType: Number.NEGATIVE_INFINITY })).toBe(0);
    expect(smallest.map(({ grad }) => grad?.toArray())).toEqual(grads);
    const least = withGrads([
      [3, -2],
      [-0.5, 4],
    ]);
    expect(nn.clipGradNorm(least, 0.1, { normType: Number.NEGATIVE_INFINITY })).toBe(0.5);
    expectClose(least[1].grad as NDArray, f64([-0.5 * (0.1 / (0.5 + 1e-6)), 4 * (0.1 / (0.5 + 1e-6))]));
    for (const size of [1e20, 1e-30]) {
      const w = [3, 4].map((value) => {
        const w = leaf(f64([value]));
        w.grad = array([value * size]);
        return w;
      });
      expect(nn.clipGradNorm(w, 1) / (5 * size)).toBeCloseTo(1, 6);
      if (size > 1) expect(w[0].grad?.item()).toBeCloseTo(0.6, 6);
    }
  });

  test("below the limit nothing changes; parameters without gradient are passed over", () => {
    const params = [...withGrads([[3, 4]]), leaf([1])];
    const { grad } = params[0];
    expect(nn.clipGradNorm(params, 5.1)).toBe(5);
    expect(params[0].grad).toBe(grad);
    expect(params[1].grad).toBeNull();
    expect(nn.clipGradNorm([], 1)).toBe(0);
  });

  test("not finite: as PyTorch, or an error that changes nothing", () => {
    const params = withGrads([[Number.POSITIVE_INFINITY, 1]]);
    const run = () => nn.clipGradNorm(params, 1, { errorIfNonfinite: true });
    expect(run).toThrow(/clipGradNorm: the norm of the gradients is Infinity/);
    expect(params[0].grad?.toArray()).toEqual([Number.POSITIVE_INFINITY, 1]);
    expect(nn.clipGradNorm(params, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(params[0].grad?.toArray()).toEqual([Number.NaN, 0]);
  });

  test("by value", () => {
    const params = withGrads([[-3, 0.2, 2]]);
    nn.clipGradValue(params, 0.5);
    expect(params[0].grad?.toArray()).toEqual([-0.5, 0.2, 0.5]);
  });
});
