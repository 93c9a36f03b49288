import { checkOptions, environment, expected } from "../tensor";

/**
 * A notebook can run in full, or short: the same cells, with loops that end early. Tests run it short, to see that every
 * cell still works; nothing of such a run is a result.
 */

/** Whether this is a short run: the environment variable GRADSCHOOL_SHORT is 1. */
export const isShortRun = (): boolean => environment("GRADSCHOOL_SHORT") === "1";

/**
 * `full` where the notebook runs in full, `short` in a short run: for loops that no training view ends early.
 * ```ts
 * const seeds = inFull([1, 2, 3, 4, 5], { short: [1] });
 * const EPOCHS = inFull(20, { short: 1 });
 * ```
 */
export function inFull<T>(full: T, options: { readonly short: T }): T {
  checkOptions("inFull", options, "short: 1", { short: "any" }, ["short"]);
  if (!("short" in options)) throw expected("inFull", "what a short run takes, as in { short: 1 }", options);
  return isShortRun() ? options.short : full;
}
