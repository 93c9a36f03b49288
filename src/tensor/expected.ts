import { describe, shorten, showShape } from "./describe";
import { isA } from "./is-a";
import type { Shape } from "./shape";

/** What came, in words of the caller's choice, where {@link describe} would say too little: `words("shape (2, 3)")`. */
export class Words {
  constructor(readonly text: string) {}
}

/** @internal */
export const words = (text: string): Words => new Words(text);

/**
 * What came is arrays of these shapes: `shape (2, 3)`, `shapes (2, 3) and (4,)`.
 * @internal
 */
export function ofShape(...shapes: readonly Shape[]): Words {
  const shown = shapes.slice(0, 8).map(showShape);
  if (shapes.length > shown.length) shown.push("…");
  const last = shown.pop();
  if (last === undefined) return words("none");
  return words(shown.length === 0 ? `shape ${last}` : `shapes ${shown.join(", ")} and ${last}`);
}

/**
 * The error for a wrong value: `op: expected WHAT, got GOT; HINT`. `got` is anything at all and comes out short.
 * The hint says how to mend it; give one only where it is true.
 * @internal
 */
export const expected = (op: string, what: string, got: unknown, hint?: string): RangeError =>
  toldBy(expected, new RangeError(sentence(op, what, got, hint)));

/**
 * {@link expected} where a value of another kind was needed: a list for a number, a Tensor for an NDArray.
 * @internal
 */
export const expectedKind = (op: string, what: string, got: unknown, hint?: string): TypeError =>
  toldBy(expectedKind, new TypeError(sentence(op, what, got, hint)));

/**
 * The error for what does not read as a value expected and a value got: `op: WHY; HINT`. `cause` is another error that
 * led to it.
 * @internal
 */
export const refusal = (op: string, why: string, hint?: string, cause?: unknown): RangeError =>
  toldBy(
    refusal,
    new RangeError(withHint(`${op}: ${why}`, hint), cause === undefined ? undefined : { cause }),
  );

/**
 * {@link refusal} where a value of another kind was needed.
 * @internal
 */
export const refusalOfKind = (op: string, why: string, hint?: string): TypeError =>
  toldBy(refusalOfKind, new TypeError(withHint(`${op}: ${why}`, hint)));

const withHint = (text: string, hint: string | undefined): string => (hint ? `${text}; ${hint}` : text);

function sentence(op: string, what: string, got: unknown, hint: string | undefined): string {
  const came = isA(got, Words) ? shorten(got.text, 300) : describe(got);
  return withHint(`${op}: expected ${what}, got ${came}`, hint);
}

/** So that the trace begins where the error is thrown. */
function toldBy<E extends Error>(teller: (...args: never[]) => Error, error: E): E {
  Error.captureStackTrace?.(error, teller);
  return error;
}

/** How many slips a name of this length may hold and still be known. */
const slipsIn = (length: number): number => (length < 4 ? 1 : length < 8 ? 2 : 3);

/**
 * The one of `names` that is nearest to `name`, if it could be a slip of the keyboard: at most `most` letters off.
 * @internal
 */
export function nearest(
  name: string,
  names: Iterable<string>,
  most = slipsIn(name.length),
): string | undefined {
  if (name.length > 40) return undefined;
  const bare = (text: string) => text.toLowerCase().replaceAll("_", "");
  const wanted = bare(name);
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of names) {
    const distance = slips(wanted, bare(candidate));
    if (distance < least && distance < wanted.length) [best, least] = [candidate, distance];
  }
  return best;
}

/** How many letters must be added, left out, changed or swapped with their neighbour to make `a` into `b`. */
function slips(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return Number.POSITIVE_INFINITY;
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(row[j - 1] + 1, rows[i - 1][j] + 1, rows[i - 1][j - 1] + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
