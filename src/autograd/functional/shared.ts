import { describe, type Pair } from "../../tensor";

const isPresent = <T>(x: T | undefined): x is T => x !== undefined;

/** The members of a list that are there: for operations with optional inputs. */
export const present = <T>(...list: (T | undefined)[]): T[] => list.filter(isPresent);

/** A number for both axes of an image, written out. */
export function both(pair: Pair, op: string): readonly [number, number] {
  if (typeof pair === "number") return [pair, pair];
  if (Array.isArray(pair) && pair.length === 2) return [pair[0], pair[1]];
  throw new TypeError(`${op}: expected a number or [vertical, horizontal], got ${describe(pair)}`);
}
