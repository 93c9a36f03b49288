import { join } from "node:path";
import { expect, test } from "vitest";
import { runOptim } from "../parity/groups/optim";
import { report, summarize } from "../parity/report";

test("optimisers, schedules and clipping follow PyTorch step by step", () => {
  const results = runOptim(join(__dirname, "../parity/golden/optim"));
  expect(results.length).toBeGreaterThan(20);
  expect(summarize(results).failed, report(results)).toBe(0);
});
