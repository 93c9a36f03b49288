/**
 * What `npm test` does. A step that fails does not hide the later ones. The last line is `N passed, N failed`: vitest's
 * tests, and each other step as one.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { engines } from "./engines.mjs";
import { requireVite } from "./load-typescript.mjs";
import { notebooksIn } from "./notebooks/files.mjs";
import { call } from "./processes.mjs";
import { runNotebooks } from "./run.mjs";
import { setup } from "./setup.mjs";
import { bold, dim, green, inRoot, red, report, seconds, yellow } from "./steps.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const scratch = mkdtempSync(path.join(tmpdir(), "gradschool-test-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
/** @param {string} script */
const installed = (script) => inRoot("node_modules", ...script.split("/"));
/** @param {string} script @param {readonly string[]} args */
const node = (script, ...args) => call(process.execPath, [script, ...args], { cwd: inRoot(), show: true });

/** For what keeps one processor busy and runs beside others: its words come when it has ended. @param {string} script @param {readonly string[]} args */
async function aside(script, ...args) {
  const { code, output } = await call(process.execPath, [script, ...args], { cwd: inRoot() });
  if (output.trim()) console.log(output.trimEnd());
  return { code };
}

/** What a step counts that is one check. @param {{ code: number }} result @returns {Counts} */
const one = ({ code }) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 });

/** @type {import("./setup.mjs").Ready | null} */
let jupyter = null;
/** One that throws counts as failed. @type {Record<string, () => Promise<Counts>>} */
const steps = {
  "set up": async () => {
    requireVite();
    jupyter = await setup();
    return one({ code: 0 });
  },
  types: async () => {
    const compiler = installed("typescript/bin/tsc");
    const [library, scripts] = await Promise.all([
      aside(compiler, "--noEmit"),
      aside(compiler, "--noEmit", "-p", "tsconfig.scripts.json"),
    ]);
    return one({ code: library.code || scripts.code });
  },
  "lint and format": async () =>
    one(await aside(installed("@biomejs/biome/bin/biome"), "ci", "--colors=off")),
  "notebooks generated": async () => one(await aside(inRoot("scripts", "generate-notebooks.mjs"), "--check")),
  "unit tests": unitTests,
  "Node 20 to 26": engines,
  "notebooks run": allNotebooks,
};
/** Steps that run beside one another stand together. */
const order = [
  ["set up"],
  ["types", "lint and format", "notebooks generated"],
  ["unit tests"],
  ["Node 20 to 26"],
  ["notebooks run"],
];

/** @returns {Promise<Counts>} */
async function unitTests() {
  const results = path.join(scratch, "vitest.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const { code } = await node(installed("vitest/vitest.mjs"), "run", ...reporters);
  if (!existsSync(results)) return one({ code: 1 });
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(results, "utf8"),
  );
  // A file that cannot be loaded has no tests that could fail.
  const broken = testResults.filter(
    (/** @type {any} */ file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  const failed = numFailedTests + broken.length;
  return {
    passed: numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: (numPendingTests ?? 0) + (numTodoTests ?? 0),
  };
}

/** Every notebook, short: what it shows is no result, and is not kept. @returns {Promise<Counts>} */
async function allNotebooks() {
  const students = notebooksIn("notebooks").map(
    (name) => `${name}-students=${inRoot("notebooks", `${name}.ipynb`)}`,
  );
  const solutions = notebooksIn("notebooks/solutions").map(
    (name) => `${name}=${inRoot("notebooks", "solutions", `${name}.ipynb`)}`,
  );
  const russian = notebooksIn("notebooks/ru/solutions").map(
    (name) => `${name}-ru=${inRoot("notebooks", "ru", "solutions", `${name}.ipynb`)}`,
  );
  // The first lecture, the shortest, comes last: what is begun last runs alone, on one processor.
  const notebooks = [...solutions, ...students, ...russian].sort().reverse();
  if (notebooks.length === 0) return { passed: 0, failed: 0, skipped: 1 };
  if (!jupyter) throw new Error("there is no JupyterLab to run them, because the setup failed");
  const json = path.join(scratch, "notebooks.json");
  // A short run computes little; most of its time goes to the start of kernels and to compiling cells, on one core.
  const jobs = Math.min(4, availableParallelism());
  await runNotebooks(jupyter, notebooks, { jobs, json, out: "short", short: true });
  const results = /** @type {{ ok: boolean }[]} */ (JSON.parse(readFileSync(json, "utf8")));
  const passed = results.filter(({ ok }) => ok).length;
  return { passed, failed: notebooks.length - passed, skipped: 0 };
}

/** @param {string} name */
async function done(name) {
  const start = performance.now();
  /** @type {Counts} */
  let counts;
  try {
    counts = await steps[name]();
  } catch (error) {
    report(error);
    counts = one({ code: 1 });
  }
  return { name, counts, time: seconds(start) };
}

/** Resolves with the exit code. */
export async function suite() {
  const all = [];
  for (const names of order) {
    console.log(`\n${bold(names.join(", "))}`);
    all.push(...(await Promise.all(names.map(done))));
    if (names[0] === "set up" && all[0].counts.failed > 0) {
      console.error("\nWithout this no other check can run.");
      break;
    }
  }
  const sum = { passed: 0, failed: 0, skipped: 0 };
  console.log("");
  for (const { name, counts, time } of all) {
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
    const mark = counts.failed > 0 ? red("✗") : counts.passed > 0 ? green("✓") : yellow("–");
    const skipped = counts.skipped ? `, ${counts.skipped} skipped` : "";
    console.log(
      `  ${mark} ${name.padEnd(20)} ${counts.passed} passed, ${counts.failed} failed${skipped}, ${dim(time)}`,
    );
  }
  console.log(`\n${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ""}`);
  return sum.failed > 0 ? 1 : 0;
}
