/**
 * `npm run release`: the course for others.
 *
 *     npm run release -- --students DIR                what students get: no solutions, no hidden checks
 *     npm run release -- --nbgrader DIR [gpt …]        a course folder for nbgrader, of these lectures or of all
 *                  --no-solution-hints                 without the solution that is hint 3 of each exercise
 *                  --lang ru                           for nbgrader: in Russian, where there is a translation
 *                  --trust                             for nbgrader: where nothing walls off other people's code, grade all the same
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { bold, isMain, Problem, report } from "./steps.mjs";

const usage = "For example: npm run release -- --students ../course-for-students";

/** @param {string[]} args */
async function main(args) {
  const { values, positionals: lectures } = options(args);
  const { students, nbgrader, "no-solution-hints": withoutHints, lang = "en", trust } = values;
  const hints = !withoutHints;
  if ((students === undefined) === (nbgrader === undefined))
    throw new Problem("Say what to release: --students DIR, or --nbgrader DIR.", usage);
  if (students !== undefined && lectures.length > 0)
    throw new Problem(`The bundle has all lectures; ${lectures.join(" ")} says nothing to it.`, usage);
  if (lang !== "en" && lang !== "ru") throw new Problem(`--lang: expected en or ru, got ${lang}.`);
  const folder = path.resolve(process.env.INIT_CWD ?? process.cwd(), students ?? nbgrader ?? "");
  if (students !== undefined) {
    const { releaseStudents } = await import("./release/students.mjs");
    await releaseStudents(folder, { hints });
    console.log(`\nThe bundle for students: ${bold(folder)}`);
    return;
  }
  const { releaseNbgrader } = await import("./release/nbgrader.mjs");
  const names = await releaseNbgrader(folder, { hints, language: lang, lectures, trust });
  console.log(
    `\nThe course for nbgrader: ${bold(folder)}\nThere, for example: nbgrader generate_assignment ${names.at(-1)}`,
  );
}

/** @param {string[]} args */
function options(args) {
  const string = /** @type {const} */ ({ type: "string" });
  const flag = /** @type {const} */ ({ type: "boolean" });
  const known = { students: string, nbgrader: string, "no-solution-hints": flag, lang: string, trust: flag };
  try {
    return parseArgs({ args, options: known, allowPositionals: true });
  } catch (error) {
    throw new Problem(/** @type {Error} */ (error).message, usage);
  }
}

if (isMain(import.meta.url))
  main(process.argv.slice(2)).catch((error) => {
    process.exitCode = report(error);
  });
