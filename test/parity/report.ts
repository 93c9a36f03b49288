import type { CaseResult } from "./fixture";

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const hasFailed = (r: CaseResult) => !r.skipped && (r.error !== undefined || r.mismatches.length > 0);

export function summarize(results: readonly CaseResult[]): Summary {
  const failed = results.filter(hasFailed).length;
  const skipped = results.filter((r) => r.skipped).length;
  return { passed: results.length - failed - skipped, failed, skipped };
}

/** A table by group, then every failure, then the line that counts. */
export function report(results: readonly CaseResult[]): string {
  const groups = [...new Set(results.map((r) => r.group))];
  const width = Math.max(5, ...groups.map((g) => g.length));
  const row = (name: string, cells: readonly (string | number)[]) =>
    `${name.padEnd(width)}  ${cells.map((cell) => String(cell).padStart(7)).join(" ")}`;
  const lines = [row("group", ["passed", "failed", "skipped"])];
  for (const group of groups) {
    const { passed, failed, skipped } = summarize(results.filter((r) => r.group === group));
    lines.push(row(group, [passed, failed, skipped]));
  }
  for (const r of results.filter(hasFailed)) {
    lines.push("", `FAILED ${r.group} ${r.id}`);
    if (r.error) lines.push(`  ${r.error}`);
    for (const m of r.mismatches) {
      const at = m.index.length ? `[${m.index.join(", ")}]` : "";
      lines.push(
        `  ${m.tensor}${at}: got ${m.got}, expected ${m.expected}` +
          (m.wrong === "all"
            ? ""
            : ` (${m.wrong} differ, max abs ${m.maxAbs.toPrecision(3)}, max rel ${m.maxRel.toPrecision(3)})`),
      );
    }
  }
  for (const r of results.filter((x) => x.note)) lines.push("", `note on ${r.group} ${r.id}: ${r.note}`);
  for (const r of results.filter((x) => x.skipped))
    lines.push("", `skipped ${r.group} ${r.id}: ${r.skipped}`);
  const { passed, failed, skipped } = summarize(results);
  return [...lines, "", `${passed} passed, ${failed} failed, ${skipped} skipped`].join("\n");
}
