import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const readme = readFileSync("README.md", "utf8");

it("the core can be read in the order that the README gives, in about as many lines as it says", () => {
  const [, total, section] =
    /### Read these in this order, about ([\d,]+) lines\n([\s\S]*?)\n### /.exec(readme) ?? [];
  const rows = [...section.matchAll(/^\| `(.+?)` \| (\d+) \|/gm)];
  const lines = rows.map(([, file, said]) => {
    const count = readFileSync(file, "utf8").trimEnd().split("\n").length;
    expect(Math.abs(Number(said) - count), `${file} has ${count} lines, README says ${said}`).toBeLessThan(
      0.1 * count + 2,
    );
    return count;
  });
  expect(lines.length).toBeGreaterThanOrEqual(7);
  const sum = lines.reduce((a, b) => a + b, 0);
  expect(Math.abs(Number(total.replace(",", "")) - sum), `they have ${sum} lines together`).toBeLessThan(
    0.05 * sum,
  );
  for (const [, file] of section.matchAll(/`(src\/[^`*]+)`/g)) expect(existsSync(file), file).toBe(true);
});
