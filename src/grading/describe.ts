import { Tensor } from "../autograd";
import { NDArray, showShape } from "../tensor";
import { isRecord } from "./inputs";

/** A number as in a sentence: four significant digits, whole numbers in full. */
export function showNumber(x: number): string {
  if (Number.isInteger(x) || !Number.isFinite(x)) return String(x).replace("Infinity", "∞");
  const magnitude = Math.abs(x);
  return magnitude >= 1e-3 && magnitude < 1e6 ? String(Number(x.toPrecision(4))) : x.toExponential(2);
}

/** A value in a few words: "a float32 Tensor of shape (2, 3)", "undefined", "an array of 3 numbers". */
export function describe(value: unknown): string {
  if (value instanceof Tensor) return `a ${value.dtype} Tensor of shape ${showShape(value.shape)}`;
  if (value instanceof NDArray) return `${article(value.dtype)} NDArray of shape ${showShape(value.shape)}`;
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return describeList(value);
  if (value instanceof Promise) return "a Promise";
  if (typeof value === "function") return "a function";
  if (typeof value === "number") return `the number ${showNumber(value)}`;
  if (typeof value === "string") return `the string ${shorten(JSON.stringify(value))}`;
  if (isRecord(value)) return `an object { ${Object.keys(value).join(", ")} }`;
  if (typeof value === "object") return article(value.constructor?.name ?? "object");
  return `${typeof value} ${String(value)}`;
}

function describeList(list: readonly unknown[]): string {
  if (list.length === 0) return "an empty array";
  const kinds = new Set(list.map((entry) => (Array.isArray(entry) ? "array" : typeof entry)));
  const kind = kinds.size === 1 ? [...kinds][0] : "value";
  return `an array of ${list.length} ${kind}${list.length === 1 ? "" : "s"}`;
}

const article = (word: string): string => `${/^[aeiou]/i.test(word) ? "an" : "a"} ${word}`;

/** At most `length` characters. */
export const shorten = (text: string, length = 60): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;
