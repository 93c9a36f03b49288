import { expectedKind, words } from "./expected";
import { survivesHalt } from "./halt";

/**
 * Throws unless `fn` can be called.
 * @internal
 */
export function checkFunction(op: string, fn: unknown): void {
  if (typeof fn !== "function") throw expectedKind(op, "a function", fn);
}

/** How to undo what the calls under way have set, the outermost first. */
const resets: (() => void)[] = [];
survivesHalt(
  () => resets.length,
  (were) => {
    while (resets.length > were) resets.pop()?.();
  },
);

/**
 * Run `fn`, then `reset`, whether it gives a result, throws, or is cut short from outside. Throws when `fn` only begins its work, being async or a
 * generator: most of it would run after `reset`.
 */
export function during<T>(op: string, fn: () => T, reset: () => void): T {
  resets.push(reset);
  try {
    checkFunction(op, fn);
    const result = fn();
    const kind = unfinished(result);
    if (!kind) return result;
    if (result instanceof Promise) result.catch(() => {}); // what it may throw later is not what is wrong here
    throw expectedKind(
      op,
      "a synchronous function",
      words(`${kind} one`),
      `call ${op} inside it, around what does not wait`,
    );
  } finally {
    resets.pop();
    reset();
  }
}

function unfinished(result: unknown): string | null {
  if (result instanceof Promise) return "an async";
  const tag = Object.prototype.toString.call(result);
  return tag === "[object Generator]" || tag === "[object AsyncGenerator]" ? "a generator" : null;
}

/** A setting of the whole library that a function changes for the length of a call. */
export class CallSetting<T> {
  constructor(public value: T) {}

  /** Run `fn` with this value in place of the present one; see {@link during}. */
  during<R>(op: string, value: T, fn: () => R): R {
    const before = this.value;
    this.value = value;
    return during(op, fn, () => {
      this.value = before;
    });
  }
}
