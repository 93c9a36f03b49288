/**
 * Every exercise of the course across the wall: its solution and its variants get all points, its mutants lose some, its empty
 * hole gets none; and what students see is what the checks say in a notebook, where nothing is walled off.
 */
import { afterAll, describe, expect, it } from "vitest";
import { runChecks } from "../../../src/grading";
import { withSeed } from "../../../src/grading/inputs";
import { closeJudges } from "../../../src/grading/wall";
import { authored } from "../../lectures/authored";
import { answersOf, markBuilt, visibleOf } from "./built";

afterAll(closeJudges);

const SEED = 7;

describe.each(authored)("$lecture: $id", ({ lecture, id, exercise }) => {
  it.concurrent.each(answersOf(exercise))("$kind $name", async ({ kind, path, fn }) => {
    const mark = await markBuilt({ lecture, id, path, seed: SEED });
    const here = withSeed(SEED, () => runChecks(exercise, fn));
    expect(visibleOf(mark)).toEqual(here.checks.map(({ name, failure }) => [name, failure === null]));
    if (kind === "mutant") {
      expect(here.earned).toBeLessThan(exercise.points);
      expect(mark.earned).toBeLessThan(mark.points);
    } else if (kind === "hole") expect(mark).toMatchObject({ status: "empty", earned: 0 });
    else expect(mark).toMatchObject({ status: "passed", earned: mark.points });
  });
});
