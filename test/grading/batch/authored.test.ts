/** A share of `authored.grading.ts`: the first lecture. */
import { afterAll, expect, it } from "vitest";
import { closeJudges } from "../../../src/grading/wall";
import { authored } from "../../lectures/authored";
import { expectSame, gradeAuthored } from "./authored";

afterAll(closeJudges);

it("the grader gives an answer what its checks give it in a notebook", { timeout: 300_000 }, async () => {
  const some = authored.filter(({ lecture }) => lecture === "start");
  expect(some.length).toBeGreaterThan(0);
  const marks = await gradeAuthored(some);
  for (const one of some) expectSame(one, marks);
});
