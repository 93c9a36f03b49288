import type { DType } from "./dtype";
import { expected, words } from "./expected";
import { describe } from "./shape";

/** What the compiler checks in TypeScript, said again at run time in the words of the user. */

const dtypes: readonly DType[] = ["float32", "float64", "int32", "bool"];

const isStrided = (x: unknown): boolean => Array.isArray((x as { strides?: unknown } | null)?.strides);

/** How a value that is no NDArray becomes one. */
function remedy(x: unknown): string {
  if (Array.isArray(x)) return "; make an NDArray of it with array()";
  return isStrided((x as { data?: unknown } | null)?.data) ? "; take its .data" : "";
}

/**
 * Throws unless x is an NDArray.
 * @internal
 */
export function checkArray(op: string, x: unknown): void {
  if (!isStrided(x)) throw new TypeError(`${op}: expected an NDArray, got ${describe(x)}${remedy(x)}`);
}

/** Throws unless x is an NDArray or a number. */
export function checkOperand(op: string, x: unknown): void {
  if (typeof x === "number" || isStrided(x)) return;
  throw new TypeError(`${op}: expected an NDArray or a number, got ${describe(x)}${remedy(x)}`);
}

/** Throws unless `list` is an array of NDArrays. */
export function checkArrays(op: string, list: unknown): void {
  if (!Array.isArray(list)) {
    throw new TypeError(`${op}: expected a list of arrays, as in ${op}([a, b]), got ${describe(list)}`);
  }
  for (const x of list) checkArray(op, x);
}

export function checkNumber(op: string, x: unknown): void {
  if (typeof x !== "number" && typeof x !== "boolean") {
    throw new TypeError(`${op}: expected a number, got ${describe(x)}`);
  }
}

export function checkDType(op: string, dtype: unknown): void {
  if (!dtypes.includes(dtype as DType)) {
    throw new TypeError(
      `${op}: expected a dtype "float32", "float64", "int32" or "bool", got ${describe(dtype)}`,
    );
  }
}

/**
 * Throws when something else stands where options belong: `sum(0, true)`. `example` is how they are written.
 * @internal
 */
export function checkOptions(op: string, options: unknown, example: string, required = false): void {
  if (options === undefined && !required) return;
  const plain = typeof options === "object" && options !== null && !Array.isArray(options);
  if (plain && !("shape" in options)) return;
  throw new TypeError(`${op}: expected options such as { ${example} }, got ${describe(options)}`);
}

const INT32 = "a number that int32 holds (−2147483648 to 2147483647)";

/** Whether int32 holds the whole part of `value`; not of NaN. */
export const fitsInt32 = (value: number): boolean => value > -2147483649 && value < 2147483648;

/**
 * Whether an array of that type can take in `value`: int32 drops a fraction, floats round, but neither turns it into
 * another number.
 */
export function fits(value: number, dtype: DType): boolean {
  if (dtype === "int32") return fitsInt32(value);
  return dtype !== "float32" || Number.isFinite(Math.fround(value)) || !Number.isFinite(value);
}

/**
 * Throws unless the value {@link fits}.
 * @internal
 */
export function checkFits(op: string, value: number, dtype: DType): void {
  if (!fits(value, dtype)) throw doesNotFit(op, value, dtype);
}

/** The error for a number that does not fit; `where` it stood. */
export function doesNotFit(op: string, value: number, dtype: DType, where = ""): RangeError {
  const what = dtype === "int32" ? INT32 : "a number that float32 holds (below 3.4e38)";
  const hint = 'float64 holds it: to("float64"), or { dtype: "float64" } where an array is made';
  return expected(op, what, words(`${value}${where}`), Number.isFinite(value) ? hint : "floats hold it");
}
