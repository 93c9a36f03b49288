/**
 * Calls code that may never end. A student's function runs on the thread of its notebook or grader, so that it can
 * be given closures and arrays; what ends it there is the engine's own watchdog, through Node's `vm`.
 */
import type * as VM from "node:vm";
import type { Worker } from "node:worker_threads";
import { check, expected, findNodeModule, nodeModule, saveState } from "../tensor";

/**
 * Why a call was cut short: it took too long, it took too much memory, the reader pressed stop; or the process that it ran in
 * is gone, where that is another one.
 */
export type HaltReason = "time" | "memory" | "stop" | "end";

/** A call was cut short: what it did up to there is done, and its `finally` blocks did not run. */
export class Halted extends Error {
  override readonly name = "Halted";
  constructor(
    readonly reason: HaltReason,
    message: string,
  ) {
    super(message);
  }
}

export interface Limits {
  /** Seconds that the call may take. */
  readonly seconds?: number;
  /** MiB by which the process may grow while it runs. */
  readonly mebibytes?: number;
}

/**
 * The result of `fn()`, or what it throws; but if it has not ended after `seconds`, or the process has grown by
 * `mebibytes`, or the reader stops the notebook, it is cut short and `Halted` is thrown. No `catch` in `fn` can
 * prevent that. State that the library holds for the length of a call (`noGrad` and its kin) is put back.
 *
 * - Only what `fn` does before it returns is limited: not what an async function does after its first await.
 * - A single call of the engine that never looks up (sorting 10^8 numbers, a child process) ends first; and of a loop
 *   of nothing but such calls, up to some thousand rounds.
 * - Calls may be nested; each has its own limit.
 * - Costs about 0.1 ms: limit a whole check, not each of a thousand calls.
 * - Where there is no `node:vm` (a browser) `fn` simply runs; on Windows memory and stop are not watched.
 *
 * @throws {RangeError} if a limit is not a positive number.
 */
export function withinLimits<T>(fn: () => T, limits: Limits = {}): T {
  check("withinLimits", "fn", fn, "function");
  check("withinLimits", "limits", limits, "object");
  const { seconds = 10, mebibytes = 512 } = limits;
  for (const [name, value] of Object.entries({ seconds, mebibytes })) {
    if (typeof value === "number" && value > 0) continue;
    throw expected("withinLimits", `${name} to be a positive number`, value);
  }
  const cage = theCage();
  return cage ? cage.run(fn, seconds, mebibytes) : fn();
}

let known: Cage | null | undefined;

function theCage(): Cage | null {
  if (known === undefined) {
    const vm = findNodeModule("node:vm");
    known = vm ? new Cage(vm) : null;
  }
  return known;
}

/** Longest wait that the engine's watchdog takes, in milliseconds. */
const longest = 2 ** 31 - 1;

class Cage {
  /** What the script below sees: a context of its own, so that nothing a student changes reaches it. */
  private readonly box: { call: () => void };
  private readonly context: VM.Context;
  private readonly script: VM.Script;
  private guard: Guard | null = null;

  constructor(vm: typeof VM) {
    this.box = { call: () => {} };
    this.context = vm.createContext(this.box);
    this.script = new vm.Script("call()");
  }

  run<T>(fn: () => T, seconds: number, mebibytes: number): T {
    this.guard ??= Guard.start();
    const { guard } = this;
    if (guard?.late) throw new Halted("time", "the call around this one has used up its time");
    const restore = saveState();
    let end: { value: T } | { error: unknown } | null = null;
    let stopped = false;
    let struck = IDLE;
    const before = guard?.begin(mebibytes, seconds);
    // The outer of the two takes signals of the guard's that come when the inner has just ended: nobody else would,
    // and they would end the process.
    const taken = this.cut(() => {
      stopped = this.cut(
        () => {
          try {
            end = { value: fn() };
          } catch (error) {
            end = { error };
          }
        },
        Math.min(longest, Math.ceil(seconds * 1000)),
      );
      if (!before) return;
      struck = guard!.end(before);
      if (struck !== IDLE) pause(stopped ? 20 : 1000);
    });
    if (taken && struck === IDLE && before) struck = guard!.end(before);
    // `end` is set inside the call, which the compiler cannot see.
    const ended = end as { value: T } | { error: unknown } | null;
    if (ended && "value" in ended) return ended.value;
    if (ended) throw ended.error;
    restore();
    if (struck === LARGE) {
      collect();
      throw new Halted("memory", `more than ${mebibytes} MiB of memory were taken`);
    }
    if (stopped && struck !== LATE) {
      // Outside a notebook the reader meant the whole program.
      if (!inNotebook()) process.kill(process.pid, "SIGINT");
      throw new Halted("stop", "stopped by the reader");
    }
    throw new Halted("time", `not finished after ${seconds} s`);
  }

  /** Calls `body`, for so many milliseconds at most. Answers whether a signal has cut it short. */
  private cut(body: () => void, timeout?: number): boolean {
    const { box } = this;
    const outer = box.call;
    box.call = body;
    try {
      const limits = { breakOnSigint: true, displayErrors: false };
      this.script.runInContext(this.context, timeout ? { ...limits, timeout } : limits);
      return false;
    } catch (error) {
      return (error as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_INTERRUPTED";
    } finally {
      box.call = outer;
    }
  }
}

/** Wait so many milliseconds, or until a signal comes. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Give the memory back at once: the next call is measured by how much the process grows. */
function collect(): void {
  nodeModule("node:v8").setFlagsFromString("--expose-gc");
  const gc = nodeModule("node:vm").runInNewContext("gc") as NodeJS.GCFunction;
  gc();
  gc({ type: "major", execution: "sync", flavor: "last-resort" } as NodeJS.GCOptions); // to the machine, too
}

const inNotebook = (): boolean => Symbol.for("gradschool.kernel") in globalThis;

/** What the guard does, in the shared memory: nothing, watch, send a signal; or which signal it has sent. */
const [IDLE, WATCHING, STRIKING, LARGE, LATE] = [0, 1, 2, 3, 4];
/** Places of the limits, as doubles behind the state. */
const [BOUND, DEADLINE] = [0, 1];

/** Milliseconds by a clock that all threads share. */
const now = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/**
 * A thread that looks at the size of the process and at the clock every 10 ms while a call is watched, and interrupts
 * it by the signal that also stops a notebook: again and again, until it has ended. For once is not enough: where it
 * hits what the call itself has limited (a `withinLimits` of its own, a script of `vm`), Node may lose it.
 * It is text, so that it runs from the build and from the sources alike.
 */
const program = `
"use strict";
const { workerData } = require("node:worker_threads");
const state = new Int32Array(workerData, 0, 1);
const limits = new Float64Array(workerData, 8, 2);
const now = () => Number(process.hrtime.bigint() / 1000000n);
let again = 0;
for (;;) {
  Atomics.wait(state, 0, ${IDLE});
  const seen = Atomics.load(state, 0);
  const reason =
    seen !== ${WATCHING} ? (now() > again ? seen : 0)
    : now() > limits[${DEADLINE}] ? ${LATE}
    : process.memoryUsage.rss() / 2 ** 20 > limits[${BOUND}] ? ${LARGE}
    : 0;
  if (seen !== ${IDLE} && reason !== 0 && Atomics.compareExchange(state, 0, seen, ${STRIKING}) === seen) {
    process.kill(process.pid, "SIGINT");
    again = now() + 100;
    Atomics.store(state, 0, reason);
    Atomics.notify(state, 0);
  }
  Atomics.wait(state, 0, seen, 10);
}
`;

interface Watch {
  readonly state: number;
  /** MiB that the process must stay below. */
  readonly bound: number;
  /** When the call must have ended, and the engine's own watchdog has plainly failed. */
  readonly deadline: number;
}

class Guard {
  private readonly memory = new SharedArrayBuffer(24);
  private readonly state = new Int32Array(this.memory, 0, 1);
  private readonly limits = new Float64Array(this.memory, 8, 2);
  private watch: Watch = { state: IDLE, bound: Number.POSITIVE_INFINITY, deadline: Number.POSITIVE_INFINITY };

  private constructor(thread: typeof Worker) {
    const options = { eval: true, workerData: this.memory, execArgv: [], env: {} };
    new thread(program, options).unref();
  }

  /** Null where a process cannot signal itself, or has no threads. */
  static start(): Guard | null {
    const threads = findNodeModule("node:worker_threads");
    if (!threads || process.platform === "win32") return null;
    try {
      return new Guard(threads.Worker);
    } catch {
      return null;
    }
  }

  /** Whether the call that is watched should have ended. */
  get late(): boolean {
    return now() > this.watch.deadline;
  }

  /** Watch from now on; returns what it did before, for `end`. */
  begin(mebibytes: number, seconds: number): Watch {
    const before = this.watch;
    const bound = Math.min(before.bound, process.memoryUsage.rss() / 2 ** 20 + mebibytes);
    const deadline = Math.min(before.deadline, now() + seconds * 1000 + 100);
    this.set({ state: WATCHING, bound, deadline });
    return before;
  }

  /** Back to `before`. Answers which signal was sent, or IDLE. */
  end(before: Watch): number {
    let seen = Atomics.load(this.state, 0);
    for (;;) {
      if (seen === STRIKING) {
        Atomics.wait(this.state, 0, STRIKING, 1);
        seen = Atomics.load(this.state, 0);
        continue;
      }
      const found = Atomics.compareExchange(this.state, 0, seen, IDLE);
      if (found === seen) break;
      seen = found;
    }
    this.set(before);
    return seen === WATCHING ? IDLE : seen;
  }

  private set(watch: Watch): void {
    this.watch = watch;
    this.limits[BOUND] = watch.bound;
    this.limits[DEADLINE] = watch.deadline;
    Atomics.store(this.state, 0, watch.state);
    Atomics.notify(this.state, 0);
  }
}
