import { checkArray, checkFits, checkNumber, checkOptions } from "./check";
import { Comparing, defineMethods, mixIn, Ordering, Picking, Pieces, sliceByMask } from "./derived";
import { kernels } from "./device";
import { allocate, type DType, dtypeOf, type Storage, stored } from "./dtype";
import { expected, expectedKind, ofShape } from "./expected";
import { format } from "./format";
import { frozen } from "./frozen";
import { isList, readable } from "./is-a";
import type { UnaryOp } from "./kernels";
import type { ArrayMethods, InOrder } from "./methods";
import { suggestMembers } from "./missing";
import { bincount } from "./ops/counting";
import { cast, unary } from "./ops/elementwise";
import { methods, methodsBeside, methodsOfMany, type OwnMethod } from "./ops/methods";
import { indexIn, type SliceSpec, slice } from "./ops/views";
import { checkNoOverlap } from "./overlap";
import { type Shape, sameShape, showShape, sizeOf } from "./shape";
import { assign, copyTo, fill, flat, isContiguous, type Strided, strided, viewOf } from "./strided";
import { beforeRead, incrementVersion } from "./version";

/** What Node's console.log and notebooks ask an object for. */
const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** Says that nobody else holds the lists of a record, so that they need no copy. */
const OURS = Symbol("lists of our own");

/** The record in an array, for `ops/`; anything else as it is. */
export let stridedOf: <T>(x: T) => T extends NDArray ? Strided : T;

/** Nested arrays of numbers, as deep as the array has axes. */
export type Nested = number | boolean | readonly Nested[];

/**
 * Numbers in a shape. Element (i, j, …) lies at `data[offset + i·strides[0] + j·strides[1] + …]`, so slices,
 * transposes and broadcasts are views that share memory. Every method returns a new array unless it says
 * "in place"; gradients are the business of `Tensor`.
 *
 * Arithmetic broadcasts (sizes aligned at the right, 1 stretches) and promotes bool < int32 < float32 <
 * float64; a plain number takes the type of the array. Axes may be negative, counted from the end.
 *
 * Here stand those that take elements out and put them in. The others are listed in {@link ArrayMethods}, which Tensor has
 * too; the work is done by functions of the same names in `ops/`. Those in `derived/` are made of other methods.
 */
export class NDArray implements Strided {
  /**
   * The memory, shared by all views of it. It stays this array's as long as someone holds it or a `subarray` of it; it is
   * not for other threads: send `flat()`.
   */
  readonly data: Storage;
  readonly dtype: DType;
  readonly offset: number;
  /** Shape and strides as `ops/` use them, seen by nobody else. */
  readonly #x: Strided;
  /** The shape as others see it, once somebody has looked. */
  #shape: Shape | null = null;

  /** Over the memory of `x`; its lists are copied. */
  constructor(x: Strided, lists?: typeof OURS) {
    const own = lists === OURS ? x : withOwnLists(x);
    this.data = own.data;
    this.dtype = own.dtype;
    this.offset = own.offset;
    this.#x = own;
  }

  static {
    stridedOf = (x) => (typeof x === "object" && x !== null && #x in x ? (x as NDArray).#x : x) as never;
  }

  /** Frozen: what has been made keeps its shape. */
  get shape(): Shape {
    this.#shape ??= frozen(this.#x.shape);
    return this.#shape;
  }

  /** Frozen. */
  get strides(): readonly number[] {
    return frozen(this.#x.strides);
  }

  get ndim(): number {
    return this.#x.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.#x.shape);
  }

  // Elements out and in

  /** The only element as a number. Throws when there is not exactly one. */
  item(): number {
    if (this.size !== 1) throw expected("item", "exactly one element", ofShape(this.shape));
    beforeRead(this.#x);
    return this.data[this.offset];
  }

  /**
   * The elements in row-major order: a copy, in memory of its own, to keep, change, or send to a worker. To write into the
   * array: `set`, `fill`, `assign`.
   */
  flat(): Storage {
    const own = allocate(dtypeOf(this.data), this.size);
    own.set(flat(this.#x));
    return own;
  }

  /** Nested JavaScript arrays; bool gives true and false. */
  toArray(): Nested {
    const data = flat(this.#x);
    const read = this.dtype === "bool" ? (i: number) => data[i] !== 0 : (i: number) => data[i];
    const build = (axis: number, start: number, block: number): Nested => {
      if (axis === this.ndim) return read(start);
      const n = this.#x.shape[axis];
      return Array.from({ length: n }, (_, i) => build(axis + 1, start + (i * block) / n, block / n));
    };
    return build(0, 0, this.size);
  }

  /** As PyTorch prints: aligned, cut to its edges above 1000 elements; see `setPrintOptions`. */
  toString(): string {
    return format(this.#x);
  }
  [inspect](): string {
    return this.toString();
  }

  get(index: readonly number[]): number {
    beforeRead(this.#x);
    return this.data[this.#position("get", index)];
  }

  /** In place; views of the same memory see it. Throws where several elements share a place, as after expand(). */
  set(index: readonly number[], value: number): void {
    checkNumber("set", value);
    checkFits("set", value, this.dtype);
    const at = this.#position("set", index);
    checkNoOverlap("set", this.#x);
    incrementVersion(this);
    this.data[at] = stored(this.dtype, value);
  }

  #position(op: string, index: readonly number[]): number {
    if (!isList(index) || index.length !== this.ndim) {
      throw expected(
        op,
        `${this.ndim} indices for shape ${showShape(this.shape)}`,
        isList(index) ? index.length : index,
      );
    }
    return index.reduce(
      (at, i, axis) => at + indexIn(op, i, this.#x.shape[axis], axis) * this.#x.strides[axis],
      this.offset,
    );
  }

  /**
   * In place, through views too: write `src` (broadcast, converted) over the elements; PyTorch's `copy_`. Throws where
   * several elements share a place, as after expand().
   */
  assign(src: NDArray): this {
    const from = stridedOf(src);
    checkArray("assign", from);
    // Repeats over the same repeats (the arrays of `meta` models) write one number in each place.
    if (!sameShape(from.strides, this.#x.strides) || !sameShape(from.shape, this.#x.shape)) {
      checkNoOverlap("assign", this.#x);
    }
    assign(this.#x, from);
    incrementVersion(this);
    return this;
  }

  /** In place, through views too: every element becomes `value`. */
  fill(value: number): this {
    checkNumber("fill", value);
    checkFits("fill", value, this.dtype);
    fill(this.#x, value);
    incrementVersion(this);
    return this;
  }

  /** Whether the elements lie one after another in row-major order. */
  isContiguous(): boolean {
    return isContiguous(this.#x);
  }

  /** The op of that name on every element, with its parameters; methods spell the common ones. */
  unary(op: UnaryOp, ...parameters: number[]): NDArray {
    for (const one of parameters) checkNumber("unary", one);
    return make(unary(op, this.#x, parameters));
  }
}

export interface NDArray
  extends ArrayMethods<NDArray, NDArray>,
    Picking<NDArray, NDArray>,
    Pieces<NDArray, NDArray>,
    Comparing<NDArray, NDArray>,
    Ordering<NDArray, NDArray> {}

const own: Pick<ArrayMethods<NDArray, NDArray>, OwnMethod> & ThisType<NDArray> = {
  clone() {
    const x = stridedOf(this);
    return make(strided(copyTo(x, kernels().empty(x.dtype, this.size)), x.dtype, x.shape));
  },
  contiguous() {
    return this.isContiguous() ? this : this.clone();
  },
  to(dtype) {
    return dtype === this.dtype ? this : make(cast(stridedOf(this), dtype));
  },
  slice(...specs) {
    const mask = specs.findIndex((spec) => spec instanceof NDArray);
    if (mask >= 0) return sliceByMask<NDArray, NDArray>(this, specs, mask);
    return make(slice(stridedOf(this), specs as SliceSpec[]));
  },
  bincount(options) {
    checkOptions("bincount", options, "minLength: 10", { weights: "array", minLength: "count" });
    return make(bincount(stridedOf(this), stridedOf(options?.weights), options?.minLength));
  },
};

type Step = (x: Strided, a?: unknown, b?: unknown, c?: unknown) => Strided;
type StepToMany = (...args: Parameters<Step>) => object;

defineMethods(NDArray, own, (method) => method);
defineMethods(NDArray, methods as Readonly<Record<string, Step>>, (step) => {
  return function (this: NDArray, a, b, c) {
    return make(step(stridedOf(this), a, b, c));
  };
});
defineMethods(NDArray, methodsBeside as Readonly<Record<string, Step>>, (step) => {
  return function (this: NDArray, a, b, c) {
    return make(step(stridedOf(this), stridedOf(a), stridedOf(b), stridedOf(c)));
  };
});
defineMethods(NDArray, methodsOfMany as Readonly<Record<string, StepToMany>>, (step) => {
  return function (this: NDArray, a, b, c) {
    const found = Object.entries(step(stridedOf(this), a, b, c));
    return Object.fromEntries(found.map(([name, x]) => [name, make(x)]));
  };
});
mixIn(NDArray, Picking, Pieces, Comparing, Ordering);
suggestMembers(NDArray, "array");

/** Elements in order, and the positions (int32) they had along the axis. */
export type Ordered = InOrder<NDArray>;

/** Whether two arrays have the same shape; quicker than a look at their frozen lists. */
export const haveSameShape = (a: NDArray, b: NDArray): boolean =>
  sameShape(stridedOf(a).shape, stridedOf(b).shape);

/** An array of a record that `ops/` made. */
export const make = (x: Strided): NDArray => new NDArray(stridedOf(x), OURS);

function withOwnLists(x: Strided): Strided {
  if (readable((x: Strided) => isList(x?.shape) && isList(x.strides), x))
    return viewOf(x, [...x.shape], [...x.strides]);
  throw expectedKind("NDArray", "data, dtype, shape and strides", x, "use array()");
}

/**
 * The elements in row-major order; the array's own memory where they lie so already. For who reads or writes them at once,
 * on this thread; what goes elsewhere is a copy, `x.flat()`.
 */
export const elements = (x: NDArray): Storage => flat(stridedOf(x));
