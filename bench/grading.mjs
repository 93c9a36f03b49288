/**
 * `npm run grade` beside stock nbgrader's `autograde` on the same notebooks: submissions per minute, and whether the marks are
 * the same. nbgrader starts a kernel for each notebook and runs all its cells; `npm run grade` runs what the answers need.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stockNbgrader, VERSION } from "../scripts/release/stock.mjs";

const NOTEBOOK = "02-autograd";
/** Students in a turn: no processor is without one. */
const CLASS = Math.max(2, availableParallelism());
const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * @typedef {{ bench: "grading", notebook: string, ok: boolean, load: number, jobs: number, submissions: number,
 *   marks: readonly number[], grade_per_minute: readonly number[], nbgrader_per_minute: readonly number[], ratio: number }} Result
 */

/** @param {import("./arguments.mjs").Options} options @returns {Generator<Result>} */
export function* run({ rounds }) {
  const stock = stockNbgrader();
  if ("absent" in stock) throw new Error(`grading did not run: ${stock.absent}`);
  const course = mkdtempSync(path.join(tmpdir(), "gradschool-bench-grading-"));
  /** Seconds that it took. @param {string} file @param {readonly string[]} args @param {string} cwd */
  const time = (file, args, cwd) => {
    const start = performance.now();
    const { status, stdout, stderr } = spawnSync(file, args, { cwd, env: stock.env, encoding: "utf8" });
    if (status !== 0) throw new Error(`${path.basename(file)} ${args[0]} failed: ${stdout}${stderr}`);
    return (performance.now() - start) / 1000;
  };
  const ours = (/** @type {string} */ script, /** @type {string[]} */ ...args) =>
    time(process.execPath, [path.join(root, "scripts", script), ...args], root);
  try {
    ours("release.mjs", "--nbgrader", course, NOTEBOOK);
    time(stock.file, ["generate_assignment", NOTEBOOK], course);
    const kernel = path.join(course, "jupyter", "kernels", "gradschool-grading", "kernel.json");
    const seed = JSON.parse(readFileSync(kernel, "utf8")).env.GRADSCHOOL_SEED;
    const [grade, autograde] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
    /** @type {number[][]} */
    const marks = [];
    for (let turn = 0; turn < rounds; turn++) {
      const folder = path.join(course, "submitted");
      rmSync(folder, { recursive: true, force: true });
      const students = Array.from({ length: CLASS }, (_, i) => `student-${turn}-${i}`);
      students.forEach((student, i) => {
        handIn(course, student, turn * CLASS + i);
      });
      const out = path.join(course, `out-${turn}`);
      grade.push((60 * CLASS) / ours("grade.mjs", folder, "--out", out, "--seed", seed));
      autograde.push((60 * CLASS) / time(stock.file, ["autograde", NOTEBOOK], course));
      marks.push(gradesOf(course, out, stock.file, students, time));
    }
    const flat = marks.flat();
    yield {
      ...{
        bench: "grading",
        notebook: NOTEBOOK,
        load: +loadavg()[0].toFixed(1),
        jobs: availableParallelism(),
      },
      ...{ submissions: flat.length, marks: [...new Set(flat)].sort((a, b) => a - b) },
      ok: flat.every((mark) => mark >= 0),
      grade_per_minute: grade.map(rounded),
      nbgrader_per_minute: autograde.map(rounded),
      ratio: rounded(median(grade.map((one, i) => one / autograde[i]))),
    };
  } finally {
    rmSync(course, { recursive: true, force: true });
  }
}

/**
 * The reference answers, each student's a little different, or else one would be marked for all; every second student has left
 * the last exercise open.
 * @param {string} course @param {string} student @param {number} number
 */
function handIn(course, student, number) {
  const file = path.join(NOTEBOOK, `${NOTEBOOK}.ipynb`);
  const nb = JSON.parse(readFileSync(path.join(course, "source", file), "utf8"));
  const answers = nb.cells.filter((/** @type {any} */ { id }) => /-answer$/.test(id));
  for (const cell of answers) {
    const text = Array.isArray(cell.source) ? cell.source.join("") : cell.source;
    cell.source = text.replace(/\/\/ BEGIN SOLUTION/g, `void ${number};`);
  }
  if (number % 2 === 1) {
    const last = answers.at(-1);
    const release = JSON.parse(readFileSync(path.join(course, "release", file), "utf8"));
    last.source = release.cells.find((/** @type {any} */ { id }) => id === last.id).source;
  }
  const folder = path.join(course, "submitted", student, NOTEBOOK);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${NOTEBOOK}.ipynb`), JSON.stringify(nb));
}

/**
 * Each student's mark; -1 where the two differ.
 * @param {string} course @param {string} out @param {string} nbgrader @param {readonly string[]} students
 * @param {(file: string, args: readonly string[], cwd: string) => number} call
 */
function gradesOf(course, out, nbgrader, students, call) {
  call(nbgrader, ["export", "--to=grades.csv"], course);
  const theirs = scores(path.join(course, "grades.csv"));
  const ours = scores(path.join(out, "grades.csv"));
  return students.map((student) => {
    const mark = ours.get(student);
    return mark !== undefined && mark === theirs.get(student) ? mark : -1;
  });
}

/** Both write nbgrader's columns. @param {string} file @returns {Map<string, number>} */
function scores(file) {
  const [head, ...rows] = readFileSync(file, "utf8")
    .trim()
    .split(/\r?\n/)
    .map((row) => row.split(","));
  const at = (/** @type {string} */ name) => head.indexOf(name);
  return new Map(rows.map((row) => [row[at("student_id")], Number(row[at("score")])]));
}

const rounded = (/** @type {number} */ value) => +value.toPrecision(3);

/** @param {readonly number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** @param {Result} result */
export function show({ notebook, ok, load, jobs, submissions, marks, ...speeds }) {
  const line = (/** @type {string} */ label, /** @type {readonly number[]} */ each) =>
    `  ${label.padEnd(34)}${median(each).toFixed(1).padStart(8)} a minute   (${each.join(", ")})`;
  return [
    `Grading ${notebook}: ${submissions} submissions, all different (marks ${marks.join(" and ")})`,
    line(`npm run grade, ${jobs} at once`, speeds.grade_per_minute),
    line(`nbgrader ${VERSION} autograde`, speeds.nbgrader_per_minute),
    `  ${"ratio".padEnd(34)}${speeds.ratio.toFixed(1).padStart(8)}`,
    `  ${ok ? "the marks are the same" : "THE MARKS DIFFER"}; load of the machine ${load}`,
  ].join("\n");
}
