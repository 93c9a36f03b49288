/** From what an instructor points at to single hand-ins: who, which notebook, when. */
import { say } from "../../notebook";
import { nodeModule } from "../../tensor";
import type { Course } from "./course";
import { Refused, type Taken, unpack } from "./zip";

const fs = nodeModule("node:fs");
const paths = nodeModule("node:path");

/** One notebook of one student; or, without a file, a student who has handed in nothing that could be read. */
export interface HandIn {
  readonly student: string;
  /** As the student's folder or zip calls it. */
  readonly name: string;
  readonly file: string | null;
  readonly time: Date;
  readonly flags: readonly string[];
  /** What the student's own progress folder remembers, where it came along. */
  readonly progress: readonly string[];
}

/** Something below the path that was named: a file of interest, or what is said of one. */
interface Item {
  readonly parts: readonly string[];
  readonly file: string | null;
  readonly time: Date;
  readonly note: string | null;
}

/** Folders in which no answer stands: the course's own solutions, copies, what other programs leave. */
const NOT_HANDED_IN = /^(solutions|backups|hand-ins|node_modules|__MACOSX|packages|\.[^.].*)$/i;
const DEEPEST = 12;
const MOST_FILES = 100_000;
/** Of one student's notebooks so many are looked at: the course has ten, and some are handed in again. */
const MOST_NOTEBOOKS = 200;

const isNotebook = (name: string): boolean => /\.ipynb$/i.test(name) && !name.startsWith("._");
const isZip = (name: string): boolean => /\.zip$/i.test(name) && !name.startsWith("._");
const isWanted = (parts: readonly string[]): boolean => {
  const name = parts.at(-1) ?? "";
  if (parts.slice(0, -1).some((part) => NOT_HANDED_IN.test(part)) || parts.length > DEEPEST) return false;
  return isNotebook(name) || isZip(name) || isProgress(parts) || name === "manifest.json";
};
const isProgress = (parts: readonly string[]): boolean =>
  parts.at(-2) === "progress" && /^\w+\.json$/.test(parts.at(-1) ?? "") && parts.at(-1) !== "course.json";

/**
 * All hand-ins below a path: a notebook, a folder `<student>/…/<notebook>.ipynb`, or a zip of either. Links are not followed.
 * @param folder of ours, in which zips are unpacked
 * @throws if the path is not there
 */
export async function discover(path: string, course: Course, folder: string): Promise<HandIn[]> {
  const full = paths.resolve(path);
  const stat = fs.statSync(full);
  const name = paths.basename(full);
  if (stat.isDirectory()) return handIns(await itemsIn(full, folder), course, { name, isZip: false });
  const item: Item = { parts: [name], file: full, time: stat.mtime, note: null };
  if (isZip(name)) return handIns(await itemsOfZip(item, folder, 0, []), course, { name, isZip: true });
  const parent = paths.basename(paths.dirname(full));
  return handIns([item], course, { name: parent, isZip: false });
}

/** Everything of interest in a folder. */
async function itemsIn(root: string, folder: string): Promise<Item[]> {
  const found: Item[] = [];
  let seen = 0;
  const walk = async (parts: readonly string[]): Promise<void> => {
    if (parts.length >= DEEPEST) return;
    const here = paths.join(root, ...parts);
    for (const entry of fs.readdirSync(here, { withFileTypes: true })) {
      if (++seen > MOST_FILES) return;
      const below = [...parts, entry.name];
      const item = (more: Partial<Item>): Item => ({
        ...{ parts: below, file: null, time: new Date(0), note: null },
        ...more,
      });
      if (entry.isDirectory()) {
        if (NOT_HANDED_IN.test(entry.name)) continue;
        if (parts.length === 0 && entry.name !== "progress") found.push(item({ parts: [entry.name, ""] }));
        await walk(below);
      } else if (!isWanted(below)) continue;
      else if (entry.isSymbolicLink())
        found.push(item({ note: linkNote(below.slice(1).join("/") || entry.name) }));
      else if (!entry.isFile())
        found.push(item({ note: say({ en: `${entry.name} is no file`, ru: `${entry.name} — не файл` }) }));
      else {
        const file = paths.join(root, ...below);
        const { mtime: time } = fs.statSync(file);
        if (isZip(entry.name)) found.push(...(await itemsOfZip(item({ file, time }), folder, 0, below)));
        else found.push(item({ file, time }));
      }
    }
  };
  await walk([]);
  return found;
}

const linkNote = (name: string): string =>
  say({ en: `${name} is a link; it was not followed`, ru: `${name} — ссылка; по ней не ходили` });

/** Zips in zips, as some course servers give them, are opened so deep. */
const ZIPS_IN_ZIPS = 2;

/** Everything of interest in a zip. @param prefix the parts that stand for the zip itself */
async function itemsOfZip(
  zip: Item,
  folder: string,
  depth: number,
  prefix: readonly string[],
  taken?: Taken,
): Promise<Item[]> {
  const said = (note: string): Item => ({ ...zip, parts: prefix, file: null, note });
  try {
    // Zips in a student's own share what it may take; those in the zip of a class are students' own.
    const shared = prefix.length > 0 ? (taken ?? { entries: 0, bytes: 0 }) : undefined;
    const { files, notes } = await unpack(zip.file!, folder, isWanted, shared);
    const items: Item[] = notes.map(said);
    for (const { parts, file, time } of files) {
      const item: Item = {
        parts: [...prefix, ...parts],
        file,
        time: prefix.length > 0 ? zip.time : time,
        note: null,
      };
      if (!isZip(parts.at(-1)!)) items.push(item);
      else if (depth < ZIPS_IN_ZIPS)
        items.push(...(await itemsOfZip(item, folder, depth + 1, item.parts, shared)));
      else
        items.push({
          ...item,
          file: null,
          note: say({
            en: `${parts.join("/")}: a zip in a zip in a zip is not opened`,
            ru: `${parts.join("/")}: zip внутри zip внутри zip не открывается`,
          }),
        });
    }
    return items.length > 0
      ? items
      : [said(say({ en: "there is no notebook in the zip", ru: "в архиве нет тетради" }))];
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const [name, why] = [zip.parts.at(-1), error.message];
    return [said(say({ en: `${name} was not opened: ${why}`, ru: `${name} не открыт: ${why}` }))];
  }
}

interface Place {
  /** Of the folder or zip that was named. */
  readonly name: string;
  readonly isZip: boolean;
}

function handIns(items: readonly Item[], course: Course, place: Place): HandIn[] {
  const all = place.isZip ? unwrapped(items) : items;
  const isOne = place.isZip && !isClass(all);
  const byStudent = new Map<string, Item[]>();
  for (const item of all) {
    const student = isOne ? ownerOfZip(place.name, all) : studentOf(item, all, course, place);
    byStudent.set(student, [...(byStudent.get(student) ?? []), item]);
  }
  return [...byStudent].flatMap(([student, own]) => handInsOf(student, own));
}

/** Without the one folder that holds everything. */
function unwrapped(items: readonly Item[]): readonly Item[] {
  const [first] = new Set(items.map(({ parts }) => parts[0]));
  const isWrapped = items.every(({ parts }) => parts[0] === first && parts.length > 2);
  const inner = items.map((item) => ({ ...item, parts: item.parts.slice(1) }));
  const hasMany = new Set(inner.map(({ parts }) => parts[0])).size > 1;
  return isWrapped && hasMany && items.length > 0 ? inner : items;
}

/** Whether a zip's first level are students, and not the files of one. */
const isClass = (items: readonly Item[]): boolean =>
  !items.some(({ parts }) => parts.length === 1 && isNotebook(parts[0])) &&
  !items.some(({ parts }) => parts[0] === "manifest.json") &&
  items.some(({ parts }) => parts.length > 1) &&
  new Set(items.filter(({ parts }) => !isProgress(parts)).map(({ parts }) => parts[0])).size > 0 &&
  !items.every(({ parts }) => /^(my-course|gradschool.*|notebooks|progress)$/.test(parts[0] ?? ""));

function studentOf({ parts }: Item, all: readonly Item[], course: Course, place: Place): string {
  const [first] = parts;
  if (first === undefined) return place.name;
  if (isZip(first))
    return ownerOfZip(
      first,
      all.filter((one) => one.parts[0] === first),
    );
  if (parts.length > (isProgress(parts) ? 2 : 1)) return first;
  if (!isNotebook(first)) return place.name;
  return ownerByName(first.replace(/\.ipynb$/i, ""), course) ?? place.name;
}

/** `anna` of `anna_05-gpt`; null where a notebook has the course's own name, or that of a copy. */
function ownerByName(stem: string, { lectures }: Course): string | null {
  const lecture = lectures.find(({ notebook }) => stem.includes(notebook));
  if (!lecture) return stem;
  const left = stem.replace(lecture.notebook, "").replace(/^[\s_.-]+|[\s_.-]+$/g, "");
  return left === "" || /^(copy|\(?)\s*\d*\)?$/i.test(left) ? null : left;
}

const WRITTEN_BY_HAND_IN = /(^|\s)(\d\d-[\w-]+|\d+ notebooks)\s+\d{4}-\d\d-\d\d \d\d-\d\d-\d\d( \(?\d+\)?)?$/;

/** `npm run hand-in` writes `NAME 05-gpt 2026-11-26 08-48-06.zip`; without a name it stands in the manifest, if anywhere. */
function ownerOfZip(name: string, items: readonly Item[]): string {
  const stem = name.replace(/\.zip$/i, "");
  const named = stem.replace(WRITTEN_BY_HAND_IN, "").trim();
  if (named !== "") return named;
  const manifest = items.find(({ parts, file }) => parts.at(-1) === "manifest.json" && file !== null);
  return (manifest && studentIn(manifest.file!)) ?? stem;
}

function studentIn(manifest: string): string | null {
  try {
    const { student } = JSON.parse(fs.readFileSync(manifest, "utf8"));
    return typeof student === "string" && student.trim() !== "" ? student.trim().slice(0, 200) : null;
  } catch {
    return null;
  }
}

/** No file was written after that, whatever some file system may hold. */
const LATEST = Date.UTC(9999, 11, 31);

/** A time that can be written down, and compared as it is written. */
function sane(time: Date): Date {
  const at = time.getTime();
  return new Date(Number.isNaN(at) ? LATEST : Math.min(Math.max(at, 0), LATEST));
}

function handInsOf(student: string, found: readonly Item[]): HandIn[] {
  const items = found.map((item) => ({ ...item, time: sane(item.time) }));
  const notes = items.flatMap(({ note }) => note ?? []);
  const progress = items.flatMap(({ parts, file }) => (file !== null && isProgress(parts) ? [file] : []));
  const notebooks = items.filter(({ parts, file }) => file !== null && isNotebook(parts.at(-1) ?? ""));
  const about = { student, progress };
  if (notebooks.length === 0) {
    const flags = notes.length > 0 ? notes : [say({ en: "no notebook was found", ru: "тетрадь не найдена" })];
    const named = items.find(({ parts }) => isNotebook(parts.at(-1) ?? ""))?.parts.at(-1) ?? "";
    return [{ ...about, name: named, file: null, time: items[0].time, flags }];
  }
  const newest = notebooks.sort((a, b) => b.time.getTime() - a.time.getTime()).slice(0, MOST_NOTEBOOKS);
  const flags = [...notes];
  if (newest.length < notebooks.length)
    flags.push(
      say({
        en: `${notebooks.length} notebooks were handed in; the newest ${MOST_NOTEBOOKS} were looked at`,
        ru: `сдано тетрадей: ${notebooks.length}; просмотрены ${MOST_NOTEBOOKS} самых новых`,
      }),
    );
  return newest.map(({ parts, file, time }) => ({
    ...about,
    ...{ name: parts.slice(parts.length > 1 ? 1 : 0).join("/"), file, time, flags },
  }));
}
