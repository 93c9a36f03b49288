import { Tensor } from "../../autograd";
import { Generator, isFloat, NDArray } from "../../tensor";
import {
  isHole,
  KINDS,
  type Kind,
  kindOf,
  type Links,
  MOST_DIGITS,
  MOST_ELEMENTS,
  type Node,
  type Numbers,
  stateOf,
  text,
  wholeNumber,
} from "./codec";
import { ProtocolError } from "./frames";

const STORAGE = {
  float32: "Float32Array",
  float64: "Float64Array",
  int32: "Int32Array",
  bool: "Uint8Array",
} as const;

const MOST_AXES = 64;

const { isArray } = Array;
const { isSafeInteger } = Number;
const { freeze } = Object;

/** Nodes and bytes → values. Whatever is not as the encoder writes it is a ProtocolError. */
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

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

function ids(value: unknown): number[] {
  if (!isArray(value) || value.length > 10_000) throw new ProtocolError("no list of numbers");
  return value.map(wholeNumber);
}

function floats(array: NDArray): NDArray {
  if (isFloat(array.dtype)) return array;
  throw new ProtocolError("a gradient of whole numbers");
}

/** An error with that name; what it says comes from the other side. */
function errorFrom(name: string, message: string, place: string | null): Error {
  const error = new Error(message);
  Object.defineProperty(error, "name", { value: name, configurable: true });
  error.stack = `${name}: ${message}${place ? `\n    at ${place}` : ""}`;
  return error;
}
