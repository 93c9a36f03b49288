import type { DType } from "./dtype";
import { describe } from "./shape";

/** What the compiler checks in TypeScript, said again at run time in the words of the user. */

const dtypes: readonly DType[] = ["float32", "float64", "int32", "bool"];

const isStrided = (x: unknown): boolean => Array.isArray((x as { strides?: unknown } | null)?.strides);

/** How a value that is no NDArray becomes one. */
function remedy(x: unknown): string {
  if (Array.isArray(x)) return "; make an NDArray of it with array()";
  return isStrided((x as { data?: unknown } | null)?.data) ? "; take its .data" : "";
}

/** Throws unless x is an NDArray. */
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

/** Throws when something else stands where options belong: `sum(0, true)`. `example` is how they are written. */
export function checkOptions(op: string, options: unknown, example: string, required = false): void {
  if (options === undefined && !required) return;
  const plain = typeof options === "object" && options !== null && !Array.isArray(options);
  if (plain && !("shape" in options)) return;
  throw new TypeError(`${op}: expected options such as { ${example} }, got ${describe(options)}`);
}
