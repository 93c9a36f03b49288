/**
 * Shorter arrays are done faster by plain loops than by a call, where these give the same to the last digit: one element
 * and a thousand have one answer.
 */
export const SMALL = 32;

/** Elements that are worth waking a thread for: of plain arithmetic, and of formulas with an exponential. */
export const GRAIN = 16_384;
export const GRAIN_EXP = 2_048;
