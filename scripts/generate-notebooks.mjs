/**
 * Writes notebooks/ from src/lectures/<name>/<name>.nb.ts. Which lectures there are, and what their notebooks are called,
 * stands in src/lectures/course.ts; those without a source are not written yet.
 *
 *     node scripts/generate-notebooks.mjs              notebooks/05-gpt.ipynb with holes, notebooks/solutions/05-gpt.ipynb
 *     node scripts/generate-notebooks.mjs --check      changes nothing; fails if the files are not what would be written
 *     node scripts/generate-notebooks.mjs gpt          only these lectures; `05-gpt` too
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { loadTypeScript } from "./load-typescript.mjs";
import { expand } from "./notebooks/expand.mjs";
import {
  isExecuted,
  readNotebook,
  sameCode,
  sameSources,
  withOutputs,
  writeNotebook,
} from "./notebooks/ipynb.mjs";
import { links } from "./notebooks/links.mjs";
import { parsePercent } from "./notebooks/percent.mjs";
import { withLectureTable } from "./notebooks/readme.mjs";
import { inRussian, readRussian, toUse } from "./notebooks/russian.mjs";
import { sourcesHash } from "./notebooks/sources.mjs";
import { inRoot, isMain, Problem, report, writeWhole } from "./steps.mjs";

/** @typedef {import("../src/lectures/course").Lecture} Lecture */
/** @typedef {{ name: string, file: string, nb: import("./notebooks/ipynb.mjs").Notebook, solved: boolean, language: "en" | "ru" }} Generated */

/** @param {string} name */
const sourceFile = (name) => inRoot("src", "lectures", name, `${name}.nb.ts`);

/** The lectures that have a source, in order. @returns {Promise<Lecture[]>} */
export async function writtenLectures() {
  const { course } = await loadTypeScript("./src/lectures/course.ts");
  return course.filter((/** @type {Lecture} */ { name }) => existsSync(sourceFile(name)));
}

/**
 * What belongs into the files of a lecture, without outputs: two, and two more in Russian where its translation has begun.
 * @param {Lecture} lecture
 * @param {readonly Lecture[]} written those that it is linked with
 * @param {{ hints?: boolean }} [options] `hints: false`: without what shows the solutions
 * @returns {Promise<Generated[]>}
 */
export async function generate({ name, notebook }, written, { hints = true } = {}) {
  const source = parsePercent(readFileSync(sourceFile(name), "utf8"), `${name}.nb.ts`);
  const { exercises = {} } = await loadTypeScript(`./src/lectures/${name}/index.ts`);
  const russian = readRussian(name);
  /** @param {"en" | "ru"} language @returns {Generated[]} */
  const inLanguage = (language) => {
    const line = links(written, name, language);
    const translated = language === "ru" && russian;
    const place = {
      name,
      folder: inRoot("src", "lectures", name),
      exercises,
      language,
      above: line,
      below: line,
      hints,
    };
    const [cells, strings] = translated ? [inRussian(source, russian), toUse(russian.strings)] : [source];
    const folder = language === "ru" ? ["notebooks", "ru"] : ["notebooks"];
    return [false, true].map((solved) => ({
      ...{ name, solved, language },
      file: inRoot(...folder, ...(solved ? ["solutions"] : []), `${notebook}.ipynb`),
      nb: expand(cells, { ...place, solved, strings }),
    }));
  };
  return [...inLanguage("en"), ...(russian ? inLanguage("ru") : [])];
}

/** @param {string} file */
const shown = (file) => path.relative(inRoot(), file).replaceAll("\\", "/");

/** What is wrong with the files as they are. @param {Generated} generated */
function check({ name, file, nb, solved, language }) {
  const present = readNotebook(file);
  if (!present) return [`${shown(file)} is missing`];
  if (!sameSources(present, nb)) return [`${shown(file)} is not what its source generates`];
  if (!solved) return [];
  if (!isExecuted(present)) return [`${shown(file)} has no saved outputs`];
  const { sources } = /** @type {any} */ (present.metadata).gradschool ?? {};
  return sources === sourcesHash(name, language)
    ? []
    : [`${shown(file)} was run from other sources than there are now`];
}

/** Outputs of an earlier run stay as long as the code is what was run; prose may change. @param {Generated} generated */
export function write({ file, nb, solved }) {
  const present = solved ? readNotebook(file) : null;
  const keeps = present && sameCode(present, nb);
  const changed = writeNotebook(file, keeps ? withOutputs(nb, present) : nb);
  console.log(`  ${changed ? "wrote" : "kept "} ${shown(file)}`);
}

/**
 * Those that were asked for by name, as `gpt` or `05-gpt`; without names, all.
 * @param {readonly Lecture[]} written
 * @param {readonly string[]} names
 */
export function choose(written, names) {
  const find = (/** @type {string} */ wanted) => {
    const lecture = written.find(({ name, notebook }) => wanted === name || wanted === notebook);
    if (lecture) return lecture;
    const all = written.map(({ name }) => name).join(", ");
    throw new Problem(`There is no lecture ${wanted}.`, `Lectures: ${all}.`);
  };
  return names.length > 0 ? names.map(find) : written;
}

/** README.md as it is, and with the table of lectures as it should be. */
async function readme() {
  const { course } = await loadTypeScript("./src/lectures/course.ts");
  const written = await writtenLectures();
  const rows = await Promise.all(
    course.map(async (/** @type {Lecture} */ lecture) => {
      if (!written.some(({ name }) => name === lecture.name)) return { lecture, exercises: null };
      const { exercises = {} } = await loadTypeScript(`./src/lectures/${lecture.name}/index.ts`);
      return { lecture, exercises: Object.values(exercises) };
    }),
  );
  const present = readFileSync(inRoot("README.md"), "utf8");
  return { present, wanted: withLectureTable(present, rows) };
}

/** @param {readonly string[]} args */
async function main(args) {
  const options = args.filter((arg) => arg.startsWith("--"));
  const unknown = options.find((option) => option !== "--check");
  if (unknown)
    throw new Problem(
      `There is no option ${unknown}.`,
      "To change nothing: --check. To execute: npm run course.",
    );
  const asked = args.filter((arg) => !arg.startsWith("--"));
  const written = await writtenLectures();
  const lectures = choose(written, asked);
  const files = (await Promise.all(lectures.map((lecture) => generate(lecture, written)))).flat();
  const { present, wanted } = await readme();

  if (options.includes("--check")) {
    const problems = files.flatMap(check);
    if (present !== wanted) problems.push("README.md has another table of lectures than the course");
    if (problems.length > 0)
      throw new Problem(problems.join("\n"), "Run: npm run course (or only some: npm run course -- gpt)");
    console.log(`${files.length} notebooks are what their sources generate.`);
    return;
  }
  for (const file of files) write(file);
  if (present !== wanted) {
    writeWhole(inRoot("README.md"), wanted);
    console.log("  wrote README.md");
  }
}

if (isMain(import.meta.url))
  main(process.argv.slice(2)).catch((error) => {
    process.exitCode = report(error);
  });
