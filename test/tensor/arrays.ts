import fc from "fast-check";
import { type DType, fromStorage, type NDArray, type Nested, type SliceSpec } from "../../src/tensor";

/** What the tests of this room share: arrays with awkward strides, and what they should hold. */

/** 0, 1, 2, … in a shape: every element tells where it came from. */
export function iota(shape: readonly number[], dtype: DType = "float64"): NDArray {
  const n = shape.reduce((a, b) => a * b, 1);
  const data =
    dtype === "float32" ? new Float32Array(n) : dtype === "int32" ? new Int32Array(n) : new Float64Array(n);
  return fromStorage(
    data.map((_, i) => i),
    shape,
  );
}

/** All index tuples of a shape in row-major order. */
export function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap((head) => Array.from({ length: n }, (_, i) => [...head, i])),
    [[]],
  );
}

/** The elements read one by one through `get`. */
export const elementsOf = (x: NDArray): number[] => indices(x.shape).map((index) => x.get(index));

/** Sizes 0 to 4, up to `maxAxes` axes. */
export const shapes = (maxAxes = 4, min = 0): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max: 4 }), { maxLength: maxAxes });

/** The same elements as `iota(shape)` behind permuted, reversed, offset and gapped strides, as `seed` has it. */
export function scattered(shape: readonly number[], seed: number, dtype?: DType): NDArray {
  const axes = shape.map((_, axis) => axis);
  const order = [...axes].sort((a, b) => ((seed >> a) & 3) - ((seed >> b) & 3) || a - b);
  const gap = (axis: number) => ((seed >> (axis + 4)) & 1) + 1;
  let view = iota(
    order.map((axis) => shape[axis] * gap(axis) + 1),
    dtype,
  );
  order.forEach((axis, i) => {
    const before = order.slice(0, i).map((): SliceSpec => ":");
    view = view.narrow(i, 1, shape[axis] * gap(axis)).slice(...before, `::${gap(axis)}`);
    if ((seed >> (axis + 8)) & 1) view = view.flip(i);
  });
  return view.permute(axes.map((axis) => order.indexOf(axis))).assign(iota(shape, dtype));
}

/** Nested lists of a shape from a rule. */
export function nested(
  shape: readonly number[],
  rule: (index: number[]) => number,
  index: number[] = [],
): Nested {
  if (index.length === shape.length) return rule(index);
  return Array.from({ length: shape[index.length] }, (_, i) => nested(shape, rule, [...index, i]));
}
