/** Every public operation beside PyTorch's, at one small and one large size. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { made, once, ours, peer } from "./contenders.mjs";
import { median } from "./peers/measure.mjs";

const sizes = /** @type {const} */ (["small", "large"]);

/** Median ms at each size. @typedef {{ small: number, large: number }} Times */
/** An operation with our times, PyTorch's, and the medians over rounds of ours / PyTorch's. @typedef {{ op: string, both: boolean, ms: Times, PyTorch?: Times, ratio?: Times }} Line */
/** @typedef {{ bench: "ops", device: string, threads: number, rounds: number, operations: Line[] }} Result */

/**
 * Yields one result.
 * @param {import("./arguments.mjs").Options} options
 * @returns {Generator<Result>}
 */
export function* run({ rounds, threads, torch, device }) {
  const folder = mkdtempSync(join(tmpdir(), "gradschool-ops-"));
  /** @type {import("./contenders.mjs").Made[]} */
  const mine = [];
  /** @type {import("./contenders.mjs").Made[]} */
  const theirs = [];
  try {
    for (let round = 0; round < rounds; round++) {
      mine.push(made("ops", once(ours("./ours-ops.mjs"), threads, { device })));
      if (!torch) continue;
      const file = join(folder, "ops.json");
      writeFileSync(file, JSON.stringify(mine[0].operations));
      theirs.push(made("ops in PyTorch", once([...peer("torch-ops.py", torch), file], threads)));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  /** @param {(round: number) => Times} of */
  const over = (of) =>
    /** @type {Times} */ (
      Object.fromEntries(
        sizes.map((size) => [size, +median(mine.map((_, round) => of(round)[size])).toPrecision(4)]),
      )
    );
  /** @type {Line[]} */
  const operations = mine[0].operations.map((/** @type {Line} */ { op, both }, /** @type {number} */ i) => {
    const line = { op, both, ms: over((round) => mine[round].operations[i]) };
    if (!torch) return line;
    const quotient = (/** @type {number} */ round, /** @type {"small" | "large"} */ size) =>
      mine[round].operations[i][size] / theirs[round].operations[i][size];
    const ratio = over((round) => ({ small: quotient(round, "small"), large: quotient(round, "large") }));
    return { ...line, PyTorch: over((round) => theirs[round].operations[i]), ratio };
  });
  yield { bench: "ops", device: mine[0].device, threads, rounds, operations };
}

/** The table, what is furthest behind first; without PyTorch in the order of the list. @param {Result} result */
export function show({ device, threads, operations }) {
  const worst = (/** @type {Line} */ { ratio }) => (ratio ? Math.max(ratio.small, ratio.large) : 0);
  const lines = [...operations].sort((a, b) => worst(b) - worst(a));
  const cell = (/** @type {number | undefined} */ n) =>
    (n === undefined ? "" : n.toPrecision(3)).padStart(11);
  const rows = lines.map(({ op, both, ms, ratio }) => {
    const name = `${op}${both ? ", forward + backward" : ""}`.padEnd(40);
    return `  ${name}${cell(ms.small)}${cell(ratio?.small)}${cell(ms.large)}${cell(ratio?.large)}`.trimEnd();
  });
  const head = ["small, ms", "× PyTorch", "large, ms", "× PyTorch"]
    .map((title) => title.padStart(11))
    .join("");
  const ratios = operations.flatMap(({ ratio }) => (ratio ? [ratio.small, ratio.large] : []));
  const sum = ratios.length > 0 ? [`  median ${median(ratios).toPrecision(3)} × PyTorch's time`] : [];
  return [`Operations on ${device}, ${threads} threads`, `  ${" ".repeat(40)}${head}`, ...rows, ...sum].join(
    "\n",
  );
}
