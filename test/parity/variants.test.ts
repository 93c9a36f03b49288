import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The other ways in which the default device may compute on a reader's machine, each in a process of its own. */
describe("agreement with PyTorch does not hang on", () => {
  it.each([
    ["threads", { GRADSCHOOL_THREADS: "1" }],
    ["the number of threads", { GRADSCHOOL_THREADS: "3" }],
    ["fused multiply-add", { GRADSCHOOL_FMA: "0" }],
    ["either", { GRADSCHOOL_THREADS: "1", GRADSCHOOL_FMA: "0" }],
  ])("%s", (_, env) => {
    const output = execFileSync(process.execPath, ["scripts/parity.mjs", "test/parity/golden"], {
      cwd: root,
      env: { ...process.env, ...env },
      encoding: "utf8",
    });
    expect(output).toMatch(/^[1-9][0-9]* passed, 0 failed, \d+ skipped$/m);
  });
});
