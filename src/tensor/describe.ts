import { listed } from "./listed";

/** Any value in a few words, for error messages. */

/**
 * A shape in the words of error messages and printing: `(2, 3)`, `(5,)`, `()`.
 * @internal
 */
export const showShape = (shape: readonly (number | string)[]): string =>
  shape.length === 1 ? `(${shape[0]},)` : `(${listed(shape, { most: 16 })})`;

/**
 * At most `length` characters.
 * @internal
 */
export const shorten = (text: string, length = 60): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

/**
 * Any value in a few words: `a Tensor (2, 3)`, `a list of 2`, `"sum"`, `undefined`. Short whatever comes, and never
 * throws: a Proxy or a getter that refuses to be read is an object that cannot be read.
 * @internal
 */
export const describe = (x: unknown): string => readable(x, false);

/**
 * {@link describe} with what a message needs that sets two values beside each other: the kind of a literal, the dtype of
 * an array, what a list holds. `a float32 Tensor of shape (2, 3)`, `an array of 2 numbers`, `the string "sum"`.
 * @internal
 */
export const describeFully = (x: unknown): string => readable(x, true);

function readable(x: unknown, full: boolean): string {
  try {
    return inWords(x, full);
  } catch {
    return `${article(typeof x)} that cannot be read`;
  }
}

function inWords(x: unknown, full: boolean): string {
  switch (typeof x) {
    case "string":
      return `${full ? "the string " : ""}${shorten(JSON.stringify(x.slice(0, 100)))}`;
    case "number":
      return `${full ? "the number " : ""}${Object.is(x, -0) ? "-0" : x}`;
    case "bigint":
      return bigint(x);
    case "function":
      return functionInWords(x, full);
    case "object":
      return x === null ? "null" : objectInWords(x, full);
    default:
      return shorten(String(x));
  }
}

/** (Hexadecimal digits come in linear time, decimal ones of a long number do not.) */
function bigint(x: bigint): string {
  const digits = x.toString(16).length;
  return digits <= 24 ? `${x}n` : `a bigint of about ${digits * 4} bits`;
}

// biome-ignore lint/complexity/noBannedTypes: any function at all
function functionInWords(x: Function, full: boolean): string {
  const name = nameOf(x);
  if (full || !name) return "a function";
  const isClass = Function.prototype.toString.call(x).startsWith("class");
  return `the ${isClass ? "class" : "function"} ${name}`;
}

/** (A class may have a static `name` of its own, of any kind.) */
function nameOf(x: unknown): string {
  const name: unknown = (x as { name?: unknown }).name;
  return typeof name === "string" ? shorten(name, 40) : "";
}

function objectInWords(x: object, full: boolean): string {
  if (Array.isArray(x)) return listInWords(x, full);
  const maker: unknown = (x as { constructor?: unknown }).constructor;
  const name = typeof maker === "function" ? nameOf(maker) || "object" : "Object";
  if (name === "Object") return `an object { ${keysInWords(x)} }`;
  const { shape, dtype } = x as { shape?: unknown; dtype?: unknown };
  if (isShape(shape)) {
    if (!full) return `${article(name)} ${shorten(showShape(shape))}`;
    return `${article(typeof dtype === "string" ? `${dtype} ${name}` : name)} of shape ${shorten(showShape(shape))}`;
  }
  const { length } = x as { length?: unknown };
  if (ArrayBuffer.isView(x) && typeof length === "number") return `${article(name)} of ${length}`;
  return article(name);
}

/** The first few names, not all 100,000. */
function keysInWords(x: object): string {
  const keys = Object.keys(x);
  const shown = keys.slice(0, 6).map((key) => shorten(key, 30));
  return (keys.length > 6 ? [...shown, "…"] : shown).join(", ");
}

function listInWords(list: readonly unknown[], full: boolean): string {
  if (!full) return `a list of ${list.length}`;
  if (list.length === 0) return "an empty array";
  const kindOf = (entry: unknown) => (Array.isArray(entry) ? "array" : typeof entry);
  const kind = kindOf(list[0]);
  const alike = list.slice(0, 1000).every((entry) => kindOf(entry) === kind);
  return `an array of ${list.length} ${alike ? kind : "value"}${list.length === 1 ? "" : "s"}`;
}

const isShape = (shape: unknown): shape is number[] =>
  Array.isArray(shape) && shape.length <= 100 && shape.every((n) => typeof n === "number");

/** "a float32 array", "an int32 array", "an NDArray". */
const article = (noun: string): string => `${/^([aeio]|u(?!int)|NDA)/i.test(noun) ? "an" : "a"} ${noun}`;

/**
 * `value` with at most `digits` significant digits, as people read it; NaN and infinities as arrays print them: `nan`,
 * `inf`, `-inf`.
 * @internal
 */
export function formatNumber(value: number, digits = 4): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  if (magnitude >= 1e6 || magnitude < 1e-4) {
    return value.toExponential(Math.min(digits - 1, 2)).replace(/\.?0+e/, "e");
  }
  return String(Number(value.toPrecision(Number.isInteger(value) ? 7 : digits)));
}
