/** All hand-ins that an instructor points at, graded. */
import { type Language, language, say } from "../../notebook";
import { nodeModule } from "../../tensor";
import { type Extracted, lectureOf, type Read, Unreadable } from "../submission";
import { Extractor } from "../submission/extractor";
import type { ExerciseMark, Task } from "../wall";
import { Cache, hashOf, hashOfFile } from "./cache";
import { type Course, courseNames, workerCourse } from "./course";
import { discover, type HandIn } from "./discover";
import { isCertain, markAll, type OwnFunctions, passedOf, withoutPoints } from "./mark";
import { type Override, overridden } from "./overrides";
import type { Graded, Submission } from "./results";

const fs = nodeModule("node:fs");
const paths = nodeModule("node:path");
const os = nodeModule("node:os");

export interface GradeOptions {
  readonly course: Course;
  readonly seed: number;
  /** How many submissions are worked on at once. */
  readonly jobs: number;
  /** The folder of results; what has been found once is remembered in it. */
  readonly out: string;
  /** Mark everything anew. */
  readonly isFresh?: boolean;
  readonly overrides?: readonly Override[];
  /** Where notebooks are compiled, if not in threads of this run. */
  readonly extractor?: Extractor;
  /** Puts an answer to its checks. */
  mark(task: Task, language: Language): Promise<ExerciseMark>;
  /** Does a submission's work elsewhere, given what is in its notebook. */
  readonly elsewhere?: ((job: Job) => Promise<Work>) | null;
  /** Called with the decisions that are about nothing that was handed in. */
  unused?(overrides: readonly Override[]): void;
  /** Called whenever a submission is done. */
  tell?(done: number, all: number, graded: Graded): void;
}

/** A submission as it may travel to another machine. */
export interface Job {
  readonly student: string;
  readonly name: string;
  readonly read: Read;
  readonly seed: number;
  readonly version: string;
  readonly language: Language;
  /** What the student has passed in notebooks of earlier lectures. */
  readonly earlier: OwnFunctions;
  /** Another in every run that marks everything anew. */
  readonly round: number;
}

/** What becomes of it. */
export interface Work {
  readonly extracted: Extracted;
  readonly marks: readonly ExerciseMark[];
  /** How code was walled off where the work was done, if that was elsewhere. */
  readonly isolation?: string;
}

/** Changes when answers are found in another way than before. */
const EXTRACTION = 2;

/** The hand-ins below the paths, each student's last one of each notebook, by student and notebook. */
export async function grade(roots: readonly string[], options: GradeOptions): Promise<Graded[]> {
  const { course, out, jobs, tell = () => {} } = options;
  const state = paths.join(out, ".grading");
  fs.mkdirSync(state, { recursive: true });
  const unpacked = fs.mkdtempSync(paths.join(os.tmpdir(), "gradschool-unpacked-"));
  const extractor = options.extractor ?? new Extractor(workerCourse(course), { jobs });
  const cache = new Cache(paths.join(state, "cache"), options.isFresh ?? false);
  try {
    const handIns = (await Promise.all(roots.map((root) => discover(root, course, unpacked)))).flat();
    const graded: Graded[] = [];
    await each(await byLecture(handIns, { ...options, extractor, cache }), jobs, async (mine) => {
      const tools: Tools = { ...options, extractor, cache, earlier: {} };
      for (const handIn of mine) {
        const one = await gradeOne(handIn, tools);
        graded.push(one);
        tell(graded.length, handIns.length, one);
      }
    });
    const used = new Set<Override>();
    const overrides = options.overrides ?? [];
    const decided = lastOnes(graded).map((one) => ({
      ...one,
      submission: overridden(one.submission, overrides, used),
    }));
    const unused = overrides.filter((one) => !used.has(one));
    if (unused.length > 0) options.unused?.(unused);
    return decided.sort(byStudent);
  } finally {
    if (!options.extractor) extractor.close();
    fs.rmSync(unpacked, { recursive: true, force: true });
  }
}

interface Finders extends GradeOptions {
  readonly extractor: Extractor;
  readonly cache: Cache;
}

interface Tools extends Finders {
  /** What the student has passed so far: answers in later notebooks may use it. */
  earlier: OwnFunctions;
}

/** Each student's hand-ins in the order of the course, of one lecture the last at the end. */
async function byLecture(handIns: readonly HandIn[], tools: Finders): Promise<HandIn[][]> {
  const students = new Map<string, HandIn[]>();
  for (const one of handIns) students.set(one.student, [...(students.get(one.student) ?? []), one]);
  return Promise.all(
    [...students.values()].map(async (mine) => {
      if (mine.length === 1) return mine;
      const placed: { one: HandIn; place: number }[] = [];
      for (const one of mine) placed.push({ one, place: await placeOf(one, tools) });
      return placed
        .sort((a, b) => a.place - b.place || a.one.time.getTime() - b.one.time.getTime())
        .map(({ one }) => one);
    }),
  );
}

/** The number of its lecture; -1 for what is none of the course's. */
async function placeOf({ file, name }: HandIn, { course, cache, extractor }: Finders): Promise<number> {
  if (file === null) return -1;
  const key = ["place", course.version, paths.posix.basename(name), await hashOfFile(file)];
  return cache.get(key, async () => {
    try {
      const { cells } = await extractor.read({ name, path: file });
      const lecture = lectureOf(cells, name, courseNames(course));
      return course.lectures.findIndex((one) => one.name === lecture);
    } catch {
      return -1; // why it cannot be read is told when it is its turn
    }
  });
}

/** Whatever is wrong with it, it gets a line in the table, and the others their turn. */
async function gradeOne(handIn: HandIn, tools: Tools): Promise<Graded> {
  try {
    return await graded(handIn, tools);
  } catch (error) {
    const { message } = error as Error;
    return nothing(
      handIn,
      tools.course,
      error instanceof Unreadable
        ? message
        : say({ en: `it could not be graded: ${message}`, ru: `её не удалось оценить: ${message}` }),
    );
  }
}

async function graded(handIn: HandIn, tools: Tools): Promise<Graded> {
  const { course, cache, extractor, seed, elsewhere, earlier } = tools;
  const { file, name } = handIn;
  if (file === null) return nothing(handIn, course, null);
  const content = await hashOfFile(file);
  let work: Work;
  if (elsewhere) {
    const key = ["elsewhere", course.version, seed, handIn.student, name, content, language(), earlier];
    const ask = async () => {
      const read = await extractor.read({ name, path: file });
      const round = tools.isFresh ? Date.now() : 0;
      const about = { student: handIn.student, seed, version: course.version, language: language() };
      return elsewhere({ ...about, name, read, round, earlier });
    };
    work = await cache.get(key, ask, ({ marks }) => marks.every(isCertain));
  } else {
    const key = ["extract", EXTRACTION, course.version, paths.posix.basename(name), content, language()];
    const extracted = await cache.get(key, () => extractor.extract({ name, path: file }));
    work = { extracted, marks: await markAll(extracted, tools, earlier) };
  }
  const { extracted, marks } = work;
  // Of two notebooks of one lecture the later one counts: what only the first one passed is gone.
  const others = Object.entries(tools.earlier).filter(([id]) => marks.every((mark) => mark.id !== id));
  tools.earlier = { ...Object.fromEntries(others), ...passedOf(extracted, marks) };
  const lecture = course.lectures.find((one) => one.name === extracted.lecture);
  if (!lecture) return nothing(handIn, course, extracted.notes.join("; "));
  return {
    submission: {
      student: handIn.student,
      notebook: lecture.notebook,
      earned: sum(marks.map(({ earned }) => earned)),
      points: sum(marks.map(({ points }) => points)),
      flags: [
        ...handIn.flags,
        ...extracted.notes,
        ...marks.flatMap(({ id, flags }) => flags.map((flag) => `${id}: ${flag}`)),
      ],
      exercises: marks.map(({ flags: _, ...mark }) => mark),
    },
    time: handIn.time.toISOString(),
    sources: Object.fromEntries(extracted.answers.map(({ id, source }) => [id, source])),
    progress: handIn.progress.flatMap((one) => textOf(one)),
    isolation: work.isolation ?? null,
  };
}

/** Read while it is there: what comes of a zip goes when the run ends. */
function textOf(file: string): string[] {
  try {
    return fs.statSync(file).size < 2 ** 20 ? [fs.readFileSync(file, "utf8")] : [];
  } catch {
    return [];
  }
}

/** A submission that cannot be read. Where its name tells the lecture, its exercises are there without points. */
function nothing({ student, name, time, flags }: HandIn, { lectures }: Course, why: string | null): Graded {
  const lecture = lectures.find(({ notebook }) => paths.posix.basename(name).includes(notebook));
  const exercises = (lecture?.exercises ?? []).map((one) => withoutPoints(one, "missing", why));
  const submission: Submission = {
    ...{ student, notebook: lecture?.notebook ?? name, earned: 0 },
    points: sum(exercises.map(({ points }) => points)),
    flags: [...flags, ...(why === null ? [] : [why])],
    exercises: exercises.map(({ flags: _, ...mark }) => mark),
  };
  return { submission, time: time.toISOString(), sources: {}, progress: [], isolation: null };
}

/** Of several notebooks that one student hands in for one lecture the last counts; the others are named. */
function lastOnes(all: readonly Graded[]): Graded[] {
  const groups = new Map<string, Graded[]>();
  for (const one of all) {
    const key = JSON.stringify([one.submission.student, one.submission.notebook]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const [last, ...others] = group.sort(
      (a, b) =>
        b.time.localeCompare(a.time) || hashOf(JSON.stringify(b)).localeCompare(hashOf(JSON.stringify(a))),
    );
    if (others.length === 0) return last;
    const flag = say({
      en: `handed in ${group.length} times; the last one counts (${last.time})`,
      ru: `сдано несколько раз (${group.length}); считается последнее (${last.time})`,
    });
    return { ...last, submission: { ...last.submission, flags: [...last.submission.flags, flag] } };
  });
}

const byStudent = (a: Graded, b: Graded): number =>
  compare(a.submission.student, b.submission.student) ||
  compare(a.submission.notebook, b.submission.notebook);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0);

/** Some at once, in their order. */
async function each<T>(list: readonly T[], jobs: number, work: (one: T) => Promise<void>): Promise<void> {
  const open = list.values();
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      for (const one of open) await work(one);
    }),
  );
}
