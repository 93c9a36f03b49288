import { describe, expect, it } from "vitest";
import { noGrad } from "../../src/autograd";
import { GPT, sampleToken } from "../../src/lectures/gpt";
import { AdamW, KVCache } from "../../src/nn";
import { array, Generator, manualSeed } from "../../src/tensor";

const small = (options = {}) => {
  manualSeed(1);
  return new GPT({ vocabSize: 11, contextLength: 8, embedDim: 12, numHeads: 3, numLayers: 2, ...options });
};
const ids = (...rows: number[][]) => array(rows, { dtype: "int32" });

describe("GPT", () => {
  it("starts without an opinion: its loss is ln V", () => {
    const { logits, loss } = small().forward(ids([1, 2, 3], [4, 5, 6]), {
      targets: ids([2, 3, 4], [5, 6, 7]),
    });
    expect(logits.shape).toEqual([2, 3, 11]);
    expect(loss!.item()).toBeCloseTo(Math.log(11), 1);
  });

  it("never looks ahead", () => {
    const model = small();
    const before = model.forward(ids([1, 2, 3, 4, 5])).logits.data.narrow(1, 0, 3);
    const after = model.forward(ids([1, 2, 3, 9, 0])).logits.data.narrow(1, 0, 3);
    expect(after.sub(before).abs().max().item()).toBeLessThan(1e-6);
  });

  it("sees the same with a cache as without", () => {
    const model = small();
    const whole = noGrad(() => model.forward(ids([1, 2, 3, 4, 5]))).logits.data;
    const cache = new KVCache();
    noGrad(() => model.forward(ids([1, 2, 3]), { cache }));
    const rest = noGrad(() => model.forward(ids([4, 5]), { cache })).logits.data;
    expect(
      rest
        .sub(whole.narrow(1, 3, 2))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-5);
  });

  it("writes the same with a cache as without, beyond the end of its context too", () => {
    const model = small();
    const write = (useCache: boolean) =>
      model.generate([1, 2], { maxNewTokens: 30, temperature: 2, generator: new Generator(4), useCache });
    expect(write(true)).toEqual(write(false));
    expect(write(true)).toHaveLength(32);
    expect(model.training).toBe(true);
  });

  it("takes the end of a prompt that is too long, and stops at eos", () => {
    const model = small();
    const prompt = Array.from({ length: 20 }, (_, i) => i % 11);
    expect(model.generate(prompt, { maxNewTokens: 3, temperature: 0 }).slice(0, 20)).toEqual(prompt);
    const greedy = model.generate([1], { maxNewTokens: 5, temperature: 0 });
    expect(model.generate([1], { maxNewTokens: 5, temperature: 0, eos: greedy[1] })).toEqual(
      greedy.slice(0, 2),
    );
  });

  it("has one table at both ends unless told otherwise", () => {
    const count = (tied: boolean) => small({ tied }).parameterCount();
    expect(count(false) - count(true)).toBe(11 * 12);
  });

  it("learns a sentence by heart", () => {
    const model = small();
    const optimizer = new AdamW(model.parameters(), { lr: 0.01 });
    const [inputs, targets] = [ids([0, 5, 3, 8, 2]), ids([5, 3, 8, 2, 1])];
    for (let step = 0; step < 60; step++) {
      optimizer.zeroGrad();
      model.forward(inputs, { targets }).loss!.backward();
      optimizer.step();
    }
    expect(model.generate([0], { maxNewTokens: 9, temperature: 0, eos: 1 })).toEqual([0, 5, 3, 8, 2, 1]);
  });

  it("says what it was given too much of", () => {
    expect(() => small().forward(ids([1, 2, 3, 4, 5, 6, 7, 8, 9]))).toThrow(
      "GPT: expected at most 8 tokens, the context length, got 9; keep only the last ones",
    );
    expect(() => small().generate([], { maxNewTokens: 1 })).toThrow("expected a prompt of one token or more");
  });
});

describe("sampleToken", () => {
  const logits = array([0.1, 0.5, 0.15, 0.25]).log();
  const draw = (options: object, times = 400) => {
    const generator = new Generator(2);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < times; i++) counts[sampleToken(logits, { generator, ...options })]++;
    return counts.map((count) => count / times);
  };

  it("draws by the probabilities, and only what the knobs leave", () => {
    for (const [i, share] of draw({}).entries()) expect(share).toBeCloseTo([0.1, 0.5, 0.15, 0.25][i], 1);
    expect(draw({ topK: 1 })).toEqual([0, 1, 0, 0]);
    expect(draw({ temperature: 0 })).toEqual([0, 1, 0, 0]);
    const [a, , c] = draw({ topP: 0.6 });
    expect([a, c]).toEqual([0, 0]);
  });

  it.each([
    [{ temperature: -1 }, "a temperature of 0 or more, got -1"],
    [{ topK: 0 }, "topK to be 1, 2, 3, ..., got 0"],
    [{ topP: 1.5 }, "topP above 0 and at most 1, got 1.5"],
  ])("refuses %o", (options, message) => {
    expect(() => sampleToken(logits, options)).toThrow(`sampleToken: expected ${message}`);
  });
});
