import { say } from "../../notebook";
import { nodeModule, readText, replaceFile } from "../../tensor";
import { isRecord } from "../inputs";

const fs = nodeModule("node:fs");
const paths = nodeModule("node:path");
const { createHash } = { createHash: (name: string) => nodeModule("node:crypto").createHash(name) };

/** One look of the checks at a student's function. */
export interface Attempt {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly status: "passed" | "failed";
  readonly earned: number;
  /** What all checks together were worth. */
  readonly points: number;
  /** Of the check: see `versionOf`. */
  readonly version: string;
  /** Hash of the function's source, as far as that is known. */
  readonly source?: string;
  /** The first check that failed. */
  readonly failed?: string;
}

/** The last function that passed. */
export interface Passed {
  readonly time: string;
  readonly points: number;
  readonly version: string;
  /** Hash of `ID.ts` beside this file. Without it the source could not be kept. */
  readonly source?: string;
  /** The same in JavaScript, a CommonJS module whose default export is the function. */
  readonly javascript?: string;
}

/** What is remembered of one exercise: `ID.json` in the progress folder. Times are ISO 8601, UTC. */
export interface Entry {
  readonly format: 1;
  readonly exercise: string;
  readonly passed: Passed | null;
  /** The attempt that earned most, of those with the check's latest version. */
  readonly best: Attempt | null;
  /** How many there were in all; the list has the last ones. */
  readonly count: number;
  readonly attempts: readonly Attempt[];
}

export const nothing = (exercise: string): Entry => ({
  ...{ format: 1, exercise, passed: null, best: null, count: 0, attempts: [] },
});

const fileOf = (folder: string, id: string, kind: "json" | "ts"): string =>
  paths.join(folder, `${id}.${kind}`);

/** Line ends and a byte order mark do not count: the file may have come through another system. */
export const hashOf = (source: string): string =>
  createHash("sha256")
    .update(source.replace(/^\ufeff/, "").replaceAll("\r\n", "\n"))
    .digest("hex")
    .slice(0, 16);

/** Something is there that cannot be read as progress. */
export class Damaged extends Error {
  constructor(
    readonly file: string,
    why: string,
  ) {
    super(
      say({
        en: `${file} is damaged (${why}). It stays as it is until the exercise is checked again: then it is put aside under another name, and a new record is begun. Or put back a copy of yours, from backups/ for instance.`,
        ru: `${file} повреждён (${why}). Он останется как есть, пока проверка задания не будет запущена снова: тогда он будет переименован и начнётся новая запись. Либо верните его копию, например из backups/.`,
      }),
    );
    this.name = "Damaged";
  }
}

/** What is remembered of an exercise; null if nothing is. Throws {@link Damaged}. */
export function readEntry(folder: string, id: string): Entry | null {
  const file = fileOf(folder, id, "json");
  if (!fs.existsSync(file)) return null;
  let entry: unknown;
  try {
    entry = JSON.parse(readText(file));
  } catch (error) {
    throw new Damaged(file, (error as Error).message.split("\n")[0]);
  }
  const why = faultOf(entry, id);
  if (why) throw new Damaged(file, why);
  return entry as Entry;
}

function faultOf(entry: unknown, id: string): string | null {
  if (!isRecord(entry)) return say({ en: "it holds no object", ru: "в нём нет объекта" });
  if (typeof entry.format === "number" && entry.format > 1)
    return say({ en: "a newer version of the course wrote it", ru: "его записала более новая версия курса" });
  if (entry.format !== 1 || entry.exercise !== id)
    return say({ en: `it is not about ${id}`, ru: `он не про ${id}` });
  const { attempts, best, passed } = entry;
  const isWhole =
    Array.isArray(attempts) &&
    attempts.every(isAttempt) &&
    Number.isInteger(entry.count) &&
    (best === null || isAttempt(best)) &&
    (passed === null || isPass(passed));
  return isWhole ? null : say({ en: "parts of it are missing", ru: "в нём чего-то не хватает" });
}

const isPass = (one: unknown): boolean =>
  isRecord(one) &&
  areTexts(one.time, one.version) &&
  Number.isFinite(one.points) &&
  [one.source, one.javascript].every((text) => text === undefined || typeof text === "string");

const areTexts = (...values: readonly unknown[]): boolean => values.every((one) => typeof one === "string");

const isAttempt = (one: unknown): boolean =>
  isRecord(one) &&
  areTexts(one.time, one.version) &&
  (one.status === "passed" || one.status === "failed") &&
  Number.isFinite(one.earned) &&
  Number.isFinite(one.points);

/** Each file whole or not at all; the source first, because the entry says what its hash is. */
export function writeEntry(folder: string, entry: Entry, source?: string): void {
  if (source !== undefined) replaceFile(fileOf(folder, entry.exercise, "ts"), [source]);
  replaceFile(fileOf(folder, entry.exercise, "json"), [`${JSON.stringify(entry, null, 1)}\n`]);
}

/** Rename a file that cannot be read, so that it is kept and a new one can be begun; the new name. */
export function putAside(file: string): string {
  const stem = file.replace(/\.json$/, "");
  for (let number = 1; ; number++) {
    const aside = `${stem}.damaged-${number}.json`;
    if (fs.existsSync(aside)) continue;
    fs.renameSync(file, aside);
    return aside;
  }
}

/** The remembered source as it lies there; null if there is none. */
export function readSource(folder: string, id: string): string | null {
  const file = fileOf(folder, id, "ts");
  return fs.existsSync(file) ? readText(file) : null;
}
