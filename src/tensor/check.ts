import type { DType } from "./dtype";
import { expected, expectedKind, nearest, refusalOfKind, words } from "./expected";
import { isList, readable } from "./is-a";

/** What the compiler checks in TypeScript, said again at run time in the words of the user. */

const dtypes: readonly DType[] = ["float32", "float64", "int32", "bool"];

const looksStrided = (x: { strides?: unknown; data?: unknown } | null | undefined) =>
  ArrayBuffer.isView(x?.data) && Array.isArray(x.strides);
const isStrided = (x: unknown): boolean => readable(looksStrided, x);
const holdsStrided = (x: { data?: unknown } | null | undefined) => looksStrided(x?.data as null);

/** How a value that is no NDArray becomes one. */
function remedy(x: unknown): string | undefined {
  if (isList(x)) return "make an NDArray of it with array()";
  return readable(holdsStrided, x) ? "take its .data" : undefined;
}

/**
 * Throws unless x is an NDArray.
 * @internal
 */
export function checkArray(op: string, x: unknown): void {
  if (!isStrided(x)) throw expectedKind(op, "an NDArray", x, remedy(x));
}

/** Throws unless x is an NDArray or a number. */
export function checkOperand(op: string, x: unknown): void {
  if (typeof x === "number" || isStrided(x)) return;
  throw expectedKind(op, "an NDArray or a number", x, remedy(x));
}

/** Throws unless `list` is an array of NDArrays. */
export function checkArrays(op: string, list: unknown): void {
  checkList(op, list, `a list of arrays, as in ${op}([a, b])`);
  for (const x of list as readonly unknown[]) checkArray(op, x);
}

/** Throws unless `list` is an array; `what` says of what. */
export function checkList(op: string, list: unknown, what: string): void {
  if (!isList(list)) throw expectedKind(op, what, list);
}

export function checkNumber(op: string, x: unknown): void {
  if (typeof x !== "number" && typeof x !== "boolean") throw expectedKind(op, "a number", x);
}

export function checkDType(op: string, dtype: unknown): void {
  if (!dtypes.includes(dtype as DType))
    throw expectedKind(op, 'a dtype "float32", "float64", "int32" or "bool"', dtype);
}

export function checkGenerator(op: string, x: unknown): void {
  if (!readable(kinds.generator.is, x)) throw expectedKind(op, "a Generator as generator", x);
}

/** What an argument or an option may be: its name in messages, and whether a value is one. */
interface Kind {
  readonly words: string;
  /** Its `typeof`; a value of another is of a wrong kind (TypeError), one of the same a wrong value (RangeError). */
  readonly type: "number" | "boolean" | "string" | "function" | "object";
  is(x: never): boolean;
}

const isNumber = (x: unknown): x is number => typeof x === "number";
const isText = (x: unknown): x is string => typeof x === "string";
/** One that can be asked: a Proxy that was revoked throws. The answer itself does not matter. */
const isObject = (x: unknown): x is object =>
  typeof x === "object" && x !== null && typeof Reflect.has(x, "shape") === "boolean";
/** Also of a list with holes, which `every` would leave out. */
const listOf = (is: (x: unknown) => boolean) => (x: unknown[]) => {
  if (!Array.isArray(x)) return false;
  for (const one of x) if (!is(one)) return false;
  return true;
};
const isPair = (x: readonly unknown[]) =>
  isNumber(x) || (Array.isArray(x) && x.length === 2 && x.every(isNumber));
const isMap = (x: { keys?: unknown; get?: unknown; entries?: unknown }) =>
  [x.keys, x.get, x.entries].every((method) => typeof method === "function");

const kinds = {
  number: { words: "a number", type: "number", is: isNumber },
  finite: { words: "a finite number", type: "number", is: Number.isFinite },
  integer: { words: "a whole number", type: "number", is: Number.isInteger },
  count: { words: "a whole number >= 0", type: "number", is: (x: number) => Number.isInteger(x) && x >= 0 },
  size: { words: "a whole number >= 1", type: "number", is: (x: number) => Number.isInteger(x) && x >= 1 },
  positive: { words: "a number > 0", type: "number", is: (x: number) => isNumber(x) && x > 0 },
  fraction: {
    words: "a number in [0, 1]",
    type: "number",
    is: (x: number) => isNumber(x) && x >= 0 && x <= 1,
  },
  boolean: { words: "true or false", type: "boolean", is: (x: unknown) => typeof x === "boolean" },
  text: { words: "a string", type: "string", is: isText },
  function: { words: "a function", type: "function", is: (x: unknown) => typeof x === "function" },
  object: { words: "an object", type: "object", is: isObject },
  list: { words: "a list", type: "object", is: Array.isArray },
  numbers: {
    words: "a list of numbers",
    type: "object",
    is: listOf(isNumber),
  },
  texts: {
    words: "a list of strings",
    type: "object",
    is: listOf(isText),
  },
  objects: {
    words: "a list of objects",
    type: "object",
    is: listOf(isObject),
  },
  pair: { words: "a number or [vertical, horizontal]", type: "object", is: isPair },
  iterable: {
    words: "a list or another iterable",
    type: "object",
    is: (x: Iterable<unknown>) => isObject(x) && typeof x[Symbol.iterator] === "function",
  },
  map: { words: "a Map", type: "object", is: (x: object) => isObject(x) && isMap(x) },
  array: { words: "an NDArray", type: "object", is: looksStrided },
  tensor: { words: "a Tensor", type: "object", is: holdsStrided },
  tensorOrArray: {
    words: "a Tensor or an NDArray",
    type: "object",
    is: (x: object) => looksStrided(x) || holdsStrided(x),
  },
  operand: {
    words: "a Tensor, an NDArray or a number",
    type: "object",
    is: (x: object) => isNumber(x) || looksStrided(x) || holdsStrided(x),
  },
  generator: {
    words: "a Generator",
    type: "object",
    is: (x: { bernoulli?: unknown } | null) => isObject(x) && typeof x.bernoulli === "function",
  },
  dtype: {
    words: 'a dtype "float32", "float64", "int32" or "bool"',
    type: "string",
    is: (x: DType) => dtypes.includes(x),
  },
  any: { words: "anything", type: "object", is: () => true },
} satisfies Record<string, Kind>;

/** The name of a kind of value, or the strings that are allowed. */
export type KindName = keyof typeof kinds | readonly string[];

/** Throws unless `value` is what the argument or option `name` of `op` has to be. */
export function check(op: string, name: string, value: unknown, kind: KindName, hint?: string): void {
  if (isText(kind)) {
    const { words, type, is } = kinds[kind] as Kind;
    if (readable(is, value)) return;
    const error = typeof value === type && isNumber(value) ? expected : expectedKind;
    throw error(op, `${name} to be ${words}`, value, hint);
  }
  if (kind.includes(value as string)) return;
  const near = isText(value) ? nearest(value, kind) : undefined;
  const quoted = kind.map((one) => JSON.stringify(one));
  const choice = [...quoted.slice(0, -2), quoted.slice(-2).join(" or ")].join(", ");
  throw expected(op, `${name} ${choice}`, value, near && `did you mean "${near}"?`);
}

/** {@link check} for several: `checkAll("tile", { reps: [reps, "numbers"] })`. Not where speed counts. */
export function checkAll(
  op: string,
  values: Readonly<Record<string, readonly [value: unknown, kind: KindName]>>,
): void {
  for (const name of Object.keys(values)) check(op, name, ...values[name]);
}

/** Throws unless `value` has these methods: `checkMethods("encodeBatch", "a tokenizer", tokenizer, ["tokenize"])`. */
export function checkMethods(
  op: string,
  what: string,
  value: unknown,
  methods: readonly PropertyKey[],
  hint?: string,
): void {
  const has = (x: Record<PropertyKey, unknown> | null | undefined) =>
    methods.every((name) => typeof x?.[name] === "function");
  if (!readable(has, value)) throw expectedKind(op, what, value, hint);
}

/** Options by name: what each may be. One that is undefined is left out. */
export type OptionKinds = Readonly<Record<string, KindName>>;

const isPlain = (x: unknown): boolean =>
  typeof x === "object" && x !== null && !Array.isArray(x) && !("shape" in x);

/**
 * Throws when something else stands where options belong: `sum(0, true)`. `example` is how they are written. With
 * `known`, also when an option has a name that is not there, or a value of another kind. Those `required` may not be
 * left out. (A known name more or fewer than the options' type has does not compile.)
 */
export function checkOptions<O>(
  op: string,
  options: O,
  example: string,
  known?: { readonly [name in keyof NonNullable<O>]-?: KindName },
  required?: readonly string[],
): void {
  if (options === undefined && !required) return;
  if (!readable(isPlain, options)) throw expectedKind(op, `options such as { ${example} }`, options);
  if (!known) return;
  for (const name of namesOf(op, options as object)) {
    if (!Object.hasOwn(known, name)) {
      const near = nearest(name, Object.keys(known));
      const names = Object.keys(known).join(", ");
      const hint = near ? `did you mean ${near}?` : `there are ${names}`;
      throw refusalOfKind(op, `no option is called ${name}`, hint);
    }
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined) check(op, name, value, (known as OptionKinds)[name]);
  }
  for (const name of required ?? []) {
    if ((options as Record<string, unknown>)[name] === undefined)
      check(op, name, undefined, (known as OptionKinds)[name]);
  }
}

function namesOf(op: string, options: object): string[] {
  try {
    return Object.keys(options);
  } catch {
    throw expectedKind(op, "options", options);
  }
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
