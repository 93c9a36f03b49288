import { describe, expect, test } from "vitest";
import { relu, type Tensor, tensor } from "../../src/autograd";
import {
  activation,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Embedding,
  GroupNorm,
  LearnedPositionalEncoding,
  Linear,
  MLP,
  PatchEmbedding,
  patchify,
  SinusoidalPositionalEncoding,
  sinusoidalTable,
} from "../../src/nn";
import { arange, array, Generator, manualSeed, ones, zeros } from "../../src/tensor";
import { expectClose } from "./torch";

describe("Linear", () => {
  test("rows of the weight are outputs", () => {
    const layer = new Linear(2, 3);
    layer.loadStateDict(
      new Map([
        [
          "weight",
          array([
            [1, 2],
            [3, 4],
            [5, 6],
          ]),
        ],
        ["bias", array([10, 20, 30])],
      ]),
    );
    expect(
      layer
        .forward(
          tensor([
            [
              [1, 1],
              [0, 1],
            ],
          ]),
        )
        .toArray(),
    ).toEqual([
      [
        [13, 27, 41],
        [12, 24, 36],
      ],
    ]);
    expect(layer.forward(tensor([1, 1])).toArray()).toEqual([13, 27, 41]);
  });

  test("first values lie in ±1/√inFeatures, and follow the seed", () => {
    manualSeed(7);
    const a = new Linear(16, 400);
    const largest = a.weight.data.abs().max().item();
    expect(largest).toBeLessThanOrEqual(0.25);
    expect(largest).toBeGreaterThan(0.24);
    expect(a.bias?.data.abs().max().item()).toBeLessThanOrEqual(0.25);
    manualSeed(7);
    expect(new Linear(16, 400).weight.toArray()).toEqual(a.weight.toArray());
  });
});

describe("Embedding", () => {
  test("rows by id, whatever the shape; the padding row is zero, also counted from the end", () => {
    const layer = new Embedding(4, 2, { paddingIdx: -1 });
    expect(layer.paddingIdx).toBe(3);
    const out = layer.forward(array([[3, 0, 3]], { dtype: "int32" }));
    expect(out.shape).toEqual([1, 3, 2]);
    expect(out.data.select(1, 0).toArray()).toEqual([[0, 0]]);
    expect(out.data.select(1, 1).toArray()).toEqual([layer.weight.data.select(0, 0).toArray()]);
    expect(layer.toString()).toBe("Embedding(4, 2, paddingIdx=3)");
  });

  test("errors", () => {
    expect(() => new Embedding(4, 2, { paddingIdx: 4 })).toThrow(
      "Embedding: expected a paddingIdx below 4, got 4",
    );
    expect(() => new Embedding(4, 2).forward(array([4], { dtype: "int32" }))).toThrow(
      /expected indices in \[0, 3\]/,
    );
  });
});

describe("Dropout", () => {
  test("zeros in training, with the rest grown; nothing in evaluation", () => {
    const layer = new Dropout(0.25, { generator: new Generator(1) });
    const x = tensor(ones([1000]));
    const y = layer.forward(x).data;
    const dropped = y.eq(0).to("int32").sum().item();
    expect(dropped).toBeGreaterThan(200);
    expect(dropped).toBeLessThan(300);
    expect(y.max().item()).toBeCloseTo(4 / 3, 6);
    expect(new Dropout(0.25, { generator: new Generator(1) }).forward(x).toArray()).toEqual(y.toArray());
    expect(layer.eval().forward(x)).toBe(x);
  });

  test("errors", () => {
    expect(() => new Dropout(1.5)).toThrow("Dropout: expected a probability in [0, 1], got 1.5");
  });
});

describe("MLP", () => {
  test("a function of your own, and another size out", () => {
    const layer = new MLP(2, 3, { outFeatures: 4, activation: (x: Tensor) => x.mul(0), bias: false });
    expect(layer.forward(tensor([[1, 2]])).toArray()).toEqual([[0, 0, 0, 0]]);
    expect(activation("relu")).toBe(relu);
    expect(() => activation("gelo" as "gelu")).toThrow(/expected "relu", "gelu", .* got "gelo"/);
  });
});

describe("positions", () => {
  test("the sinusoidal table, by its formula", () => {
    const table = sinusoidalTable(5, 6, { dtype: "float64" });
    for (let t = 0; t < 5; t++) {
      for (let i = 0; i < 3; i++) {
        const angle = t / 10000 ** ((2 * i) / 6);
        expect(table.get([t, 2 * i])).toBeCloseTo(Math.sin(angle), 12);
        expect(table.get([t, 2 * i + 1])).toBeCloseTo(Math.cos(angle), 12);
      }
    }
    expect(() => sinusoidalTable(5, 3)).toThrow("sinusoidalTable: expected an even dim, got 3");
  });

  test.each([
    ["learned", new LearnedPositionalEncoding(5, 4)],
    ["sinusoidal", new SinusoidalPositionalEncoding(5, 4)],
  ])("%s: an offset continues where the cache ends", (name, layer) => {
    const x = tensor(zeros([2, 5, 4]));
    const whole = layer.forward(x).data;
    const part = layer.forward(x.narrow(1, 0, 2), { offset: 3 });
    expectClose(part, whole.narrow(1, 3, 2).contiguous());
    expect(layer.parameterCount()).toBe(name === "learned" ? 20 : 0);
    expect(() => layer.forward(x, { offset: 1 })).toThrow(
      /expected at most maxLength = 5 tokens, got 6 \(1 before these\)/,
    );
  });
});

describe("patches", () => {
  test("row by row, channel by channel", () => {
    const images = tensor(
      arange(0, 2 * 4 * 6)
        .reshape([1, 2, 4, 6])
        .to("float32"),
    );
    const patches = patchify(images, 2);
    expect(patches.shape).toEqual([1, 6, 8]);
    expect(patches.data.select(1, 0).toArray()).toEqual([[0, 1, 6, 7, 24, 25, 30, 31]]);
    expect(patches.data.select(1, 4).toArray()).toEqual([[14, 15, 20, 21, 38, 39, 44, 45]]);
  });

  test("errors", () => {
    const layer = new PatchEmbedding(4, 3, 8);
    expect(() => layer.forward(tensor(zeros([1, 3, 8, 6])))).toThrow(
      "patchify: expected H and W divisible by the patch size 4, got 8 and 6",
    );
    expect(() => layer.forward(tensor(zeros([1, 1, 8, 8])))).toThrow("Linear: expected a last axis of 48");
  });
});

describe("parameter counts", () => {
  test.each([
    [new Conv2d(4, 6, [3, 2], { groups: 2 }), 6 * 2 * 6 + 6],
    [new Conv2d(3, 64, 7, { bias: false }), 64 * 3 * 49],
    [new BatchNorm2d(5), 10],
    [new BatchNorm2d(5, { affine: false }), 0],
    [new PatchEmbedding(16, 3, 768), 768 * (16 * 16 * 3 + 1)],
  ])("%s", (layer, count) => {
    expect(layer.parameterCount()).toBe(count);
  });

  test("channels and groups must fit", () => {
    expect(() => new Conv2d(4, 6, 3, { groups: 4 })).toThrow(
      "Conv2d: expected channels divisible by groups = 4, got 4 in and 6 out",
    );
    expect(() => new GroupNorm(4, 6)).toThrow("GroupNorm: expected channels divisible by groups");
    expect(() => new BatchNorm2d(4).forward(tensor(zeros([2, 3, 4, 5])))).toThrow(
      /BatchNorm2d: expected axis 1/,
    );
  });
});
