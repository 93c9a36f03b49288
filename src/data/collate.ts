import {
  check,
  checkFits,
  checkOptions,
  type DType,
  empty,
  expected,
  expectedKind,
  hasLength,
  isA,
  isList,
  listed,
  NDArray,
  refusal,
  refusalOfKind,
  showShape,
  stack,
  words,
} from "../tensor";

/** Numbers, nested to any depth. */
type Numbers = readonly (number | Numbers)[];
type TypedArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint16Array
  | Uint8ClampedArray;

/** What `collate` makes of samples of type T. */
export type Collated<T> = T extends number | boolean | NDArray | TypedArray | Numbers
  ? NDArray
  : T extends string
    ? string[]
    : { -readonly [K in keyof T]: Collated<T[K]> };

/**
 * Make one batch of several samples: the first axis of every array in it counts the samples.
 *
 * - numbers and (nested) lists of numbers: int32 if all are integers, else float32; booleans: bool
 * - NDArrays and typed arrays: stacked; bytes become int32
 * - strings: a list of strings
 * - objects, and lists of any of these: field by field
 *
 * Samples of different shapes cannot be stacked: pad them first, e.g. with `padSequences` in a collate of your own.
 */
export function collate<T>(samples: readonly T[]): Collated<T> {
  check("collate", "samples", samples, "list");

  if (samples.length === 0) throw expected("collate", "at least one sample", words("none"));
  return collateField(samples, "") as Collated<T>;
}

/** Fields within fields go no deeper; a list that holds itself has no end. */
const DEEPEST = 64;

function collateField(samples: readonly unknown[], path: string, depth = 0): unknown {
  if (depth > DEEPEST)
    throw refusal(
      "collate",
      `expected fields within fields to depth ${DEEPEST} at most`,
      "does a sample hold itself?",
    );
  const kind = kindOf(samples[0]);
  samples.forEach((sample, i) => {
    const other = kindOf(sample);
    if (other !== kind)
      throw refusalOfKind("collate", `${at(path, i)} is ${other}, ${at(path, 0)} is ${kind}`);
  });
  switch (kind) {
    case "a string":
      return [...samples];
    case "a number":
      return fromNumbers(samples as number[], [samples.length]);
    case "a boolean":
      return fromNumbers(samples.map(Number), [samples.length], "bool");
    case "an NDArray":
      checkShapes(
        samples.map((sample) => (sample as NDArray).shape),
        path,
      );
      return stack(samples as readonly NDArray[]);
    case "a typed array":
      return stackTyped(samples as readonly TypedArray[], path);
    case "a list of numbers":
      return stackNumbers(samples as readonly Numbers[], path);
    case "a list": {
      const lists = samples as readonly (readonly unknown[])[];
      checkShapes(
        lists.map((list) => [list.length]),
        path,
      );
      return lists[0]!.map((_, k) =>
        collateField(
          lists.map((list) => list[k]),
          `${path}[${k}]`,
          depth + 1,
        ),
      );
    }
    case "an object": {
      const objects = samples as readonly Readonly<Record<string, unknown>>[];
      const keys = Object.keys(objects[0]!);
      objects.forEach((object, i) => {
        const came = Object.keys(object);
        if (came.length !== keys.length || !keys.every((key) => key in object)) {
          const why = `${at(path, i)} has the fields ${listed(came)}, ${at(path, 0)} has ${listed(keys)}`;
          throw refusalOfKind("collate", why);
        }
      });
      return Object.fromEntries(
        keys.map((key) => [
          key,
          collateField(
            objects.map((object) => object[key]),
            `${path}.${key}`,
            depth + 1,
          ),
        ]),
      );
    }
    default:
      throw refusalOfKind(
        "collate",
        `cannot stack ${kind} (${at(path, 0)})${kind === "an object of class Tensor" ? ", take its .data" : ""}`,
        "give the DataLoader a collate function, or samples made of numbers, strings, arrays and plain objects",
      );
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  if (isA(value, NDArray)) return "an NDArray";
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return "a typed array";
  if (isList(value)) return isNumbers(value) ? "a list of numbers" : "a list";
  try {
    const prototype = Object.getPrototypeOf(value);
    const isPlain =
      prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
    return isPlain ? "an object" : `an object of class ${value.constructor.name}`;
  } catch {
    return "an object that cannot be read";
  }
}

const isNumbers = (list: readonly unknown[], depth = 0): boolean =>
  depth <= DEEPEST &&
  list.every((item) => typeof item === "number" || (isList(item) && isNumbers(item, depth + 1)));

function stackNumbers(samples: readonly Numbers[], path: string): NDArray {
  const shapes = samples.map((sample, i) => shapeOf(sample, at(path, i)));
  checkShapes(shapes, path);
  return fromNumbers(samples.flatMap(leaves), [samples.length, ...shapes[0]!]);
}

const leaves = (list: Numbers): number[] =>
  list.flatMap((item) => (typeof item === "number" ? item : leaves(item)));

/** The shape of nested lists, which must not be ragged inside. */
function shapeOf(list: Numbers, where: string): number[] {
  const shapes = list.map((item) => (typeof item === "number" ? [] : shapeOf(item, where)));
  const odd = shapes.find((shape) => shape.join() !== shapes[0]!.join());
  if (odd !== undefined) {
    throw refusal("collate", `${where} holds rows of shapes ${showShape(shapes[0]!)} and ${showShape(odd)}`);
  }
  return [list.length, ...(shapes[0] ?? [])];
}

function stackTyped(samples: readonly TypedArray[], path: string): NDArray {
  checkShapes(
    samples.map((sample) => [sample.length]),
    path,
  );
  const length = samples[0]!.length;
  const names = new Set(samples.map(nameOf));
  const dtype = names.has("Float64Array") ? "float64" : names.has("Float32Array") ? "float32" : "int32";
  const out = empty([samples.length, length], { dtype });
  samples.forEach((sample, i) => {
    for (const value of sample) checkFits("collate", Number(value), dtype);
    out.data.set(sample, i * length);
  });
  return out;
}

/** Not `instanceof`: the array may come from another realm, such as a frame or a worker's sandbox. */
const nameOf = (array: TypedArray): string =>
  Object.prototype.toString.call(array).slice("[object ".length, -1);

const isInt32 = (value: number): boolean => (value | 0) === value;

function fromNumbers(values: readonly number[], shape: readonly number[], dtype?: DType): NDArray {
  const out = empty(shape, { dtype: dtype ?? (values.every(isInt32) ? "int32" : "float32") });
  for (const value of values) checkFits("collate", value, out.dtype);
  out.data.set(values);
  return out;
}

function checkShapes(shapes: readonly (readonly number[])[], path: string): void {
  const first = shapes[0]!;
  const odd = shapes.findIndex((shape) => shape.join() !== first.join());
  if (odd < 0) return;
  throw refusal(
    "collate",
    `samples differ in shape, ${at(path, 0)} has ${showShape(first)}, ${at(path, odd)} has ${showShape(shapes[odd]!)}`,
    "give the DataLoader a collate function that pads them, e.g. with padSequences",
  );
}

const at = (path: string, index: number): string =>
  `sample ${index}${path === "" ? "" : ` (its ${path.replace(/^\./, "")})`}`;

export interface PadOptions {
  /** What fills the gaps. Default 0. */
  value?: number;
  /** Pad to this length, and cut longer sequences off. Default: the longest sequence. */
  length?: number;
  /** Where the gaps are. Default "right". */
  side?: "left" | "right";
}

/** Lists of ids of different lengths, B of them, as one int32 array of shape (B, T). */
export function padSequences(sequences: readonly ArrayLike<number>[], options: PadOptions = {}): NDArray {
  checkOptions("padSequences", options, "value, length", {
    value: "number",
    length: "count",
    side: ["left", "right"],
  });
  const { value = 0, length, side = "right" } = options;

  const isMany: boolean = isList(sequences); // not narrowed, or the rows would lose their type
  if (!isMany || !sequences.every(hasLength)) {
    const came = isMany ? sequences.find((row) => !hasLength(row)) : sequences;
    throw expectedKind("padSequences", "a list of sequences, as in padSequences([[1, 2], [3]])", came);
  }
  const width = length ?? sequences.reduce((most, { length }) => Math.max(most, length), 0);
  const out = empty([sequences.length, width], { dtype: "int32" }).fill(value);
  sequences.forEach((sequence, row) => {
    const kept = Array.from(sequence).slice(0, width);
    for (const value of kept) {
      check("padSequences", "each value", value, "number");
      checkFits("padSequences", value, "int32");
    }
    out.data.set(kept, row * width + (side === "left" ? width - kept.length : 0));
  });
  return out;
}
