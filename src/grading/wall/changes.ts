import { Tensor } from "../../autograd";
import { Generator, incrementVersion, NDArray, type Shape } from "../../tensor";
import { isRecord } from "../inputs";
import {
  isHole,
  KINDS,
  type Kind,
  kindOf,
  type Node,
  type Numbers,
  stateOf,
  text,
  wholeNumber,
} from "./codec";
import type { Decoder } from "./decoder";
import { ProtocolError } from "./frames";

const { isArray } = Array;
const { isFrozen } = Object;

/**
 * Make what the other side has changed in place so here too, and give what puts it back.
 * @param changes pairs of number and node @param count only objects below this number were lent
 * @param copies memory that crossed as a copy, and the view that it was made of
 */
export function applyChanges(
  changes: unknown,
  decoder: Decoder,
  bytes: Uint8Array,
  count: number,
  copies: ReadonlyMap<unknown, NDArray>,
): (() => void)[] {
  if (!isArray(changes)) throw new ProtocolError("no list of changes");
  const undo: (() => void)[] = [];
  for (const change of changes) {
    if (!isArray(change) || !isArray(change[1])) throw new ProtocolError("an odd change");
    const number = wholeNumber(change[0]);
    if (number >= count) throw new ProtocolError("a change of what was not lent");
    undo.push(changeOne(decoder.objects[number], change[1] as unknown as Node, decoder, bytes, copies));
  }
  return undo;
}

function changeOne(
  object: unknown,
  node: Node,
  decoder: Decoder,
  bytes: Uint8Array,
  copies: ReadonlyMap<unknown, NDArray>,
): () => void {
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
    const copy = copies.get(data);
    if (copy) {
      const before = copy.clone();
      data.set(fresh);
      copy.assign(new NDArray({ ...inRow(data, copy.shape), dtype: copy.dtype }));
      return () => void copy.assign(before);
    }
    const before = data.slice();
    const write = (numbers: Float32Array) => {
      data.set(numbers);
      incrementVersion({ data });
    };
    write(fresh);
    return () => write(before);
  }
  if (kind === "T") {
    const data = decoder.value(held);
    if (!(object instanceof Tensor) || !(data instanceof NDArray)) throw wrong();
    const before = object.data;
    object.data = data;
    return () => {
      object.data = before;
    };
  }
  if (kind === "G") {
    if (!(object instanceof Generator)) throw wrong();
    const before = object.state();
    object.setState(stateOf(node.slice(1)));
    return () => void object.setState(before);
  }
  if (!isArray(held) || isFrozen(object)) throw wrong();
  if (kind === "a") {
    if (!isArray(object)) throw wrong();
    const before = object.slice();
    object.length = 0;
    for (let i = 0; i < held.length; i++) if (!isHole(held[i])) object[i] = decoder.value(held[i]);
    object.length = held.length;
    return () => void object.splice(0, object.length, ...before);
  }
  if (kind === "o") {
    if (!isRecord(object)) throw wrong();
    const before = Object.entries(object);
    const after: [string, unknown][] = [];
    for (let i = 0; i + 1 < held.length; i += 2)
      after.push([text(held[i], 1000), decoder.value(held[i + 1])]);
    refill(object, after);
    return () => refill(object, before);
  }
  const list = held.map((entry) => decoder.value(entry));
  if (kind === "m" && object instanceof Map) {
    const before = [...object];
    object.clear();
    for (let i = 0; i + 1 < list.length; i += 2) object.set(list[i], list[i + 1]);
    return () => {
      object.clear();
      for (const [key, value] of before) object.set(key, value);
    };
  }
  if (kind === "S" && object instanceof Set) {
    const before = [...object];
    object.clear();
    for (const entry of list) object.add(entry);
    return () => {
      object.clear();
      for (const entry of before) object.add(entry);
    };
  }
  throw wrong();
}

function refill(object: Record<string, unknown>, fields: readonly [string, unknown][]): void {
  for (const key of Object.keys(object)) delete object[key];
  for (const [key, value] of fields)
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/** An array whose elements lie in a row from the start. */
function inRow(data: Numbers, shape: Shape) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((n, m) => n * m, 1));
  return { data, shape, strides, offset: 0 } as never as ConstructorParameters<typeof NDArray>[0];
}
