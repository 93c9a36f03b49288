/** What `npm run grade:worker` does. */
import os from "node:os";
import { parseArgs } from "node:util";
import { build } from "../build.mjs";
import { bold, dim, Problem, printable, step } from "../steps.mjs";
import { catalogue, grader, hasHidden, walledOff } from "./catalogue.mjs";

const USAGE = `npm run grade:worker -- --queue redis://HOST [--jobs N] [--trust]

It takes submissions that npm run grade -- … --queue redis://HOST has put there, until Ctrl+C; what has begun is done first.
The course must be the same version on all machines, with the hidden checks.`;

/** Resolves with the exit code when it is stopped. @param {readonly string[]} args */
export async function main(args) {
  const { queue, jobs, trust, help, patience } = options(args);
  if (help) {
    console.log(USAGE);
    return 0;
  }
  if (queue === undefined) throw new Problem("Where is the queue?", USAGE);
  await step("library", build);
  if (!hasHidden())
    throw new Problem(
      "This copy of the course has no hidden checks, so its marks would be others.",
      "Use the instructor's copy.",
    );
  const isolation = walledOff(trust);
  const { closeJudges, markAnswer } = grader("wall");
  const course = catalogue();
  const { serve } = grader("queue");
  let count = 0;
  const worker = await serve(queue, {
    ...{ course, jobs, isolation: isolation.name, patience },
    mark: (
      /** @type {import("../../src/grading/wall").Task} */ task,
      /** @type {import("../../src/notebook").Language} */ language,
    ) => markAnswer(task, { isolation, language }),
    tell: (/** @type {string} */ what) => console.log(`  ${String(++count).padStart(4)}  ${printable(what)}`),
  }).catch((/** @type {Error} */ error) => {
    throw new Problem(error.message);
  });
  console.log(
    `${bold("waiting for submissions")}  ${dim(`${queue}, walled off by ${isolation.name}, ${jobs} at once; Ctrl+C ends it`)}`,
  );
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, resolve);
  });
  await worker.close();
  closeJudges();
  return 0;
}

/** @param {readonly string[]} args */
function options(args) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        queue: { type: "string" },
        jobs: { type: "string", short: "j" },
        // Milliseconds without a sign of life after which a job is another's: for tests.
        patience: { type: "string" },
        trust: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    const jobs = Number(values.jobs ?? os.availableParallelism?.() ?? os.cpus().length);
    if (!Number.isInteger(jobs) || jobs < 1)
      throw new Error(`--jobs: expected a whole number from 1 on, got ${values.jobs}`);
    return {
      ...{ queue: values.queue, jobs, trust: values.trust ?? false, help: values.help ?? false },
      patience: values.patience === undefined ? undefined : Number(values.patience),
    };
  } catch (error) {
    throw new Problem(/** @type {Error} */ (error).message, USAGE);
  }
}
