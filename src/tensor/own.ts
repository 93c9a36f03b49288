/**
 * A frozen copy of plain lists and objects, all the way down; numbers, functions and objects of a class as they are.
 * Whoever keeps what a caller gave keeps this: the caller may go on to change the list.
 */
export function frozenCopy<T>(x: T): T {
  if (typeof x !== "object") return x;
  return copyOf(x, new Map()) as T;
}

function copyOf(x: unknown, made: Map<unknown, unknown>): unknown {
  const isList = Array.isArray(x);
  if (!isList && !isPlain(x)) return x;
  if (made.has(x)) return made.get(x); // a list may contain itself
  const copy: unknown[] | Record<string, unknown> = isList ? [] : {};
  made.set(x, copy);
  for (const [key, value] of Object.entries(x)) copy[key as never] = copyOf(value, made) as never;
  return Object.freeze(copy);
}

function isPlain(x: unknown): x is object {
  if (typeof x !== "object" || x === null) return false;
  const prototype = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null;
}
