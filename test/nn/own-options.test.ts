import {
  AdamW,
  AvgPool2d,
  ByteLevelBPE,
  CharTokenizer,
  Conv2d,
  LayerNorm,
  MaxPool2d,
  multiStepLR,
  nd,
  parameter,
  Subset,
  sequentialLR,
  tensor,
} from "gradschool";
import { GPT } from "gradschool/lectures/gpt";
import { describe, expect, it } from "vitest";

describe("what is made from lists and options keeps copies of its own", () => {
  const image = tensor(nd.ones([1, 2, 6, 6]));

  it("Conv2d", () => {
    const [stride, padding, kernel] = [
      [2, 2],
      [1, 1],
      [3, 3],
    ] as [number, number][];
    const layer = new Conv2d(2, 3, kernel, { stride, padding });
    const before = layer.toString();
    for (const pair of [stride, padding, kernel]) pair.fill(1);
    expect(layer.toString()).toBe(before);
    expect(layer.forward(image).shape).toEqual([1, 3, 3, 3]);
  });

  it("pooling", () => {
    const [kernel, stride] = [
      [2, 2],
      [2, 2],
    ] as [number, number][];
    const options = { stride };
    const layers = [new MaxPool2d(kernel, options), new AvgPool2d(kernel, options)];
    kernel.fill(3);
    stride.fill(1);
    options.stride = [3, 3];
    for (const layer of layers) expect(layer.forward(image).shape).toEqual([1, 2, 3, 3]);
  });

  it("LayerNorm", () => {
    const shape = [6, 6];
    const norm = new LayerNorm(shape);
    shape[0] = 2;
    expect(norm.forward(image).shape).toEqual([1, 2, 6, 6]);
  });

  it("schedules", () => {
    const milestones = [10, 20];
    const steps = multiStepLR({ milestones });
    const parts = [multiStepLR({ milestones: [1] }), multiStepLR({ milestones: [1], gamma: 0.5 })];
    const starts = [5];
    const both = sequentialLR(parts, starts);
    const seen = [0, 10, 25].map((step) => steps(step, 1));
    const seenBoth = [0, 2, 5, 7].map((step) => both(step, 1));
    milestones.length = 0;
    parts.reverse();
    starts[0] = 100;
    expect([0, 10, 25].map((step) => steps(step, 1))).toEqual(seen);
    expect([0, 2, 5, 7].map((step) => both(step, 1))).toEqual(seenBoth);
    expect(seenBoth).toEqual([1, 0.1, 1, 0.5]);
  });

  it("optimizers: betas given, saved and loaded", () => {
    const betas: [number, number] = [0.5, 0.6];
    const grouped: [number, number] = [0.3, 0.4];
    const options = { betas };
    const make = () =>
      new AdamW(
        [{ params: [parameter(nd.ones([2]))] }, { params: [parameter(nd.ones([2]))], betas: grouped }],
        options,
      );
    const optimizer = make();
    betas[0] = 0;
    grouped[0] = 0;
    options.betas = [0, 0];
    expect(optimizer.paramGroups.map((group) => group.betas)).toEqual([
      [0.5, 0.6],
      [0.3, 0.4],
    ]);

    const saved = optimizer.stateDict();
    const other = make();
    other.loadStateDict(saved);
    optimizer.paramGroups[0].betas = [0.1, 0.2];
    expect(saved.groups[0].betas).toEqual([0.5, 0.6]);
    expect(other.paramGroups[0].betas).toEqual([0.5, 0.6]);
    expect(() => (saved.groups[0].betas as unknown as number[]).push(1)).toThrow(TypeError);
  });

  it("models keep their configuration", () => {
    const options = { vocabSize: 5, contextLength: 4, embedDim: 8, numHeads: 2, numLayers: 1 };
    const model = new GPT(options);
    options.contextLength = 1;
    expect(model.options.contextLength).toBe(4);
    expect(model.forward(nd.array([[1, 2, 3]], { dtype: "int32" })).logits.shape).toEqual([1, 3, 5]);
  });

  it("tokenizers keep their vocabulary", () => {
    const tokens = ["a", "b", "c"];
    const characters = new CharTokenizer(tokens);
    tokens[0] = "z";
    expect(characters.encode("abc")).toEqual([0, 1, 2]);

    const { vocab, merges } = ByteLevelBPE.train("low lower lowest", { vocabSize: 262 });
    const own = new Map(vocab);
    const pairs = merges.pairs.map(([left, right]): [string, string] => [left, right]);
    const tokenizer = new ByteLevelBPE(own, pairs);
    const before = tokenizer.encode("lower");
    own.clear();
    pairs[0][0] = "?";
    pairs.length = 0;
    expect(tokenizer.encode("lower")).toEqual(before);
    expect(tokenizer.encode("x")).toHaveLength(1);
    expect(tokenizer.vocab.size).toBe(262);
    expect(tokenizer.merges.pairs[0]).toEqual(merges.pairs[0]);
  });

  it("Subset", () => {
    const indices = [2, 0];
    const subset = new Subset(["a", "b", "c"], indices);
    indices[0] = 99;
    expect([...subset]).toEqual(["c", "a"]);
  });
});
