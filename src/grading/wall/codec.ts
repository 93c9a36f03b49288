/**
 * Values as a list of nodes, one for each object, that name each other by number: so cycles cross, two names of one object stay
 * two names of one object, and nothing has to be nested. A value within a node is what JSON has, or a short list:
 *
 * `["r", 3]` object 3, `["u"]` undefined, `["n", "-0"]` a number that JSON lacks, `["b", "12"]` a bigint, `["s", text]` a symbol.
 *
 * Of a node the first entry says what it is; see {@link Node}. What is neither data nor an array stays where it is, and crosses as a
 * reference: {@link Links}.
 */
import type { Tensor } from "../../autograd";
import { type GeneratorState, generatorFaults, type NDArray } from "../../tensor";
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

export const KINDS = {
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
export type Kind = keyof typeof KINDS;
export type Numbers = InstanceType<(typeof KINDS)[Kind]>;
/** An array, or a list, with more elements is no result of any exercise. */
export const MOST_ELEMENTS = 2 ** 24;
/** Digits of a bigint, in hexadecimal. */
export const MOST_DIGITS = 4096;

/** Which typed array this is. */
export function kindOf(value: object): Kind | null {
  if (!ArrayBuffer.isView(value)) return null;
  for (const kind of Object.keys(KINDS) as Kind[]) if (value instanceof KINDS[kind]) return kind;
  return null;
}

/** A place of a list where there is nothing. */
export const isHole = (value: unknown): boolean => Array.isArray(value) && value[0] === "h";

export function wholeNumber(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new ProtocolError("no whole number");
}

export function stateOf(words: readonly unknown[]): GeneratorState {
  if (generatorFaults(words).length > 0) throw new ProtocolError("no state of a generator");
  return words as unknown as GeneratorState;
}

/** What is meant for a person: of whatever kind it comes, a text, and not too long. */
export function text(value: unknown, most: number): string {
  return typeof value === "string" ? (value.length > most ? `${value.slice(0, most)}…` : value) : "";
}
