/** How the scripts speak and how they call other programs: one calm line per step, clear errors. */
import { spawn, spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
export const inRoot = (...parts) => path.join(root, ...parts);
export const windows = process.platform === "win32";

/** Something that the person at the keyboard can mend: what is wrong, and what to do. */
export class Problem extends Error {
  constructor(what, remedy = "") {
    super(what);
    this.name = "Problem";
    this.remedy = remedy;
  }
}

const color = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
export const green = paint(32);
export const red = paint(31);
export const yellow = paint(33);
export const dim = paint(2);
export const bold = paint(1);

export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Do `work` and print one line: the title, what `work` returned (a short note), and the time.
 * While it runs, a terminal shows the title already.
 */
export async function step(title, work) {
  const start = performance.now();
  if (process.stdout.isTTY) process.stdout.write(`  … ${title}`);
  const line = (mark, note) => {
    if (process.stdout.isTTY) process.stdout.write("\r\u001b[K");
    console.log(`  ${mark} ${title.padEnd(24)} ${note ? `${note}, ` : ""}${dim(seconds(start))}`);
  };
  try {
    const note = await work();
    line(green("✓"), note);
  } catch (error) {
    line(red("✗"), "failed");
    throw error;
  }
}

/** Run a program to its end, quietly. Its output is shown only in the Problem when it fails. */
export async function run(command, args, { what = command, remedy = "", env, cwd = root } = {}) {
  const { code, output } = await call(command, args, { env, cwd });
  if (code !== 0) throw new Problem(`${what} failed:\n${tail(output, 25)}`, remedy);
  return output;
}

/** Run a program to its end; resolves with its exit code and everything it wrote. */
export function call(command, args, { env, cwd = root, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: show ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    let output = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", (error) => resolve({ code: 127, output: String(error.message) }));
    child.on("close", (code, signal) => resolve({ code: code ?? (signal ? 130 : 1), output }));
  });
}

/** A quick question to a program: its trimmed output, or null if it cannot answer. */
export function ask(command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", windowsHide: true, ...options });
  return status === 0 ? stdout.trim() : null;
}

const tail = (text, lines) => text.trimEnd().split("\n").slice(-lines).join("\n");

/** Print an error as its reader needs it and give the exit code. */
export function report(error) {
  if (!(error instanceof Problem)) {
    console.error(error);
    return 1;
  }
  console.error(`\n${red(error.message)}`);
  if (error.remedy) console.error(`${error.remedy}`);
  return 1;
}
