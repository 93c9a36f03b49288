/**
 * One at a time: two starts on a fresh clone would install into the same folders. Who comes second waits, and says for
 * whom. The lock names its owner's process; one whose owner is gone is taken over.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { ask } from "./processes.mjs";
import { inRoot, progress, readOnly, windows } from "./steps.mjs";

/** @typedef {{ pid: number, born: string, command: string, doing: string }} Owner `born`: when its process began */

const POLL = 200;
/** A lock that names nobody is being written; or its writer died, or found the disk full, if it is older than this (ms). */
const UNNAMED = 5000;

const self = {
  pid: process.pid,
  born: born(process.pid),
  command: process.env.npm_lifecycle_event ? `npm run ${process.env.npm_lifecycle_event}` : "node",
};

/**
 * Does `work` while no other process holds `file`; resolves with its note. If what it is for gets done by another while
 * this one waits, resolves with `verb` and who did it.
 * @param {string} doing  What the others are told.
 * @param {string} verb
 * @param {() => boolean} isDone
 * @param {() => Promise<string>} work
 * @param {string} file
 */
export async function locked(doing, verb, isDone, work, file = inRoot(".cache", "setup.lock")) {
  for (
    let said = "";
    !take(file, { ...self, doing });
    await new Promise((resolve) => setTimeout(resolve, POLL))
  ) {
    const owner = ownerOf(file);
    if (!owner) continue; // let go meanwhile
    if (!lives(owner)) {
      takeOver(file, owner);
      continue;
    }
    const name = `process ${owner.pid} (${owner.command.replace(/^npm run (start|test)$/, "npm $1")})`;
    const note = `waiting for ${name}, which is at: ${owner.doing}`;
    if (note === said) continue;
    if (said && isDone()) return `${verb} by another`;
    progress(note);
    said = note;
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return isDone() ? `${verb} by another` : await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

/** Whether the lock is ours now. @param {string} file @param {Owner} owner */
function take(file, owner) {
  let handle;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    handle = openSync(file, "wx");
  } catch (error) {
    const { code = "" } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "EEXIST") return false;
    if (windows && code === "EPERM") return false; // being deleted
    if (["EROFS", "EACCES", "EPERM"].includes(code)) throw readOnly(blocked(path.dirname(file)));
    throw error;
  }
  try {
    writeSync(handle, JSON.stringify(owner));
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
  return true;
}

/** The folder that cannot be written: this one, or the project, if this one is not there. @param {string} folder */
const blocked = (folder) => (existsSync(folder) ? folder : inRoot());

/** Who holds the lock; null if nobody does. One that names nobody counts as held by process 0. @param {string} file */
function ownerOf(file) {
  try {
    return /** @type {Owner} */ (JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if (!(error instanceof SyntaxError)) return null;
  }
  const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return age < UNNAMED ? null : { pid: 0, born: "", command: "", doing: "" };
}

/** A process number is given again; the time at which its process began is not. @param {Owner} owner */
function lives({ pid, born: then }) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM"; // another user's
  }
  return born(pid) === then;
}

/** When a process began, as far as the system tells. @param {number} pid */
function born(pid) {
  if (windows) return "";
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return ask("ps", ["-o", "lstart=", "-p", `${pid}`]) ?? "";
  }
}

/**
 * Removes the lock of a process that is gone. Two may find it at once: a second lock keeps the slower one from removing
 * what the faster one has taken since.
 * @param {string} file
 * @param {Owner} dead
 */
function takeOver(file, dead) {
  const door = `${file}.takeover`;
  const age = Date.now() - (statSync(door, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > UNNAMED) rmSync(door, { force: true });
  if (!take(door, { ...self, doing: "" })) return;
  try {
    const now = ownerOf(file);
    if (now && now.pid === dead.pid && now.born === dead.born) rmSync(file, { force: true });
  } finally {
    rmSync(door, { force: true });
  }
}
