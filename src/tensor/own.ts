/**
 * A frozen copy of plain lists and objects, all the way down; numbers, functions and objects of a class as they are.
 * Whoever keeps what a caller gave keeps this: the caller may go on to change the list.
 */
export function frozenCopy<T>(x: T): T {
  if (typeof x !== "object") return x;
  const made = new Map<object, object>(); // a list may contain itself
  const copyOf = (one: unknown): unknown => {
    if (!isPlain(one)) return one;
    if (!made.has(one)) made.set(one, Array.isArray(one) ? [] : {});
    return made.get(one);
  };
  const copy = copyOf(x);
  // What is found on the way is filled in its turn: lists may be deep.
  for (const [from, to] of made)
    for (const [key, value] of Object.entries(from)) to[key as never] = copyOf(value) as never;
  for (const one of made.values()) Object.freeze(one);
  return copy as T;
}

function isPlain(x: unknown): x is object {
  if (typeof x !== "object" || x === null) return false;
  try {
    if (Array.isArray(x)) return true;
    const prototype = Object.getPrototypeOf(x);
    return prototype === Object.prototype || prototype === null;
  } catch {
    return false; // a Proxy that refuses to be looked at
  }
}
