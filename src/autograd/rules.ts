import {
  type Axes,
  fromStorage,
  type NDArray,
  type ReduceOptions,
  type Shape,
  type SliceSpec,
  zeros,
} from "../tensor";
import type { Grad } from "./backward";

/**
 * The primitive operations: each computes its output and says how a gradient g of the output is pulled back.
 * A bar stands for "gradient of": x̄ is the gradient of x. The engine undoes broadcasting, so a rule may return
 * gradients in the shape of the output.
 */

type Ruled<N extends readonly Grad[]> = [out: NDArray, pullback: (g: NDArray) => N];
type One = Ruled<readonly [Grad]>;
type Two = Ruled<readonly [Grad, Grad]>;

/** ā = g, b̄ = g */
export const add = (a: NDArray, b: NDArray): Two => [a.add(b), (g) => [g, g]];

/** ā = g, b̄ = −g */
export const sub = (a: NDArray, b: NDArray): Two => [a.sub(b), (g) => [g, () => g.neg()]];

/** ā = g b, b̄ = g a */
export const mul = (a: NDArray, b: NDArray): Two => [a.mul(b), (g) => [() => g.mul(b), () => g.mul(a)]];

/** y = a / b: ā = g / b, b̄ = −g y / b */
export const div = (a: NDArray, b: NDArray): Two => {
  const y = a.div(b);
  return [y, (g) => [() => g.div(b), () => g.mul(y).div(b).neg()]];
};

/** A · B: Ā = g Bᵀ, B̄ = Aᵀ g; a vector is a row on the left and a column on the right. */
export const matmul = (a: NDArray, b: NDArray): Two => [
  a.matmul(b),
  (g) => {
    const A = a.ndim === 1 ? a.unsqueeze(0) : a;
    const B = b.ndim === 1 ? b.unsqueeze(1) : b;
    let G = b.ndim === 1 ? g.unsqueeze(-1) : g;
    if (a.ndim === 1) G = G.unsqueeze(-2);
    const drop = (x: NDArray, vector: boolean, axis: number) => (vector ? x.squeeze(axis) : x);
    return [
      () => drop(G.matmul(B.transpose()), a.ndim === 1, -2),
      // One matrix shared by a batch: fold the batch into the rows, so that it is a single product.
      () =>
        B.ndim === 2 && A.ndim > 2
          ? drop(
              A.reshape([-1, A.shape[A.ndim - 1]])
                .transpose()
                .matmul(G.reshape([-1, G.shape[G.ndim - 1]])),
              b.ndim === 1,
              -1,
            )
          : drop(A.transpose().matmul(G), b.ndim === 1, -1),
    ];
  },
];

/** −x */
export const neg = (x: NDArray): One => [x.neg(), (g) => [g.neg()]];

/** y = eˣ: x̄ = g y */
export const exp = (x: NDArray): One => {
  const y = x.exp();
  return [y, (g) => [g.mul(y)]];
};

/** ln x: x̄ = g / x */
export const log = (x: NDArray): One => [x.log(), (g) => [g.div(x)]];

/** y = √x: x̄ = g / 2y */
export const sqrt = (x: NDArray): One => {
  const y = x.sqrt();
  return [y, (g) => [g.div(y.mul(2))]];
};

/** y = tanh x: x̄ = g (1 − y²) */
export const tanh = (x: NDArray): One => {
  const y = x.tanh();
  return [y, (g) => [g.mul(y.mul(y).neg().add(1))]];
};

/** Σ over axes: x̄ = g, repeated. */
export const sum = (x: NDArray, axes?: Axes, { keepDims = false }: ReduceOptions = {}): One => [
  x.sum(axes, { keepDims }),
  (g) => [(keepDims ? g : g.reshape(x.sum(axes, { keepDims: true }).shape)).expand(x.shape)],
];

export const reshape = (x: NDArray, shape: Shape): One => [x.reshape(shape), (g) => [g.reshape(x.shape)]];

export const transpose = (x: NDArray, axis0: number, axis1: number): One => [
  x.transpose(axis0, axis1),
  (g) => [g.transpose(axis0, axis1)],
];

/** A slice: g goes back to its place among zeros. */
export const slice = (x: NDArray, specs: readonly SliceSpec[]): One => [
  x.slice(...specs),
  (g) => {
    const gx = zeros(x.shape, { dtype: g.dtype });
    const places = fromStorage(
      Int32Array.from({ length: x.size }, (_, i) => i),
      x.shape,
    )
      .slice(...specs)
      .flat();
    g.flat().forEach((v, i) => {
      gx.data[places[i]] += v;
    });
    return [gx];
  },
];
