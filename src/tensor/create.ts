import {
  checkAll,
  checkArray,
  checkDType,
  checkFits,
  checkNumber,
  checkOptions,
  doesNotFit,
  fits,
} from "./check";
import { kernels } from "./device";
import { type DType, dtypeOf, promote, type Storage, stored } from "./dtype";
import { expected, expectedKind, refusal, words } from "./expected";
import { ownShape } from "./given-shape";
import { isList, readable } from "./is-a";
import { make, type NDArray, stridedOf } from "./ndarray";
import { describe, type Shape, showPosition, showShape, sizeOf } from "./shape";
import { fill, strided } from "./strided";

export interface DTypeOption {
  readonly dtype?: DType;
}

/** Any of JavaScript's typed arrays. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Numbers as they come: one, lists of them nested to any depth, typed arrays, and lists of those. */
export type Numbers = number | boolean | TypedArray | readonly Numbers[];

/** More levels than any array has axes: a list that deep contains itself. */
const MOST_LEVELS = 64;

const isTyped = (x: unknown): x is TypedArray => ArrayBuffer.isView(x) && !(x instanceof DataView);

/** The type of a typed array's elements here: floats keep theirs, integers of every width are int32. */
function typeOf(data: TypedArray): DType {
  return data instanceof Float32Array ? "float32" : data instanceof Float64Array ? "float64" : "int32";
}

/**
 * An array from nested lists, typed arrays, or lists of them; copied. Booleans give bool, numbers float32, a typed array
 * the type of its elements (all integers int32), unless `dtype` says otherwise.
 * Throws on ragged lists and on anything that is neither a number nor a boolean.
 */
export function array(values: Numbers, options: DTypeOption = {}): NDArray {
  checkOptions("array", options, 'dtype: "int32"', { dtype: "any" });
  const shape = shapeOf(values);
  const out: number[] = [];
  let found: DType | undefined;
  const path: number[] = [];
  const at = () => (path.length ? ` at [${path.join(", ")}]` : "");
  const see = (dtype: DType) => {
    found = found === undefined ? dtype : promote(found, dtype);
  };
  const walk = (value: unknown): void => {
    const axis = path.length;
    const typed = isTyped(value);
    if (axis < shape.length) {
      if (!(typed || isList(value)) || value.length !== shape[axis]) {
        throw refusal("array", `ragged list, expected ${shape[axis]} entries${at()}, got ${describe(value)}`);
      }
      if (typed && axis === shape.length - 1) {
        see(typeOf(value));
        for (const one of value) out.push(Number(one));
        return;
      }
      for (let i = 0; i < value.length; i++) {
        path.push(i);
        walk(value[i]);
        path.pop();
      }
    } else if (typeof value === "number" || typeof value === "boolean") {
      see(typeof value === "number" ? "float32" : "bool");
      out.push(Number(value));
    } else {
      const joins = path.length > 0 && readable((x: object) => typeof x === "object" && "ndim" in x, value);
      throw expectedKind(
        "array",
        `a number or boolean${at()}`,
        value,
        joins ? "join with stack()" : undefined,
      );
    }
  };
  walk(values);
  const type = options.dtype ?? found ?? "float32";
  const result = allocated("array", shape, { dtype: type });
  const odd = out.findIndex((value) => !fits(value, type));
  if (odd >= 0) {
    throw doesNotFit(
      "array",
      out[odd],
      type,
      shape.length > 0 ? ` at position ${showPosition(odd, shape)}` : "",
    );
  }
  result.data.set(type === "bool" ? out.map((v) => (v !== 0 ? 1 : 0)) : out);
  return result;
}

/** The lengths of the first list, its first entry, and so on. */
function shapeOf(values: unknown): number[] {
  const shape: number[] = [];
  for (let level = values; isTyped(level) || isList(level); level = level[0]) {
    shape.push(level.length);
    if (level.length === 0) break;
    if (shape.length > MOST_LEVELS) {
      throw expected(
        "array",
        `at most ${MOST_LEVELS} levels of lists`,
        words("more"),
        "does a list contain itself?",
      );
    }
  }
  return shape;
}

const storages = [Float32Array, Float64Array, Int32Array, Uint8Array];

/** An array over existing memory, not copied: float32, float64, int32, or bool for a Uint8Array of 0 and 1. */
export function fromStorage(data: Storage, given: Shape = [data?.length]): NDArray {
  if (!ArrayBuffer.isView(data) || !storages.some((kind) => data instanceof kind)) {
    const names = storages.map((kind) => kind.name).join(", ");
    throw expectedKind("fromStorage", `one of ${names}`, data, "lists go to array()");
  }
  const shape = ownShape("fromStorage", given);
  if (sizeOf(shape) !== data.length) {
    throw expected("fromStorage", `${sizeOf(shape)} elements for shape ${showShape(shape)}`, data.length);
  }
  if (data instanceof Uint8Array && data.some((byte) => byte > 1)) {
    const odd = data.find((byte) => byte > 1);
    const hint = "numbers go as fromStorage(Int32Array.from(bytes))";
    throw expected("fromStorage", "bytes 0 and 1, as a Uint8Array makes a bool array", odd, hint);
  }
  return make(strided(data, dtypeOf(data), shape));
}

/** Zeros, for whoever overwrites them all. */
export const empty = (shape: Shape, options?: DTypeOption): NDArray => allocated("empty", shape, options);
export const zeros = (shape: Shape, options?: DTypeOption): NDArray => allocated("zeros", shape, options);
export const ones = (shape: Shape, options?: DTypeOption): NDArray => filled("ones", shape, 1, options);
export const full = (shape: Shape, value: number, options?: DTypeOption): NDArray =>
  filled("full", shape, value, options);
export const zerosLike = (x: NDArray, options?: DTypeOption): NDArray =>
  allocated("zerosLike", givenShape("zerosLike", x), like("zerosLike", x, options));
export const onesLike = (x: NDArray, options?: DTypeOption): NDArray =>
  filled("onesLike", givenShape("onesLike", x), 1, like("onesLike", x, options));

/** A new array that is not "changed in place" by getting its first numbers. */
function filled(op: string, shape: Shape, value: number, options?: DTypeOption): NDArray {
  const result = allocated(op, shape, options, "empty");
  checkNumber(op, value);
  checkFits(op, value, result.dtype);
  fill(stridedOf(result), value);
  return result;
}

function givenShape(op: string, x: NDArray): Shape {
  checkArray(op, x);
  return x.shape;
}

function like(op: string, { dtype }: NDArray, options?: DTypeOption): DTypeOption {
  checkOptions(op, options, 'dtype: "float64"');
  return { dtype, ...options };
}

function allocated(
  op: string,
  given: Shape,
  options: DTypeOption = {},
  how: "alloc" | "empty" = "alloc",
): NDArray {
  const shape = ownShape(op, given);
  checkOptions(op, options, 'dtype: "float64"');
  const { dtype = "float32" } = options;
  checkDType(op, dtype);
  return make(strided(kernels()[how](dtype, sizeOf(shape)), dtype, shape));
}

/**
 * start, start + step, … before `end`; int32 when all three are integers, else float32. Throws when step leads away, and
 * where int32 does not hold a number.
 */
export function arange(start: number, end: number, step = 1, options: DTypeOption = {}): NDArray {
  checkOptions("arange", options, 'dtype: "float32"');
  const { dtype } = options;
  const isNumeric = [start, end, step].every((x) => typeof x === "number");
  const n = isNumeric ? Math.ceil(Math.abs((end - start) / step)) : Number.NaN;
  if (!Number.isFinite(n) || (end - start) * step < 0) {
    throw expected(
      "arange",
      "finite bounds and a step that leads from the first to the second",
      words([start, end, step].map(describe).join(", ")),
      end === undefined ? `write arange(0, ${describe(start)})` : undefined,
    );
  }
  const integers = [start, end, step].every(Number.isInteger);
  const result = allocated("arange", [n], { dtype: dtype ?? (integers ? "int32" : "float32") }, "empty");
  for (const value of n > 0 ? [start, start + (n - 1) * step] : []) checkFits("arange", value, result.dtype);
  const { data } = result;
  if (result.dtype === "bool") for (let i = 0; i < n; i++) data[i] = Number(start + i * step !== 0);
  else kernels().ramp(data, start, step, 0, 1);
  return result;
}

/** `steps` evenly spaced numbers from `start` to `end`, both included. */
export function linspace(start: number, end: number, steps: number, options?: DTypeOption): NDArray {
  checkAll("linspace", { start: [start, "number"], end: [end, "number"] });
  const result = allocated("linspace", [steps], options, "empty");
  for (const value of steps > 0 ? [start, end] : []) checkFits("linspace", value, result.dtype);
  if (steps === 1) {
    result.data[0] = stored(result.dtype, start);
    return result;
  }
  // A share at a time from the nearer end, so that both ends are exact; bools by way of numbers.
  const out = result.dtype === "bool" ? new Float64Array(steps) : result.data;
  const [span, parts, half] = [end - start, steps - 1, Math.ceil(steps / 2)];
  kernels().ramp(out.subarray(0, half), start, span, 0, parts);
  kernels().ramp(out.subarray(half), end, span, half - parts, parts);
  if (result.dtype === "bool")
    out.forEach((value, i) => {
      result.data[i] = Number(value !== 0);
    });
  return result;
}

/** Ones on the diagonal of an (n, m) matrix. */
export function eye(n: number, m = n, options?: DTypeOption): NDArray {
  const result = allocated("eye", [n, m], options);
  for (let i = 0; i < Math.min(n, m); i++) result.data[i * m + i] = 1;
  return result;
}

/** (…, numClasses) with a 1 at each index and 0 elsewhere; int32. Throws on an index outside [0, numClasses). */
export function oneHot(indices: NDArray, numClasses: number): NDArray {
  checkArray("oneHot", indices);
  if (!Number.isInteger(numClasses) || numClasses < 1) {
    throw expected("oneHot", "numClasses >= 1", numClasses);
  }
  const result = zeros([...indices.shape, numClasses], { dtype: "int32" });
  indices.flat().forEach((index, i) => {
    if (!(index >= 0 && index < numClasses && Number.isInteger(index))) {
      throw expected(
        "oneHot",
        `indices in [0, ${numClasses - 1}]`,
        words(`${index} at position ${showPosition(i, indices.shape)}`),
      );
    }
    result.data[i * numClasses + index] = 1;
  });
  return result;
}
