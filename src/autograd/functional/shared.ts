import type { Pair } from "../../tensor";

/** The members of a list that are there: for operations with optional inputs. */
export const present = <T>(...list: (T | undefined)[]): T[] => list.filter((x) => x !== undefined);

/** A number for both axes of an image, written out. */
export const both = (pair: Pair): readonly [number, number] =>
  typeof pair === "number" ? [pair, pair] : pair;
