/** Runs a student's notebooks once from the top, as the grader's machine would find them, and reads what the checks say. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { stable } from "../notebooks/ipynb.mjs";
import { runNotebooks } from "../run.mjs";
import { inRoot, Problem } from "../steps.mjs";
import { say } from "./reader.mjs";
import { readAny } from "./reading.mjs";

/** @typedef {import("./examine.mjs").Examined} Examined */
/** @typedef {import("../../src/grading").Verdict} Verdict */
/** How a notebook ran; verdicts by exercise. @typedef {{ seconds: number, failures: string[], verdicts: Map<string, Verdict> }} Trial */

const MIME = "application/vnd.gradschool.verdict+json";

/** Seconds that a cell, and a notebook, may take. The training loops of the course end early here. */
export const LIMITS = { cell: 60, notebook: 300 };

/**
 * @param {import("../setup.mjs").Ready} jupyter @param {string} place @param {Examined} notebook
 * @param {typeof LIMITS} [limits]
 * @returns {Promise<Trial & { note: string }>}
 */
export async function tryOut(jupyter, place, { name, file }, limits = LIMITS) {
  const scratch = mkdtempSync(path.join(tmpdir(), "gradschool-hand-in-"));
  const removeScratch = () => rmSync(scratch, { recursive: true, force: true });
  process.once("exit", removeScratch);
  try {
    // Of today's format, and beside it a copy of the progress: what passes here is no news.
    const notebook = path.join(scratch, "notebook.ipynb");
    writeFileSync(notebook, stable(readAny(file)));
    const progress = path.join(scratch, "progress");
    cpSync(path.join(place, "progress"), progress, { recursive: true });
    const json = path.join(scratch, "results.json");
    const options = { json, limits, progress, out: path.join(scratch, "out"), short: true, quiet: true };
    await runNotebooks(jupyter, [`${name}=${notebook}`], options);
    if (!existsSync(json))
      throw new Problem(
        say({ en: "The notebook could not be run.", ru: "Тетрадь не удалось запустить." }),
        say({ en: "npm start -- --check says why.", ru: "Почему, скажет npm start -- --check." }),
      );
    const [{ seconds, failures }] = JSON.parse(readFileSync(json, "utf8"));
    const executed = path.join(scratch, "out", `${name}.ipynb`);
    const verdicts = existsSync(executed) ? verdictsIn(readAny(executed)) : new Map();
    const many = failures.length;
    const note =
      many === 0
        ? say({ en: "every cell runs", ru: "все ячейки выполнились" })
        : say({
            en: `${many} cell${many === 1 ? "" : "s"} did not end well`,
            ru: `ячеек, завершившихся с ошибкой: ${many}`,
          });
    return { seconds, failures, verdicts, note };
  } finally {
    process.off("exit", removeScratch);
    removeScratch();
  }
}

/** The last verdict on each exercise among the outputs. @param {import("../notebooks/ipynb.mjs").Notebook} nb @returns {Map<string, Verdict>} */
export function verdictsIn({ cells }) {
  const shown = cells
    .flatMap(({ outputs = [] }) => outputs)
    .flatMap(({ data }) => data?.[MIME] ?? [])
    .filter((verdict) => typeof verdict?.exercise === "string" && Array.isArray(verdict.checks));
  return new Map(shown.map((verdict) => [verdict.exercise, verdict]));
}

/** What the exercises of the course are worth, by id. @returns {Record<string, import("../../src/grading").Exercise>} */
export const courseExercises = () =>
  createRequire(inRoot("package.json"))(inRoot("dist", "lectures", "exercises.js")).allExercises;
