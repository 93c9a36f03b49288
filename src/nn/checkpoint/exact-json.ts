import { describe, expectedKind, quoted, refusal } from "../../tensor";
import { isRecord } from "../faults";

/**
 * JSON that gives back exactly what went in, or says what it cannot hold. Plain JSON makes null of NaN and Infinity (the
 * best loss so far of a scheduler that has seen none), 0 of −0, and {} of a Map.
 */

/** How a number that JSON lacks is written: `{"$number": "-Infinity"}`. */
const NUMBER = "$number";
const MOST_LEVELS = 200;

/** Throws, naming the place under `what`, on anything but null, booleans, numbers, strings, lists and plain objects. */
export function toExactJson(what: string, value: unknown): string {
  return JSON.stringify(encode(what, value, 0));
}

function encode(at: string, value: unknown, level: number): unknown {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return { [NUMBER]: Object.is(value, -0) ? "-0" : String(value) };
  }
  const isList = Array.isArray(value);
  if (!isList && !isRecord(value)) {
    const isListLike = ArrayBuffer.isView(value) || value instanceof Map;
    const hint = isListLike ? "make a list of it with Array.from()" : undefined;
    throw expectedKind(at, "what JSON can hold (numbers, strings, lists, plain objects)", value, hint);
  }
  if (level >= MOST_LEVELS)
    throw refusal(`${at.slice(0, 80)}…`, `expected at most ${MOST_LEVELS} levels`, "does it contain itself?");
  if (isList) return Array.from(value, (item, i) => encode(`${at}[${i}]`, item, level + 1));
  if (Object.hasOwn(value, NUMBER)) throw refusal(at, `the name ${NUMBER} is taken, use another`);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(
    entries.map(([key, item]) => [
      key,
      encode(`${at}.${key.length > 40 ? quoted(key, 40) : key}`, item, level + 1),
    ]),
  );
}

/** The value that toExactJson() wrote. Throws on anything else. */
export function fromExactJson(text: string): unknown {
  return JSON.parse(text, (_, value) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, NUMBER)) return value;
    const number = Number(value[NUMBER]);
    const isOurs =
      Object.keys(value).length === 1 && ["NaN", "Infinity", "-Infinity", "-0"].includes(value[NUMBER]);
    if (!isOurs) throw new SyntaxError(`expected a number, got ${describe(value[NUMBER])}`);
    return number;
  });
}
