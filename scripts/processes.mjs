/**
 * How the scripts call other programs. None of them outlives the script that called it, however that ends: a signal
 * stops them first, and if the script is killed outright, a second process (warden.mjs) notices and stops them.
 */
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** @import { ChildProcess, SpawnOptions, SpawnSyncOptions } from "node:child_process" */
/** @typedef {"SIGINT" | "SIGTERM" | "SIGHUP"} StopSignal */

/** Milliseconds that a program has to end in its own way. */
const PATIENCE = 10_000;
const root = fileURLToPath(new URL("..", import.meta.url));
const wardenFile = fileURLToPath(new URL("./warden.mjs", import.meta.url));

/** @type {ChildProcess | null} */
let warden = null;
/** @type {Set<ChildProcess>} */
const running = new Set();

/** Tells the warden whom to stop when this process is gone. @param {string} line */
function tell(line) {
  if (!warden) {
    // In a session of its own: what kills a whole terminal's processes must not kill it. NODE_OPTIONS are not for it.
    warden = spawn(process.execPath, [wardenFile], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
      windowsHide: true,
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    warden.on("error", () => {});
    warden.stdin?.on("error", () => {});
    warden.unref();
    /** @type {import("node:net").Socket} */ (warden.stdin).unref();
  }
  warden.stdin?.write(`${line}\n`);
}

/** Stops every program that still runs, with all that they started; resolves when they are gone. */
async function stopAll() {
  if (!warden) return;
  const watched = warden;
  await new Promise((resolve) => {
    watched.ref();
    watched.once("exit", resolve);
    if (watched.exitCode !== null || watched.signalCode !== null) resolve(undefined);
    watched.stdin?.end();
  });
}

/** @param {StopSignal} signal */
async function stopAndExit(signal) {
  await stopAll();
  console.error("\nStopped.");
  process.exit(128 + constants.signals[signal]);
}

/** @type {(signal: StopSignal) => unknown} */
let onStop = stopAndExit;
let stopped = false;

/** @param {NodeJS.Signals} signal */
function stop(signal) {
  const handler = stopped ? stopAndExit : onStop;
  stopped = true;
  handler(/** @type {StopSignal} */ (signal));
}

/**
 * What the first signal does from now on, in place of stopping all programs and this process; a second one still does
 * that, and so does `PATIENCE` without an end.
 * @param {() => unknown} handler
 */
export function whenStopped(handler) {
  onStop = (signal) => {
    handler();
    setTimeout(() => stopAndExit(signal), PATIENCE).unref();
  };
}

/** npm may be killed alone; then nobody waits for this any more. Windows never tells. */
const parent = process.ppid;
const orphaned = () => process.env.npm_lifecycle_event !== undefined && process.ppid !== parent;
/** @type {NodeJS.Timeout | undefined} */
let watch;

/** Only while a program runs: a loop of this process's own is stopped by a signal at once, as ever. */
function listen() {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  watch = setInterval(() => orphaned() && stop("SIGTERM"), 500);
  watch.unref();
}

function listenNoMore() {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, stop);
  clearInterval(watch);
}

/**
 * `spawn`, of a program that does not outlive this one.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {SpawnOptions} options
 */
export function start(command, args, options) {
  const child = spawn(command, args, { windowsHide: true, ...options });
  if (child.pid === undefined) return child; // it could not be started: `error` says so
  if (running.size === 0) listen();
  running.add(child);
  tell(`+${child.pid}`);
  child.once("exit", () => {
    running.delete(child);
    tell(`-${child.pid}`);
    if (running.size === 0) listenNoMore();
  });
  return child;
}

/**
 * Run a program to its end; resolves with its exit code and everything it wrote.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, show?: boolean, timeout?: number }} [options] `show`: let it write here
 * @returns {Promise<{ code: number, output: string, stdout: string }>}
 */
export function call(command, args, { env, cwd = root, show = false, timeout } = {}) {
  return new Promise((resolve) => {
    const child = start(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: show ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
      timeout,
    });
    let output = "";
    let stdout = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk) => {
      output += chunk;
      stdout += chunk;
    });
    child.stderr?.setEncoding("utf8").on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", (error) => resolve({ code: 127, output: error.message, stdout: "" }));
    child.on("close", (code, signal) => {
      // Who was stopped has no next step.
      if (!stopped) resolve({ code: code ?? (signal ? 130 : 1), output, stdout });
    });
  });
}

/**
 * A quick question to a program: its trimmed output, or null if it cannot answer. What takes longer is asked by `call`,
 * which a signal can stop.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {SpawnSyncOptions} [options]
 */
export function ask(command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, {
    windowsHide: true,
    timeout: 30_000,
    ...options,
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : null;
}
