/**
 * Submissions over many machines: a queue in Redis, kept by BullMQ. What goes in is the text of a notebook's cells, what comes back
 * are its answers and marks. A job's id is made of what it asks, so that nothing is done twice; a worker that
 * dies loses its lock on a job, and another takes it. For Node alone.
 */
import type { ConnectionOptions } from "bullmq";
import type { Language } from "../../notebook";
import { nodeModule, refusal } from "../../tensor";
import { Cache, hashOf } from "../batch/cache";
import { type Course, workerCourse } from "../batch/course";
import type { Job, Work } from "../batch/grade";
import { markAll } from "../batch/mark";
import { Unreadable } from "../submission";
import { Extractor } from "../submission/extractor";
import type { ExerciseMark, Task } from "../wall";

const fs = nodeModule("node:fs");
const os = nodeModule("node:os");
const paths = nodeModule("node:path");

/** Workers with another version of the course do not see these submissions: their marks would be others. */
const queueName = (version: string): string => `gradschool-${hashOf(version).slice(0, 12)}`;

/** What came of a job: the work, or why the notebook cannot be read. */
type Outcome = Work | { readonly unreadable: string };

async function load(): Promise<typeof import("bullmq")> {
  try {
    return await import("bullmq");
  } catch {
    throw refusal("--queue", "the package bullmq is not installed: npm install bullmq ioredis");
  }
}

/** A connection that waits for Redis as long as it is away. */
function connectionTo(url: string): ConnectionOptions {
  let at: URL;
  try {
    at = new URL(url);
  } catch {
    throw refusal("--queue", `expected an address such as redis://localhost:6379, got ${url}`);
  }
  if (at.protocol !== "redis:" && at.protocol !== "rediss:")
    throw refusal("--queue", `expected redis:// or rediss://, got ${at.protocol}//`);
  return {
    host: at.hostname,
    port: Number(at.port || 6379),
    ...(at.username ? { username: decodeURIComponent(at.username) } : {}),
    ...(at.password ? { password: decodeURIComponent(at.password) } : {}),
    ...(at.pathname.length > 1 ? { db: Number(at.pathname.slice(1)) } : {}),
    ...(at.protocol === "rediss:" ? { tls: {} } : {}),
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(2000, 100 * times),
  };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export interface Submitter {
  /** Resolves when a worker, wherever it is, has done the job. */
  work(job: Job): Promise<Work>;
  close(): Promise<void>;
}

/** How often a job is asked for, in milliseconds. (Events are lost when Redis restarts; a question is asked again.) */
const INTERVAL = 250;

/** Puts submissions on the queue. */
export async function submitTo(url: string, version: string): Promise<Submitter> {
  const { Job: QueueJob, Queue } = await load();
  const queue = new Queue(queueName(version), { connection: connectionTo(url) });
  queue.on("error", () => {}); // Redis is away: what waits for it goes on waiting
  return {
    async work(job) {
      const jobId = hashOf(JSON.stringify(job));
      await queue.add("submission", job, {
        jobId,
        attempts: 3,
        removeOnComplete: { age: 24 * 3600 },
        removeOnFail: true,
      });
      for (;;) {
        const found = await QueueJob.fromId(queue, jobId);
        const state = found ? await found.getState() : "unknown";
        if (found && state === "completed" && found.returnvalue !== undefined) {
          const outcome = found.returnvalue as Outcome | null;
          if (outcome && "unreadable" in outcome) throw new Unreadable(outcome.unreadable);
          if (outcome) return outcome;
        }
        if (!found || state === "failed")
          throw refusal("--queue", `no worker could do it${found ? `: ${found.failedReason}` : ""}`);
        await pause(INTERVAL);
      }
    },
    close: () => queue.close(),
  };
}

export interface ServeOptions {
  readonly course: Course;
  /** Submissions at once. */
  readonly jobs: number;
  /** How code is walled off here. */
  readonly isolation: string;
  /** After so many milliseconds without a sign of life a worker's job is another's. */
  readonly patience?: number;
  mark(task: Task, language: Language): Promise<ExerciseMark>;
  /** Called whenever a submission is done, and when Redis is away. */
  tell?(what: string): void;
}

/** Takes submissions from the queue until it is closed; what has begun is done first. */
export async function serve(url: string, options: ServeOptions): Promise<{ close(): Promise<void> }> {
  const { course, isolation, jobs, mark, tell = () => {}, patience = 30_000 } = options;
  const { Worker } = await load();
  const extractor = new Extractor(workerCourse(course), { jobs });
  const folder = fs.mkdtempSync(paths.join(os.tmpdir(), "gradschool-worker-"));
  const cache = new Cache(folder, false);
  let isAway = false;
  const worker = new Worker<Job, Outcome>(
    queueName(course.version),
    async ({ data: { name, read, seed, language, earlier } }) => {
      try {
        const extracted = await extractor.extract({ name, read, language });
        const marks = await markAll(extracted, { course, cache, seed, language, mark }, earlier);
        return { extracted, marks, isolation };
      } catch (error) {
        if (error instanceof Unreadable) return { unreadable: error.message };
        throw error;
      }
    },
    {
      connection: connectionTo(url),
      concurrency: jobs,
      lockDuration: patience,
      stalledInterval: patience / 2,
      maxStalledCount: 10,
    },
  );
  worker.on("completed", ({ data }) => {
    isAway = false;
    tell(`${data.student}  ${data.name}`);
  });
  worker.on("failed", (job, error) => tell(`${job?.data.student ?? "?"}: ${error.message}`));
  worker.on("error", (error) => {
    if (!isAway) tell(`Redis does not answer (${error.message || "no connection"}); waiting for it`);
    isAway = true;
  });
  return {
    async close() {
      await worker.close();
      extractor.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
