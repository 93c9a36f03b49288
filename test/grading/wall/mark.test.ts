import { afterAll, describe, expect, it } from "vitest";
import { closeJudges, markAnswer, type Task } from "../../../src/grading/wall";

const centre = (code: string, more: Partial<Task> = {}): Task => ({
  ...{ lecture: "start", id: "centre", name: "myCentre", own: {}, uses: [], seed: 3 },
  code,
  ...more,
});

afterAll(closeJudges);

describe("markAnswer", () => {
  it("gives a right answer all points, hidden checks included", async () => {
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

  it("gives a wrong one what its checks earn, and says why", async () => {
    const mark = await markAnswer(
      centre("function myCentre(x) { return x.sub(x.mean(-1, { keepDims: true })); }"),
    );
    expect(mark.status).toBe("partial");
    expect(mark.earned).toBeLessThan(mark.points);
    expect(mark.earned).toBe(mark.checks.reduce((sum, one) => sum + (one.passed ? one.points : 0), 0));
    expect(mark.reason).toContain("result[0, 0] is");
  });

  it.each([
    ["function myCentre(x) {", "syntax", /SyntaxError/],
    ["let other = 3;", "missing", /there is no function/],
    ["const myCentre = make();", "missing", /ReferenceError: make is not defined/],
    ["const myCentre = 3;", "failed", /expected a function, got the number 3/],
    ["class myCentre {}", "failed", /got a class/],
    ["function myCentre(x) { for (;;); }", "timeout", /took longer than 2 s/],
    ["function myCentre(x) { process.exit(0); }", "crashed", /its process ended/],
  ])("%s: 0, %s", async (code, status, reason) => {
    const mark = await markAnswer(centre(code), { limits: { seconds: 2 } });
    expect(mark).toMatchObject({ status, earned: 0, reason: expect.stringMatching(reason) });
  });
});
