/**
 * Every exercise of the course across the wall: its solution and its variants get all points, its mutants lose some, its empty
 * hole gets none; and what students see is what the checks say in a notebook, where nothing is walled off.
 */
import { afterAll, describe, expect, it } from "vitest";
import { runChecks } from "../../../src/grading";
import { withSeed } from "../../../src/grading/inputs";
import { closeJudges, markAnswer } from "../../../src/grading/wall";
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

const forbidding = authored.filter(({ exercise }) => exercise.forbids.length > 0);

describe("what exercises forbid", () => {
  it.concurrent.each(forbidding)("$lecture: $id", async ({ lecture, id, exercise }) => {
    const name = exercise.forbids[0].replace(/^\./, "");
    const called = exercise.forbids[0].startsWith(".") ? `args[0].${name}()` : `library.${name}(...args)`;
    const code = `const library = require("gradschool");\nfunction answer(...args) {\n  return ${called};\n}`;
    const mark = await markAnswer({ lecture, id, code, name: "answer", own: {}, seed: SEED });
    expect(mark).toMatchObject({ status: "forbidden", earned: 0, reason: expect.stringContaining(name) });
    const here = runChecks(
      exercise,
      new Function("library", `return ${code.slice(code.indexOf("function"))}`)({}),
    );
    expect(here.status).toBe("forbidden");
  });
});
