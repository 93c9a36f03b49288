import { formatNumber } from "../tensor";

/** A value in a few words, its kind included: a verdict compares two of them. */
export { describeFully as describe } from "../tensor";

/** A number as in a sentence: four significant digits, whole numbers in full, NaN and ∞ as the student writes them. */
export const showNumber = (x: number): string =>
  Number.isInteger(x) || !Number.isFinite(x) ? String(x).replace("Infinity", "∞") : formatNumber(x);
