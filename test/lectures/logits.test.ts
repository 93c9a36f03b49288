import { describe, expect, it } from "vitest";
import {
  exercises,
  forbidRepeatedNgrams,
  GPT,
  keepMinP,
  keepTopK,
  keepTopP,
  penalizeRepetition,
  sampleToken,
  withTemperature,
} from "../../src/lectures/gpt";
import { array, Generator, manualSeed, type NDArray } from "../../src/tensor";

const gone = Number.NEGATIVE_INFINITY;
const ids = (...list: number[]) => array(list, { dtype: "int32" });
const logitsOf = (...p: number[]) => array(p).log();
const kept = (scores: NDArray) => [...scores.flat().keys()].filter((i) => scores.get([i]) !== gone);

describe("scores before drawing", () => {
  it("top-k keeps the k likeliest and their ties", () => {
    expect(kept(keepTopK(array([3, 1, 2, 5]), 2))).toEqual([0, 3]);
    expect(kept(keepTopK(array([3, 1, 3, 5]), 2))).toEqual([0, 2, 3]);
    expect(kept(keepTopK(array([3, 1]), 9))).toEqual([0, 1]);
  });

  it("top-p keeps what reaches p, and one token always", () => {
    const scores = logitsOf(0.1, 0.5, 0.15, 0.25);
    expect(kept(keepTopP(scores, 0.6))).toEqual([1, 3]);
    expect(kept(keepTopP(scores, 0.8))).toEqual([1, 2, 3]);
    expect(kept(keepTopP(scores, 1e-6))).toEqual([1]);
  });

  it("min-p keeps what is near the likeliest", () => {
    expect(kept(keepMinP(logitsOf(0.1, 0.5, 0.15, 0.25), 0.4))).toEqual([1, 3]);
    expect(kept(keepMinP(logitsOf(0.1, 0.5, 0.15, 0.25), 1))).toEqual([1]);
  });

  it("works on rows, each by itself", () => {
    const rows = array([
      [0, 1, 2],
      [2, 1, 0],
    ]);
    expect(keepTopK(rows, 1).toArray()).toEqual([
      [gone, gone, 2],
      [2, gone, gone],
    ]);
    expect(keepTopP(rows, 0.5).toArray()).toEqual(keepTopK(rows, 1).toArray());
  });

  it("repetition makes positive scores smaller and negative ones more negative, once for each token", () => {
    const scores = array([2, -2, 1, 0]);
    expect(penalizeRepetition(scores, ids(0, 1, 0), 2).toArray()).toEqual([1, -4, 1, 0]);
  });

  it("a run of n tokens does not come twice", () => {
    const scores = array([1, 1, 1, 1]);
    expect(kept(forbidRepeatedNgrams(scores, ids(2, 3, 0, 2), 2))).toEqual([0, 1, 2]);
    expect(kept(forbidRepeatedNgrams(scores, ids(1, 2, 3, 1, 2), 3))).toEqual([0, 1, 2]);
    expect(kept(forbidRepeatedNgrams(scores, ids(0, 2), 1))).toEqual([1, 3]);
    expect(kept(forbidRepeatedNgrams(scores, ids(0), 2))).toEqual([0, 1, 2, 3]);
  });

  it("agrees with the exercise, which works on probabilities", () => {
    const random = new Generator(3);
    const { solution } = exercises.nextTokenProbabilities;
    for (let i = 0; i < 20; i++) {
      const scores = random.normal([17], { std: 2 });
      const [temperature, topK, topP] = [0.5 + i / 10, 3 + i, 0.3 + i / 40];
      const ours = keepTopP(keepTopK(withTemperature(scores, temperature), topK), topP).softmax(-1);
      const theirs = solution(scores, { temperature, topK, topP });
      expect(ours.sub(theirs).abs().max().item()).toBeLessThan(1e-6);
    }
  });
});

describe("drawing", () => {
  it("penalties count for greedy decoding too", () => {
    const logits = array([1, 1.1, 0.9]);
    expect(sampleToken(logits, { temperature: 0 }, [1])).toBe(1);
    expect(sampleToken(logits, { temperature: 0, repetitionPenalty: 1.5 }, [1])).toBe(0);
    expect(sampleToken(logits, { temperature: 0, noRepeatNgram: 1 }, [1, 0])).toBe(2);
  });

  it.each([
    [{ minP: -0.1 }, "minP from 0 to 1"],
    [{ repetitionPenalty: 0 }, "a repetitionPenalty above 0"],
    [{ noRepeatNgram: 0 }, "noRepeatNgram to be 1, 2, 3"],
  ])("refuses %o", (options, message) => {
    expect(() => sampleToken(array([1, 2]), options)).toThrow(`sampleToken: expected ${message}`);
  });

  it("a model told so never says a pair of tokens twice", () => {
    manualSeed(2);
    const model = new GPT({ vocabSize: 6, contextLength: 40, embedDim: 8, numHeads: 2, numLayers: 1 });
    const text = model.generate([0], { maxNewTokens: 25, temperature: 0, noRepeatNgram: 2 });
    const pairs = text.slice(1).map((id, i) => `${text[i]} ${id}`);
    expect(new Set(pairs).size).toBe(pairs.length);
  });
});

it("sampleToken takes numbers alone", () => {
  for (const odd of [Symbol("1"), Object.create(null), "1", 1n])
    for (const name of ["temperature", "topP", "minP", "repetitionPenalty"])
      expect(() => sampleToken(array([1, 2]), { [name]: odd } as never)).toThrow(
        `sampleToken: expected ${name} to be a number`,
      );
  expect(() => sampleToken(array([1, 2]), null as never)).toThrow("sampleToken: expected options");
});
