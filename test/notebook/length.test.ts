import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { inFull, isShortRun, line, result, trainingView } from "../../src/notebook";
import { inKernel } from "./fake-kernel";

const steps = (totalSteps: number) => [...trainingView({ totalSteps }).steps()];

beforeEach(() => void vi.spyOn(process.stdout, "write").mockReturnValue(true));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("a full run", () => {
  it("is what there is unless the environment says otherwise", () => {
    for (const value of ["", "0", "no"]) {
      vi.stubEnv("GRADSCHOOL_SHORT", value);
      expect([isShortRun(), inFull(20, { short: 1 }), steps(5)]).toEqual([false, 20, [0, 1, 2, 3, 4]]);
    }
  });
});

describe("a short run", () => {
  beforeEach(() => void vi.stubEnv("GRADSCHOOL_SHORT", "1"));

  it("takes the short one of two lengths", () => {
    expect([isShortRun(), inFull(20, { short: 1 }), inFull([1, 2, 3], { short: [1] })]).toEqual([
      true,
      1,
      [1],
    ]);
  });

  it("takes the first step and the last, so that what happens every so often happens once", () => {
    expect([0, 1, 2, 3, 1000].map(steps)).toEqual([[], [0], [0, 1], [0, 2], [0, 999]]);
  });

  it("counts what was done, and says that it is short", () => {
    const [output] = inKernel(() => {
      const view = trainingView({ totalSteps: 1000 });
      for (const step of view.steps())
        view.step({ loss: 1, "validation loss": step % 50 === 49 ? 2 : undefined });
      expect(Object.fromEntries(view.history)).toEqual({
        loss: { x: [1, 2], y: [1, 1] },
        "validation loss": { x: [2], y: [2] },
      });
      line(Object.fromEntries(view.history));
    });
    expect(output.at(-1)).toMatchObject({
      "text/plain": expect.stringMatching(/ 2\/2 .*short run, of 1,000 steps/),
      "text/html": expect.stringContaining("step 2 of 2"),
    });
  });

  it("leaves a loop that is not a view's own as long as it is", () => {
    const view = trainingView({ totalSteps: 4 });
    for (let step = 0; step < 4; step++) view.step({ loss: step });
    expect(view.history.get("loss")?.x).toEqual([1, 2, 3, 4]);
  });
});

describe("a result", () => {
  const shown = (...given: Parameters<typeof result>) => inKernel(() => result(...given))[0][0];

  it("is shown, and carries its name and number for programs", () => {
    const bundle = shown("loss <1>", 4.8249, "nats");
    expect(bundle["text/plain"]).toBe("loss <1>: 4.825 nats");
    expect(bundle["text/html"]).toContain("loss &lt;1&gt;: <b>4.825 nats</b>");
    expect(bundle["application/vnd.gradschool.result+json"]).toEqual({
      name: "loss <1>",
      unit: "nats",
      values: [4.8249],
      mean: 4.8249,
    });
  });

  it("of several seeds has a spread: the sample standard deviation", () => {
    const bundle = shown("accuracy", [0.81, 0.84, 0.8], "", { digits: 3 });
    expect(bundle["text/plain"]).toBe("accuracy: 0.817 ± 0.021 (3 seeds)");
    const { mean, std } = bundle["application/vnd.gradschool.result+json"] as { mean: number; std: number };
    expect(mean).toBeCloseTo(0.8166667, 6);
    expect(std).toBeCloseTo(0.0208167, 6);
  });

  it("says what it wants", () => {
    expect(() => result("x", [])).toThrow("result: expected one value or more, got");
    expect(() => result("x", "4" as never)).toThrow("result: expected value to be a list of numbers, got");
    expect(() => result(1 as never, 4)).toThrow("result: expected name to be a string, got 1");
    expect(() => inFull(1, {} as never)).toThrow(
      "inFull: expected what a short run takes, as in { short: 1 }",
    );
  });
});
