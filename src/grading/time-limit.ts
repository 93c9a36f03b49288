/**
 * Calls code that may never end. A student's function runs on the thread of its notebook or grader, so that it can
 * be given closures and arrays; what ends it there is the engine's own watchdog, through Node's `vm`.
 */
import type * as VM from "node:vm";
import type { Worker } from "node:worker_threads";
import { findNodeModule, nodeModule, saveState } from "../tensor";

/** Why a call was cut short: it took too long, it took too much memory, or the reader pressed stop. */
export type HaltReason = "time" | "memory" | "stop";

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
 * - A single call of the engine that never looks up (sorting 10^8 numbers, a child process) ends first.
 * - Calls may be nested; each has its own limit.
 * - Costs about 0.1 ms: limit a whole check, not each of a thousand calls.
 * - Where there is no `node:vm` (a browser) `fn` simply runs; on Windows memory and stop are not watched.
 *
 * @throws {RangeError} if a limit is not a positive number.
 */
export function withinLimits<T>(fn: () => T, { seconds = 10, mebibytes = 512 }: Limits = {}): T {
  for (const [name, value] of Object.entries({ seconds, mebibytes })) {
    if (typeof value === "number" && value > 0) continue;
    throw new RangeError(`withinLimits: expected ${name} to be a positive number, got ${String(value)}`);
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
  private guard: MemoryGuard | null = null;

  constructor(vm: typeof VM) {
    this.box = { call: () => {} };
    this.context = vm.createContext(this.box);
    this.script = new vm.Script("call()");
  }

  run<T>(fn: () => T, seconds: number, mebibytes: number): T {
    this.guard ??= MemoryGuard.start();
    const { guard, box } = this;
    const outer = box.call;
    const restore = saveState();
    let end: { value: T } | { error: unknown } | null = null;
    box.call = () => {
      try {
        end = { value: fn() };
      } catch (error) {
        end = { error };
      }
    };
    const before = guard?.begin(mebibytes);
    let halted: unknown;
    try {
      this.halt(Math.min(longest, Math.ceil(seconds * 1000)));
    } catch (error) {
      halted = error;
    }
    box.call = outer;
    const struck = before ? guard!.end(before) : false;
    const stopped = (halted as { code?: unknown } | undefined)?.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED";
    if (struck && !stopped) this.absorb();
    // `end` is set inside the call, which the compiler cannot see.
    const ended = end as { value: T } | { error: unknown } | null;
    if (ended && "value" in ended) return ended.value;
    if (ended) throw ended.error;
    restore();
    if (stopped && struck) {
      collect();
      throw new Halted("memory", `more than ${mebibytes} MiB of memory were taken`);
    }
    if (stopped) {
      // Outside a notebook the reader meant the whole program.
      if (!inNotebook()) process.kill(process.pid, "SIGINT");
      throw new Halted("stop", "stopped by the reader");
    }
    throw new Halted("time", `not finished after ${seconds} s`);
  }

  private halt(timeout: number): void {
    this.script.runInContext(this.context, { timeout, breakOnSigint: true, displayErrors: false });
  }

  /** The guard's signal comes after the call has ended by itself: take it, or it would end the process. */
  private absorb(): void {
    const { call } = this.box;
    this.box.call = () => {
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    };
    try {
      this.halt(1000);
    } catch {}
    this.box.call = call;
  }
}

/** Give the memory back at once: the next call is measured by how much the process grows. */
function collect(): void {
  nodeModule("node:v8").setFlagsFromString("--expose-gc");
  const gc = nodeModule("node:vm").runInNewContext("gc") as NodeJS.GCFunction;
  gc();
  gc({ type: "major", execution: "sync", flavor: "last-resort" } as NodeJS.GCOptions); // to the machine, too
}

const inNotebook = (): boolean => Symbol.for("gradschool.kernel") in globalThis;

/** Slots of the memory that the guard's thread shares. */
const STATE = 0;
const BOUND = 1;
const [IDLE, WATCHING, STRUCK] = [0, 1, 2];

/**
 * A thread that looks at the size of the process every 10 ms while a call is watched, and interrupts it by the
 * signal that also stops a notebook. It is text, so that it runs from the build and from the sources alike.
 */
const program = `
"use strict";
const { workerData: slots } = require("node:worker_threads");
for (;;) {
  Atomics.wait(slots, ${STATE}, ${IDLE});
  if (slots[${STATE}] === ${STRUCK}) Atomics.wait(slots, ${STATE}, ${STRUCK}, 10);
  else if (process.memoryUsage.rss() / 2 ** 20 > slots[${BOUND}]) {
    if (Atomics.compareExchange(slots, ${STATE}, ${WATCHING}, ${STRUCK}) === ${WATCHING})
      process.kill(process.pid, "SIGINT");
  } else Atomics.wait(slots, ${STATE}, ${WATCHING}, 10);
}
`;

/** What the guard does: nothing, or watch that the process stays below so many MiB. */
interface Watch {
  readonly state: number;
  readonly bound: number;
}

class MemoryGuard {
  private readonly slots = new Int32Array(new SharedArrayBuffer(8));
  private watch: Watch = { state: IDLE, bound: longest };

  private constructor(thread: typeof Worker) {
    const options = { eval: true, workerData: this.slots, execArgv: [], env: {} };
    new thread(program, options).unref();
  }

  /** Null where a process cannot signal itself, or has no threads. */
  static start(): MemoryGuard | null {
    const threads = findNodeModule("node:worker_threads");
    if (!threads || process.platform === "win32") return null;
    try {
      return new MemoryGuard(threads.Worker);
    } catch {
      return null;
    }
  }

  /** Watch from now on; returns what it did before, for `end`. */
  begin(mebibytes: number): Watch {
    const before = this.watch;
    const bound = process.memoryUsage.rss() / 2 ** 20 + mebibytes;
    this.set({ state: WATCHING, bound: Math.min(bound, before.bound) });
    return before;
  }

  /** Back to `before`. Answers whether the signal was sent. */
  end(before: Watch): boolean {
    const struck = Atomics.compareExchange(this.slots, STATE, WATCHING, IDLE) === STRUCK;
    this.set(before);
    return struck;
  }

  private set(watch: Watch): void {
    this.watch = watch;
    this.slots[BOUND] = watch.bound;
    Atomics.store(this.slots, STATE, watch.state);
    Atomics.notify(this.slots, STATE);
  }
}
