/**
 * What a student's code may import at grading: the library, without what its exercise forbids; of the lectures, only the
 * functions that were asked for earlier. Solutions and models are not there at all: their files cannot be read from here.
 */
import { Tensor } from "../../autograd";
import { NDArray, refusal } from "../../tensor";

/** A file of the student's code, by the name that it is run under. */
export const STUDENT_FILE = "answer.js";

/** Thrown where a student's code itself calls what its exercise forbids. */
export class Forbidden extends Error {
  override readonly name = "Forbidden";
  constructor(readonly forbidden: string) {
    super(`\`${forbidden}\` already does what the exercise asks for: write it from simpler operations`);
  }
}

/** Whether the function that is running now was called by a student's own code, with nothing of the library between. */
// biome-ignore lint/complexity/noBannedTypes: any function at all
function calledByStudent(above: Function): boolean {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.stackTraceLimit = 6;
  Error.prepareStackTrace = (_, sites) => sites;
  const holder: { stack?: unknown } = {};
  Error.captureStackTrace(holder, above);
  const sites = holder.stack as NodeJS.CallSite[];
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
  for (const site of sites) {
    const file = site.getFileName();
    if (file) return file === STUDENT_FILE;
  }
  return false;
}

/** The same function or class, which a student's own code cannot call. */
export function guarded<T extends (...args: never[]) => unknown>(
  fn: T,
  name: string,
  tell: (name: string) => void,
): T {
  const refuse = (above: (...args: never[]) => unknown): void => {
    if (!calledByStudent(above)) return;
    tell(name);
    throw new Forbidden(name);
  };
  const handler: ProxyHandler<T> = {
    apply(target, self, args) {
      refuse(handler.apply as never);
      return Reflect.apply(target, self, args);
    },
    construct(target, args, maker) {
      refuse(handler.construct as never);
      return Reflect.construct(target, args, maker) as object;
    },
  };
  return new Proxy(fn, handler);
}

/** Close methods of arrays and tensors to the student's own code. The library goes on using them. */
export function guardMethods(names: readonly string[], tell: (name: string) => void): void {
  for (const name of names) {
    const method = name.replace(/^\./, "");
    for (const { prototype } of [NDArray, Tensor] as { prototype: object }[]) {
      const found = Object.getOwnPropertyDescriptor(prototype, method);
      if (typeof found?.value !== "function") continue;
      Object.defineProperty(prototype, method, { ...found, value: guarded(found.value, method, tell) });
    }
  }
}

/** A module's exports, those of these names closed to the student's own code; and `more` in place of others. */
export function guardExports<T extends object>(
  exports: T,
  names: readonly string[],
  tell: (name: string) => void,
  more: Readonly<Record<string, unknown>> = {},
): T {
  const closed = new Map<PropertyKey, unknown>(Object.entries(more));
  for (const name of names) {
    const value: unknown = Object.hasOwn(exports, name) ? exports[name as keyof T] : undefined;
    if (typeof value === "function") closed.set(name, guarded(value as never, name, tell));
  }
  return new Proxy(Object.create(null) as T, {
    get: (_, key) => (closed.has(key) ? closed.get(key) : Reflect.get(exports, key)),
    has: (_, key) => closed.has(key) || Reflect.has(exports, key),
    ownKeys: () => [...Reflect.ownKeys(exports)],
    getOwnPropertyDescriptor: (_, key) => ({
      value: closed.has(key) ? closed.get(key) : Reflect.get(exports, key),
      ...{ enumerable: true, configurable: true, writable: true },
    }),
  });
}

/**
 * What `gradschool/lectures/NAME` is at grading: `exercises` by id, `use()`; anything else throws when it is called, and says
 * that it is not there.
 */
export function lectureStub(lecture: string, earlier: Readonly<Record<string, unknown>>): object {
  const exercises = new Proxy({}, { get: (_, id) => (typeof id === "string" ? { id } : undefined) });
  const known: Record<string, unknown> = { __esModule: true, exercises, use: () => earlier };
  return new Proxy(known, {
    get: (target, key) => {
      if (typeof key !== "string" || key in target) return Reflect.get(target, key);
      return function missing(): never {
        throw refusal(
          key,
          `it is not there at grading: of the lecture "${lecture}", only what exercises ask for is`,
        );
      };
    },
  });
}
