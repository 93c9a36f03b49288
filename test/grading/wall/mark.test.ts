import { afterAll, describe, expect, it } from "vitest";
import { closeJudges, markAnswer, type Task } from "../../../src/grading/wall";

const centre = (code: string, more: Partial<Task> = {}): Task => ({
  ...{ lecture: "start", id: "centre", name: "myCentre", own: {}, uses: [], seed: 3 },
  code,
  ...more,
});

afterAll(closeJudges);

describe("markAnswer", () => {
  it.concurrent("gives a right answer all points, hidden checks included", async () => {
    const mark = await markAnswer(
      centre(`const { nd } = require("gradschool");
function myCentre(x) { return x.sub(x.mean()); }
exports.myCentre = myCentre;`),
    );
    expect(mark).toMatchObject({ id: "centre", status: "passed", reason: null, flags: [] });
    expect(mark.earned).toBe(mark.points);
    expect(mark.checks.filter(({ hidden }) => hidden).length).toBeGreaterThan(1);
    expect(mark.checks.every(({ passed }) => passed)).toBe(true);
  });

  it.concurrent("gives a wrong one what its checks earn, and says why", async () => {
    const mark = await markAnswer(
      centre("function myCentre(x) { return x.sub(x.mean(-1, { keepDims: true })); }"),
    );
    expect(mark.status).toBe("partial");
    expect(mark.earned).toBeLessThan(mark.points);
    expect(mark.earned).toBe(mark.checks.reduce((sum, one) => sum + (one.passed ? one.points : 0), 0));
    expect(mark.reason).toContain("result[0, 0] is");
  });

  it.concurrent.each([
    ["function myCentre(x) {", "syntax", /SyntaxError/],
    ["let other = 3;", "missing", /there is no function/],
    ["const myCentre = make();", "missing", /ReferenceError: make is not defined/],
    ["const myCentre = 3;", "failed", /expected a function, got the number 3/],
    ["class myCentre {}", "failed", /got a class/],
    ["function myCentre(x) { for (;;); }", "timeout", /took longer than 1 s/],
    ["function myCentre(x) { process.exit(0); }", "crashed", /its process ended/],
  ])("%s: 0, %s", async (code, status, reason) => {
    const mark = await markAnswer(centre(code), { limits: { seconds: 1 } });
    expect(mark).toMatchObject({ status, earned: 0, reason: expect.stringMatching(reason) });
  });

  it.concurrent("of a result that is too large for one message, loses that check alone", async () => {
    const mark = await markAnswer(
      centre(`let calls = 0;
function myCentre(x) { return ++calls === 1 ? new Float64Array(1e7) : x.sub(x.mean()); }`),
    );
    expect(mark.status).toBe("partial");
    expect(mark.reason).toContain("too much for one message: 77 MiB in arrays");
    expect(mark.checks.some(({ passed }) => passed)).toBe(true);
  });

  /** What an answer to an exercise of the second lecture sees of `look`. */
  const seen = async (look: string, more: Partial<Task> = {}) => {
    const code = `"use strict";
const { tensor } = require("gradschool");
const answer = () => { throw new Error("saw " + ${look}); };`;
    const mark = await markAnswer({
      ...{ lecture: "tensors", id: "stableSoftmax", name: "answer", own: {}, seed: 3 },
      code,
      ...more,
    });
    return /saw (.*)/.exec(mark.reason ?? "")?.[1] ?? mark.reason;
  };

  it.concurrent("gives an answer the earlier functions that it uses: the student's own, or the reference by a call", async () => {
    const look = "centre(tensor([1, 3])).toArray()";
    expect(await seen(look, { uses: ["centre"] })).toBe("-1,1");
    const own = { centre: { code: "const mine = (x) => x.mul(0).add(7);", name: "mine" } };
    expect(await seen(look, { uses: ["centre"], own })).toBe("7,7");
    const imported = 'require("gradschool/lectures/start").use("mine").centre(tensor([1, 3])).toArray()';
    expect(await seen(imported)).toBe("-1,1");
    const checked =
      '[require("gradschool")].map(({ check }) => check({ id: "centre" }, null)(tensor([1, 3])).toArray())';
    expect(await seen(checked, { own })).toBe("7,7");
    expect(await seen("String(centre)", { uses: ["centre"] })).not.toContain("mean");
  });

  it.concurrent("gives none of the function that is asked for, nor of later ones", async () => {
    for (const name of ["stableSoftmax", "gpuMatmul", "attention"])
      expect(await seen(`typeof ${name}`, { uses: [name] })).toBe("undefined");
  });

  it.concurrent("lets cells have names of their own, and be strict", async () => {
    const code = `"use strict";
const centre = 5;
const answer = () => { throw new Error("saw " + centre + (function () { return this; })()); };`;
    expect(await seen("", { code, uses: ["centre"] })).toBe("5undefined");
  });

  it.concurrent("counts an answer though cells behind it have failed", async () => {
    const mark = await markAnswer(centre("function myCentre(x) { return x.sub(x.mean()); }\nnull.field;"));
    expect(mark.status).toBe("passed");
  });

  it.concurrent("draws other random inputs for another seed, and the same for the same one", async () => {
    const code = `const answer = (x) => { throw new Error("saw " + x.get([0, 0, 0])); };`;
    const first = await seen("", { code, seed: 5 });
    expect(first).toMatch(/^-?\d/);
    expect(await seen("", { code, seed: 5 })).toBe(first);
    expect(await seen("", { code, seed: 6 })).not.toBe(first);
  });

  it.concurrent("speaks the reader's language", async () => {
    const mark = await markAnswer(centre("const other = 1;"), { language: "ru" });
    expect(mark.reason).toContain("проверять нечего");
    for (const code of ["const other = 1;", "function myCentre(x) { return x; }"])
      for (const { name } of (await markAnswer(centre(code), { language: "ru" })).checks)
        expect(name).toMatch(/[а-я]/);
  });

  it.concurrent("marks what nobody has written by hand", async () => {
    const mark = await markAnswer(centre(`const myCentre = 1; /* ${"x".repeat(5_000_000)} */`));
    expect(mark).toMatchObject({
      status: "failed",
      earned: 0,
      reason: expect.stringContaining("characters long"),
    });
    const long = await markAnswer(centre(`const myCentre = () => { throw "x".repeat(1_000_000); };`));
    for (const { reason } of long.checks) expect(reason?.length).toBeLessThan(5000);
  });

  it.concurrent("refuses what is no task", async () => {
    await expect(markAnswer(centre("1", { id: "nothing" }))).rejects.toThrow(
      "an exercise of the lecture start",
    );
    await expect(markAnswer(centre("1", { lecture: "../start" }))).rejects.toThrow(
      "a lecture with exercises",
    );
    await expect(markAnswer(centre("1", { name: "a; b" }))).rejects.toThrow("an identifier as name");
  });
});
