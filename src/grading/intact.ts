/**
 * What a notebook's cells may have replaced: the built-in objects, and the arrays' own methods. They are remembered when
 * this file loads; while checks run they are as they were, whatever a cell did to `Array.prototype` or `Math.abs`.
 */
import { Tensor } from "../autograd";
import { Generator, NDArray } from "../tensor";

// Taken once: these may be replaced too.
const { getOwnPropertyDescriptor, defineProperty, deleteProperty, getPrototypeOf, ownKeys, apply } = Reflect;
const { is } = Object;

/** Call a function with these arguments, through nothing that a cell can have replaced. */
export const callWith: (fn: AnyCallable, args: readonly unknown[]) => unknown = (fn, args) =>
  apply(fn, undefined, args);
type AnyCallable = (...args: never[]) => unknown;

/** One property that is not as it was. `found` is what a cell has put there, undefined where it has deleted it. */
export interface Patch {
  readonly name: string;
  readonly owner: object;
  readonly key: PropertyKey;
  readonly found: PropertyDescriptor | undefined;
}

interface Kept {
  readonly name: string;
  readonly owner: object;
  readonly keys: readonly PropertyKey[];
  readonly descriptors: readonly PropertyDescriptor[];
  /** Whether what is new here changes what our own code does: every object has it. */
  readonly closed: boolean;
}

const kept: Kept[] = [];

function keep(name: string, owner: object, keys: readonly PropertyKey[], closed: boolean): void {
  const descriptors = keys.map((key) => getOwnPropertyDescriptor(owner, key) as PropertyDescriptor);
  kept.push({ name, owner, keys, descriptors, closed });
}

const constructors = {
  Object,
  Array,
  String,
  Number,
  Boolean,
  Symbol,
  Function,
  Map,
  Set,
  WeakMap,
  WeakSet,
  Promise,
  RegExp,
  ArrayBuffer,
  DataView,
  Float32Array,
  Float64Array,
  Int32Array,
  Uint8Array,
  TypedArray: getPrototypeOf(Float32Array) as object & { prototype: object },
};
const namespaces = { Math, JSON, Reflect };
const iterators: readonly (readonly [string, object])[] = [
  ["an array", [][Symbol.iterator]()],
  ["a Map", new Map()[Symbol.iterator]()],
  ["a Set", new Set()[Symbol.iterator]()],
  ["a string", ""[Symbol.iterator]()],
];

const known = Object.keys({ ...constructors, ...namespaces }).filter((name) => name in globalThis);
keep("globalThis", globalThis, known, false);
for (const [name, owner] of Object.entries(constructors)) {
  keep(name, owner, ownKeys(owner), false);
  keep(`${name}.prototype`, owner.prototype, ownKeys(owner.prototype), name === "Object" || name === "Array");
}
keep("Error.prototype", Error.prototype, ownKeys(Error.prototype), false);
for (const [name, owner] of Object.entries(namespaces)) keep(name, owner, ownKeys(owner), false);
for (const [name, iterator] of iterators) {
  const owner = getPrototypeOf(iterator) as object;
  keep(`the iterator of ${name}`, owner, ownKeys(owner), false);
}
for (const owner of [NDArray, Tensor, Generator]) {
  keep(owner.name, owner, ownKeys(owner), false);
  keep(`${owner.name}.prototype`, owner.prototype, ownKeys(owner.prototype), false);
}

const same = (a: PropertyDescriptor, b: PropertyDescriptor): boolean =>
  is(a.value, b.value) && a.get === b.get && a.set === b.set;

/**
 * Put back what a cell has replaced, and give what it had put there, for {@link reapply}. What cannot be put back (a
 * property made read-only) is what {@link locked} finds.
 */
export function restore(): readonly Patch[] {
  const patches: Patch[] = [];
  let count = 0;
  for (let o = 0; o < kept.length; o++) {
    const { name, owner, keys, descriptors, closed } = kept[o];
    for (let k = 0; k < keys.length; k++) {
      const found = getOwnPropertyDescriptor(owner, keys[k]);
      if (found && same(found, descriptors[k])) continue;
      defineProperty(owner, keys[k], descriptors[k]);
      patches[count++] = { name, owner, key: keys[k], found };
    }
    if (!closed) continue;
    const now = ownKeys(owner);
    for (let n = 0; n < now.length; n++) {
      if (has(keys, now[n])) continue;
      patches[count++] = { name, owner, key: now[n], found: getOwnPropertyDescriptor(owner, now[n]) };
      deleteProperty(owner, now[n]);
    }
  }
  return patches;
}

/** Give the cells back what they had made of it. */
export function reapply(patches: readonly Patch[]): void {
  for (let i = 0; i < patches.length; i++) {
    const { owner, key, found } = patches[i];
    if (found) defineProperty(owner, key, found);
    else deleteProperty(owner, key);
  }
}

/** What is not as it was although {@link restore} was here: then nothing that a check finds can be believed. */
export function locked(): string | null {
  for (let o = 0; o < kept.length; o++) {
    const { name, owner, keys, descriptors, closed } = kept[o];
    for (let k = 0; k < keys.length; k++) {
      const found = getOwnPropertyDescriptor(owner, keys[k]);
      if (!found || !same(found, descriptors[k])) return nameOf({ name, key: keys[k] });
    }
    const now = closed ? ownKeys(owner) : [];
    for (let n = 0; n < now.length; n++) if (!has(keys, now[n])) return nameOf({ name, key: now[n] });
  }
  return null;
}

/** `Array.prototype.map`. */
export const nameOf = ({ name, key }: Pick<Patch, "name" | "key">): string =>
  typeof key === "symbol" ? `${name}[${key.description}]` : `${name}.${String(key)}`;

function has(keys: readonly PropertyKey[], key: PropertyKey): boolean {
  for (let i = 0; i < keys.length; i++) if (keys[i] === key) return true;
  return false;
}
