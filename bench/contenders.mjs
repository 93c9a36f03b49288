/** Contenders are programs. Here is how one is run, and which of them this machine has. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { UsageError } from "./arguments.mjs";
import { peersOf } from "./experiments.mjs";
import { rule } from "./peers/measure.mjs";

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
/** @type {Readonly<Record<string, string>>} */
const packages = {
  "jax-js": "@jax-js/jax",
  "TensorFlow.js": "@tensorflow/tfjs",
  "js-pytorch": "js-pytorch",
};

/**
 * How to get the peers of these experiments that are absent, by name. Throws when the Python that was named has no torch.
 * @param {{ names: readonly string[], torch?: string }} options
 */
export function absent({ names, torch }) {
  if (torch) checkTorch(torch);
  const wanted = new Set(names.flatMap((name) => Object.keys(peersOf(name))));
  /** @type {Record<string, string>} */
  const how = {};
  for (const name of wanted) {
    if (name === "PyTorch") {
      if (!torch) how[name] = "--torch PYTHON, one that has it";
    } else if (!existsSync(here(`./peers/node_modules/${packages[name]}/package.json`))) {
      how[name] = "npm run bench:peers";
    }
  }
  return how;
}

/** @param {string} python */
function checkTorch(python) {
  const { status, stderr, error } = spawnSync(python, ["-c", "import torch"], { encoding: "utf8" });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim().split("\n").at(-1);
  throw new UsageError(
    `--torch: ${python} has no PyTorch (${why}); pip install torch there, or leave --torch out`,
  );
}

/** @typedef {readonly [program: string, ...args: string[]]} Program */

/** The program of one of our contenders. @param {string} file @returns {Program} */
export const ours = (file) => [process.execPath, here(file)];
/** The program of a peer; a Python for those of PyTorch. @param {string} file @param {string} [torch] @returns {Program} */
export const peer = (file, torch = "python3") => [
  file.endsWith(".py") ? torch : process.execPath,
  here(`./peers/${file}`),
];

/** The devices of ours that this machine has, of those named; the library is asked in a process of its own. @param {readonly string[]} names */
export function devicesHere(names) {
  /** @param {string} name */
  const program = (name) => `import("gradschool").then(({ setDevice }) => setDevice("${name}"))`;
  return names.filter(
    (name) =>
      spawnSync(process.execPath, ["-e", program(name)], { cwd: here("."), timeout: 60_000 }).status === 0,
  );
}

/** @typedef {{ failed?: undefined, seconds: number } & Record<string, any>} Made what a contender printed; each its own */
/** @typedef {{ failed: string, slowerThanMs?: number, seconds?: undefined }} Failed */

/**
 * The line of JSON that a contender prints, with the seconds it took; or `{ failed: why }`. One that is cut short after
 * `limit` seconds has not made its fewest steps, so that each takes longer than `slowerThanMs`.
 * @param {Program} program
 * @param {number} threads
 * @param {{ device?: string, limit?: number }} options
 * @returns {Made | Failed}
 */
export function once([program, ...args], threads, { device, limit = 900 } = {}) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, GRADSCHOOL_THREADS: `${threads}`, OMP_NUM_THREADS: `${threads}` };
  if (device) env.GRADSCHOOL_DEVICE = device;
  const start = performance.now();
  const options = { encoding: /** @type {const} */ ("utf8"), env, timeout: 1000 * limit, maxBuffer: 2 ** 26 };
  const { stdout, stderr, status, signal, error } = spawnSync(program, args, options);
  const line = stdout?.split("\n").findLast((text) => text.startsWith("{"));
  if (status === 0 && line) return { ...JSON.parse(line), seconds: (performance.now() - start) / 1000 };
  if (/** @type {NodeJS.ErrnoException | undefined} */ (error)?.code === "ETIMEDOUT") {
    const slowerThanMs = (1000 * limit) / (rule.warmUp.fewest + rule.measured.fewest);
    return { failed: `not done after ${limit} s: slower than ${slowerThanMs.toFixed(0)} ms`, slowerThanMs };
  }
  const complaint = stderr?.split("\n").findLast((text) => /error|Error/.test(text)) ?? "";
  return { failed: error?.message || complaint.trim() || `it ended with ${signal ?? `exit code ${status}`}` };
}

/** What `run` printed; throws where it did not run. @param {string} what @param {Made | Failed} run @returns {any} */
export function made(what, run) {
  if (run.failed !== undefined) throw new Error(`${what} did not run: ${run.failed}`);
  return run;
}
