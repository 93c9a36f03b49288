import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as ag from "../../src/autograd";
import { Tensor, tensor } from "../../src/autograd";
import * as nd from "../../src/tensor";
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

/** The room whose functions take it. */
const of = (x: X): typeof ag => (x instanceof NDArray ? (nd as unknown as typeof ag) : ag);

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
  log2: (x) => x.log2() as X,
  log10: (x) => x.log10() as X,
  tan: (x) => x.tan() as X,
  asin: (x) => x.asin() as X,
  acos: (x) => x.acos() as X,
  atan: (x) => x.atan() as X,
  sinh: (x) => x.sinh() as X,
  cosh: (x) => x.cosh() as X,
  trunc: (x) => x.trunc() as X,
  atan2: (a, b) => a.atan2(b) as X,
  fmod: (a, b) => a.fmod(b) as X,
  logaddexp: (a, b) => a.logaddexp(b) as X,
  isInf: (x) => x.isInf() as X,
  nanToNum: (x) => x.nanToNum({ nan: 2.5, posinf: 7 }) as X,
  isClose: (a, b) => a.isClose(b) as X,
  argsort: (x) => x.argsort(0) as X,
  "argsort, descending": (x) => x.argsort(1, { descending: true }) as X,
  median: (x) => x.median() as X,
  "median of an axis": (x) => x.median(1, { keepDims: true }) as X,
  "median of NaN": (x) => x.median(0) as X,
  quantile: (x) => x.quantile(0.3) as X,
  "quantile, several": (x) => x.quantile([0, 0.25, 0.8, 1], 1) as X,
  "quantile, lower": (x) => x.quantile(0.5, 1, { keepDims: true, interpolation: "lower" }) as X,
  "quantile, higher": (x) => x.quantile(0.5, 1, { keepDims: true, interpolation: "higher" }) as X,
  "quantile, midpoint": (x) => x.quantile(0.5, 1, { keepDims: true, interpolation: "midpoint" }) as X,
  "quantile, nearest": (x) => x.quantile(0.5, 1, { keepDims: true, interpolation: "nearest" }) as X,
  cumprod: (x) => x.cumprod(1) as X,
  cummax: (x) => Object.values(x.cummax(1)) as X[],
  cummin: (x) => Object.values(x.cummin(0)) as X[],
  unique: (x) => Object.values(x.unique()) as X[],
  "unique, rows": (x) => Object.values(x.unique(0)) as X[],
  "unique, columns": (x) => Object.values(x.unique(-1)) as X[],
  "unique, an axis of three": (x) => Object.values(x.unique(2)) as X[],
  bincount: (x) => x.bincount({ minLength: 7 }) as X,
  "bincount, weights": (x, weights) => x.bincount({ weights }) as X,
  histc: (x) => x.histc(5, { min: -1, max: 1 }) as X,
  "histc, own range": (x) => x.histc(4) as X,
  searchsorted: (s, v) => of(s).searchsorted(s, v) as X,
  "searchsorted, right": (s, v) => of(s).searchsorted(s, v, { right: true }) as X,
  "searchsorted, rows": (s, v) => of(s).searchsorted(s, v) as X,
  lerp: (a, b) => of(a).lerp(a, b, 0.7) as X,
  "lerp, weights": (a, b, w) => of(a).lerp(a, b, w) as X,
  meshgrid: (a, b) => of(a).meshgrid([a, b]) as X[],
  "meshgrid, xy": (a, b) => of(a).meshgrid([a, b], "xy") as X[],
  vstack: (a, b) => of(a).vstack([a, b]) as X,
  hstack: (a, b) => of(a).hstack([a, b]) as X,
  "hstack, vectors": (a, b) => of(a).hstack([a, b]) as X,
  cdist: (a, b) => of(a).cdist(a, b) as X,
  "cdist, 1": (a, b) => of(a).cdist(a, b, 1) as X,
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
