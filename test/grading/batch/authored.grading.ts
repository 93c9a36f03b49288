/**
 * Every exercise of the course: an answer gets from the grader what its checks give it in a notebook. And the course's own solutions,
 * as they stand in its notebooks, get all points from `npm run grade`, its untouched notebooks none.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runChecks } from "../../../src/grading";
import { closeJudges, markAnswer } from "../../../src/grading/wall";
import { authored } from "../../lectures/authored";
import { Command } from "../queue/redis";
import { bytesOf, notebook } from "../submission/course";
import { course, expectSame, gradeAuthored, newFolder } from "./authored";

afterAll(closeJudges);

describe("what the authors wrote, in one batch", () => {
  let marks: Awaited<ReturnType<typeof gradeAuthored>>;
  beforeAll(async () => {
    marks = await gradeAuthored();
  }, 1_800_000);
  it.each(authored)("$lecture: $id", (one) => expectSame(one, marks));
});

describe("npm run grade", () => {
  it("gives the course's own notebooks all points, and untouched ones none", async () => {
    const [folder, out] = [newFolder(), newFolder()];
    for (const [student, solved] of [
      ["solved", true],
      ["untouched", false],
    ] as const) {
      mkdirSync(join(folder, student));
      for (const { notebook: name, exercises } of course.lectures)
        if (exercises.length > 0)
          writeFileSync(join(folder, student, `${name}.ipynb`), bytesOf(notebook(name, { solved })));
    }
    const run = new Command("grade.mjs", [folder, "--out", out, "--seed", "7", "--trust"]);
    expect(await run.ended, run.output).toBe(0);
    const { submissions } = JSON.parse(readFileSync(join(out, "results.json"), "utf8"));
    type Exercises = {
      student: string;
      exercises: { id: string; status: string; reason: string | null }[];
    }[];
    const of = (student: string) =>
      (submissions as Exercises)
        .filter((one) => one.student === student)
        .flatMap(({ exercises }) => exercises);
    expect(of("solved").filter(({ status }) => status !== "passed")).toEqual([]);
    expect(of("untouched").filter(({ status }) => status !== "empty")).toEqual([]);
    expect(of("solved")).toHaveLength(authored.length);
    expect(of("untouched")).toHaveLength(authored.length);
  });
});

const forbidding = authored.filter(({ exercise }) => exercise.forbids.length > 0);

describe("what exercises forbid", () => {
  it.concurrent.each(forbidding)("$lecture: $id", async ({ lecture, id, exercise }) => {
    const name = exercise.forbids[0].replace(/^\./, "");
    const called = exercise.forbids[0].startsWith(".") ? `args[0].${name}()` : `library.${name}(...args)`;
    const code = `const library = require("gradschool");\nfunction answer(...args) {\n  return ${called};\n}`;
    const mark = await markAnswer({ lecture, id, code, name: "answer", own: {}, seed: 7 });
    expect(mark).toMatchObject({ status: "forbidden", earned: 0, reason: expect.stringContaining(name) });
    const here = runChecks(
      exercise,
      new Function("library", `return ${code.slice(code.indexOf("function"))}`)({}),
    );
    expect(here.status).toBe("forbidden");
  });
});
