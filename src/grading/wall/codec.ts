/**
 * Values as a list of nodes, one for each object, that name each other by number: so cycles cross, two names of one object stay
 * two names of one object, and nothing has to be nested. A value within a node is what JSON has, or a short list:
 *
 * `["r", 3]` object 3, `["u"]` undefined, `["n", "-0"]` a number that JSON lacks, `["b", "12"]` a bigint, `["s", text]` a symbol.
 *
 * Of a node the first entry says what it is; see {@link Node}. What is neither data nor an array stays where it is, and crosses as a
 * reference: {@link Links}.
 */
import { Tensor } from "../../autograd";
import {
  Generator,
  type GeneratorState,
  generatorFaults,
  incrementVersion,
  isFloat,
  NDArray,
} from "../../tensor";
import { ProtocolError } from "./frames";

/** `["a", values, frozen]`, `["y", kind, start, length]` … (written as lists to be short). */
export type Node = readonly [kind: string, ...rest: unknown[]];

/** How a tensor that wants a gradient is known to the other side. */
export interface Past {
  /** Its number on the side that it comes from. */
  readonly id: number;
  /** Numbers, on the side that it goes to, of the tensors there that it was computed from. */
  readonly from: readonly number[];
  /** Whether it also depends on tensors of the side that it comes from. */
  readonly own: boolean;
}

/** What stays on its side: the other one gets a stand-in for it. */
export interface Links {
  /** The number that a stand-in has on the other side; undefined for what is no stand-in. */
  theirs(value: object): number | undefined;
  /** The number under which the other side may ask for this object of ours. */
  ours(value: object): number;
  /** The object of ours that bears this number. */
  resolve(id: number): object;
  standIn(what: "function" | "class" | "object", id: number, name: string): object;
  /** From now on `value` is a stand-in for what bears this number on the other side. */
  adopt(value: object, id: number): void;
  pastOf(tensor: Tensor): Past;
  recall(data: NDArray, past: Past): Tensor;
}

const KINDS = {
  Float32Array,
  Float64Array,
  Int32Array,
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
};
type Kind = keyof typeof KINDS;
type Numbers = InstanceType<(typeof KINDS)[Kind]>;
const STORAGE = {
  float32: "Float32Array",
  float64: "Float64Array",
  int32: "Int32Array",
  bool: "Uint8Array",
} as const;

/** An array, or a list, with more elements is no result of any exercise. */
export const MOST_ELEMENTS = 2 ** 24;
/** Longest text, in characters. */
const MOST_TEXT = 2 ** 24;
const MOST_AXES = 64;
const MOST_DIGITS = 4096;

// Taken once: a student's code may replace them.
const { isArray } = Array;
const { getPrototypeOf, keys: keysOf, isFrozen, freeze, is: same } = Object;
const { isFinite: isFiniteNumber, isSafeInteger } = Number;
const objectPrototype = Object.prototype;
const tagOf = Object.prototype.toString;

/** Values → nodes and bytes. */
export class Encoder {
  readonly nodes: Node[] = [];
  /** The objects by number: those that both sides know already, then ours. */
  readonly objects: unknown[];
  private readonly numbers = new Map<unknown, number>();
  private readonly open: object[] = [];
  private readonly chunks: Uint8Array[] = [];
  private length = 0;
  /** Copies that crossed in place of a large memory, and the view of it that they hold. */
  readonly copies = new Map<unknown, NDArray>();

  constructor(
    private readonly links: Links,
    known: readonly unknown[] = [],
  ) {
    this.objects = [...known];
    for (let i = 0; i < known.length; i++) this.numbers.set(known[i], i);
  }

  value(value: unknown): unknown {
    switch (typeof value) {
      case "number":
        return isFiniteNumber(value) && !same(value, -0) ? value : ["n", same(value, -0) ? "-0" : `${value}`];
      case "string":
        if (value.length > MOST_TEXT)
          throw new RangeError(`a text of ${value.length} characters is too long`);
        return value;
      case "boolean":
        return value;
      case "undefined":
        return ["u"];
      case "bigint":
        return ["b", bigintText(value)];
      case "symbol":
        return ["s", value.description ?? ""];
      default:
        return value === null ? null : ["r", this.number(value as object)];
    }
  }

  private number(value: object): number {
    const known = this.numbers.get(value);
    if (known !== undefined) return known;
    const number = this.objects.length;
    this.numbers.set(value, number);
    this.objects.push(value);
    this.open.push(value);
    return number;
  }

  /** The nodes of all that the values so far have named. */
  finish(): readonly Node[] {
    for (let i = 0; i < this.open.length; i++) this.nodes.push(this.node(this.open[i]));
    this.open.length = 0;
    return this.nodes;
  }

  get bytes(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += padded(chunk.length);
    }
    return all;
  }

  node(value: object): Node {
    const theirs = this.links.theirs(value);
    if (theirs !== undefined) return ["k", theirs];
    if (value instanceof Tensor) return this.tensor(value);
    if (value instanceof NDArray) return this.array(value);
    if (value instanceof Generator) return ["G", ...value.state()];
    if (isArray(value)) return this.list(value);
    const kind = kindOf(value);
    if (kind) return ["y", kind, ...this.numbersOf(value as Numbers)];
    if (value instanceof Map)
      return ["m", [...value].flatMap(([key, field]) => [this.value(key), this.value(field)])];
    if (value instanceof Set) return ["S", [...value].map((entry) => this.value(entry))];
    if (typeof value === "function") return ["f", this.links.ours(value), nameOf(value), isClass(value)];
    const prototype = getPrototypeOf(value);
    if (prototype === objectPrototype || prototype === null)
      return ["o", this.fields(value), isFrozen(value), prototype === null];
    if (value instanceof Error)
      return ["E", text(value.name, 200), text(value.message, 2000), placeOf(value), this.links.ours(value)];
    const tag = tagOf.call(value);
    if (tag === "[object Promise]") return ["p"];
    if (tag === "[object Generator]") return ["g"];
    if (tag === "[object Date]") return ["d", this.value(Number(value))];
    return ["x", this.links.ours(value), nameOf((value as { constructor?: unknown }).constructor)];
  }

  private list(list: readonly unknown[]): Node {
    if (list.length > MOST_ELEMENTS) throw new RangeError(`a list of ${list.length} is too long`);
    const values: unknown[] = [];
    for (let i = 0; i < list.length; i++) values[i] = i in list ? this.value(list[i]) : ["h"];
    return ["a", values, isFrozen(list)];
  }

  private fields(value: object): unknown[] {
    const fields: unknown[] = [];
    for (const key of keysOf(value)) fields.push(key, this.value((value as Record<string, unknown>)[key]));
    return fields;
  }

  private tensor(value: Tensor): Node {
    const { data } = value;
    if (!(data instanceof NDArray)) throw new TypeError("a Tensor whose data is no NDArray");
    if (!value.requiresGrad || !isFloat(data.dtype)) return ["T", this.value(data)];
    const { id, from, own } = this.links.pastOf(value);
    return ["D", this.value(data), id, from, own];
  }

  private array(value: NDArray): Node {
    let [x, { data }] = [value, value];
    if (x.size > MOST_ELEMENTS) throw new RangeError(`an array of ${x.size} elements is too large`);
    if (data.length > 4 * x.size + 1024) {
      x = value.clone();
      data = x.data;
      this.copies.set(data, value);
    }
    return ["N", x.dtype, [...x.shape], [...x.strides], x.offset, this.number(data)];
  }

  private numbersOf(data: Numbers): [start: number, length: number] {
    const start = this.length;
    this.chunks.push(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength).slice());
    this.length += padded(data.byteLength);
    return [start, data.length];
  }

  /**
   * What has been changed in place since the nodes were decoded: `[number, node]` for each object that is not what it was. They
   * may name more objects: {@link finish} comes after.
   */
  changes(decoder: Decoder): [number, Node][] {
    const changed: [number, Node][] = [];
    for (let i = 0; i < decoder.nodes.length; i++) {
      const before = decoder.nodes[i];
      const number = decoder.first + i;
      const value = decoder.objects[number] as object;
      if (before[0] === "y") {
        if (!decoder.isUnchanged(i))
          changed.push([number, ["y", before[1], ...this.numbersOf(value as Numbers)]]);
      } else if (before[0] === "D" || before[0] === "T") {
        const { data } = value as Tensor;
        if (this.numbers.get(data) !== numberIn(before[1])) changed.push([number, ["T", this.value(data)]]);
      } else if (MUTABLE.has(before[0])) {
        const now = this.node(value);
        if (JSON.stringify(now) !== JSON.stringify(before)) changed.push([number, now]);
      }
    }
    return changed;
  }
}

const MUTABLE: ReadonlySet<string> = new Set(["a", "o", "m", "S", "G"]);
const numberIn = (value: unknown): unknown => (isArray(value) && value[0] === "r" ? value[1] : undefined);
const padded = (length: number): number => Math.ceil(length / 8) * 8;

/** Nodes and bytes → values. Whatever is not as {@link Encoder} writes it is a ProtocolError. */
export class Decoder {
  readonly objects: unknown[];
  readonly first: number;
  readonly nodes: readonly Node[];

  constructor(
    private readonly links: Links,
    nodes: unknown,
    private readonly bytes: Uint8Array,
    known: readonly unknown[] = [],
  ) {
    if (!isArray(nodes)) throw new ProtocolError("no list of nodes");
    for (const node of nodes)
      if (!isArray(node) || typeof node[0] !== "string") throw new ProtocolError("an odd node");
    this.nodes = nodes as Node[];
    this.first = known.length;
    this.objects = [...known, ...new Array(nodes.length)];
    // Memory first, then what holds it, then what may name anything.
    for (const kinds of ["y", "N", "TD"]) this.make(kinds);
    this.make(null);
    for (let i = 0; i < nodes.length; i++) this.fill(this.objects[this.first + i], this.nodes[i]);
  }

  value(value: unknown): unknown {
    if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
    if (typeof value === "string") return value;
    if (!isArray(value)) throw new ProtocolError("an odd value");
    const [kind, what] = value as unknown[];
    if (kind === "r") return this.objects[this.numberOf(what)];
    if (kind === "u") return undefined;
    if (kind === "n" && NUMBERS.has(what as string)) return NUMBERS.get(what as string);
    if (
      kind === "b" &&
      typeof what === "string" &&
      what.length <= MOST_DIGITS &&
      /^-?0x[0-9a-f]+$/.test(what)
    )
      return what.startsWith("-") ? -BigInt(what.slice(1)) : BigInt(what);
    if (kind === "s" && typeof what === "string") return Symbol(what.slice(0, 200));
    throw new ProtocolError("an odd value");
  }

  private numberOf(number: unknown): number {
    if (isSafeInteger(number) && (number as number) >= 0 && (number as number) < this.objects.length)
      return number as number;
    throw new ProtocolError("the number of no object");
  }

  /** Make what these kinds of nodes stand for; null: all others, still without what they hold. */
  private make(kinds: string | null): void {
    for (let i = 0; i < this.nodes.length; i++) {
      const node = this.nodes[i];
      const isOne = kinds === null ? !"yNTD".includes(node[0]) : kinds.includes(node[0]);
      if (isOne) this.objects[this.first + i] = this.shell(node);
    }
  }

  private shell(node: Node): unknown {
    const [kind, a, b, c, d] = node;
    switch (kind) {
      case "y":
        return this.numbers(a, b, c);
      case "N":
        return this.array(node);
      case "T":
        return new Tensor(this.arrayAt(a));
      case "D":
        return this.links.recall(floats(this.arrayAt(a)), {
          id: wholeNumber(b),
          from: ids(c),
          own: d === true,
        });
      case "a":
      case "m":
      case "S":
        if (!isArray(a)) throw new ProtocolError("a list without entries");
        return kind === "a" ? [] : kind === "m" ? new Map() : new Set();
      case "o":
        if (!isArray(a) || a.length % 2 !== 0) throw new ProtocolError("an object without fields");
        return c === true ? Object.create(null) : {};
      case "G":
        return new Generator(0).setState(stateOf(node.slice(1)));
      case "k":
        return this.links.resolve(wholeNumber(a));
      case "f":
        return this.links.standIn(c === true ? "class" : "function", wholeNumber(a), text(b, 100));
      case "x":
        return this.links.standIn("object", wholeNumber(a), text(b, 100));
      case "E": {
        const error = errorFrom(text(a, 200), text(b, 2000), typeof c === "string" ? text(c, 100) : null);
        this.links.adopt(error, wholeNumber(d));
        return error;
      }
      case "p":
        return new Promise(() => {});
      case "g":
        return (function* () {})();
      case "d":
        return new Date(this.value(a) as number);
      default:
        throw new ProtocolError(`a node of kind ${text(kind, 20)}`);
    }
  }

  private fill(object: unknown, [kind, held, frozen]: Node): void {
    if (kind === "a") {
      const list = object as unknown[];
      const values = held as unknown[];
      for (let i = 0; i < values.length; i++) if (!isHole(values[i])) list[i] = this.value(values[i]);
      list.length = values.length;
      if (frozen === true) freeze(list);
    } else if (kind === "o") {
      const fields = held as unknown[];
      for (let i = 0; i < fields.length; i += 2) {
        const [key, value] = [fields[i], this.value(fields[i + 1])];
        if (typeof key !== "string") throw new ProtocolError("a field without a name");
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      }
      if (frozen === true) freeze(object);
    } else if (kind === "m") {
      const entries = held as unknown[];
      for (let i = 0; i + 1 < entries.length; i += 2)
        (object as Map<unknown, unknown>).set(this.value(entries[i]), this.value(entries[i + 1]));
    } else if (kind === "S")
      for (const entry of held as unknown[]) (object as Set<unknown>).add(this.value(entry));
  }

  private numbers(kind: unknown, start: unknown, length: unknown): Numbers {
    if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind))
      throw new ProtocolError("an odd typed array");
    const maker = KINDS[kind as Kind];
    const [from, count] = [wholeNumber(start), wholeNumber(length)];
    const end = from + count * maker.BYTES_PER_ELEMENT;
    if (from % 8 !== 0 || end > this.bytes.length) throw new ProtocolError("numbers that are not there");
    return new maker(this.bytes.slice(from, end).buffer as ArrayBuffer);
  }

  /** Whether the memory that was made from node `i` still holds what came. */
  isUnchanged(i: number): boolean {
    const [, , start] = this.nodes[i];
    const now = this.objects[this.first + i] as Numbers;
    const bytes = new Uint8Array(now.buffer as ArrayBuffer, now.byteOffset, now.byteLength);
    for (let k = 0; k < bytes.length; k++) if (bytes[k] !== this.bytes[(start as number) + k]) return false;
    return true;
  }

  private arrayAt(value: unknown): NDArray {
    const array = this.value(value);
    if (array instanceof NDArray) return array;
    throw new ProtocolError("a Tensor without an array");
  }

  private array([, dtype, shape, strides, offset, storage]: Node): NDArray {
    if (typeof dtype !== "string" || !Object.hasOwn(STORAGE, dtype)) throw new ProtocolError("an odd dtype");
    const kind = STORAGE[dtype as keyof typeof STORAGE];
    const data = this.objects[this.numberOf(storage)];
    if (!data || kindOf(data as object) !== kind) throw new ProtocolError("an array without memory");
    if (!isArray(shape) || !isArray(strides) || shape.length !== strides.length || shape.length > MOST_AXES)
      throw new ProtocolError("an odd shape");
    let [size, low, high] = [1, wholeNumber(offset), wholeNumber(offset)];
    for (let axis = 0; axis < shape.length; axis++) {
      const [n, stride] = [wholeNumber(shape[axis]), strides[axis]];
      if (!isSafeInteger(stride)) throw new ProtocolError("an odd stride");
      size *= n;
      if (size > MOST_ELEMENTS) throw new ProtocolError("too large an array");
      if (stride < 0) low += (n - 1) * stride;
      else high += (n - 1) * stride;
    }
    const { length } = data as Numbers;
    if (size > 0 && (low < 0 || high >= length)) throw new ProtocolError("an array beyond its memory");
    if (data instanceof Uint8Array) for (let i = 0; i < length; i++) if (data[i] > 1) data[i] = 1;
    return new NDArray({ data, dtype, shape, strides, offset } as never);
  }
}

/**
 * Make what the other side has changed in place so here too. `copies`: memory that crossed as a copy.
 * @param changes pairs of number and node @param count only objects below this number were lent
 */
export function applyChanges(
  changes: unknown,
  decoder: Decoder,
  bytes: Uint8Array,
  count: number,
  copies: ReadonlyMap<unknown, NDArray>,
): void {
  if (!isArray(changes)) throw new ProtocolError("no list of changes");
  for (const change of changes) {
    if (!isArray(change) || !isArray(change[1])) throw new ProtocolError("an odd change");
    const number = wholeNumber(change[0]);
    if (number >= count) throw new ProtocolError("a change of what was not lent");
    changeOne(decoder.objects[number], change[1] as unknown as Node, decoder, bytes, copies);
  }
}

function changeOne(
  object: unknown,
  node: Node,
  decoder: Decoder,
  bytes: Uint8Array,
  copies: ReadonlyMap<unknown, NDArray>,
): void {
  const [kind, held] = node;
  const wrong = () => new ProtocolError("a change of another kind");
  if (kind === "y") {
    if (kindOf(object as object) !== held) throw wrong();
    const data = object as Float32Array;
    const [start, length] = [wholeNumber(node[2]), wholeNumber(node[3])];
    if (length !== data.length || start % 8 !== 0 || start + data.byteLength > bytes.length) throw wrong();
    const fresh = new (KINDS[held as Kind] as typeof Float32Array)(
      bytes.slice(start, start + data.byteLength).buffer,
    );
    data.set(data instanceof Uint8Array ? fresh.map((x) => x) : fresh);
    incrementVersion({ data });
    const copy = copies.get(data);
    if (copy) copy.assign(new NDArray({ ...stridedCopy(copy), data } as never));
  } else if (kind === "T") {
    const data = decoder.value(held);
    if (!(object instanceof Tensor) || !(data instanceof NDArray)) throw wrong();
    object.data = data;
  } else if (kind === "G") {
    if (!(object instanceof Generator)) throw wrong();
    object.setState(stateOf(node.slice(1)));
  } else if (kind === "a") {
    if (!isArray(object) || !isArray(held) || isFrozen(object)) throw wrong();
    object.length = 0;
    for (let i = 0; i < held.length; i++) if (!isHole(held[i])) object[i] = decoder.value(held[i]);
    object.length = held.length;
  } else if (kind === "o") {
    if (typeof object !== "object" || object === null || isFrozen(object) || !isArray(held)) throw wrong();
    const prototype = getPrototypeOf(object);
    if (prototype !== objectPrototype && prototype !== null) throw wrong();
    for (const key of keysOf(object)) delete (object as Record<string, unknown>)[key];
    for (let i = 0; i + 1 < held.length; i += 2)
      Object.defineProperty(object, String(held[i]), {
        value: decoder.value(held[i + 1]),
        ...{ writable: true, enumerable: true, configurable: true },
      });
  } else if (kind === "m") {
    if (!(object instanceof Map) || !isArray(held)) throw wrong();
    object.clear();
    for (let i = 0; i + 1 < held.length; i += 2)
      object.set(decoder.value(held[i]), decoder.value(held[i + 1]));
  } else if (kind === "S") {
    if (!(object instanceof Set) || !isArray(held)) throw wrong();
    object.clear();
    for (const entry of held) object.add(decoder.value(entry));
  } else throw wrong();
}

/** What an array of this shape is when its elements lie in a row from the start. */
function stridedCopy({ dtype, shape }: NDArray) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((n, m) => n * m, 1));
  return { dtype, shape, strides, offset: 0 };
}

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

const isHole = (value: unknown): boolean => isArray(value) && value[0] === "h";

function bigintText(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString(16);
  if (digits.length > MOST_DIGITS - 3) throw new RangeError("a bigint of too many digits");
  return `${value < 0n ? "-" : ""}0x${digits}`;
}

/** Which typed array this is. */
function kindOf(value: object): Kind | null {
  if (!ArrayBuffer.isView(value)) return null;
  for (const kind of keysOf(KINDS) as Kind[]) if (value instanceof KINDS[kind]) return kind;
  return null;
}

export function wholeNumber(value: unknown): number {
  if (isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new ProtocolError("no whole number");
}

function ids(value: unknown): number[] {
  if (!isArray(value) || value.length > 10_000) throw new ProtocolError("no list of numbers");
  return value.map(wholeNumber);
}

function floats(array: NDArray): NDArray {
  if (isFloat(array.dtype)) return array;
  throw new ProtocolError("a gradient of whole numbers");
}

function stateOf(words: readonly unknown[]): GeneratorState {
  if (generatorFaults(words).length > 0) throw new ProtocolError("no state of a generator");
  return words as unknown as GeneratorState;
}

/** What is meant for a person: of whatever kind it comes, a text, and not too long. */
export function text(value: unknown, most: number): string {
  return typeof value === "string" ? (value.length > most ? `${value.slice(0, most)}…` : value) : "";
}

const nameOf = (value: unknown): string => (typeof value === "function" ? text(value.name, 100) : "");

const isClass = (value: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(value));

/** Where in the notebook it was thrown. */
function placeOf(error: Error): string | null {
  const [place = null] = /cell \[\d+\]:\d+:\d+/.exec(text(error.stack, 10_000)) ?? [];
  return place;
}

/** An error with that name; what it says comes from the other side. */
function errorFrom(name: string, message: string, place: string | null): Error {
  const error = new Error(message);
  Object.defineProperty(error, "name", { value: name, configurable: true });
  error.stack = `${name}: ${message}${place ? `\n    at ${place}` : ""}`;
  return error;
}
