/**
 * `npm run release`: the course for others.
 *
 *     npm run release -- --students DIR [--no-solution-hints]    what students get: no solutions, no hidden checks
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { bold, isMain, Problem, report } from "./steps.mjs";

const usage = "For example: npm run release -- --students ../course-for-students";

/** @param {string[]} args */
async function main(args) {
  const { students, "no-solution-hints": withoutHints } = options(args);
  if (students === undefined) throw new Problem("Say what to release: --students DIR.", usage);
  const folder = path.resolve(process.env.INIT_CWD ?? process.cwd(), students);
  const { releaseStudents } = await import("./release/students.mjs");
  await releaseStudents(folder, { hints: !withoutHints });
  console.log(`\nThe bundle for students: ${bold(folder)}`);
}

/** @param {string[]} args */
function options(args) {
  const string = /** @type {const} */ ({ type: "string" });
  const flag = /** @type {const} */ ({ type: "boolean" });
  try {
    return parseArgs({ args, options: { students: string, "no-solution-hints": flag } }).values;
  } catch (error) {
    throw new Problem(/** @type {Error} */ (error).message, usage);
  }
}

if (isMain(import.meta.url))
  main(process.argv.slice(2)).catch((error) => {
    process.exitCode = report(error);
  });
