import type { Worker } from "node:worker_threads";
import { inLanguage, type Language, language } from "../../notebook";
import { nodeModule } from "../../tensor";
import type { Extracted } from "./extract";
import { type Read, Unreadable } from "./read";
import type { WorkerCourse, WorkerRequest } from "./worker";

const threads = nodeModule("node:worker_threads");
const paths = nodeModule("node:path");

export interface ExtractOptions {
  /** Threads that compile. */
  readonly jobs: number;
  /** Seconds for one notebook; a notebook of the course takes less than one. */
  readonly seconds?: number;
}

type Wanted = Omit<WorkerRequest, "id" | "language"> & { readonly language?: Language };

/** Where a notebook is: its file, or what was read of it; and the language of notes, which is the reader's unless said. */
export type Source = { readonly name: string; readonly language?: Language } & (
  | { readonly path: string }
  | { readonly read: Read }
);

/** Reads and compiles notebooks in threads of their own, which are replaced when one of them does not come to an end. */
export class Extractor {
  private readonly idle: Thread[] = [];
  private readonly waiting: ((thread: Thread) => void)[] = [];
  private running = 0;
  private readonly seconds: number;

  constructor(
    private readonly course: WorkerCourse,
    private readonly options: ExtractOptions,
  ) {
    this.seconds = options.seconds ?? 60;
  }

  /** The answers in a notebook. @throws Unreadable */
  async extract(source: Source): Promise<Extracted> {
    try {
      return (await this.ask({ ...source, only: null, readOnly: false })) as Extracted;
    } catch (error) {
      if (!(error instanceof Endless)) throw error;
    }
    return this.oneByOne(source);
  }

  /** What is in its file, without the rest. @throws Unreadable */
  async read(source: Source): Promise<Read> {
    return (await this.ask({ ...source, only: null, readOnly: true })) as Read;
  }

  /** The exercise that keeps the compiler busy is found, and costs itself alone. */
  private async oneByOne(source: Source): Promise<Extracted> {
    const answers: Extracted["answers"][number][] = [];
    let [lecture, notes]: [string, readonly string[]] = ["", []];
    let blind = 0;
    for (const { id, lecture: of } of this.course.exercises) {
      if (lecture !== "" && of !== lecture) continue;
      // Whatever exercise is looked for: it cannot even be read.
      if (blind === 2) break;
      try {
        const one = (await this.ask({ ...source, only: id, readOnly: false })) as Extracted;
        if (one.answers.length > 0) answers.push(...one.answers);
        if (one.lecture) [lecture, notes] = [one.lecture, one.notes];
      } catch (error) {
        if (!(error instanceof Endless)) throw error;
        if (lecture === "") blind++;
        const reason = inLanguage(
          {
            en: "the notebook's compiler does not come to an end with its cells",
            ru: "компилятор тетради не справляется с её ячейками",
          },
          source.language ?? language(),
        );
        answers.push({ id, status: "syntax", reason, notes: [], source: "", code: "", name: id, uses: [] });
      }
    }
    const ids = new Set(this.course.exercises.filter((one) => one.lecture === lecture).map(({ id }) => id));
    if (lecture === "")
      throw new Unreadable(
        inLanguage(
          {
            en: "it keeps the notebook's compiler busy without an end",
            ru: "компилятор тетради занят ею без конца",
          },
          source.language ?? language(),
        ),
      );
    return { lecture, notes, answers: answers.filter(({ id }) => ids.has(id)) };
  }

  private async ask(wanted: Wanted): Promise<unknown> {
    const thread = await this.take();
    try {
      return await thread.ask(wanted, this.seconds);
    } finally {
      this.giveBack(thread);
    }
  }

  private async take(): Promise<Thread> {
    const idle = this.idle.pop();
    if (idle) return idle;
    if (this.running < this.options.jobs) {
      this.running++;
      return new Thread(this.course);
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private giveBack(thread: Thread): void {
    const next = thread.isGone ? new Thread(this.course) : thread;
    const waiting = this.waiting.shift();
    if (waiting) waiting(next);
    else this.idle.push(next);
  }

  close(): void {
    for (const thread of this.idle.splice(0)) thread.end();
    this.running = 0;
  }
}

/** A notebook that takes the compiler too long, or too much memory. */
class Endless extends Error {}

class Thread {
  isGone = false;
  private readonly worker: Worker;
  private count = 0;

  constructor(course: WorkerCourse) {
    const file = paths.join(course.root, "dist", "grading", "submission", "worker.js");
    this.worker = new threads.Worker(file, {
      workerData: course,
      resourceLimits: { maxOldGenerationSizeMb: 1536, stackSizeMb: 8 },
    });
    this.worker.on("error", () => {}); // whoever has asked is told below
    this.worker.unref();
  }

  ask(wanted: Wanted, seconds: number): Promise<unknown> {
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      const lost = (error: Error) => {
        this.isGone = true;
        done();
        reject(error);
      };
      const late = setTimeout(() => {
        this.end();
        lost(new Endless(`more than ${seconds} s`));
      }, seconds * 1000);
      const receive = (message: {
        id: number;
        answer?: unknown;
        refused?: string | null;
        fault?: string;
      }) => {
        if (message.id !== id) return;
        done();
        if (message.fault === undefined) resolve(message.answer);
        else reject(message.refused ? new Unreadable(message.refused) : new Endless(message.fault));
      };
      const ended = () => lost(new Endless("the compiler has ended"));
      const failed = (error: Error) => lost(new Endless(error.message));
      const done = () => {
        clearTimeout(late);
        this.worker.unref();
        this.worker.off("message", receive).off("exit", ended).off("error", failed);
      };
      this.worker.ref();
      this.worker.on("message", receive).on("exit", ended).on("error", failed);
      this.worker.postMessage({ language: language(), ...wanted, id });
    });
  }

  end(): void {
    this.isGone = true;
    void this.worker.terminate();
  }
}
