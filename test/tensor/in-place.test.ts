import { Linear, meta, nd } from "gradschool";
import { GPT } from "gradschool/lectures/gpt";
import { describe, expect, it } from "vitest";

describe("writing where several elements share a place", () => {
  const shared: [string, () => nd.NDArray][] = [
    ["an expanded axis", () => nd.zeros([1, 3]).expand([2, 3])],
    ["a view of one", () => nd.zeros([3, 1]).expand([3, 4]).slice("1:", "::2")],
    ["its transpose", () => nd.zeros([1, 3]).expand([2, 3]).transpose()],
    ["windows that overlap", () => new nd.NDArray({ ...memory(4), shape: [2, 3], strides: [1, 1] })],
    ["windows that overlap backwards", () => new nd.NDArray({ ...memory(4), shape: [2, 3], strides: [-1, 1], offset: 1 })],
  ]; // biome-ignore format: one case a line
  const memory = (n: number) => ({ data: new Float32Array(n), dtype: "float32" as const, offset: 0 });

  it.each(shared)("%s: assign and set throw, and have changed nothing", (_, make) => {
    const x = make();
    for (const source of [nd.ones(x.shape), nd.full([], 1), x.add(1)]) {
      expect(() => x.assign(source)).toThrow(
        /^assign: expected an array with a place of its own for every element/,
      );
    }
    expect(() => x.set([0, 0], 1)).toThrow(/^set: expected an array with a place of its own/);
    expect(x.sum().item()).toBe(0);
  });

  it.each(shared)("%s: fill is the same for all, so it may", (_, make) => {
    expect(make().fill(2).eq(2).all().item()).toBe(1);
  });

  const apart: [string, () => nd.NDArray][] = [
    ["an axis expanded to 1", () => nd.zeros([1, 3]).expand([1, 3])],
    ["one entry of an expanded axis", () => nd.zeros([1, 3]).expand([2, 3]).select(0, 1).unsqueeze(0)],
    ["nothing", () => nd.zeros([1, 0]).expand([2, 0])],
    ["a flip", () => nd.zeros([2, 3]).flip([0, 1])],
    ["a transpose", () => nd.zeros([2, 3]).transpose()],
    ["a diagonal", () => nd.zeros([3, 3]).diagonal().unsqueeze(0)],
    ["windows side by side", () => new nd.NDArray({ ...memory(6), shape: [2, 3], strides: [3, 1] })],
  ];
  it.each(apart)("%s can be written", (_, make) => {
    const x = make();
    const numbers = nd.arange(0, x.size, 1, { dtype: "float32" }).reshape(x.shape);
    expect(x.assign(numbers).toArray()).toEqual(numbers.toArray());
  });

  it("models without memory are initialised as others", () => {
    const model = meta(
      () => new GPT({ vocabSize: 9, contextLength: 4, embedDim: 8, numHeads: 2, numLayers: 1 }),
    );
    expect(model.parameterCount()).toBeGreaterThan(100);
    meta(() => {
      const layer = new Linear(4, 3);
      layer.weight.data.assign(new Linear(4, 3).weight.data);
      layer.weight.data.fill(0);
    });
  });
});
