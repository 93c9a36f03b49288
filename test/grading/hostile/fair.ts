import { expect } from "vitest";
import { markAnswer } from "../../../src/grading/wall";
import { type Asked, type HostileCase, PRELUDE } from "./cases";

const lectureOf: Record<Asked, string> = {
  centre: "start",
  causalAttention: "gpt",
  topologicalOrder: "autograd",
  nextTokenProbabilities: "gpt",
  maskTokens: "bert",
  stableSoftmax: "tensors",
};

/** The answer gets no more than it earns, for the reason that is said, and hurts nobody. */
export async function expectFair({
  exercise: id = "centre",
  code,
  most,
  least = 0,
  status,
  reason,
}: HostileCase) {
  const task = { lecture: lectureOf[id], id, code: PRELUDE + code, name: "answer", own: {}, seed: 11 };
  const mark = await markAnswer(task, { limits: { seconds: 4 } });
  expect(mark.earned).toBeLessThanOrEqual(most);
  expect(mark.earned).toBeGreaterThanOrEqual(least);
  expect(status).toContain(mark.status);
  if (reason === null) expect(mark.reason).toBeNull();
  else expect(mark.reason ?? "").toMatch(reason);
}
