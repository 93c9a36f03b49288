import { expect, test } from "vitest";
import { ConcatDataset, DataLoader, Subset, TensorDataset, WeightedRandomSampler } from "../../src/data";
import { arange, Generator, manualSeed } from "../../src/tensor";

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
