import { captureOutput, say } from "../notebook";
import { showArguments } from "./describe";
import { type Failure, failure } from "./failure";
import { type AnyFunction, settled } from "./inputs";
import { callWith, locked, type Patch, reapply, restore } from "./intact";
import { Halted, withinLimits } from "./time-limit";

/** What a student's function printed in one call. */
export interface Printed {
  /** The call's arguments in a few words. */
  readonly input: string;
  readonly text: string;
}

/** A call that printed more than this is cut. */
const mostText = 2000;
/** Of one check, so many calls that printed are kept. */
const mostCalls = 3;
/** All calls of one round of checks together may take so many seconds. */
const SECONDS = 10;
/** One call may take so much memory. */
const MEBIBYTES = 512;

/**
 * A student's function as checks may call it: its calls are counted, what it prints is kept for the verdict, an
 * endless loop ends, and what the notebook has made of the built-in objects holds for the function alone.
 */
export class Student {
  /** How often it was called. */
  calls = 0;
  /** What the last call threw, if it threw. */
  thrown: { readonly error: unknown; readonly input: string; readonly args: readonly unknown[] } | null =
    null;
  /** Why it had to be cut short; then no further call is made. */
  stopped: Failure | null = null;
  private printed: Printed[] = [];
  private silent = 0;
  private patches: readonly Patch[] = [];
  private left: number;

  /** @param fn what to call @param seconds that all calls together may take */
  constructor(
    private readonly fn: AnyFunction,
    private readonly seconds = SECONDS,
  ) {
    this.left = seconds;
  }

  /** Run `body` with the built-in objects as they were, and leave them to the notebook as it had them. */
  guarded<T>(body: () => T): T {
    this.patches = restore();
    try {
      return body();
    } finally {
      reapply(this.patches);
    }
  }

  /** What a cell has replaced and locked, so that no check can be believed; or null. */
  get locked(): string | null {
    return this.patches.length > 0 ? locked() : null;
  }

  /** The built-in objects that the notebook has changed. */
  get changed(): readonly Patch[] {
    return this.patches;
  }

  /** What was printed since this was asked for last, and how many calls more have printed. */
  takePrinted(): { readonly printed: readonly Printed[]; readonly more: number } {
    const taken = { printed: this.printed, more: this.silent };
    this.printed = [];
    this.silent = 0;
    return taken;
  }

  /** The function itself. */
  readonly call = (...args: unknown[]): unknown => {
    if (this.stopped) throw new Error(this.stopped.message);
    this.calls++;
    this.thrown = null;
    const input = showArguments(args);
    const text = new Kept();
    const release = captureOutput((part) => text.add(part));
    let result: unknown;
    try {
      const { patches } = this;
      result = this.limited(() => {
        reapply(patches);
        return callWith(this.fn, args);
      });
    } catch (error) {
      this.thrown = { error, input, args };
      throw error;
    } finally {
      this.patches = restore();
      release();
      if (!text.empty) {
        if (this.printed.length < mostCalls) this.printed.push({ input, text: text.toString() });
        else this.silent++;
      }
    }
    // To read a result may take as long, and fail as badly, as to compute it: it may have getters.
    return typeof result === "object" && result !== null ? this.limited(() => settled(result)) : result;
  };

  private limited(body: () => unknown): unknown {
    const start = performance.now();
    try {
      return withinLimits(body, { seconds: Math.max(0.1, this.left), mebibytes: MEBIBYTES });
    } catch (error) {
      if (isHalted(error)) this.stopped = haltedFailure(error, this.seconds);
      throw error;
    } finally {
      this.left -= (performance.now() - start) / 1000;
    }
  }
}

/** (What was thrown may be a Proxy that answers nothing.) */
function isHalted(error: unknown): error is Halted {
  try {
    return error instanceof Halted;
  } catch {
    return false;
  }
}

function haltedFailure({ reason, message }: Halted, seconds: number): Failure {
  if (reason === "end") return failure(message);
  if (reason === "stop")
    return failure(say({ en: "stopped before it had ended", ru: "остановлена раньше, чем закончила" }));
  if (reason === "memory")
    return failure(
      say({ en: `took more than ${MEBIBYTES} MiB of memory`, ru: `заняла больше ${MEBIBYTES} МиБ памяти` }),
      [],
      say({ en: "is there a list that grows without end?", ru: "нет ли списка, который растёт без конца?" }),
    );
  return failure(
    say({ en: `took longer than ${seconds} s`, ru: `работала дольше ${seconds} с` }),
    [],
    say({ en: "is there a loop that never ends?", ru: "нет ли цикла, который не кончается?" }),
  );
}

/** Text that came in parts, cut where it grows too long. */
class Kept {
  private text = "";
  private cut = 0;

  add(part: string): void {
    const room = mostText - this.text.length;
    this.text += part.slice(0, room);
    if (part.length > room) this.cut += part.length - room;
  }

  get empty(): boolean {
    return this.text === "";
  }

  toString(): string {
    return this.cut > 0 ? `${this.text}… (${this.cut} characters more)` : this.text;
  }
}
