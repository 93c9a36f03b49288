import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Tensor, tensor } from "../../src/autograd";
import { array, type DType, NDArray, type Nested } from "../../src/tensor";

/** Methods of NDArray and Tensor beside PyTorch: values and gradients in float64, see arrays/make_fixtures.py. */

type Listed = number | string | boolean | readonly Listed[];

interface Case {
  readonly inputs: readonly { readonly dtype: string; readonly values: Listed }[];
  readonly outputs: readonly Listed[];
  readonly grads: readonly (Listed | null)[];
}

const recorded = JSON.parse(readFileSync(join(__dirname, "arrays/arrays.json"), "utf8")) as Record<
  string,
  Case
>;

/** An NDArray or a Tensor: the cases are run on both. */
type X = NDArray & Tensor;
type Out = X | readonly X[];

const methods: Record<string, (...inputs: X[]) => Out> = {
  nonzero: (x) => x.nonzero() as X,
  maskedSelect: (x, m) => x.maskedSelect(m) as X,
  "maskedSelect, broadcast": (x, m) => x.maskedSelect(m) as X,
  "slice, mask": (x, m) => x.slice(m) as X,
  "slice, mask of an axis": (x, m) => x.slice("1:", m) as X,
  "slice, mask of two axes": (x, m) => x.slice("...", m, 1) as X,
  takeAlongDim: (x, i) => x.takeAlongDim(i, 1) as X,
  "takeAlongDim, flat": (x, i) => x.takeAlongDim(i) as X,
  scatter: (x, i, s) => x.scatter(1, i, s) as X,
  "scatter, a number": (x, i) => x.scatter(0, i, 7.5) as X,
  indexAdd: (x, i, s) => x.indexAdd(1, i, s, { alpha: -2 }) as X,
  indexPut: (x, i, j, v) => x.indexPut([i, j], v) as X,
  "indexPut, rows": (x, i, v) => x.indexPut([i], v) as X,
  "indexPut, adding": (x, i, j, v) => x.indexPut([i, j], v, { accumulate: true }) as X,
  "indexPut, mask": (x, m) => x.indexPut([m], -1.5) as X,
  chunk: (x) => x.chunk(3, 1) as X[],
  unbind: (x) => x.unbind(1) as X[],
  repeat: (x) => x.repeat([2, 3, 1]) as X,
  tile: (x) => x.tile([2]) as X,
  outer: (a, b) => a.outer(b) as X,
  dot: (a, b) => a.dot(b) as X,
  trace: (x) => x.trace() as X,
  diag: (x) => x.diag(1) as X,
  "diag, below": (x) => x.diag(-2) as X,
  "diag of a matrix": (x) => x.diag(-1) as X,
  softmax: (x) => x.softmax(0) as X,
  logSoftmax: (x) => x.logSoftmax(1) as X,
};

const dtypes: Record<string, DType> = { int64: "int32", bool: "bool", float64: "float64" };
const numbers = (x: Listed): Nested =>
  Array.isArray(x)
    ? x.map(numbers)
    : typeof x === "string"
      ? Number(x.replace("inf", "Infinity"))
      : (x as Nested);

/** The same shape, and every element within 1e-10 (relative to 1 and to the value). */
function agree(got: NDArray, expected: Listed, what: string): void {
  const ref = array(numbers(expected), { dtype: "float64" });
  // PyTorch's list of an array without elements does not tell all sizes.
  if (ref.size > 0) expect(got.shape, what).toEqual(ref.shape);
  const [a, b] = [got.to("float64").flat(), ref.flat()];
  const close = (v: number, i: number) =>
    Object.is(v, a[i]) || Math.abs(a[i] - v) <= 1e-10 * (1 + Math.abs(v));
  const odd = [...b].findIndex((v, i) => !close(v, i));
  expect(odd, `${what}: element ${odd} is ${a[odd]}, PyTorch has ${b[odd]}`).toBe(-1);
}

const listOf = (out: Out): readonly X[] => (Array.isArray(out) ? out : [out as X]);
const weights = (n: number): NDArray =>
  array(
    Array.from({ length: n }, (_, i) => Math.cos(i + 1)),
    { dtype: "float64" },
  );

describe("as PyTorch", () => {
  test("every recorded case is run, every case is recorded", () => {
    expect(Object.keys(recorded).sort()).toEqual(Object.keys(methods).sort());
  });

  test.each(Object.keys(methods))("%s", (name) => {
    const { inputs, outputs, grads } = recorded[name];
    const arrays = inputs.map(({ dtype, values }) => array(numbers(values), { dtype: dtypes[dtype] }));
    const plain = listOf(methods[name](...(arrays as X[])));
    expect(plain.length).toBe(outputs.length);
    plain.forEach((out, i) => {
      expect(out).toBeInstanceOf(NDArray);
      agree(out, outputs[i], `output ${i} of NDArrays`);
    });
    const leaves = arrays.map((x) => tensor(x.clone(), { requiresGrad: x.dtype === "float64" }));
    const tensors = listOf(methods[name](...(leaves as X[]))) as readonly Tensor[];
    tensors.forEach((out, i) => {
      expect(out).toBeInstanceOf(Tensor);
      agree(out.data, outputs[i], `output ${i} of Tensors`);
    });
    const differentiable = tensors.filter((out) => out.requiresGrad);
    expect(differentiable.length > 0, "has gradients").toBe(grads.some((g) => g !== null));
    if (differentiable.length === 0) return;
    differentiable
      .map((out) => out.mul(weights(out.size).reshape(out.shape)).sum())
      .reduce((a, b) => a.add(b))
      .backward();
    grads.forEach((g, i) => {
      if (g === null) expect(leaves[i].grad).toBeNull();
      else agree(leaves[i].grad as NDArray, g, `gradient of input ${i}`);
    });
  });
});
