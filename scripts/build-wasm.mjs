/**
 * Compiles src/tensor/devices/wasm/assembly (AssemblyScript) into binary.generated.ts: four small WebAssembly
 * modules as base64, so that the library needs no file at run time and every bundler can carry it. What the kernels are
 * told, with its names and types, goes to tasks.generated.ts.
 *
 *   node scripts/build-wasm.mjs
 *
 * Variants: with and without relaxed-SIMD FMA, on shared memory (threads) and on plain memory (a browser page
 * without cross-origin isolation). Exports `buildWasm()` for other scripts; it does nothing when up to date.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { constantsFromMemory } from "./build-wasm-constants.mjs";
import { readTasks, tasksAsTypeScript } from "./build-wasm-tasks.mjs";
import { isMain, seconds, writeWhole } from "./steps.mjs";

const folder = fileURLToPath(new URL("../src/tensor/devices/wasm/", import.meta.url));
const binaries = join(folder, "binary.generated.ts");
const tasks = join(folder, "tasks.generated.ts");
const PAGES = 65536; // The most that a 32-bit module may address; the host's memory may be smaller.

/** @typedef {{ shared: Uint8Array, plain: Uint8Array, taskText: string }} Compiled */

/** A fingerprint of everything that the result depends on. */
function fingerprint() {
  const hash = createHash("sha256");
  const sources = readdirSync(join(folder, "assembly")).filter((name) => name.endsWith(".ts"));
  for (const name of sources.sort()) hash.update(name).update(readFileSync(join(folder, "assembly", name)));
  for (const script of ["build-wasm.mjs", "build-wasm-constants.mjs", "build-wasm-tasks.mjs"])
    hash.update(readFileSync(new URL(script, import.meta.url)));
  return hash.digest("hex");
}

/** @param {readonly string[]} flags */
async function compile(flags) {
  const { default: asc } = await import("assemblyscript/asc");
  let text = "";
  let program;
  const keepProgram = /** @type {any} */ ({
    afterInitialize(/** @type {any} */ compiled) {
      program = compiled;
    },
  });
  /** @param {string} name @param {any} contents */
  const keep = (name, contents) => {
    if (name.endsWith(".wat")) text = contents;
  };
  const { error, stderr } = await asc.main(
    [
      ...["index.ts", "--baseDir", join(folder, "assembly"), "--textFile", "out.wat"],
      ...[
        "-O3",
        "--converge",
        "--noAssert",
        "--runtime",
        "stub",
        "--enable",
        "simd",
        "--enable",
        "bulk-memory",
        "--enable",
        "threads",
        "--sharedMemory",
      ],
      ...["--importMemory", "--noExportMemory", "--initialMemory", "1", "--maximumMemory", String(PAGES)],
      ...["--importTable", ...flags],
    ],
    { writeFile: keep, transforms: [keepProgram] },
  );
  if (error || !text) throw new Error(`build-wasm: ${error?.message ?? "no output"}\n${stderr}`);
  return {
    shared: await assemble(constantsFromMemory(text)),
    plain: await assemble(constantsFromMemory(withoutThreads(text))),
    taskText: tasksAsTypeScript(readTasks(program)),
  };
}

/**
 * The same module on memory of its own. What threads.ts does with the other threads is never called there, and ends the
 * program if it is: an engine without shared memory need not know its instructions.
 * @param {string} text
 */
function withoutThreads(text) {
  const alone = text.replace(/^ \(func (\S+).*?^ \)$/gms, (body, name) => {
    if (!/\batomic\./.test(body)) return body;
    if (!name.startsWith("$threads/")) throw new Error(`build-wasm: ${name} needs shared memory`);
    return `${body.slice(0, body.indexOf("\n"))}\n  unreachable\n )`;
  });
  const memory = /(?<=^ \(import "env" "memory" \(memory .*) shared(?=\)\)$)/m;
  if (!memory.test(alone)) throw new Error("build-wasm: the module imports no shared memory");
  return alone.replace(memory, "");
}

/** By the assembler that AssemblyScript brings along. @param {string} text */
async function assemble(text) {
  const compiler = createRequire(createRequire(import.meta.url).resolve("assemblyscript/package.json"));
  const { default: binaryen } = await import(pathToFileURL(compiler.resolve("binaryen")).href);
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.All);
  if (!module.validate()) throw new Error("build-wasm: the module is not valid");
  return Buffer.from(module.emitBinary());
}

/** In a thread of its own: a variant keeps one processor busy for many seconds. @param {readonly string[]} flags */
function compileAside(flags) {
  /** @type {Promise<Compiled>} */
  const result = new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { assemblyFlags: flags } });
    worker.once("message", resolve).once("error", reject);
    worker.once("exit", (code) => reject(new Error(`build-wasm: its thread ended with code ${code}`)));
  });
  return result;
}

/** As many at a time as there are processors. @param {readonly (readonly string[])[]} all */
async function compileAll(all) {
  const results = /** @type {Compiled[]} */ (new Array(all.length));
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < all.length; i = next++) results[i] = await compileAside(all[i]);
  };
  await Promise.all(Array.from({ length: Math.min(all.length, availableParallelism()) }, lane));
  return results;
}

/** Writes the two files unless they are up to date; answers whether it wrote. */
export async function buildWasm() {
  const stamp = `// ${fingerprint()}`;
  const isCurrent = (/** @type {string} */ file) =>
    existsSync(file) && readFileSync(file, "utf8").startsWith(stamp);
  if (isCurrent(binaries) && isCurrent(tasks)) return false;
  const head = [stamp, "// Made by scripts/build-wasm.mjs from assembly/. Do not edit.", ""];
  const [simd, fma] = await compileAll([[], ["--enable", "relaxed-simd"]]);
  const modules = { simd: simd.plain, fma: fma.plain, sharedSimd: simd.shared, sharedFma: fma.shared };
  const lines = Object.entries(modules).flatMap(([name, binary]) => [
    `export const ${name} =`,
    `  "${Buffer.from(binary).toString("base64")}";`,
    "",
  ]);
  writeWhole(tasks, [...head, simd.taskText].join("\n")); // the same for all
  writeWhole(binaries, [...head, ...lines].join("\n")); // two builds may run at once
  return true;
}

if (workerData?.assemblyFlags) {
  parentPort?.postMessage(await compile(workerData.assemblyFlags));
} else if (isMain(import.meta.url)) {
  const start = performance.now();
  const wrote = await buildWasm();
  console.log(wrote ? `wasm: built in ${seconds(start)}` : "wasm: up to date");
}
