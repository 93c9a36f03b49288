/**
 * What a student's code may import at grading: the library, without what its exercise forbids; of the lectures, only the
 * functions that were asked for earlier. Solutions and models are not there at all: their files cannot be read from here.
 */
import { Tensor } from "../../autograd";
import { NDArray, nodeModule, refusal } from "../../tensor";

/** A file of the student's code, by the name that it is run under. */
export const STUDENT_FILE = "answer.js";

/** Thrown where a student's code itself calls what its exercise forbids. */
export class Forbidden extends Error {
  override readonly name = "Forbidden";
  constructor(readonly forbidden: string) {
    super(`\`${forbidden}\` already does what the exercise asks for: write it from simpler operations`);
  }
}

// Taken before any of the student's code: all of it may be replaced, or locked.
const [OurError, captureStackTrace] = [Error, Error.captureStackTrace];
const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;

/** What the engine asks while it lists calls, as it must be for that. */
const asked: readonly { owner: object; key: string; value: unknown }[] = [
  { owner: globalThis, key: "Error", value: OurError },
  { owner: OurError, key: "prepareStackTrace", value: (_: unknown, sites: unknown) => sites },
  { owner: OurError, key: "stackTraceLimit", value: 10 },
];

/** The calls that led here, from the one above `fn` on. Throws where a student's code has locked what it takes to see them. */
// biome-ignore lint/complexity/noBannedTypes: any function at all
function callsAbove(fn: Function): NodeJS.CallSite[] {
  const before: (PropertyDescriptor | undefined)[] = [];
  // (No method of lists is called here, and none is walked through by its iterator.)
  for (let i = 0; i < asked.length; i++) before[i] = getOwnPropertyDescriptor(asked[i].owner, asked[i].key);
  try {
    for (let i = 0; i < asked.length; i++) {
      const { owner, key, value } = asked[i];
      if (!defineProperty(owner, key, { value, writable: true, configurable: true }))
        throw refusal(key, "it was locked");
    }
    const holder: { stack?: unknown } = {};
    captureStackTrace(holder, fn);
    return holder.stack as NodeJS.CallSite[];
  } finally {
    for (let i = 0; i < asked.length; i++) {
      const { owner, key } = asked[i];
      const was = before[i];
      if (was) defineProperty(owner, key, was);
      else deleteProperty(owner, key);
    }
  }
}

const { getFileName } = Object.getPrototypeOf(callsAbove(callsAbove)[0]) as NodeJS.CallSite;
const folder = `${nodeModule("node:path").resolve(__dirname, "..", "..")}${nodeModule("node:path").sep}`;
const { startsWith } = String.prototype;

/** Whether a file is one of the library's. */
export const isLibrary = (file: string): boolean => apply(startsWith, file, [folder]) as boolean;

/** Whether the function that is running now was called by the library. Where that cannot be told, it was not. */
// biome-ignore lint/complexity/noBannedTypes: any function at all
function calledByLibrary(above: Function): boolean {
  try {
    const sites = callsAbove(above);
    for (let i = 0; i < sites.length; i++) {
      const file = apply(getFileName, sites[i], []) as string | null | undefined;
      if (file && !apply(startsWith, file, ["node:"])) return isLibrary(file);
    }
  } catch {
    // locked
  }
  return false;
}

/** The same function or class, closed to all calls but those that `allows` finds. */
function guarded<T extends (...args: never[]) => unknown>(
  fn: T,
  name: string,
  tell: (name: string) => void,
  // biome-ignore lint/complexity/noBannedTypes: any function at all
  allows: (above: Function) => boolean,
): T {
  // biome-ignore lint/complexity/noBannedTypes: any function at all
  const refuse = (above: Function): void => {
    if (allows(above)) return;
    tell(name);
    throw new Forbidden(name);
  };
  const handler: ProxyHandler<T> = {
    apply(target, self, args) {
      refuse(handler.apply as never);
      return apply(target, self, args);
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
      const value = guarded(found.value, method, tell, calledByLibrary);
      Object.defineProperty(prototype, method, { ...found, value });
    }
  }
}

/**
 * A module's exports, those of these names closed, and `more` in place of others. Only a student's code gets them so: the library's
 * parts know each other by themselves.
 */
export function guardExports<T extends object>(
  exports: T,
  names: readonly string[],
  tell: (name: string) => void,
  more: Readonly<Record<string, unknown>> = {},
): T {
  const closed = new Map<PropertyKey, unknown>(Object.entries(more));
  for (const name of names) {
    const value: unknown = Object.hasOwn(exports, name) ? exports[name as keyof T] : undefined;
    if (typeof value === "function")
      closed.set(
        name,
        guarded(value as never, name, tell, () => false),
      );
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
