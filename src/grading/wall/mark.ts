import type { ChildProcess } from "node:child_process";
import type TypeScript from "typescript";
import { inLanguage, type Language, type Localized } from "../../notebook";
import { check, checkOptions, expected, nodeModule, refusal } from "../../tensor";
import { builtWall, type Isolation, projectFolder } from "./isolation";
import { LIMITS, type Limits } from "./limits";
import { endGroupOf, usageOf } from "./processes";
import { findIsolation } from "./search";
import { type Declarations, declarationsOf } from "./source";

/** A function of the student's: the cells it needs, in order, as CommonJS. */
export interface OwnFunction {
  readonly code: string;
  /** The name under which the code leaves it: as a variable, or in `exports`. */
  readonly name: string;
  /** Names of other exercises that the code reads as free identifiers. */
  readonly uses?: readonly string[];
}

/** One answer to be marked. */
export interface Task extends OwnFunction {
  readonly lecture: string;
  /** Of the exercise. */
  readonly id: string;
  /** Earlier exercises that this student has passed. */
  readonly own: Readonly<Record<string, OwnFunction>>;
  /** Another than the notebook's, which is 0. */
  readonly seed: number;
}

export interface CheckMark {
  readonly name: string;
  readonly passed: boolean;
  readonly points: number;
  readonly hidden: boolean;
  /** What a hidden check says is for the instructor alone. */
  readonly reason: string | null;
}

/** `missing`: the cells leave nothing under the name. `crashed`: the process has ended by itself. */
export type Status =
  | "passed"
  | "partial"
  | "failed"
  | "empty"
  | "missing"
  | "syntax"
  | "forbidden"
  | "timeout"
  | "crashed"
  | "memory"
  | "output";

export interface ExerciseMark {
  readonly id: string;
  readonly earned: number;
  readonly points: number;
  readonly status: Status;
  readonly reason: string | null;
  readonly checks: readonly CheckMark[];
  readonly flags: readonly string[];
}

/** What a judge is asked. */
export interface Job {
  readonly task: Task;
  readonly isolation: Isolation;
  readonly limits: Limits;
  readonly language: Language;
  /** What the student's cells declare, to be read by us alone. */
  readonly declared: Declarations;
  /** The hidden checks as CommonJS, and the file in the build that they would be; null where there are none. */
  readonly hidden: { readonly file: string; readonly code: string } | null;
}

/** What it says: whom it has started, what stands to be earned, what was earned; or that it cannot tell, and why. */
export type JudgeMessage =
  | { readonly pid: number }
  | { readonly about: ExerciseMark }
  | { readonly mark: ExerciseMark }
  | { readonly failed: string };

export interface MarkOptions {
  /** What {@link findIsolation} found unless given. */
  readonly isolation?: Isolation;
  readonly limits?: Partial<Limits>;
  readonly language?: Language;
}

const paths = nodeModule("node:path");
const fs = nodeModule("node:fs");
const os = nodeModule("node:os");
const { fork } = nodeModule("node:child_process");

/**
 * Put all checks of an exercise, the hidden ones too, to a student's answer, which runs walled off. Never rejects because of what the
 * answer does: what it costs is in the mark. Rejects where the task itself is none, or the checks cannot be loaded.
 */
export async function markAnswer(task: Task, options: MarkOptions = {}): Promise<ExerciseMark> {
  check("markAnswer", "task", task, "object");
  for (const field of ["lecture", "id", "code", "name"] as const)
    check("markAnswer", field, task[field], "text");
  if (!/^[A-Za-z_$][\w$]*$/.test(task.name)) throw expected("markAnswer", "an identifier as name", task.name);
  check("markAnswer", "seed", task.seed, "count");
  check("markAnswer", "own", task.own, "object");
  checkOptions("markAnswer", options, "isolation, limits, language");
  const { isolation = findIsolation(), limits, language = "en" } = options;
  const { default: ts } = await import("typescript");
  const [declared, hidden] = [declarationsOf(ts, task), hiddenCode(ts, task)];
  const judge = await takeJudge();
  try {
    const job: Job = { task, isolation, limits: { ...LIMITS, ...limits }, language, declared, hidden };
    return await judge.mark(job);
  } finally {
    judge.release();
  }
}

/** Ends the judges that wait for work. Without it they go when this process ends. */
export function closeJudges(): void {
  for (const judge of idle.splice(0)) judge.end();
}

/** As many at once as there are processors. */
const most = Math.max(1, os.availableParallelism?.() ?? os.cpus().length);
let running = 0;
const idle: Judge[] = [];
const queue: (() => void)[] = [];

async function takeJudge(): Promise<Judge> {
  if (running >= most) await new Promise<void>((resolve) => queue.push(resolve));
  running++;
  return idle.pop() ?? new Judge();
}

/** So many tasks one judge marks: what it has learned of students' tensors goes with it. */
const TASKS = 200;

class Judge {
  private readonly child: ChildProcess;
  private pid = 0;
  private about: ExerciseMark | null = null;
  private tasks = 0;
  private isDead = false;
  private answer: ((message: JudgeMessage | null) => void) | null = null;

  constructor() {
    const file = paths.join(builtWall(), "judge.js");
    if (!fs.existsSync(file)) throw refusal("markAnswer", `${file} is not there`, "npm run build makes it");
    const env = {
      ...process.env,
      GRADSCHOOL_DEVICE: "wasm,reference",
      GRADSCHOOL_THREADS: "1",
      GRADSCHOOL_PROGRESS: "0",
    };
    this.child = fork(file, [], {
      execArgv: ["--max-old-space-size=2048"],
      env,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.child.on("message", (message: JudgeMessage) => {
      if ("pid" in message) this.pid = message.pid;
      else if ("about" in message) this.about = message.about;
      else this.answer?.(message);
    });
    this.child.on("error", () => this.died());
    this.child.on("exit", () => this.died());
  }

  private died(): void {
    this.isDead = true;
    this.answer?.(null);
  }

  async mark(job: Job): Promise<ExerciseMark> {
    this.tasks++;
    this.about = null;
    this.pid = 0;
    this.listen(true);
    let isLate = false;
    // Checks compute too; a judge that computes much longer than all calls may does not end by itself.
    const watch = this.watch(10 * job.limits.seconds + 60, () => {
      isLate = true;
      this.end();
    });
    const message = await new Promise<JudgeMessage | null>((resolve) => {
      this.answer = resolve;
      if (this.isDead) resolve(null);
      else this.child.send(job, (error) => error && resolve(null));
    });
    clearInterval(watch);
    this.answer = null;
    this.listen(false);
    if (message) this.pid = 0; // its number may be another's from now on
    if (message && "mark" in message) return message.mark;
    if (message && "failed" in message) throw refusal("markAnswer", message.failed);
    this.end();
    const about = this.about as ExerciseMark | null; // a message may have set it
    if (!about) throw refusal("markAnswer", `the judge of ${job.task.id} has ended before it began`);
    const why: Localized = isLate
      ? { en: "the checks did not come to an end", ru: "проверки не дошли до конца" }
      : {
          en: "the process of the checks was ended from outside",
          ru: "процесс, проверяющий ответ, был завершён извне",
        };
    return { ...about, status: isLate ? "timeout" : "crashed", reason: inLanguage(why, job.language) };
  }

  /** Calls `late` when the judge, with what it has started, has computed for so many seconds from now. */
  private watch(seconds: number, late: () => void): NodeJS.Timeout {
    const computed = () => (this.child.pid === undefined ? undefined : usageOf(this.child.pid)?.seconds);
    const start = computed();
    let [passed, before] = [0, performance.now()];
    return setInterval(() => {
      const [now, used] = [performance.now(), computed()];
      passed += Math.min(2000, now - before) / 1000; // what passes beyond that was no time to compute in
      before = now;
      const isCounted = start !== undefined && used !== undefined;
      if (isCounted ? used - start > seconds || passed > 20 * seconds : passed > seconds) late();
    }, 1000);
  }

  /** A judge that waits keeps nobody from ending. */
  private listen(isBusy: boolean): void {
    const channel = this.child.channel as { ref?(): void; unref?(): void } | null | undefined;
    if (isBusy) {
      this.child.ref();
      channel?.ref?.();
    } else {
      this.child.unref();
      channel?.unref?.();
    }
  }

  release(): void {
    if (this.isDead || this.tasks >= TASKS) this.end();
    else idle.push(this);
    running--;
    queue.shift()?.();
  }

  /** It is gone afterwards, and so is what it has started. */
  end(): void {
    this.isDead = true;
    if (this.pid) endGroupOf(this.pid, builtWall());
    this.child.kill("SIGKILL");
  }
}

const kept = new Map<string, Job["hidden"]>();

/** `causal-attention` of `causalAttention`. */
const fileName = (id: string): string => id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The hidden checks of an exercise, translated; null in a copy without them. */
function hiddenCode(ts: typeof TypeScript, { lecture, id }: Pick<Task, "lecture" | "id">): Job["hidden"] {
  const key = `${lecture}/${id}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const name = `${fileName(id)}.hidden`;
  const source = paths.join(projectFolder(), "src", "lectures", lecture, "exercises", `${name}.ts`);
  if (!/^[\w-]+$/.test(lecture) || !fs.existsSync(source)) {
    kept.set(key, null);
    return null;
  }
  const { outputText } = ts.transpileModule(fs.readFileSync(source, "utf8"), {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  const file = paths.join(projectFolder(), "dist", "lectures", lecture, "exercises", `${name}.js`);
  const hidden = { file, code: outputText };
  kept.set(key, hidden);
  return hidden;
}
