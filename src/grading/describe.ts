import { Tensor } from "../autograd";
import { describeFully, formatNumber, isA, isList, NDArray, readable, shorten, showShape } from "../tensor";
import { isRecord } from "./inputs";

/** A value in a few words, its kind included: a verdict compares two of them. */
export { describeFully as describe } from "../tensor";

/** A number as in a sentence: four significant digits, whole numbers in full, NaN and ∞ as the student writes them. */
export const showNumber = (x: number): string =>
  Number.isInteger(x) || !Number.isFinite(x) ? String(x).replace("Infinity", "∞") : formatNumber(x);

/** Something to `await`. */
export const isThenable = (value: unknown): boolean =>
  typeof value === "object" && readable((x: { then?: unknown }) => typeof x.then === "function", value);

/** What only `new` can call. */
export const isClass = (value: unknown): boolean =>
  typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));

/** The arguments of a call, as short as they can be told apart: `[[7, 8, 9], [5]], { bos: 1, eos: 2 }`. */
export function showArguments(args: readonly unknown[]): string {
  try {
    return args.map((arg) => shorten(literal(arg, 40), 80)).join(", ");
  } catch {
    return "arguments that cannot be read";
  }
}

/** A value as it is written in code, of at most about `room` characters. */
function literal(value: unknown, room: number): string {
  if (isA(value, Tensor) || isA(value, NDArray)) {
    const kind = isA(value, Tensor) ? "Tensor" : "NDArray";
    const data = isA(value, Tensor) ? value.data : value;
    return data.size <= 6 ? `${kind} ${literal(data.toArray(), room)}` : `${kind} ${showShape(value.shape)}`;
  }
  if (isList(value)) return `[${listed(value, room)}]`;
  if (isRecord(value)) {
    const fields = Object.entries(value).map(([key, field]) => `${key}: ${literal(field, room)}`);
    return fields.length > 0 ? `{ ${fields.join(", ")} }` : "{}";
  }
  if (typeof value === "number") return showNumber(value);
  return typeof value === "string" ? JSON.stringify(shorten(value)) : describeFully(value);
}

function listed(list: readonly unknown[], room: number): string {
  let text = "";
  for (let i = 0; i < list.length; i++) {
    if (text.length > room) return `${text}, … ${list.length} in all`;
    text += (i > 0 ? ", " : "") + literal(list[i], room);
  }
  return text;
}

/** What was thrown, as one line: `RangeError: reshape: …`. Anything can be thrown, and may throw when it is asked. */
export function describeError(error: unknown): { readonly message: string; readonly place: string | null } {
  try {
    if (!isA(error, Error)) return { message: describeFully(error), place: null };
    const message = `${shorten(String(error.name))}: ${shorten(String(error.message), 500)}`;
    const [place = null] = /cell \[\d+\]:\d+:\d+/.exec(String(error.stack ?? "")) ?? [];
    return { message, place };
  } catch {
    return { message: "something that cannot be read", place: null };
  }
}
