/** How the scripts speak: one calm line per step, clear errors. */
import { realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import util from "node:util";
import { call } from "./processes.mjs";

export { ask, call } from "./processes.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
/** @param {readonly string[]} parts */
export const inRoot = (...parts) => path.join(root, ...parts);
export const windows = process.platform === "win32";

/** Whether a module is what `node` was called with, through a symbolic link perhaps. @param {string} url */
export function isMain(url) {
  try {
    return realpathSync(process.argv[1] ?? "") === fileURLToPath(url);
  } catch {
    return false;
  }
}

/** Writes a file whole or not at all. @param {string} file @param {string} text */
export function writeWhole(file, text) {
  const aside = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(aside, text);
    renameSync(aside, file);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

/** Something that the person at the keyboard can mend: what is wrong, and what to do. */
export class Problem extends Error {
  constructor(/** @type {string} */ what, remedy = "") {
    super(what);
    this.name = "Problem";
    this.remedy = remedy;
  }
}

const color = process.stdout.isTTY && !process.env.NO_COLOR;
/** Node has it from 20.12 on. @param {Parameters<typeof util.styleText>[0]} format */
const paint = (format) => (/** @type {string} */ text) =>
  color && util.styleText ? util.styleText(format, text) : text;
export const green = paint("green");
export const red = paint("red");
export const yellow = paint("yellow");
export const dim = paint("dim");
export const bold = paint("bold");

/** Text of other people for a terminal: what would move the cursor, colour or turn the line around is a � there. @param {string} text */
export const printable = (text) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "\ufffd");

/** The time since `since`, as the steps show it. @param {number} since */
export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

const erase = () => (process.stdout.isTTY ? "\r\u001b[K" : "");
let current = "";

/**
 * Do `work` and print one line: the title, what `work` returned (a short note, or something with one), and the time.
 * While it runs, a terminal shows the title already. Resolves with what `work` returned.
 * @template {string | { note: string }} T
 * @param {string} title
 * @param {() => T | Promise<T>} work
 */
export async function step(title, work) {
  const start = performance.now();
  current = title;
  if (process.stdout.isTTY) process.stdout.write(`  … ${title}`);
  const line = (/** @type {string} */ mark, /** @type {string} */ note) =>
    console.log(`${erase()}  ${mark} ${title.padEnd(24)} ${note}, ${dim(seconds(start))}`);
  try {
    const result = await work();
    line(green("✓"), typeof result === "string" ? result : result.note);
    return result;
  } catch (error) {
    line(red("✗"), "failed");
    throw error;
  }
}

/** What the step that runs is at: a terminal shows it until the step's own line comes. @param {string} note */
export function progress(note) {
  const line = `  … ${current.padEnd(24)} ${note}`;
  if (process.stdout.isTTY) process.stdout.write(`${erase()}${line.slice(0, process.stdout.columns - 1)}`);
  else console.log(line);
}

/**
 * Run a program to its end, quietly. Its output is shown only in the Problem when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ what?: string, remedy?: string, env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 */
export async function run(command, args, { what = command, remedy = "", env, cwd = root } = {}) {
  const { code, output } = await call(command, args, { env, cwd });
  if (code !== 0) throw inWords(output) ?? new Problem(`${what} failed:\n${tail(output, 25)}`, remedy);
  return output;
}

/** The last lines of a text. @param {string} text @param {number} lines */
export const tail = (text, lines) => text.trimEnd().split("\n").slice(-lines).join("\n");

const FULL = /ENOSPC|EDQUOT|no space left|errno 28\b|disk quota exceeded|not enough space on the disk/i;
const READ_ONLY = /EROFS|read-only file system/i;

/**
 * What a program's output, or an error of the file system, means for the person at the keyboard; null if it says
 * nothing about the disk.
 * @param {string} text
 */
export function inWords(text) {
  if (FULL.test(text))
    return new Problem(
      "The disk is full.",
      "Make room (about 1 GB; your home folder and the one for temporary files may be the full ones) and start again.",
    );
  if (READ_ONLY.test(text)) return readOnly();
  return null;
}

/** The Problem of a folder that cannot be written. @param {string} place */
export const readOnly = (place = root) =>
  new Problem(
    `${place} cannot be written, so nothing can be installed or saved there.`,
    place === root
      ? "Copy the course to a folder of your own, and start it there."
      : `It belongs to another user, or is read-only. Change that (chmod, chown), or copy the course to a folder of your own.`,
  );

/** Print an error as its reader needs it and give the exit code. @param {unknown} error */
export function report(error) {
  const problem = error instanceof Problem ? error : ofFiles(error);
  if (!problem) {
    console.error(error);
    return 1;
  }
  console.error(`\n${red(problem.message)}`);
  if (problem.remedy) console.error(problem.remedy);
  return 1;
}

/** An error of the file system as a Problem, or null. @param {unknown} error */
function ofFiles(error) {
  const { code = "", path: place = root } = /** @type {NodeJS.ErrnoException} */ (error ?? {});
  return ["EACCES", "EPERM", "EROFS"].includes(code) ? readOnly(place) : inWords(String(code));
}
