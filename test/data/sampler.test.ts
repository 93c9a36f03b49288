import { expect, test } from "vitest";
import {
  ConcatDataset,
  DataLoader,
  type LoaderState,
  Subset,
  TensorDataset,
  WeightedRandomSampler,
} from "../../src/data";
import { arange, defaultGenerator, Generator, manualSeed } from "../../src/tensor";

test("ConcatDataset: samples in their order, empty parts between them", () => {
  const all = new ConcatDataset([["a", "b"], [], new Subset(["x", "c"], [1]), ["d"]]);
  expect(all.length).toBe(4);
  expect(all.cumulativeSizes).toEqual([2, 2, 3, 4]);
  expect([...all]).toEqual(["a", "b", "c", "d"]);
  expect([0, 1, 2, 3].map((i) => all.get(i))).toEqual(["a", "b", "c", "d"]);
  expect(() => all.get(4)).toThrow("ConcatDataset: expected an index from 0 to 3, got 4");
  const rows = new ConcatDataset([new TensorDataset(arange(0, 3)), new TensorDataset(arange(3, 5))]);
  const batches = [...new DataLoader(rows, { batchSize: 4 })];
  expect(batches.map(([batch]) => batch.toArray())).toEqual([[0, 1, 2, 3], [4]]);
});

test("WeightedRandomSampler: as often as its weight, zero never; anew in each loop, the same from the same seed", () => {
  const draw = (seed: number) =>
    new WeightedRandomSampler([1, 0, 3], 8000, { generator: new Generator(seed) });
  const drawn = [...draw(1)];
  expect(drawn).toHaveLength(8000);
  expect(drawn.filter((i) => i === 2).length / 8000).toBeCloseTo(0.75, 1);
  expect(drawn).not.toContain(1);
  expect([...draw(1)]).toEqual(drawn);
  const sampler = draw(1);
  expect([...sampler]).not.toEqual([...sampler]);
  const each = new WeightedRandomSampler([5, 1, 0, 2], 3, { replacement: false });
  expect([...each].sort()).toEqual([0, 1, 3]);
  manualSeed(3);
  const first = [...each];
  manualSeed(3);
  expect([...each]).toEqual(first);
});

test("a loader takes its samples from a sampler, anew in each epoch", () => {
  const labels = ["a", "b", "c", "d", "e"];
  const join = { batchSize: 2, collate: (texts: string[]) => texts.join("") };
  const picked = new DataLoader(labels, { sampler: [4, 0, 4], ...join });
  expect(picked.length).toBe(2);
  expect([...picked, ...picked]).toEqual(["ea", "e", "ea", "e"]);
  expect([...new DataLoader(labels, { sampler: [4, 0, 4], dropLast: true, ...join })]).toEqual(["ea"]);
  const sampler = new WeightedRandomSampler([0, 1, 1, 0, 1], 40, { generator: new Generator(5) });
  const loader = new DataLoader(labels, { sampler, ...join });
  const [first, second] = [[...loader].join(""), [...loader].join("")];
  expect([first.length, second.length, new Set(first + second)]).toEqual([40, 40, new Set("bce")]);
  expect(first).not.toBe(second);
});

test("an epoch of a sampler goes on where it stood", () => {
  const numbers = [0, 1, 2, 3, 4, 5, 6];
  const make = () => {
    const sampler = new WeightedRandomSampler([1, 1, 1, 1, 1, 1, 1], 9);
    return new DataLoader<number, number[]>(numbers, { sampler, batchSize: 2, collate: (batch) => batch });
  };
  const run = (loader: DataLoader<number, number[]>, each: (i: number) => void = () => {}) => {
    const seen: number[][] = [];
    while (loader.epoch < 3) for (const batch of loader) each(seen.push(batch));
    return seen;
  };
  manualSeed(4);
  const states: string[] = [];
  const first = make();
  const whole = run(first, () =>
    states.push(JSON.stringify([first.stateDict(), defaultGenerator().state()])),
  );
  expect(whole.length).toBe(15);
  states.forEach((saved, i) => {
    const [state, luck] = JSON.parse(saved);
    const again = make();
    again.loadStateDict(state);
    expect(again.stateDict()).toEqual(state);
    defaultGenerator().setState(luck);
    expect(run(again)).toEqual(whole.slice(i + 1));
  });

  const [state] = JSON.parse(states[1]);
  const plain = new DataLoader<number, number[]>(numbers, { batchSize: 2 });
  const refused: [DataLoader<number, number[]>, object, string][] = [
    [make(), { ...state, indices: undefined }, "expected 9 indices below 7, got undefined"],
    [
      make(),
      { ...state, indices: [0, 1, 2, 3, 4, 5, 6, 0, 7] },
      "expected 9 indices below 7, got a list of 9",
    ],
    [make(), { ...state, sampled: 8 }, "expected sampled 9, got 8"],
    [make(), plain.stateDict(), "expected sampled 9, got undefined"],
    [plain, state, "expected sampled undefined, got 9"],
    [plain, { ...plain.stateDict(), indices: [1] }, "expected no indices, got a list of 1"],
  ];
  for (const [loader, wrong, message] of refused)
    expect(() => loader.loadStateDict(wrong as LoaderState)).toThrow(message);
});

test("mistakes with a sampler are told", () => {
  const run = (sampler: unknown, options: object = {}) => [
    ...new DataLoader([1, 2, 3], { sampler: sampler as number[], ...options }),
  ];
  expect(() => run([0, 3])).toThrow("DataLoader: sampler: expected an index from 0 to 2, got 3");
  expect(() => run(5)).toThrow("DataLoader: expected sampler to be a list or another iterable, got 5");
  expect(() => run(new Set([1]))).toThrow(
    "DataLoader: expected the sampler's length to be a whole number >= 1",
  );
  expect(() => run([])).toThrow("DataLoader: expected the sampler's length to be a whole number >= 1, got 0");
  expect(() => run([1], { shuffle: true })).toThrow("expected shuffle and seed, or a sampler, got both");
  expect(() => run([1], { seed: 1 })).toThrow("the sampler decides the order");
  const endless = {
    length: 2,
    *[Symbol.iterator]() {
      for (;;) yield 0;
    },
  };
  expect(() => run(endless)).toThrow(
    "DataLoader: expected 2 indices from the sampler, as its length says, got more",
  );
  expect(() => run({ ...endless, length: 2, [Symbol.iterator]: () => [1][Symbol.iterator]() })).toThrow(
    "expected 2 indices from the sampler, as its length says, got 1",
  );
});

test("mistakes are told", () => {
  const make =
    (...args: unknown[]) =>
    () =>
      new WeightedRandomSampler(...(args as ConstructorParameters<typeof WeightedRandomSampler>));
  expect(make([1, -1], 2)).toThrow("WeightedRandomSampler: expected finite weights >= 0, got -1 at index 1");
  expect(make([0, 0], 2)).toThrow("WeightedRandomSampler: expected a weight > 0, got none");
  expect(make([1, 0], 2, { replacement: false })).toThrow("expected numSamples of at most 1");
  expect(make([1], 0)).toThrow("WeightedRandomSampler: expected numSamples to be a whole number >= 1, got 0");
  expect(make(3, 2)).toThrow("WeightedRandomSampler: expected weights to be a list of numbers, got 3");
  expect(() => new ConcatDataset([])).toThrow(
    "ConcatDataset: expected at least one dataset, got an empty list",
  );
  expect(() => new ConcatDataset([3 as never])).toThrow(
    "ConcatDataset: expected lists of samples, or datasets",
  );
});
