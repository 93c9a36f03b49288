import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tensor } from "../../src/autograd";
import { ConcatDataset } from "../../src/data";
import {
  AveragedModel,
  BatchNorm1d,
  Dropout2d,
  Linear,
  loadCheckpoint,
  NAdam,
  type PlateauOptions,
  ReduceLROnPlateau,
  Sequential,
  SGD,
  saveCheckpoint,
} from "../../src/nn";
import { array, type NDArray, type Nested } from "../../src/tensor";
import { expectClose, f64, leaf, recorded } from "./torch";

interface Tables {
  readonly losses: readonly number[];
  readonly tables: readonly { args: Readonly<Record<string, never>>; rates: readonly number[][] }[];
}

const twoGroups = () => new SGD([{ params: [leaf([1])] }, { params: [leaf([2])], lr: 0.05 }], { lr: 0.2 });

test("ReduceLROnPlateau: the rate after each loss as PyTorch, also when it goes on from a state", () => {
  const { losses, tables } = recorded<Tables>("plateau");
  expect(tables).toHaveLength(5);
  for (const { args, rates } of tables) {
    const entries = Object.entries(args).map(([key, value]) => {
      const camel = key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      return [camel === "minLr" ? "minLR" : camel, value];
    });
    const options = Object.fromEntries(entries) as PlateauOptions;
    const optimizer = twoGroups();
    let scheduler = new ReduceLROnPlateau(optimizer, options);
    losses.forEach((loss, i) => {
      scheduler.step(loss);
      expect(optimizer.paramGroups.map(({ lr }) => lr)).toEqual(
        rates[i].map((rate) => expect.closeTo(rate, 14)),
      );
      const twin = new ReduceLROnPlateau(optimizer, options);
      twin.loadStateDict(scheduler.stateDict());
      scheduler = twin;
    });
  }
});

test("ReduceLROnPlateau: a floor for each group, NaN is no better, and what is told of mistakes", () => {
  const optimizer = twoGroups();
  const scheduler = new ReduceLROnPlateau(optimizer, { patience: 0, minLR: [0.15, 0.01] });
  scheduler.step(1);
  scheduler.step(Number.NaN);
  expect(optimizer.paramGroups.map(({ lr }) => lr)).toEqual([0.15, expect.closeTo(0.01, 15)]);
  const make = (options: object) => () => new ReduceLROnPlateau(optimizer, options);
  expect(make({ factor: 1 })).toThrow("ReduceLROnPlateau: expected factor below 1, got 1");
  expect(make({ mode: "least" })).toThrow('ReduceLROnPlateau: expected mode "min" or "max", got "least"');
  expect(make({ minLR: [0] })).toThrow("or a list of 2, one for each group");
  expect(() => scheduler.step(tensor(1) as never)).toThrow("expected metric to be a number");
  expect(scheduler.stateFaults({ best: Number.NaN, numBadEpochs: 3, cooldownCounter: -1, x: 1 })).toEqual([
    'a plateau\'s state has no "x"',
    "expected best to be a number, got NaN",
    "expected numBadEpochs to be a whole number from 0 to 0, got 3",
    "expected cooldownCounter to be a whole number from 0 to 0, got -1",
  ]);
});

test.each([
  ["ema", { decay: 0.9 }],
  ["mean", {}],
] as const)("AveragedModel as PyTorch: %s", (name, options) => {
  const c = recorded<{ weights: readonly Nested[] } & Record<string, readonly Nested[]>>("averages");
  const model = new Linear(3, 2, { bias: false }).to("float64");
  const average = new AveragedModel(model, options);
  c.weights.forEach((weight, i) => {
    model.weight.data.assign(f64(weight));
    average.updateParameters();
    average.swap(() => {
      expectClose(model.weight, f64(c[name][i]));
      expect(() => average.updateParameters()).toThrow("the model has the averages for weights now");
    });
    expectClose(model.weight, f64(weight), 0);
  });
  expect(average.nAveraged).toBe(5);
  expect([...average.stateDict().keys()]).toEqual(["nAveraged", "module.weight"]);
  const other = new Linear(3, 2, { bias: false }).to("float64");
  average.copyTo(other);
  expectClose(other.weight, f64(c[name][4]));
  average.copyTo();
  expectClose(model.weight, f64(c[name][4]));
  expect(() => average.copyTo(new Linear(3, 2))).toThrow("loadStateDict: 1 name of Linear does not fit");
});

test("AveragedModel: an error inside swap() gives the weights back; buffers if asked", () => {
  const model = new Sequential(new Linear(3, 4), new BatchNorm1d(4));
  const average = new AveragedModel(model, { decay: 0.5, useBuffers: true });
  expect([...average.stateDict().keys()]).toContain("module.1.runningMean");
  expect([...average.stateDict().keys()]).not.toContain("module.1.numBatchesTracked");
  const before = model.getParameter("0.weight").data.clone();
  average.updateParameters();
  model.getParameter("0.weight").data.fill(3);
  expect(() =>
    average.swap(() => {
      expectClose(model.getParameter("0.weight"), before, 0);
      throw new Error("stop");
    }),
  ).toThrow("stop");
  expectClose(model.getParameter("0.weight"), before.mul(0).add(3), 0);
});

test("a whole training with NAdam, plateau and average goes on from a checkpoint bit for bit", () => {
  const folder = mkdtempSync(join(tmpdir(), "average-"));
  try {
    const make = () => {
      const model = new Linear(3, 2);
      const optimizer = new NAdam(model.parameters(), { lr: 0.1 });
      const scheduler = new ReduceLROnPlateau(optimizer, { patience: 0 });
      return { model, optimizer, scheduler, average: new AveragedModel(model, { decay: 0.8 }) };
    };
    const x = tensor(array([[1, -2, 3]]));
    const step = ({ model, optimizer, scheduler, average }: ReturnType<typeof make>, loss: number) => {
      optimizer.zeroGrad();
      model.forward(x).square().sum().backward();
      optimizer.step();
      average.updateParameters();
      scheduler.step(loss);
    };
    const first = make();
    step(first, 1);
    step(first, 2);
    const file = join(folder, "training.safetensors");
    saveCheckpoint(file, { ...first, step: 2 });
    const second = make();
    loadCheckpoint(file, second);
    for (const parts of [first, second]) for (const loss of [0.5, 3]) step(parts, loss);
    const stateOf = ({ model, average }: ReturnType<typeof make>) => [
      ...model.stateDict().values(),
      ...average.stateDict().values(),
    ];
    stateOf(second).forEach((state: NDArray, i) => {
      expectClose(state, stateOf(first)[i], 0);
    });
    expect(second.scheduler.stateDict()).toEqual(first.scheduler.stateDict());
    expect(second.optimizer.paramGroups[0].lr).toBe(first.optimizer.paramGroups[0].lr);
    const { average: _, ...rest } = make();
    expect(() => loadCheckpoint(file, rest)).toThrow("average: the file holds one; give it too");
    saveCheckpoint(file, rest);
    expect(() => loadCheckpoint(file, make())).toThrow("average: the file holds none");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("stateFaults() says so of what is no Map; nothing but numbers are probabilities or indices", () => {
  const model = new Linear(3, 2);
  for (const stateful of [model, new AveragedModel(model)])
    for (const odd of [undefined, null, 3, { weight: 1 }])
      expect(stateful.stateFaults(odd as never)).toEqual([
        expect.stringContaining("expected a Map from names to NDArrays, got"),
      ]);
  expect(() => new Dropout2d(Symbol("p") as never)).toThrow("Dropout2d: expected a probability in [0, 1]");
  const index = Symbol("i") as never;
  expect(() => new ConcatDataset([[1, 2]]).get(index)).toThrow(
    "ConcatDataset: expected an index from 0 to 1",
  );
});
