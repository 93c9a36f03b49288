import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { Halted, type HaltReason, isGradEnabled, meta, nd, noGrad, tensor, withinLimits } from "gradschool";
import { describe, expect, it } from "vitest";

/** Why the call was cut short. */
function haltOf(fn: () => unknown, seconds = 0.2): HaltReason | "ended" {
  try {
    withinLimits(fn, { seconds });
    return "ended";
  } catch (error) {
    if (error instanceof Halted) return error.reason;
    throw error;
  }
}

describe("withinLimits", () => {
  it("gives the result, and throws the very error that was thrown", () => {
    expect(withinLimits(() => 3)).toBe(3);
    expect(withinLimits(() => undefined)).toBeUndefined();
    const error = new RangeError("own");
    expect(() => withinLimits(() => { throw error; })).toThrow(error); // biome-ignore format: one line
    for (const odd of [null, undefined, Symbol("odd"), { code: "ERR_SCRIPT_EXECUTION_TIMEOUT" }]) {
      let caught: unknown = "nothing";
      try {
        withinLimits(() => {
          throw odd;
        });
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(odd);
    }
  });

  it.each<[string, () => unknown]>([
    ["an empty loop", () => { for (;;); }], // biome-ignore format: one line
    ["a loop that catches everything", () => { for (;;) try { (() => { throw 0; })(); } catch {} finally { } }], // biome-ignore format: one line
    ["a loop in a getter", () => ({ get x(): number { for (;;); } }).x], // biome-ignore format: one line
    ["a loop in a callback of the engine's", () => [1, 2].sort(() => { for (;;); })], // biome-ignore format: one line
    ["a regular expression that backtracks", () => /^(a+)+$/.test(`${"a".repeat(40)}b`)],
    ["a wait", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)],
    ["a loop of limits of its own", () => { for (;;) try { withinLimits(() => { for (;;); }, { seconds: 0.01 }); } catch {} }], // biome-ignore format: one line
    ["a loop of contexts with limits", () => { for (;;) try { runInNewContext("for (;;);", {}, { timeout: 10 }); } catch {} }], // biome-ignore format: one line
    ["a loop of the library's", () => { for (;;) nd.ones([8, 8]).matmul(nd.ones([8, 8])); }], // biome-ignore format: one line
  ])("ends %s", (_, fn) => {
    for (let i = 0; i < 4; i++) expect(haltOf(fn)).toBe("time");
    expect(
      withinLimits(() =>
        nd
          .ones([3, 3])
          .matmul(nd.ones([3, 2]))
          .sum()
          .item(),
      ),
    ).toBe(18);
  });

  it("ends what takes memory without end, before the process dies of it", () => {
    const numbers = () => {
      const list: number[] = [];
      for (;;) list.push(1);
    };
    const strings = () => {
      const list: string[] = [];
      for (;;) list.push(`${list.length} is a number`);
    };
    const nested = () => {
      let list: unknown[] = [];
      for (;;) list = [list];
    };
    for (const greedy of [numbers, strings, nested, numbers]) expect(haltOf(greedy, 30)).toBe("memory");
    expect(withinLimits(() => "alive")).toBe("alive");
  });

  it("puts back what the library had set for the length of the call", () => {
    expect(haltOf(() => noGrad(() => { for (;;); }))).toBe("time"); // biome-ignore format: one line
    expect(isGradEnabled()).toBe(true);
    expect(haltOf(() => meta(() => { for (;;); }))).toBe("time"); // biome-ignore format: one line
    noGrad(() => {
      expect(haltOf(() => { for (;;); })).toBe("time"); // biome-ignore format: one line
      expect(isGradEnabled()).toBe(false);
    });
    const x = tensor([3], { requiresGrad: true });
    x.square().sum().backward();
    expect(x.grad?.toArray()).toEqual([6]);
  });

  it("may be nested, and whichever limit is reached first counts", () => {
    const inner = () => withinLimits(() => { for (;;); }, { seconds: 0.1 }); // biome-ignore format: one line
    expect(haltOf(() => expect(inner).toThrow("0.1 s"), 5)).toBe("ended");
    const patient = () => withinLimits(() => { for (;;); }, { seconds: 60 }); // biome-ignore format: one line
    expect(() => withinLimits(patient, { seconds: 0.1 })).toThrow("0.1 s");
    expect(withinLimits(() => withinLimits(() => 1) + 1)).toBe(2);
  });

  it("refuses what is no limit", () => {
    for (const seconds of [0, -1, Number.NaN])
      expect(() => withinLimits(() => 1, { seconds })).toThrow("withinLimits: expected seconds");
    expect(withinLimits(() => 1, { seconds: Number.POSITIVE_INFINITY })).toBe(1);
  });

  it("lets an interrupt end a plain program, not just the call", () => {
    const program = `
      const { withinLimits } = require("gradschool");
      setTimeout(() => {}, 10000);
      require("node:child_process").spawn("sh", ["-c", "sleep 0.5; kill -INT " + process.pid]);
      try { withinLimits(() => { for (;;); }, { seconds: 5 }); } catch {}
      setTimeout(() => console.log("went on"), 1000);`;
    const root = fileURLToPath(new URL("../..", import.meta.url));
    const run = () => execFileSync(process.execPath, ["-e", program], { cwd: root, encoding: "utf8" });
    expect(run).toThrow(expect.objectContaining({ signal: "SIGINT", stdout: "" }));
  });
});
