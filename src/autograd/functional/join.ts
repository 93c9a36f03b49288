import * as nd from "../../tensor";
import { expectedKind, isA, isList, type NDArray } from "../../tensor";
import { primitive, record, recordList } from "../record";
import * as rules from "../rules";
import { arrayOf, checkTensor, type Indices, lift, type Operand, Tensor } from "../tensor";

/** condition ? a : b, element by element, with broadcasting; the condition counts as true where it is not 0. */
export function where(condition: Indices, a: Operand, b: Operand): Tensor {
  const c = arrayOf(condition);
  nd.checkArray("where", c);
  if (typeof a === "number" && typeof b === "number") return new Tensor(nd.where(c, a, b));
  const beside = (x: Operand, other: Operand) => lift(x, lift(other, new Tensor(c), "where"), "where");
  return record("where", [beside(a, b), beside(b, a)], (a, b) => rules.choose(c, a, b), {
    keepsGrads: false,
  });
}

function tensors(op: string, list: readonly (Tensor | NDArray)[]): Tensor[] {
  if (!isList(list)) {
    throw expectedKind(op, `a list of tensors, as in ${op}([a, b])`, list);
  }
  return list.map((x) => {
    if (!isA(x, nd.NDArray)) checkTensor(op, x);
    return isA(x, Tensor) ? x : new Tensor(x);
  });
}

/** The tensors one after another along an existing axis; the other sizes must agree. */
export const concat = (list: readonly (Tensor | NDArray)[], axis = 0): Tensor =>
  recordList("concat", tensors("concat", list), (arrays) =>
    rules.concat(arrays, nd.concat(arrays, axis), axis),
  );

/** The tensors, all of one shape, along a new axis. */
export const stack = (list: readonly (Tensor | NDArray)[], axis = 0): Tensor =>
  recordList("stack", tensors("stack", list), (arrays) => [
    nd.stack(arrays, axis),
    (g) => arrays.map((_, i) => () => g.select(axis, i)),
  ]);

/** Views of x along an axis: pieces of one size (the last may be smaller), or of the sizes given. */
export function split(x: Tensor, sizes: number | readonly number[], axis = 0): Tensor[] {
  checkTensor("split", x);
  let start = 0;
  return nd.split(x.data, sizes, axis).map((piece) => {
    const length = piece.shape.at(axis) as number;
    start += length;
    return x.narrow(axis, start - length, length);
  });
}

/**
 * Einstein summation: `einsum("b t c, c d -> b t d", x, w)`, spaces optional. Names missing after the arrow are
 * summed over, `...` stands for axes that broadcast.
 */
export const einsum = (equation: string, ...operands: (Tensor | NDArray)[]): Tensor =>
  nd.contract(equation, tensors("einsum", operands));

function someTensors(op: string, list: readonly (Tensor | NDArray)[]): Tensor[] {
  const found = tensors(op, list);
  if (found.length === 0) throw nd.expected(op, "at least one tensor", list);
  return found;
}

/** The tensors as rows one below the other: vectors are rows. */
export const vstack = (list: readonly (Tensor | NDArray)[]): Tensor =>
  concat(nd.several.asRows(someTensors("vstack", list)), 0);

/** The tensors side by side: along axis 1, vectors along their only one. */
export function hstack(list: readonly (Tensor | NDArray)[]): Tensor {
  const { parts, axis } = nd.several.sideBySide(someTensors("hstack", list));
  return concat(parts, axis);
}

/**
 * Vectors of lengths n, m, … as views of shape (n, m, …), each varying along its own axis; with "xy" the first two axes
 * are swapped, as in a picture.
 */
export const meshgrid = (list: readonly (Tensor | NDArray)[], indexing: "ij" | "xy" = "ij"): Tensor[] =>
  nd.several.meshgrid(someTensors("meshgrid", list), indexing);

/** start + weight · (end − start), exact at both ends.   s̄tart = (1 − w) ȳ, ēnd = w ȳ, w̄ = ȳ (end − start) */
export function lerp(start: Tensor | NDArray, end: Tensor | NDArray, weight: Operand): Tensor {
  const [a, b] = tensors("lerp", [start, end]);
  nd.check("lerp", "weight", weight, "operand");
  if (typeof weight === "number") return primitive("lerp", [a, b], (a, b) => rules.mix(a, b, weight));
  return nd.several.lerp<Tensor, Indices>(a, b, lift(weight, a, "lerp"), where);
}

/**
 * Distances ‖aᵢ − bⱼ‖ₚ between the rows of a (…, P, C) and of b (…, R, C): (…, P, R). The gradient at distance 0 is 0.
 * With p = 2 and more than 25 rows on a side
 * they come from a product of matrices, as in PyTorch: much faster, but points whose distance is small beside their distance
 * from 0 lose digits.
 */
export function cdist(a: Tensor | NDArray, b: Tensor | NDArray, p = 2): Tensor {
  const [x, y] = tensors("cdist", [a, b]);
  return nd.several.cdist<Tensor, Indices>(x, y, p, distancesByProduct);
}

/** d = √(|a|² + |b|² − 2 a·b).   With w = ḡ / d, 0 where d is: ā = a ⊙ Σ_r w − w·b, b̄ = b ⊙ Σ_p wᵀ − wᵀ·a */
const distancesByProduct = (a: Tensor, b: Tensor): Tensor =>
  record("cdist", [a, b], (a, b) => {
    const d = nd.distancesByProduct(a, b);
    const pull = (w: NDArray, a: NDArray, b: NDArray) =>
      a.mul(w.sum(-1, { keepDims: true })).sub(w.matmul(b));
    return [
      d,
      (g) => {
        const w = g.div(d).maskedFill(d.eq(0), 0);
        return [() => pull(w, a, b), () => pull(w.transpose(), b, a)];
      },
    ];
  });

/**
 * How many elements of a row that is in order come before each value (int32): the place at which to insert it. `sorted` is
 * one row for all values, or has a row for each row of values.
 */
export function searchsorted(sorted: Indices, values: Indices, options?: nd.SearchsortedOptions): Tensor {
  for (const x of [sorted, values]) nd.check("searchsorted", "an argument", x, "tensorOrArray");
  return new Tensor(nd.searchsorted(arrayOf(sorted), arrayOf(values), options));
}
