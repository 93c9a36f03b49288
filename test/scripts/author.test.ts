import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "author "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const author = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "scripts/author.mjs"), ...args],
    {
      encoding: "utf8",
      env: { ...process.env, INIT_CWD: folder },
    },
  );
  return { status, output: stdout + stderr };
};

describe("npm run author", { timeout: 120_000 }, () => {
  it("puts an exercise through the gate, prints a line and writes a row", () => {
    const { status, output } = author("nextTokenPairs", "--json", "rows.json");
    expect(output).toMatch(/✓ gpt +nextTokenPairs +5 +10 +5 \+ 2 +25\/25 +3\/3 +\d/);
    expect(output).toContain("1 of 1 exercises are ready.");
    expect(status).toBe(0);
    const [row, ...rest] = JSON.parse(readFileSync(join(folder, "rows.json"), "utf8"));
    expect(rest).toEqual([]);
    expect(Object.keys(row)).toEqual([
      ...[
        "lecture",
        "id",
        "points",
        "minutes",
        "checks",
        "mutants",
        "caught",
        "variants",
        "accepted",
        "seconds",
      ],
    ]);
    expect(row).toMatchObject({
      lecture: "gpt",
      id: "nextTokenPairs",
      points: 5,
      checks: 7,
      mutants: 25,
      caught: 25,
    });
    expect(row.seconds).toBeGreaterThan(0);
  });

  it("says which names there are", () => {
    const { status, output } = author("nope");
    expect(status).toBe(1);
    expect(output).toMatch(
      /There is no lecture or exercise nope\.[\s\S]*Lectures: .*gpt.* Exercises: .*causalAttention/,
    );
  });
});
