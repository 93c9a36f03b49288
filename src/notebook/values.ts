import type { Tensor } from "../autograd";
import {
  array,
  expected,
  expectedKind,
  isA,
  isList,
  NDArray,
  type Numbers,
  readable,
  showShape,
  type TypedArray,
  words,
} from "../tensor";

/** Numbers that a picture can be made of: a Tensor, an NDArray, a typed array, or nested lists. */
export type Values = Tensor | NDArray | Numbers;

/** A Tensor is what holds an NDArray as its `data`; asked this way, no picture needs autograd's code to run. */
export function isTensor(value: unknown): value is Tensor {
  return readable((x: { data?: unknown }) => typeof x === "object" && x.data instanceof NDArray, value);
}

/** `values` as an NDArray; lists of numbers keep float64, arrays and tensors among them are taken as such lists. */
export function toNDArray(op: string, values: Values): NDArray {
  if (isA(values, NDArray)) return values;
  if (isTensor(values)) return values.data;
  const isMany = isList(values);
  if (!isMany && (!ArrayBuffer.isView(values) || isA(values, DataView)))
    throw expectedKind(op, "a Tensor, an NDArray or a list of numbers", values);
  const plain = (value: unknown): Numbers =>
    isA(value, NDArray) || isTensor(value) ? toNDArray(op, value).toArray() : (value as Numbers);
  return array(isMany ? values.map(plain) : (values as TypedArray), isMany ? { dtype: "float64" } : {});
}

/** `values` with exactly `ndim` axes, or an error that names the axes expected. */
export function withAxes(op: string, values: Values, axes: string): NDArray {
  const x = toNDArray(op, values);
  if (x.ndim !== axes.split(" ").length) {
    throw expected(op, `shape (${axes.split(" ").join(", ")})`, words(showShape(x.shape)));
  }
  return x;
}
