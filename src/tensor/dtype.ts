import { makeRoom } from "./memory";

/** Names of the element types. `bool` is stored as bytes 0 and 1. */
export type DType = "float32" | "float64" | "int32" | "bool";

/** The typed arrays that hold elements: one kind per {@link DType}. */
export type Storage = Float32Array | Float64Array | Int32Array | Uint8Array;

const order: readonly DType[] = ["bool", "int32", "float32", "float64"];

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };

/** A new zeroed typed array of `length` elements in ordinary memory. Throws when the machine has no more, or it is too much. */
export function allocate(dtype: DType, length: number): Storage {
  const kind = arrays[dtype];
  makeRoom(length * kind.BYTES_PER_ELEMENT, (why) => noMemory(dtype, length, why));
  try {
    return new kind(length);
  } catch (error) {
    throw error instanceof RangeError ? noMemory(dtype, length) : error;
  }
}

/** The error for an array for which there is no memory. */
export function noMemory(dtype: DType, length: number, why = ""): RangeError {
  const gibibytes = (length * arrays[dtype].BYTES_PER_ELEMENT) / 2 ** 30;
  const size = gibibytes >= 0.01 ? ` (${gibibytes.toPrecision(3)} GiB)` : "";
  return new RangeError(
    `no memory for an array of ${length} ${dtype} elements${size}${why && `: ${why}`}; ` +
      "use smaller batches, compute under noGrad() what needs no gradient, or let go of arrays you still hold",
  );
}

/** The element type that a typed array holds. */
export function dtypeOf(data: Storage): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  return data instanceof Int32Array ? "int32" : "bool";
}

export const isFloat = (dtype: DType): boolean => dtype === "float32" || dtype === "float64";

/** The smallest type that holds both: bool < int32 < float32 < float64 (as PyTorch, without int64). */
export const promote = (a: DType, b: DType): DType => (order.indexOf(a) >= order.indexOf(b) ? a : b);

/**
 * The type of `array ∘ number`. A number is weak, as in PyTorch: it never widens a float array, an integer
 * leaves int32 alone, a fraction (or what int32 cannot hold) turns integers into float32.
 */
export function promoteNumber(dtype: DType, value: number): DType {
  if (isFloat(dtype)) return dtype;
  return value === (value | 0) ? "int32" : "float32";
}

/** What an array of that type stores for a number: bool a 0 or 1. */
export const stored = (dtype: DType, value: number): number =>
  dtype === "bool" ? Number(value !== 0) : value;

/** float32 for integers and bool; a float type is kept. The type of `div`, `exp`, `mean`, ... */
export const toFloat = (dtype: DType): DType => (isFloat(dtype) ? dtype : "float32");
