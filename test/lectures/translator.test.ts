import { describe, expect, test } from "vitest";
import { Translator } from "../../src/lectures/transformer";
import { translationScores } from "../../src/lectures/transformer/recorded/translation";
import {
  emojiTask,
  exactlyRight,
  numberTask,
  tokens,
  train,
} from "../../src/lectures/transformer/translation";
import { array, manualSeed } from "../../src/tensor";

const ids = (rows: number[][]) => array(rows, { dtype: "int32" });
const real = (rows: number[][]) => array(rows, { dtype: "bool" });

describe("Translator", () => {
  const model = new Translator({ sourceSize: 11, targetSize: 7, embedDim: 12, numHeads: 3, numLayers: 2 });

  test("gives a score for each token of the target's vocabulary", () => {
    const scores = model.forward(ids([[4, 5, 6]]), real([[1, 1, 1]]), ids([[1, 4, 5, 6]]));
    expect(scores.shape).toEqual([1, 4, 7]);
  });

  test("padding of the source changes nothing, and no place sees what is written after it", () => {
    const alone = model.forward(ids([[4, 5]]), real([[1, 1]]), ids([[1, 4]])).data;
    const padded = model.forward(ids([[4, 5, 9]]), real([[1, 1, 0]]), ids([[1, 4]])).data;
    expect(padded.sub(alone).abs().max().item()).toBeLessThan(1e-5);
    const longer = model.forward(ids([[4, 5]]), real([[1, 1]]), ids([[1, 4, 3]])).data;
    expect(longer.narrow(1, 0, 2).sub(alone).abs().max().item()).toBeLessThan(1e-5);
  });
});

test("texts are cut into words, numbers and signs", () => {
  expect(tokens("two hundred forty-seven")).toEqual(["two", "hundred", "forty", "seven"]);
  expect(tokens("o’clock: “новый” №1")).toEqual(["o’clock", ":", "“", "новый", "”", "№", "1"]);
});

test("what is held out is in no training", () => {
  const texts = (pairs: readonly { source: readonly string[] }[]) =>
    new Set(pairs.map(({ source }) => source.join(" ")));
  const numbers = numberTask(3, { count: 300, heldOut: 20 });
  const learned = texts(numbers.train);
  expect(numbers.test).toHaveLength(40);
  for (const text of texts(numbers.test)) expect(learned.has(text)).toBe(false);
  const emoji = emojiTask(3);
  expect([emoji.train.length, emoji.test.length]).toEqual([1766, 200]);
});

test("learns a few pairs by heart, and a beam finds them too", () => {
  manualSeed(1);
  const { source, target, train: all } = numberTask(1, { count: 60, heldOut: 5 });
  const task = { source, target, train: all.slice(0, 12), test: [] };
  const model = new Translator({
    sourceSize: source.words.length,
    targetSize: target.words.length,
    embedDim: 32,
    numLayers: 1,
  });
  expect(exactlyRight(model, task, task.train).filter(Boolean).length).toBeLessThan(6);
  train(model, task, { steps: 80, lr: 5e-3, seed: 1 });
  expect(exactlyRight(model, task, task.train)).toEqual(Array(12).fill(true));
  expect(exactlyRight(model, task, task.train, 3)).toEqual(Array(12).fill(true));
});

test("the recorded run gives what the notebook reads", () => {
  const scores = translationScores(1, { numberSteps: 2, emojiSteps: 2, count: 60, heldOut: 4, names: 12 });
  expect(Object.keys(scores)).toEqual(["numbers", "learned", "known", "knownCount", "knownBeam", "unknown"]);
  for (const score of Object.values(scores)) expect(score).toBeGreaterThanOrEqual(0);
});
