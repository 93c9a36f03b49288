import { describe, expect, it } from "vitest";
import { type Exercise, runChecks } from "../../src/grading";
import { exercises as autograd } from "../../src/lectures/autograd";
import { exercises as clip } from "../../src/lectures/clip";
import { exercises } from "../../src/lectures/gpt";
import { exercises as tensors } from "../../src/lectures/tensors";
import { exercises as transformer } from "../../src/lectures/transformer";
import type { Attempts } from "./attempts/attempt";
import { causalAttention } from "./attempts/causal-attention";
import * as pictures from "./attempts/clip";
import { nextTokenPairs } from "./attempts/next-token-pairs";
import { nextTokenProbabilities } from "./attempts/next-token-probabilities";
import * as reader from "./attempts/reader";

const all: [Exercise, Attempts][] = [
  [exercises.nextTokenPairs as unknown as Exercise, nextTokenPairs],
  [exercises.causalAttention as unknown as Exercise, causalAttention],
  [exercises.nextTokenProbabilities as unknown as Exercise, nextTokenProbabilities],
  [tensors.broadcastShapes as unknown as Exercise, reader.broadcastShapes],
  [tensors.readView as unknown as Exercise, reader.readView],
  [transformer.encoderBlock as unknown as Exercise, reader.encoderBlock],
  [autograd.softmaxPullback as unknown as Exercise, reader.softmaxPullback],
  [clip.cosineMatrix as unknown as Exercise, pictures.cosineMatrix],
  [clip.learnedTemperature as unknown as Exercise, pictures.learnedTemperature],
  [clip.symmetricLoss as unknown as Exercise, pictures.symmetricLoss],
  [clip.recallAt as unknown as Exercise, pictures.recallAt],
];

describe.each(all.map(([exercise, attempts]) => ({ id: exercise.id, exercise, ...attempts })))(
  "$id, as it is handed in",
  ({ exercise, wrong, right }) => {
    it.each(wrong)("wrong: $name", ({ fn, told }) => {
      const { checks, earned, points, status } = runChecks(exercise, fn);
      const first = checks.find(({ failure }) => failure)?.failure;
      expect(["failed", "forbidden"]).toContain(status);
      expect(earned).toBeLessThan(points);
      expect([first?.message, ...(first?.details ?? []), first?.cause ?? ""].join("\n")).toMatch(told);
    });

    it.each(right)("right: $name", ({ fn }) => {
      const { checks } = runChecks(exercise, fn);
      expect(checks.flatMap(({ name, failure }) => (failure ? [[name, failure]] : []))).toEqual([]);
    });
  },
);
