import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as autograd from "../../src/autograd";
import { exercise, runChecks } from "../../src/grading";
import { recall, remember, standingOf } from "../../src/grading/progress";
import { centre, centreExercise } from "./exercises";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "gradschool-прогресс ")), "progress");
  mkdirSync(folder);
  process.env.GRADSCHOOL_PROGRESS = folder;
});
afterEach(() => {
  delete process.env.GRADSCHOOL_PROGRESS;
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

const source = `import { type Tensor } from "gradschool";

function myCentre(x: Tensor): Tensor {
  return x.sub(x.mean(-1, { keepDims: true })).div(Math.sqrt(x.shape.at(-1)!));
}

export default myCentre;
`;
const javascript = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
function myCentre(x) { return x.sub(x.mean(-1, { keepDims: true })).div(Math.sqrt(x.shape.at(-1))); }
exports.default = myCentre;
`;
const answer = { source, javascript };
const wrong = (x: autograd.Tensor) => x;
const failing = { source: "export default wrong;\n", javascript: "exports.default = (x) => x;" };
const tell = (fn: unknown, given: typeof answer | null = answer, about = centreExercise) =>
  remember(about, runChecks(about, fn), given);
const read = () => JSON.parse(readFileSync(join(folder, "centre.json"), "utf8"));
const none = () => {
  throw new Error("nothing is to be loaded");
};

describe("what a check remembers", () => {
  it("is the source that passed, with points, time, version and attempts", () => {
    const before = Date.now();
    tell(wrong, failing);
    expect(standingOf(centreExercise)).toMatchObject({ state: "tried", attempts: 1, passed: null });
    expect(tell(centre)).toBe("Remembered in progress/centre.ts.");
    expect(readFileSync(join(folder, "centre.ts"), "utf8")).toBe(source);
    const entry = read();
    expect(entry).toMatchObject({
      format: 1,
      exercise: "centre",
      count: 2,
      passed: { points: 5, javascript },
    });
    expect(entry.passed.version).toMatch(/^[0-9a-f]{12}$/);
    expect(Date.parse(entry.passed.time)).toBeGreaterThanOrEqual(before);
    expect(entry.attempts.map((one: { status: string }) => one.status)).toEqual(["failed", "passed"]);
    expect(entry.attempts[0]).toMatchObject({ earned: 0, points: 5, failed: "worked by hand" });
    expect(standingOf(centreExercise)).toMatchObject({ state: "passed", earned: 5, points: 5, attempts: 2 });
    expect(readdirSync(folder).sort()).toEqual(["centre.json", "centre.ts"]);
  });

  it("counts neither a hole nor the same text once more", () => {
    expect(tell(undefined)).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
    tell(wrong, failing);
    tell(wrong, failing);
    expect(read().count).toBe(1);
    tell(centre);
    expect(tell(centre)).toBeNull();
    expect(read().count).toBe(2);
  });

  it("keeps what has passed when a later try fails", () => {
    tell(centre);
    tell(wrong, failing);
    expect(read()).toMatchObject({ passed: { points: 5 }, best: { earned: 5 }, count: 2 });
    expect(readFileSync(join(folder, "centre.ts"), "utf8")).toBe(source);
    expect(standingOf(centreExercise).state).toBe("passed");
  });

  it("is written again when the files were taken away", () => {
    tell(centre);
    rmSync(join(folder, "centre.ts"));
    tell(centre);
    expect(existsSync(join(folder, "centre.ts"))).toBe(true);
    expect(read().count).toBe(1);
  });

  it("has no end, but its file has", () => {
    for (let i = 0; i < 230; i++) tell(wrong, { ...failing, source: `export default ${i};` });
    expect(read().count).toBe(230);
    expect(read().attempts).toHaveLength(200);
  });

  it.each([
    ["half a file", '{ "format": 1, "exerc', "JSON"],
    ["an empty file", "", "JSON"],
    ["a list", "[]", "it holds no object"],
    ["another exercise's", `{"format":1,"exercise":"other"}`, "it is not about centre"],
    [
      "attempts of another form",
      `{"format":1,"exercise":"centre","attempts":[1]}`,
      "parts of it are missing",
    ],
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x00, 0xd8]), "UTF-8"],
  ])("%s is put aside, never lost, and said to be damaged", (_, content, why) => {
    writeFileSync(join(folder, "centre.json"), content);
    const standing = standingOf(centreExercise);
    expect(standing).toMatchObject({ state: "damaged", earned: 0, points: 5 });
    expect(standing.fault).toContain(why);
    expect(standing.fault).toMatch(/centre\.json is damaged.*until the exercise is checked again/s);
    expect(tell(centre)).toMatch(/could not be read\. It is kept as .*centre\.damaged-1\.json/);
    expect(readFileSync(join(folder, "centre.damaged-1.json"))).toEqual(Buffer.from(content));
    expect(standingOf(centreExercise).state).toBe("passed");
  });

  it("of a newer course is not touched but put aside", () => {
    writeFileSync(join(folder, "centre.json"), `{"format":2,"exercise":"centre"}`);
    expect(standingOf(centreExercise).fault).toContain("a newer version of the course wrote it");
  });

  it("is nothing where it cannot be written, which is said once", () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "no folder"); // as root no folder is read-only
    expect(tell(centre)).toMatch(/^Your progress is not kept: /);
    expect(tell(centre)).toBeNull();
    expect(standingOf(centreExercise).state).toBe("open");
  });

  it.skipIf(process.getuid?.() === 0)("is nothing in a read-only folder", () => {
    chmodSync(folder, 0o500);
    expect(tell(centre)).toMatch(/^Your progress is not kept: .*EACCES/);
    chmodSync(folder, 0o700);
  });

  it("is nothing outside of a student's folder, which is said once, and in runs without a reader", () => {
    process.env.GRADSCHOOL_PROGRESS = "0";
    expect(tell(centre)).toBeNull();
    delete process.env.GRADSCHOOL_PROGRESS;
    expect(tell(centre)).toBeNull(); // a program
    const kernel = Symbol.for("gradschool.kernel");
    Object.assign(globalThis, { [kernel]: {} });
    expect(tell(centre)).toMatch(/does not lie in your course folder/);
    expect(tell(centre)).toBeNull();
    Reflect.deleteProperty(globalThis, kernel);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is found from a notebook below the student's folder", () => {
    delete process.env.GRADSCHOOL_PROGRESS;
    writeFileSync(join(folder, "course.json"), "{}");
    mkdirSync(join(folder, "..", "мои пробы", "deep"), { recursive: true });
    const cwd = process.cwd();
    try {
      process.chdir(join(folder, "..", "мои пробы", "deep"));
      tell(centre);
    } finally {
      process.chdir(cwd);
    }
    expect(existsSync(join(folder, "centre.ts"))).toBe(true);
  });
});

describe("what is recalled", () => {
  const why = (about = centreExercise, require: (id: string) => unknown = none) => {
    const found = recall(about, require);
    return found.fn ? "fn" : found.why;
  };

  it("is the function, checked anew", () => {
    tell(centre);
    const found = recall(centreExercise, none);
    expect(found.fn?.(autograd.tensor([[1, 2, 3, 6]])).data.toArray()).toEqual([[-1, -0.5, 0, 1.5]]);
    expect(found.fn).not.toBe(centre);
  });

  it("is nothing without a pass, a folder, or a source", () => {
    expect(why()).toBe("notPassed");
    tell(wrong, failing);
    expect(why()).toBe("notPassed");
    tell(centre, null);
    expect(why()).toBe("noSource");
    process.env.GRADSCHOOL_PROGRESS = "0";
    expect(why()).toBe("nowhere");
  });

  it("is not believed when the source was changed by hand, but on another system's line ends it is", () => {
    tell(centre);
    writeFileSync(join(folder, "centre.ts"), `\ufeff${source.replaceAll("\n", "\r\n")}`);
    expect(why()).toBe("fn");
    writeFileSync(join(folder, "centre.ts"), source.replace("div", "mul"));
    expect(why()).toBe("edited");
  });

  it("is not believed when what it does is wrong, whatever the record says", () => {
    tell(centre, { source: "export default forged;\n", javascript: "exports.default = (x) => x;" });
    expect(recall(centreExercise, none)).toMatchObject({ fn: null, why: "fails", detail: /worked by hand/ });
    tell(centre, { source: "export default none;\n", javascript: "exports.default = root;" });
    expect(recall(centreExercise, none)).toMatchObject({
      why: "broken",
      detail: "ReferenceError: root is not defined",
    });
    tell(centre, {
      source: "export default endless;\n",
      javascript: "exports.default = () => { for (;;); }",
    });
    expect(recall(centreExercise, none)).toMatchObject({ why: "fails" });
  });

  it("imports what the notebook could import", () => {
    const wanted: string[] = [];
    tell(centre, {
      source: "export default imports;\n",
      javascript: `const lib = require("gradschool"); exports.default = (x) => lib.centre(x);`,
    });
    const found = recall(centreExercise, (id) => {
      wanted.push(id);
      return { centre };
    });
    expect([found.fn !== null, wanted]).toEqual([true, ["gradschool"]]);
  });

  it("is not believed once the check asks something else; its points stay until it is run again", () => {
    tell(centre);
    const { solution, points: _, ...about } = centreExercise;
    const stricter = exercise(solution, { ...about, checks: about.checks.slice(0, -1) });
    expect(why(stricter)).toBe("newCheck");
    expect(standingOf(stricter)).toMatchObject({ state: "changed", earned: 4, points: 4 });
    tell(centre, answer, stricter);
    expect(why(stricter)).toBe("fn");
  });

  it("says that a record cannot be read", () => {
    writeFileSync(join(folder, "centre.json"), "{");
    expect(recall(centreExercise, none)).toMatchObject({ why: "unreadable", detail: /is damaged/ });
  });
});

describe("the version of a check", () => {
  const { versionsIn } = createRequire(import.meta.url)("../../scripts/build-versions.mjs") as {
    versionsIn(folder: string): Record<string, string>;
  };
  const file = `import { near } from "./helper";
import { mutants } from "./centre.answers";
// A note.
export const centreExercise = exercise(centre, {
  id: "centre",
  title: { en: "Centre", ru: "Центр" },
  checks: [checks.random(seeded(centre, { T: 5 })), checks.byHand({ expected: 3, because: "so" })],
  mutants: [{ says: "a" }],
});`;
  const versionOf = (text: string, helper = "export const near = 1;") => {
    writeFileSync(join(folder, "centre.ts"), text);
    writeFileSync(join(folder, "helper.ts"), helper);
    return versionsIn(folder).centre;
  };

  it("stays when only words, layout or other solutions change", () => {
    const version = versionOf(file);
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    for (const [from, to] of [
      ["// A note.", "/** Another note. */"],
      ['en: "Centre"', 'en: "Centring"'],
      ["  checks:", "\n      checks:"],
      ['because: "so"', 'because: "it is so"'],
      ['says: "a"', 'says: { en: "a", ru: "б" }, fn: () => 3'],
    ])
      expect(versionOf(file.replace(from, to)), to).toBe(version);
    expect(versionOf(file.replaceAll("\n", "\r\n")), "CRLF").toBe(version);
  });

  it("changes with what is asked, in a helper beside it too", () => {
    const version = versionOf(file);
    expect(versionOf(file.replace("T: 5", "T: 7"))).not.toBe(version);
    expect(versionOf(file.replace("expected: 3", "expected: 4"))).not.toBe(version);
    expect(versionOf(file, "export const near = 2;")).not.toBe(version);
    expect(versionOf(file)).toBe(version);
  });
});
