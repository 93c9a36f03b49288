import { Tensor } from "../../autograd";
import { Generator, isFloat, NDArray } from "../../tensor";
import { kindOf, type Links, MOST_DIGITS, MOST_ELEMENTS, type Node, type Numbers, text } from "./codec";
import type { Decoder } from "./decoder";
import { MOST_BYTES, MOST_HEAD, TooMuch } from "./frames";

/** Longest text, in characters. */
const MOST_TEXT = 2 ** 24;

const { isArray } = Array;
const { getPrototypeOf, keys: keysOf, isFrozen, is: same } = Object;
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
  /** The least that all lists so far take in the head, in bytes. */
  private listed = 0;
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
        return Number.isFinite(value) && !same(value, -0)
          ? value
          : ["n", same(value, -0) ? "-0" : `${value}`];
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
    // An entry and its comma take two bytes at least.
    this.listed += 2 * list.length;
    if (this.listed > MOST_HEAD) throw new TooMuch(this.length, this.listed);
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
    if (start + data.byteLength > MOST_BYTES) throw new TooMuch(start + data.byteLength, 0);
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

function bigintText(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString(16);
  if (digits.length > MOST_DIGITS - 3) throw new RangeError("a bigint of too many digits");
  return `${value < 0n ? "-" : ""}0x${digits}`;
}

const nameOf = (value: unknown): string => (typeof value === "function" ? text(value.name, 100) : "");

const isClass = (value: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(value));

/** Where in the notebook it was thrown. */
function placeOf(error: Error): string | null {
  const [place = null] = /cell \[\d+\]:\d+:\d+/.exec(text(error.stack, 10_000)) ?? [];
  return place;
}
