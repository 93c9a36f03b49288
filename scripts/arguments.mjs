/** Reads the command line of `npm start`. */
import { existsSync } from "node:fs";
import { inRoot, Problem } from "./steps.mjs";

const flags = ["--check", "--run", "--students", "--jobs", "--setup", "--help"];

/** `{ mode, lectures, students, jobs }` from the command line. */
export function parse(args) {
  const options = { mode: "open", lectures: [], students: false, jobs: 1 };
  for (let i = 0; i < args.length; i++) {
    const [flag, attached] = args[i].split(/=(.*)/s);
    const value = () => {
      const given = attached ?? args[++i];
      if (given === undefined || given.startsWith("--"))
        throw new Problem(
          `${flag} needs a value, for example ${flag === "--run" ? "--run gpt" : "--jobs 2"}.`,
        );
      return given;
    };
    if (flag === "--run") {
      options.mode = "run";
      options.lectures.push(value());
    } else if (flag === "--jobs" || flag === "-j") {
      options.jobs = Number(value());
      if (!Number.isInteger(options.jobs) || options.jobs < 1)
        throw new Problem("--jobs: a whole number from 1 on.");
    } else if (flag === "--students") options.students = true;
    else if (flag === "--check" || flag === "--setup") options.mode = flag.slice(2);
    else if (flag === "--help" || flag === "-h") options.mode = "help";
    else throw unknown(args[i]);
  }
  if (options.students && options.mode !== "run")
    throw new Problem("--students goes with --run, for example: npm start -- --run gpt --students");
  return options;
}

function unknown(argument) {
  const near = closest(argument.startsWith("-") ? argument : `--${argument}`, flags);
  const notebook = existsSync(inRoot("notebooks", `${argument}.ipynb`));
  const instead = notebook ? `--run ${argument}` : near;
  return new Problem(
    `Unknown argument ${argument}.${instead ? ` Did you mean: npm start -- ${instead} ?` : ""}`,
    "npm start -- --help shows them all.",
  );
}

/** The name that is at most three edits away, if there is one. */
export function closest(word, names) {
  const ranked = names.map((name) => [distance(word, name), name]).sort(([a], [b]) => a - b);
  return ranked[0]?.[0] <= 3 ? ranked[0][1] : undefined;
}

/** Levenshtein's edit distance. */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
