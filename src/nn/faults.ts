import { listed, readable, refusal } from "../tensor";

/**
 * Throws one error that lists all faults of what was to be loaded, the first behind `op`, each of the others on a line;
 * nothing when there are none.
 */
export function refuse(op: string, faults: readonly string[]): void {
  if (faults.length === 0) return;
  const list = listed(faults, { most: 60, separator: "\n  " });
  throw refusal(op, `${list}${faults.length > 1 ? "\n" : "; "}nothing was loaded`);
}

/** Whether `x` is a whole number from `low` on. */
export const isCount = (x: unknown, low = 0): x is number => Number.isSafeInteger(x) && (x as number) >= low;

/** Whether `x` is a plain object, of this realm or another: not null, a list, a Map or the like. */
export const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === "object" && x !== null && readable(hasNoClass, x);

function hasNoClass(x: object): boolean {
  const prototype = Object.getPrototypeOf(x);
  return !Array.isArray(x) && (prototype === null || Object.getPrototypeOf(prototype) === null);
}
