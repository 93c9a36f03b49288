/** Reads the command line of `npm run bench`. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { experiments, peersOf } from "./experiments.mjs";

const own = [...Object.keys(experiments), "kernels", "ops", "memory", "threads"];
/** All that can be asked for. What concerns the grader, and not the library, runs only when it is named. */
export const names = [...own, "grading"];

export const usage = `usage: npm run bench -- [${names.join(" | ")} ...] [options]
  --config ${experiments.gpt.configs[0]}   the sizes of one experiment: ${experiments.gpt.axes.join(", ")} for gpt
  --rounds 5                  every contender runs so often, taking turns
  --torch PYTHON              run PyTorch too, with a Python that has it
  --device wasm               ours on this device alone; on blas and wasm, side by side, unless given
  --without js-pytorch        leave these peers out, by name, with commas between
  --limit 120                 seconds that one contender may take for one round; then it counts as slower than that
  --threads N                 for all contenders; the processors of this machine unless given
  --steps 10000               of memory
  --json                      one JSON line per result on stdout, and nothing else`;

/** Something wrong on the command line: one line says what, and the exit code is 2. */
export class UsageError extends Error {}

/**
 * @typedef {object} Options
 * @property {readonly string[]} names
 * @property {string} [config]
 * @property {number} rounds
 * @property {string} [torch]
 * @property {string} [device]
 * @property {readonly string[]} without
 * @property {number} limit
 * @property {number} threads
 * @property {number} steps
 * @property {boolean} json
 * @property {boolean} help
 */

/** @param {readonly string[]} args @param {NodeJS.ProcessEnv} environment @returns {Options} */
export function parse(args, environment = process.env) {
  const { values, positionals } = read(args);
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`expected ${names.join(", ")}, got ${unknown}`);
  const chosen = positionals.length > 0 ? [...new Set(positionals)] : own;
  if (values.config !== undefined) checkConfig(chosen, values.config);
  if (values.steps !== undefined && !chosen.includes("memory"))
    throw new UsageError(`--steps goes with memory, got ${chosen.join(", ")}`);
  const without = values.without?.split(",") ?? [];
  const peers = [...new Set(chosen.flatMap((name) => Object.keys(peersOf(name))))];
  const stranger = without.find((name) => !peers.includes(name));
  if (stranger !== undefined)
    throw new UsageError(`--without: expected one of ${peers.join(", ") || "no peers"}, got ${stranger}`);
  const threads = values.threads ?? (environment.GRADSCHOOL_THREADS || undefined);
  return {
    names: chosen,
    config: values.config,
    rounds: count("--rounds", values.rounds, 5),
    torch: values.torch,
    device: values.device,
    without,
    limit: count("--limit", values.limit, 120),
    threads: count("--threads", threads, Math.min(8, availableParallelism())), // 8: the most that ours takes unasked
    steps: count("--steps", values.steps, 10_000),
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

/** @param {readonly string[]} args */
function read(args) {
  const string = /** @type {const} */ ({ type: "string" });
  const flag = /** @type {const} */ ({ type: "boolean", default: false });
  const options = {
    ...{ config: string, rounds: string, torch: string, device: string, without: string },
    ...{ limit: string, threads: string, steps: string, json: flag, help: flag },
  };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message.split(". ")[0]);
  }
}

/** @param {string} option @param {string | undefined} text @param {number} standard */
function count(option, text, standard) {
  if (text === undefined) return standard;
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1)
    throw new UsageError(`${option}: expected a whole number from 1 on, got ${JSON.stringify(text)}`);
  return n;
}

/** @param {readonly string[]} chosen @param {string} config */
function checkConfig(chosen, config) {
  const [name] = chosen;
  const experiment = experiments[name];
  if (chosen.length !== 1 || !experiment) {
    const able = Object.keys(experiments).join(", ");
    throw new UsageError(`--config goes with one of ${able}, got ${chosen.join(", ")}`);
  }
  const { axes, configs } = experiment;
  const sizes = config.split(",").map(Number);
  if (!/^\d+(,\d+)*$/.test(config) || sizes.length !== axes.length || sizes.includes(0)) {
    throw new UsageError(
      `--config: expected ${axes.length} whole numbers (${axes.join(",")}) such as ${configs[0]}, got ${JSON.stringify(config)}`,
    );
  }
  const [d, heads] = [sizes[axes.indexOf("d")], sizes[axes.indexOf("heads")]];
  if (d % heads > 0) throw new UsageError(`--config: expected d divisible by heads, got ${d} and ${heads}`);
  const [image, patch] = [sizes[axes.indexOf("image")], sizes[axes.indexOf("patch")]];
  if (image % patch > 0)
    throw new UsageError(`--config: expected image divisible by patch, got ${image} and ${patch}`);
}
