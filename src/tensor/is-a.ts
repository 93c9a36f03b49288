/** Questions about what comes from outside: a Proxy that was revoked throws at each of the engine's own, and is none of these. */

/** Whether `test` holds of `x`, which may be a Proxy that refuses to be read or have a getter that throws: then it does not. */
export function readable(test: (x: never) => boolean, x: unknown): boolean {
  try {
    return test(x as never);
  } catch (error) {
    // The end of the stack says nothing about x.
    if (error instanceof RangeError) throw error;
    return false;
  }
}

/** `Array.isArray`. */
export const isList = ((x: unknown) => readable(Array.isArray, x)) as typeof Array.isArray;

/** `instanceof`. */
export const isA = <T>(x: unknown, kind: abstract new (...args: never[]) => T): x is T =>
  readable((x: unknown) => x instanceof kind, x);

/** Whether `x` has a length, as lists, typed arrays, texts and data sets have. */
export const hasLength = (x: unknown): boolean =>
  readable((x: { length?: unknown } | null | undefined) => typeof x?.length === "number", x);
