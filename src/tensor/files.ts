import { shorten } from "./describe";
import { expectedKind } from "./expected";
import { nodeModule } from "./node";

const fs = nodeModule("node:fs");
const os = nodeModule("node:os");
const paths = nodeModule("node:path");

/** Files that appear whole or not at all, and text that is what it says. */

/** Bytes per read or write: files of several GB pass in parts, never as one buffer. */
export const PART = 64 * 1024 * 1024;

/**
 * Write `parts` one after another to `path`, so that a reader, or a crash, sees the old content or the new, never half
 * of it: under another name first, renamed when it is whole. What a writer that was killed left behind for the
 * same path is removed.
 * @internal
 */
export function replaceFile(path: string, parts: Iterable<Uint8Array | string>): void {
  try {
    writeThenRename(path, parts);
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    throw Object.assign(new Error(`${shorten(path, 200)}: cannot be written: ${message}`, { cause: error }), {
      code,
    });
  }
}

function writeThenRename(path: string, parts: Iterable<Uint8Array | string>): void {
  const temporary = temporaryFor(path);
  const file = fs.openSync(temporary, "wx");
  try {
    try {
      for (const part of parts) {
        const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
        for (let at = 0; at < bytes.length; )
          at += fs.writeSync(file, bytes, at, Math.min(PART, bytes.length - at));
      }
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(temporary, path);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

/** Process ids are unique on one machine only, and folders may be shared between machines. */
function machine(): string {
  let hash = 0;
  for (const char of os.hostname()) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
  return hex(hash);
}

const hex = (word: number): string => word.toString(16).padStart(8, "0");

/**
 * A name for the new content of `path` until it is whole, `NAME.PID-MACHINE-RANDOM.tmp` in the same folder, which is
 * made if need be; to be renamed, or removed. Names of this kind that dead writers left there are removed on the way.
 * @internal
 */
export function temporaryFor(path: string): string {
  const [folder, name, here] = [paths.dirname(path), paths.basename(path), machine()];
  fs.mkdirSync(folder, { recursive: true });
  for (const other of fs.readdirSync(folder)) {
    if (!other.startsWith(`${name}.`) || !other.endsWith(".tmp")) continue;
    const mark = /^(\d+)(?:-([0-9a-f]{8})-[0-9a-f]{8})?$/.exec(other.slice(name.length + 1, -".tmp".length));
    if (!mark) continue;
    const isDead = (mark[2] ?? here) === here && !isAlive(Number(mark[1]));
    if (isDead || isOld(paths.join(folder, other))) fs.rmSync(paths.join(folder, other), { force: true });
  }
  const random = hex(Math.floor(Math.random() * 2 ** 32));
  return paths.join(folder, `${name}.${process.pid}-${here}-${random}.tmp`);
}

const DAY = 24 * 60 * 60 * 1000;

/** Where a dead writer cannot be told (another machine, a number given to a new process): a day without a change. */
function isOld(file: string): boolean {
  try {
    return Date.now() - fs.statSync(file).mtimeMs > DAY;
  } catch {
    return false; // just renamed, or removed
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

/** Longer texts do not fit into one string. */
const LONGEST_TEXT = 500_000_000;

/**
 * The text of a file, without a byte order mark. Throws, naming the file, when it is missing, too long or not UTF-8.
 * @internal
 */
export function readText(path: string): string {
  if (typeof path !== "string") throw expectedKind("readText", "a path", path);
  let bytes: Uint8Array;
  try {
    const found = fs.statSync(path);
    if (!found.isFile()) throw new Error("it is no file");
    if (found.size > LONGEST_TEXT)
      throw new Error(`it has ${found.size} bytes, more than a text file should`);
    bytes = fs.readFileSync(path);
  } catch (error) {
    throw new Error(`${path}: cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${path}: expected text in UTF-8, found other bytes; is the file damaged?`);
  }
}
