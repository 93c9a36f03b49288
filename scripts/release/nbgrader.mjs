/** `npm run release -- --nbgrader DIR`: a course folder for nbgrader. */
import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { closest } from "../arguments.mjs";
import { build } from "../build.mjs";
import { generate, writtenLectures } from "../generate-notebooks.mjs";
import { catalogue } from "../grading/catalogue.mjs";
import { kernelFlags } from "../kernelspec.mjs";
import { textOf, writeNotebook } from "../notebooks/ipynb.mjs";
import { inRoot, Problem, step, writeWhole } from "../steps.mjs";

/** @typedef {import("../notebooks/ipynb.mjs").Notebook} Notebook */
/** @typedef {{ hints?: boolean, language?: "en" | "ru", lectures?: readonly string[], trust?: boolean }} Options */

export const KERNEL = "gradschool-grading";

/**
 * Writes `source/` with one assignment for each lecture, the settings, and the kernel that grades. What else lies in the
 * folder (nbgrader's own database, submissions) stays.
 * @param {string} folder @param {Options} [options]
 */
export async function releaseNbgrader(
  folder,
  { hints = true, language = "en", lectures = [], trust = false } = {},
) {
  await step("library", build);
  const unknown = await unknownOf(lectures);
  if (unknown) throw unknown;
  mkdirSync(folder, { recursive: true });
  const written = await step("source notebooks", () => writeSources(folder, { hints, language, lectures }));
  writeKernel(folder, { language, trust });
  writeWhole(path.join(folder, "nbgrader_config.py"), CONFIG);
  return written.names;
}

/** What to say of the first lecture that there is none of. @param {readonly string[]} lectures */
async function unknownOf(lectures) {
  const names = (await writtenLectures()).flatMap(({ name, notebook }) => [name, notebook]);
  const wrong = lectures.find((one) => !names.includes(one));
  if (wrong === undefined) return null;
  const near = closest(wrong, names);
  return new Problem(
    `There is no lecture ${wrong}.${near ? ` Did you mean ${near}?` : ""}`,
    `There are: ${names.join(", ")}.`,
  );
}

/** @param {string} folder @param {Required<Pick<Options, "hints" | "language" | "lectures">>} options */
async function writeSources(folder, { hints, language, lectures }) {
  const all = await writtenLectures();
  const wanted = all.filter(
    ({ name, notebook }) => lectures.length === 0 || lectures.some((one) => one === name || one === notebook),
  );
  const points = new Map(
    catalogue().lectures.flatMap(({ exercises }) => exercises.map(({ id, points }) => [id, points])),
  );
  for (const lecture of wanted) {
    const files = (await generate(lecture, all, { hints })).filter(({ solved }) => solved);
    const { nb } = files.find((file) => file.language === language) ?? files[0];
    writeNotebook(
      path.join(folder, "source", lecture.notebook, `${lecture.notebook}.ipynb`),
      asSource(nb, points),
    );
  }
  return { names: wanted.map(({ notebook }) => notebook), note: `${wanted.length} assignments` };
}

/**
 * The solved notebook as nbgrader takes it: each check's cell is worth what it is at grading, hidden checks and all, and the
 * marks around a solution stand in the answer's cell alone.
 * @param {Notebook} nb @param {ReadonlyMap<string, number>} points @returns {Notebook}
 */
export function asSource(nb, points) {
  const cells = nb.cells.map((cell) => {
    const { nbgrader, ...metadata } = /** @type {any} */ (cell.metadata);
    const id = /^(\w+)-check$/.exec(cell.id)?.[1];
    if (id !== undefined)
      return { ...cell, metadata: { ...metadata, nbgrader: { ...nbgrader, points: points.get(id) } } };
    if (cell.cell_type !== "markdown") return cell;
    return { ...cell, source: textOf(cell).replace(/^\s*\/\/ (BEGIN|END) SOLUTION\n/gm, "") };
  });
  return { ...nb, cells };
}

/** @param {string} folder @param {{ language: "en" | "ru", trust: boolean }} options */
function writeKernel(folder, { language, trust }) {
  const file = path.join(folder, "jupyter", "kernels", KERNEL, "kernel.json");
  const spec = {
    argv: [
      process.execPath,
      ...kernelFlags(),
      inRoot("jupyter", "grading", "kernel.cjs"),
      "{connection_file}",
    ],
    display_name: "TypeScript, graded behind a wall",
    language: "typescript",
    interrupt_mode: "message",
    // The random inputs of the checks: drawn once, so that grading again gives the same marks.
    env: {
      GRADSCHOOL_SEED: `${earlierSeed(file)}`,
      GRADSCHOOL_LANG: language,
      ...(trust ? { GRADSCHOOL_TRUST: "1" } : {}),
    },
  };
  mkdirSync(path.dirname(file), { recursive: true });
  writeWhole(file, `${JSON.stringify(spec, null, 1)}\n`);
}

/** @param {string} file */
function earlierSeed(file) {
  try {
    const seed = Number(JSON.parse(readFileSync(file, "utf8")).env.GRADSCHOOL_SEED);
    if (Number.isInteger(seed) && seed > 0) return seed;
  } catch {
    if (existsSync(file)) throw new Error(`${file} cannot be read; delete it, and a new seed is drawn`);
  }
  return randomInt(1, 2 ** 31 - 1);
}

const CONFIG = `# Written by \`npm run release -- --nbgrader\`; put settings of your own into a file that loads this one.
import os

c = get_config()  # noqa: F821

here = os.path.dirname(os.path.abspath(__file__))
# The kernel that grades: no student's code runs in it (see docs/instructors.md of the course).
os.environ["JUPYTER_PATH"] = os.pathsep.join(
    path for path in (os.path.join(here, "jupyter"), os.environ.get("JUPYTER_PATH")) if path
)
c.ExecutePreprocessor.kernel_name = "${KERNEL}"
# The first check's cell waits until the whole notebook is marked.
c.ExecutePreprocessor.timeout = 1800
c.ExecutePreprocessor.startup_timeout = 180

c.CourseDirectory.root = here
c.ClearSolutions.code_stub = {"typescript": "// YOUR CODE HERE\\nthrow new NotImplemented();"}
# A check whose cell is gone is put back, and graded.
c.OverwriteCells.add_missing_cells = True
`;
