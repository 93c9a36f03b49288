/** `npm start -- --run`: lectures without a browser. */
import { existsSync } from "node:fs";
import path from "node:path";
import { closest } from "./arguments.mjs";
import { isReleased } from "./build.mjs";
import { notebooksIn, shortName } from "./notebooks/files.mjs";
import { call } from "./processes.mjs";
import { inRoot, Problem } from "./steps.mjs";

/**
 * `name=path` of each notebook that was asked for.
 * @param {{ lectures: readonly string[], students: boolean }} options
 */
export function choose({ lectures, students }) {
  const folder = students || isReleased() ? "notebooks" : "notebooks/solutions";
  const present = notebooksIn(folder);
  const suffix = students ? "-students" : "";
  /** @param {string} lecture @returns {[name: string, file: string][]} */
  const find = (lecture) => {
    if (lecture === "all")
      return present.map((name) => [`${name}${suffix}`, inRoot(folder, `${name}.ipynb`)]);
    if (lecture.endsWith(".ipynb")) {
      const file = path.resolve(process.env.INIT_CWD ?? process.cwd(), lecture);
      if (!existsSync(file)) throw new Problem(`There is no notebook ${lecture}.`);
      return [[path.basename(lecture, ".ipynb"), file]];
    }
    const named = present.find((name) => name === lecture || shortName(name) === lecture);
    if (named) return [[`${named}${suffix}`, inRoot(folder, `${named}.ipynb`)]];
    const near = closest(lecture, [...present.map(shortName), ...present]);
    throw new Problem(
      `There is no lecture "${lecture}".${near ? ` Did you mean "${near}"?` : ""}`,
      present.length > 0
        ? `Lectures: ${present.map(shortName).join(", ")}, or all.`
        : `${folder} has no notebooks yet.`,
    );
  };
  const chosen = lectures.flatMap(find);
  if (chosen.length === 0) throw new Problem(`${folder} has no notebooks yet.`);
  return [...new Map(chosen).entries()].map(([name, file]) => `${name}=${file}`);
}

/**
 * Run notebooks (`name=path`) through scripts/run_notebooks.py; resolves with its exit code. `json`: the file for results.
 * `out`: the folder for what comes of it, below out/ unless its path is whole; the notebooks run where they lie, or, with
 * `out`, each in an empty folder of its own there. `short`: loops end early, and no pages are written. `limits`: the seconds
 * of a cell and of a notebook; what fails, or is stopped by them, does not keep later cells from running. `progress`: the
 * folder of the student whose notebooks they are. `quiet`: say nothing.
 * @param {import("./setup.mjs").Ready} jupyter
 * @param {readonly string[]} notebooks
 * @param {{ jobs?: number, json?: string, out?: string, short?: boolean, limits?: { cell: number, notebook: number }, progress?: string, quiet?: boolean }} [options]
 */
export async function runNotebooks(
  jupyter,
  notebooks,
  { jobs = 1, json, out, short = false, limits, progress, quiet = false } = {},
) {
  const [command, ...first] = jupyter.command;
  const results = path.resolve(inRoot("out"), out ?? "");
  const args = [...first, "-u", "-X", "utf8", inRoot("scripts", "run_notebooks.py"), ...notebooks];
  args.push("--out", results, "--jobs", String(jobs));
  if (out) args.push("--scratch", results);
  if (short) args.push("--no-pages");
  else args.push("--plotly", inRoot("node_modules", "plotly.js-dist", "plotly.js"));
  if (json) args.push("--json", json);
  if (limits) args.push("--keep-going", "--timeout", `${limits.cell}`, "--limit", `${limits.notebook}`);
  // Nobody reads along: what passes there is no student's progress.
  const env = {
    ...jupyter.env,
    GRADSCHOOL_PROGRESS: progress ?? "0",
    ...(short ? { GRADSCHOOL_SHORT: "1", GRADSCHOOL_THREADS: "1" } : {}),
  };
  const { code } = await call(command, args, { cwd: inRoot(), env, show: !quiet });
  return code;
}
