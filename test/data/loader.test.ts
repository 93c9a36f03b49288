import { describe, expect, expectTypeOf, it } from "vitest";
import {
  collate,
  DataLoader,
  padSequences,
  randomSplit,
  Subset,
  splitDocuments,
  TensorDataset,
} from "../../src/data";
import { arange, array, manualSeed, type NDArray } from "../../src/tensor";

const numbers = Array.from({ length: 10 }, (_, i) => i);
const epoch = (loader: DataLoader<number>) => [...loader].map((batch) => batch.toArray());

describe("DataLoader", () => {
  it("batches in order", () => {
    const loader = new DataLoader(numbers, { batchSize: 4 });
    expect(loader.length).toBe(3);
    expect(epoch(loader)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
  });

  it("drops the last batch if it is not full", () => {
    const loader = new DataLoader(numbers, { batchSize: 4, dropLast: true });
    expect(loader.length).toBe(2);
    expect(epoch(loader).length).toBe(2);
    expect(new DataLoader(numbers, { batchSize: 5, dropLast: true }).length).toBe(2);
    expect(new DataLoader(numbers, { batchSize: 11, dropLast: true }).length).toBe(0);
  });

  it("shuffles every epoch anew, and every run alike", () => {
    const run = () => {
      const loader = new DataLoader(numbers, { batchSize: 4, shuffle: true, seed: 3 });
      return [epoch(loader), epoch(loader), epoch(loader)];
    };
    const [first, second, third] = run();
    expect(run()).toEqual([first, second, third]);
    for (const batches of [first, second, third]) {
      expect((batches as number[][]).flat().sort((a, b) => a - b)).toEqual(numbers);
    }
    expect(first).not.toEqual(second);
    expect(second).not.toEqual(third);
    const resumed = new DataLoader(numbers, { batchSize: 4, shuffle: true, seed: 3 });
    resumed.epoch = 2;
    expect(epoch(resumed)).toEqual(third);
    expect(epoch(new DataLoader(numbers, { batchSize: 4, shuffle: true, seed: 4 }))).not.toEqual(first);
  });

  it("follows manualSeed without a seed", () => {
    const loader = new DataLoader(numbers, { batchSize: 10, shuffle: true });
    manualSeed(1);
    const first = epoch(loader);
    expect(epoch(loader)).not.toEqual(first);
    manualSeed(1);
    expect(epoch(loader)).toEqual(first);
  });

  it("may run inside itself", () => {
    const loader = new DataLoader([0, 1], { batchSize: 1 });
    const pairs = [...loader].flatMap((a) => [...loader].map((b) => [a.get([0]), b.get([0])]));
    expect(pairs).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
  });

  it("takes a collate function and knows its type", () => {
    const loader = new DataLoader(["a", "bb"], { batchSize: 2, collate: (texts) => texts.join("+") });
    expectTypeOf([...loader]).toEqualTypeOf<string[]>();
    expect([...loader]).toEqual(["a+bb"]);
  });

  it("refuses nonsense", () => {
    for (const batchSize of [0, -1, 1.5, Number.NaN]) {
      expect(() => new DataLoader(numbers, { batchSize })).toThrow(
        `expected a batchSize of 1 or more, got ${batchSize}`,
      );
    }
    expect(() => new DataLoader([])).toThrow("expected a dataset with at least one sample, got an empty one");
    expect(() => new DataLoader(numbers, { seed: 0.5 })).toThrow("expected an integer as the seed, got 0.5");
  });
});

describe("collate", () => {
  it("stacks numbers, booleans and lists", () => {
    expect(collate([1, 2]).dtype).toBe("int32");
    expect(collate([1, 2.5]).dtype).toBe("float32");
    expect(collate([1, 2 ** 31]).dtype).toBe("float32");
    expect(collate([true, false]).dtype).toBe("bool");
    expect(
      collate([
        [1, 2],
        [3, 4],
        [5, 6],
      ]).toArray(),
    ).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(
      collate([
        [[1], [2]],
        [[3], [4.5]],
      ]).shape,
    ).toEqual([2, 2, 1]);
    expect(collate([[], []]).shape).toEqual([2, 0]);
  });

  it("stacks arrays", () => {
    const batch = collate([arange(0, 3), arange(3, 6)]);
    expect(batch.dtype).toBe("int32");
    expect(batch.toArray()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(collate([new Float64Array([1]), new Float64Array([2])]).dtype).toBe("float64");
    expect(collate([new Uint8Array([7, 255])]).toArray()).toEqual([[7, 255]]);
    expect(collate([new Uint8Array([7, 255])]).dtype).toBe("int32");
  });

  it("goes field by field", () => {
    const batch = collate([
      { image: array([[1, 2]]), label: 3, name: "cat", nested: { box: [0, 1] } },
      { image: array([[5, 6]]), label: 4, name: "dog", nested: { box: [2, 3] } },
    ]);
    expectTypeOf(batch.image).toEqualTypeOf<NDArray>();
    expectTypeOf(batch.label).toEqualTypeOf<NDArray>();
    expectTypeOf(batch.name).toEqualTypeOf<string[]>();
    expectTypeOf(batch.nested.box).toEqualTypeOf<NDArray>();
    expect(batch.image.shape).toEqual([2, 1, 2]);
    expect(batch.label.toArray()).toEqual([3, 4]);
    expect(batch.name).toEqual(["cat", "dog"]);
    expect(batch.nested.box.toArray()).toEqual([
      [0, 1],
      [2, 3],
    ]);
    const pairs = collate<[NDArray, string]>([
      [array([1]), "a"],
      [array([2]), "b"],
    ]);
    expectTypeOf(pairs).toEqualTypeOf<[NDArray, string[]]>();
    expect(pairs[1]).toEqual(["a", "b"]);
  });

  it("names the sample that does not fit", () => {
    expect(() => collate([[1, 2], [3, 4], [5]])).toThrow(
      "collate: samples differ in shape, sample 0 has (2,), sample 2 has (1,); give the DataLoader a collate function " +
        "that pads them, e.g. with padSequences",
    );
    expect(() => collate([{ x: array([1]) }, { x: array([[1]]) }])).toThrow(
      "sample 0 (its x) has (1,), sample 1 (its x) has (1, 1)",
    );
    expect(() => collate([[[1, 2], [3]]])).toThrow("sample 0 holds rows of shapes (2,) and (1,)");
    expect(() => collate<unknown>([1, "a"])).toThrow("collate: sample 1 is a string, sample 0 is a number");
    expect(() => collate<object>([{ a: 1 }, { b: 1 }])).toThrow("sample 1 has the fields b, sample 0 has a");
    expect(() => collate([null])).toThrow("cannot stack null (sample 0)");
    expect(() => collate([new Map()])).toThrow("cannot stack an object of class Map");
    expect(() => collate([])).toThrow("expected at least one sample");
  });
});

describe("padSequences", () => {
  it("pads and cuts", () => {
    expect(padSequences([[1, 2, 3], [4], []]).toArray()).toEqual([
      [1, 2, 3],
      [4, 0, 0],
      [0, 0, 0],
    ]);
    expect(padSequences([[1, 2, 3], [4]], { value: 9, side: "left", length: 2 }).toArray()).toEqual([
      [1, 2],
      [9, 4],
    ]);
    expect(padSequences([[1]]).dtype).toBe("int32");
  });

  it("serves as the collate of ragged samples", () => {
    const loader = new DataLoader([[1, 2, 3], [4]], { batchSize: 2, collate: (rows) => padSequences(rows) });
    expectTypeOf([...loader]).toEqualTypeOf<NDArray[]>();
    expect([...loader][0]!.shape).toEqual([2, 3]);
  });
});

describe("TensorDataset", () => {
  const x = arange(0, 12).reshape([4, 3]);
  const y = array([0, 1, 2, 3]);

  it("cuts rows and the loader puts them together", () => {
    const dataset = new TensorDataset(x, y);
    expect(dataset.length).toBe(4);
    expect(dataset.get(1)[0].toArray()).toEqual([3, 4, 5]);
    const [xs, ys] = [...new DataLoader(dataset, { batchSize: 3 })][0]!;
    expectTypeOf(xs).toEqualTypeOf<NDArray>();
    expect(xs.shape).toEqual([3, 3]);
    expect(ys.toArray()).toEqual([0, 1, 2]);
  });

  it("wants equally many rows", () => {
    expect(() => new TensorDataset(x, array([1, 2]))).toThrow(
      "got shapes (4, 3), (2,); axis 0 counts the samples",
    );
    expect(() => new TensorDataset(array(1))).toThrow("got shapes ()");
    expect(() => new TensorDataset()).toThrow("at least one array");
    expect(() => new TensorDataset(y).get(4)).toThrow("TensorDataset: expected an index from 0 to 3, got 4");
  });
});

describe("splits", () => {
  it("share nothing and leave nothing out", () => {
    for (const sizes of [
      [0.8, 0.1, 0.1],
      [7, 2, 1],
      [1 / 3, 1 / 3, 1 / 3],
    ]) {
      const parts = randomSplit(numbers, sizes, { seed: 5 });
      expect(parts.flatMap((part) => [...part]).sort((a, b) => a - b)).toEqual(numbers);
    }
    expect(randomSplit(numbers, [0.75, 0.25]).map((part) => part.length)).toEqual([8, 2]);
    expect([...randomSplit(numbers, [5, 5], { seed: 1 })[0]!]).toEqual([
      ...randomSplit(numbers, [5, 5], { seed: 1 })[0]!,
    ]);
    expect([...randomSplit(numbers, [5, 5], { seed: 1 })[0]!]).not.toEqual([
      ...randomSplit(numbers, [5, 5], { seed: 2 })[0]!,
    ]);
    expect(() => randomSplit(numbers, [5, 6])).toThrow(
      "counts that add up to 10 or fractions that add up to 1, got [5, 6]",
    );
    expect(() => randomSplit(numbers, [1.5, -0.5])).toThrow("fractions");
  });

  it("keep documents whole and in order", () => {
    const documents = numbers.map((i) => `document ${i}`);
    const { train, validation } = splitDocuments(documents, { validation: 0.3, seed: 2 });
    expect([train.length, validation.length]).toEqual([7, 3]);
    expect([...train].sort()).toEqual(train);
    expect(new Set([...train, ...validation])).toEqual(new Set(documents));
    expect(splitDocuments(documents, { validation: 0.3, seed: 2 }).train).toEqual(train);
    expect(splitDocuments(["a", "b"], { validation: 0.01 }).validation.length).toBe(1);
    expect(() => splitDocuments(["a"])).toThrow("at least 2 documents, got 1");
    expect(() => splitDocuments(documents, { validation: 1 })).toThrow("between 0 and 1, got 1");
  });

  it("a subset checks its indices", () => {
    expect(() => new Subset(numbers, [10])).toThrow("Subset: expected an index from 0 to 9, got 10");
    expect(new Subset(numbers, [3, 1]).get(1)).toBe(1);
  });
});
