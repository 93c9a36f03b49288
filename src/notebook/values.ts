import type { Tensor } from "../autograd";
import { array, describe, fromStorage, NDArray, type Nested, showShape } from "../tensor";

/** Numbers that a picture can be made of: a Tensor, an NDArray, a typed array, or nested lists. */
export type Values = Tensor | NDArray | Float32Array | Float64Array | Int32Array | Uint8Array | Nested;

/** A Tensor is what holds an NDArray as its `data`; asked this way, no picture needs autograd's code to run. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && (value as { data?: unknown }).data instanceof NDArray;
}

/** `values` as an NDArray; lists of numbers keep float64. */
export function toNDArray(op: string, values: Values): NDArray {
  if (values instanceof NDArray) return values;
  if (isTensor(values)) return values.data;
  if (values instanceof Uint8Array) return fromStorage(Int32Array.from(values));
  if (ArrayBuffer.isView(values)) return fromStorage(values as Float32Array | Float64Array | Int32Array);
  if (Array.isArray(values)) return listToNDArray(op, values);
  throw new TypeError(`${op}: expected a Tensor, an NDArray or a list of numbers, got ${describe(values)}`);
}

/** A list of numbers, or of things that are arrays themselves and stack to one. */
function listToNDArray(op: string, list: readonly unknown[]): NDArray {
  const plain = (value: unknown): Nested =>
    value instanceof NDArray || isTensor(value) || ArrayBuffer.isView(value)
      ? toNDArray(op, value as Values).toArray()
      : (value as Nested);
  return array(list.map(plain), { dtype: "float64" });
}

/** `values` with exactly `ndim` axes, or an error that names the axes expected. */
export function withAxes(op: string, values: Values, axes: string): NDArray {
  const x = toNDArray(op, values);
  if (x.ndim !== axes.split(" ").length) {
    throw new RangeError(`${op}: expected shape (${axes.split(" ").join(", ")}), got ${showShape(x.shape)}`);
  }
  return x;
}
