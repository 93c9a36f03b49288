/**
 * `npm run author`: what an exercise's author has to know, without a browser.
 *
 *     npm run author                          every exercise through the gate, and a table
 *     npm run author -- gpt                   a lecture's exercises; `05-gpt` too
 *     npm run author -- causalAttention       one exercise
 *     npm run author -- --json FILE           besides, the table as a list of objects
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { loadTypeScript } from "./load-typescript.mjs";
import { shortName } from "./notebooks/files.mjs";
import { bold, dim, green, isMain, Problem, red, report, writeWhole } from "./steps.mjs";

/** A verdict must not take longer, in seconds. */
const PATIENCE = 2;

/** @typedef {import("../test/lectures/authored").Authored} Authored */
/** @typedef {import("../src/grading").GateReport} GateReport */
/** @typedef {{ lecture: string, id: string, points: number, minutes: number, checks: number, mutants: number, caught: number, variants: number, accepted: number, seconds: number }} Row */

/** @param {Authored} one @param {GateReport} found @returns {Row} */
function rowOf({ lecture, id, exercise, hidden }, { caught, accepted, seconds }) {
  const { points, minutes, checks, mutants, variants } = exercise;
  return {
    ...{ lecture, id, points: points + exercise.hidden, minutes },
    ...{ checks: checks.length + (hidden?.length ?? 0), mutants: mutants.length, caught },
    ...{ variants: variants.length, accepted, seconds: Number(seconds.toFixed(3)) },
  };
}

/** One line of the table; numbers stand under one another. @param {readonly string[]} cells @param {readonly number[]} widths */
const line = (cells, widths) =>
  cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");

/** @param {readonly string[]} args */
async function main(args) {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: "string" } },
    allowPositionals: true,
  });
  const { authored, judged } = await loadTypeScript("./test/lectures/authored.ts");
  /** @type {readonly Authored[]} */
  const all = authored;
  for (const wanted of positionals)
    if (!all.some(({ lecture, id }) => [lecture, id].includes(shortName(wanted))))
      throw new Problem(
        `There is no lecture or exercise ${wanted}.`,
        `Lectures: ${[...new Set(all.map(({ lecture }) => lecture))].join(", ")}. Exercises: ${all.map(({ id }) => id).join(", ")}.`,
      );
  const names = positionals.map(shortName);
  const chosen = all.filter(
    ({ lecture, id }) => names.length === 0 || [lecture, id].some((n) => names.includes(n)),
  );

  const heads = ["lecture", "exercise", "points", "minutes", "checks", "mutants", "variants", "seconds"];
  const widths = heads.map((head) => head.length);
  for (const { lecture, id } of chosen) {
    widths[0] = Math.max(widths[0], lecture.length);
    widths[1] = Math.max(widths[1], id.length);
  }
  console.log(bold(`  ${line(heads, widths)}`));
  const rows = [];
  let wrong = 0;
  for (const one of chosen) {
    /** @type {GateReport} */
    const found = judged(one);
    const row = rowOf(one, found);
    rows.push(row);
    const { lecture, id, points, minutes, mutants, caught, variants, accepted, seconds } = row;
    const seen = one.exercise.checks.length;
    const cells = [
      ...[lecture, id, String(points), String(minutes), `${seen} + ${row.checks - seen}`],
      ...[`${caught}/${mutants}`, `${accepted}/${variants}`, seconds.toFixed(2)],
    ];
    const slow =
      seconds > PATIENCE ? [`a verdict takes ${seconds.toFixed(1)} s, expected ${PATIENCE} s at most`] : [];
    const problems = [...found.problems, ...slow];
    if (problems.length > 0) wrong++;
    console.log(`${problems.length > 0 ? red("✗") : green("✓")} ${line(cells, widths)}`);
    for (const problem of problems) console.log(`    ${problem.replaceAll("\n", "\n    ")}`);
  }
  if (values.json)
    writeWhole(
      path.resolve(process.env.INIT_CWD ?? process.cwd(), values.json),
      `${JSON.stringify(rows, null, 2)}\n`,
    );
  console.log(
    dim(
      "\nchecks: seen by students + hidden; mutants: caught; variants: accepted; seconds: the slowest verdict",
    ),
  );
  console.log(`${rows.length - wrong} of ${rows.length} exercises are ready.`);
  return wrong > 0 ? 1 : 0;
}

if (isMain(import.meta.url))
  main(process.argv.slice(2)).then(
    (code) => process.exit(code),
    (error) => process.exit(report(error)),
  );
