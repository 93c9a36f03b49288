/** What `npm run grade` does, and what it says. */
import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { build } from "../build.mjs";
import { bold, dim, green, Problem, printable, step, writeWhole, yellow } from "../steps.mjs";
import { shown } from "../student/place.mjs";
import { catalogue, grader, hasHidden, setLanguage, walledOff } from "./catalogue.mjs";
import { Clock } from "./clock.mjs";
import { parse, USAGE } from "./options.mjs";
import { writeAll } from "./write.mjs";

/** @typedef {import("./options.mjs").Options} Options */
/** @typedef {import("../../src/grading/batch").Graded} Graded */
/** @typedef {import("../../src/grading/batch").Results} Results */

/** Resolves with the exit code: 0 if grading succeeded, whatever the marks. @param {readonly string[]} args */
export async function main(args) {
  const options = parse(args);
  if (!options) {
    console.log(USAGE);
    return 0;
  }
  const missing = options.paths.find((one) => !existsSync(one));
  if (missing) throw new Problem(`${missing} is not there.`);
  await step("library", build);
  mkdirSync(options.out, { recursive: true });
  setLanguage(options.language);
  const { markAnswer, closeJudges } = grader("wall");
  const isolation = options.queue === null ? walledOff(options.trust) : null;
  const { grade, readOverrides, latePolicy } = grader("batch");
  const late = options.due === null ? null : inWords(() => latePolicy(options.due, options.late));
  const overrides = inWords(() =>
    readOverrides(options.overrides ?? path.join(options.out, "overrides.csv")),
  );
  const course = catalogue();
  const seed = seedOf(options);
  const before = readResults(options.out);

  const place = isolation
    ? `walled off by ${isolation.name}, ${options.jobs} at once`
    : `over ${options.queue}`;
  console.log(`${bold("grading")}  ${dim(`${place}, seed ${seed}`)}`);
  if (!hasHidden())
    console.log(yellow("This copy of the course has no hidden checks: only the visible ones are run."));
  const clock = new Clock();
  const queue = options.queue === null ? null : await submitter(options.queue, course.version);
  /** @type {Graded[]} */
  const graded = await grade(options.paths, {
    ...{ course, seed, overrides, out: options.out, isFresh: options.regrade },
    jobs: queue ? Math.max(WAITING, options.jobs) : options.jobs,
    elsewhere: queue?.work,
    unused: tellUnused,
    mark: (
      /** @type {import("../../src/grading/wall").Task} */ task,
      /** @type {import("../../src/notebook").Language} */ language,
    ) => markAnswer(task, { isolation, language }),
    tell: (/** @type {number} */ done, /** @type {number} */ all) => clock.tell(done, all),
  });
  await queue?.close();
  closeJudges();
  clock.end(graded.length);
  /** @type {Results} */
  const results = {
    submissions: graded.map(({ submission }) => submission),
    isolation: isolation?.name ?? weakest(graded),
    version: course.version,
  };
  const files = writeAll({ graded, results, options, course, late });
  if (before) tellChanges(before, results);
  summary(graded, late);
  for (const [what, file] of files)
    console.log(`  ${what.padEnd(20)} ${file.split(", ").map(shown).join(", ")}`);
  return 0;
}

/** A name that was mistyped must not go unseen. @param {readonly import("../../src/grading/batch").Override[]} list */
function tellUnused(list) {
  for (const { student, notebook, exercise } of list)
    console.log(
      yellow(
        `  The decision on ${printable([student, notebook, exercise].filter(Boolean).join(", "))} is about nothing that was handed in.`,
      ),
    );
}

/** So many submissions wait on the queue at once, so that no worker waits for one. */
const WAITING = 64;

/** @param {string} url @param {string} version @returns {Promise<import("../../src/grading/queue").Submitter>} */
async function submitter(url, version) {
  try {
    return await grader("queue").submitTo(url, version);
  } catch (error) {
    throw new Problem(/** @type {Error} */ (error).message);
  }
}

/** What the machines have in common that took part. @param {readonly Graded[]} graded */
function weakest(graded) {
  const names = graded.map(({ isolation }) => isolation);
  return ["process", "container", "bubblewrap"].find((name) => names.includes(name)) ?? "bubblewrap";
}

/** A mistake in what a person wrote, without a stack. @template T @param {() => T} read @returns {T} */
function inWords(read) {
  try {
    return read();
  } catch (error) {
    throw new Problem(/** @type {Error} */ (error).message);
  }
}

/** Drawn once for a folder of results, so that the same answers get the same marks there. @param {Options} options */
function seedOf({ seed, out }) {
  const file = path.join(out, ".grading", "settings.json");
  if (seed === null && existsSync(file)) {
    try {
      const kept = JSON.parse(readFileSync(file, "utf8")).seed;
      if (Number.isInteger(kept) && kept > 0) return kept;
    } catch {
      // drawn anew
    }
  }
  const drawn = seed ?? randomInt(1, 2 ** 31 - 1);
  mkdirSync(path.dirname(file), { recursive: true });
  writeWhole(file, `${JSON.stringify({ seed: drawn })}\n`);
  return drawn;
}

/** @param {string} out @returns {Results | null} */
function readResults(out) {
  try {
    return JSON.parse(readFileSync(path.join(out, "results.json"), "utf8"));
  } catch {
    return null;
  }
}

/** Whose marks are others than before. @param {Results} before @param {Results} now */
function tellChanges(before, now) {
  const key = (/** @type {{ student: string, notebook: string }} */ one) =>
    JSON.stringify([one.student, one.notebook]);
  const old = new Map(before.submissions.map((one) => [key(one), one]));
  const changed = now.submissions.filter((one) => {
    const was = old.get(key(one));
    return was && was.earned !== one.earned;
  });
  const unchanged = now.submissions.filter((one) => old.has(key(one))).length - changed.length;
  console.log(
    `\n${bold("since the last time")}  ${changed.length} ${changed.length === 1 ? "mark" : "marks"} changed, ${unchanged} did not`,
  );
  for (const one of changed) {
    const was = /** @type {Results["submissions"][number]} */ (old.get(key(one)));
    const where = one.exercises.flatMap((mark) => {
      const earlier = was.exercises.find(({ id }) => id === mark.id);
      return earlier && earlier.earned !== mark.earned
        ? [`${mark.id} ${earlier.earned} → ${mark.earned}`]
        : [];
    });
    console.log(
      `  ${printable(`${one.student}  ${one.notebook}`)}  ${was.earned} → ${one.earned}  ${dim(where.join(", "))}`,
    );
  }
}

/** @param {readonly Graded[]} graded @param {import("../../src/grading/batch").LatePolicy | null} late */
function summary(graded, late) {
  const { penaltyOf } = grader("batch");
  const submissions = graded.map(({ submission }) => submission);
  const width = Math.min(32, Math.max(7, ...submissions.map(({ student }) => student.length)));
  console.log("");
  for (const { submission, time } of graded.slice(0, 30)) {
    const { earned, points, flags } = submission;
    const [student, notebook] = [printable(submission.student), printable(submission.notebook)];
    const penalty = penaltyOf(earned, time, late);
    const isLate = penalty > 0 ? yellow(`  late: −${penalty}`) : "";
    const mark = points === 0 ? yellow("–") : earned === points ? green("✓") : " ";
    const name = student.length > width ? `${student.slice(0, width - 1)}…` : student.padEnd(width);
    const note =
      flags.length > 0
        ? dim(
            `  ${printable(flags[0].slice(0, 70))}${flags.length > 1 ? ` (and ${flags.length - 1} more notes)` : ""}`,
          )
        : "";
    console.log(
      `${mark} ${name}  ${notebook.padEnd(14)} ${String(earned).padStart(5)} of ${points}${isLate}${note}`,
    );
  }
  if (submissions.length > 30) console.log(dim(`  … and ${submissions.length - 30} more, in grades.csv`));
  if (submissions.length === 0) console.log(yellow("  There was nothing to grade."));
  console.log("");
}
