/** What a row of the table is, how it is added, and the inputs that many rows share. */

/** What fills an input: normal numbers, positive ones, shares of 1, ones, normal numbers in order, 0/1 for bool, int32 numbers or indices below a bound. In forward and backward `normal` and `probability` get gradients. @typedef {"normal" | "probability" | "positive" | "share" | "ones" | "sorted" | "bool" | "int32" | "ids"} Kind */
/** @typedef {readonly [kind: Kind, shape: readonly number[], below?: number]} Input */
/** One input at both sizes. @typedef {{ readonly small: Input, readonly large: Input }} Sized */
/** Ours takes the inputs in order; PyTorch's text calls them x, y, z. The name begins with that of the operation. @typedef {{ op: string, both: boolean, inputs: (size: "small" | "large") => readonly Input[], ours: (...inputs: any[]) => unknown, theirs: string }} Operation */

/** @type {Operation[]} */
export const operations = [];

/** @param {string} op @param {readonly Sized[]} inputs @param {(...inputs: any[]) => unknown} ours @param {string} theirs @param {boolean} both */
const row = (op, inputs, ours, theirs, both) =>
  operations.push({ op, both, inputs: (size) => inputs.map((input) => input[size]), ours, theirs });

/** A row without gradients. @param {string} op @param {readonly Sized[]} inputs @param {(...inputs: any[]) => unknown} ours @param {string} theirs */
export const forward = (op, inputs, ours, theirs) => row(op, inputs, ours, theirs, false);
/** A row of forward and backward. @param {string} op @param {readonly Sized[]} inputs @param {(...inputs: any[]) => unknown} ours @param {string} theirs */
export const both = (op, inputs, ours, theirs) => row(op, inputs, ours, theirs, true);
/** One row of each. @param {Parameters<typeof forward>} given */
export const trained = (...given) => {
  forward(...given);
  both(...given);
};

/** @param {Kind} kind @param {readonly number[]} small @param {readonly number[]} large @returns {Sized} */
export const sized = (kind, small, large) => ({ small: [kind, small], large: [kind, large] });
/** Normal numbers. @param {readonly number[]} small @param {readonly number[]} large */
export const shaped = (small, large) => sized("normal", small, large);
/** Indices. @param {readonly [shape: readonly number[], below: number]} small @param {readonly [shape: readonly number[], below: number]} large @returns {Sized} */
export const ids = (small, large) => ({ small: ["ids", ...small], large: ["ids", ...large] });

/** 64 × 64 and 2048 × 2048, 4 million numbers. @param {Kind} kind */
const square = (kind) => sized(kind, [64, 64], [2048, 2048]);
export const normal = square("normal");
export const probability = square("probability");
export const positive = square("positive");
export const share = square("share");
export const ones = square("ones");
export const bool = square("bool");
/** Int32 numbers below a bound. @param {number} below @returns {Sized} */
export const int32 = (below) => ({
  small: ["int32", [64, 64], below],
  large: ["int32", [2048, 2048], below],
});
export const vector = shaped([64], [2048]);
export const column = shaped([64, 1], [2048, 1]);
export const matrix = shaped([32, 32], [1024, 1024]);
export const million = shaped([1000], [1_000_000]);
export const images = shaped([2, 4, 8, 8], [32, 32, 32, 32]);
