/** The thread in which notebooks are read and compiled: what is in them may keep a compiler busy for ever, or fill its memory. */
import { type Language, setLanguage } from "../../notebook";
import { nodeModule } from "../../tensor";
import { createCompiler } from "./compiler";
import { type Asked, type CourseNotebooks, extract } from "./extract";
import { LARGEST, type Read, readNotebook, tooLarge, Unreadable } from "./read";

/** What the thread is started with. */
export interface WorkerCourse {
  readonly root: string;
  readonly exercises: readonly Asked[];
  /** By lecture, the notebook's name and its files. */
  readonly notebooks: Readonly<Record<string, { readonly name: string; readonly files: readonly string[] }>>;
}

/** `path`: the file to read, unless `read` has what is in it. */
export interface WorkerRequest {
  readonly id: number;
  readonly name: string;
  readonly path?: string;
  readonly read?: Read;
  readonly only: string | null;
  /** In which notes and reasons are told. */
  readonly language: Language;
  /** Only what `readNotebook` gives is wanted. */
  readonly readOnly: boolean;
}

const { parentPort, workerData } = nodeModule("node:worker_threads");
const fs = nodeModule("node:fs");
const paths = nodeModule("node:path");

const { root, exercises, notebooks } = workerData as WorkerCourse;
const compiler = createCompiler(root);
const given = new Map<string, Read["cells"]>();
const course: CourseNotebooks = {
  exercises,
  cells(lecture) {
    let cells = given.get(lecture);
    if (!cells) {
      const [file] = notebooks[lecture]?.files ?? [];
      cells = file ? readNotebook(fs.readFileSync(file)).cells : [];
      given.set(lecture, cells);
    }
    return cells;
  },
  lectureOf(file) {
    const stem = paths.basename(file, ".ipynb");
    return Object.entries(notebooks).find(([, { name }]) => stem.includes(name))?.[0] ?? null;
  },
};

/** Looked at before it is read: a larger file may not fit into memory. */
function bytesOf(path: string): Uint8Array {
  if (fs.statSync(path).size <= LARGEST) return fs.readFileSync(path);
  throw new Unreadable(tooLarge(fs.statSync(path).size));
}

parentPort?.on("message", ({ id, name, path, read, only, readOnly, language }: WorkerRequest) => {
  setLanguage(language);
  try {
    const found = read ?? readNotebook(bytesOf(path!));
    parentPort?.postMessage({ id, answer: readOnly ? found : extract(found, name, course, compiler, only) });
  } catch (error) {
    const { message } = error as Error;
    parentPort?.postMessage({ id, refused: error instanceof Unreadable ? message : null, fault: message });
  }
});
