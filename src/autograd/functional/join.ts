import type { NDArray } from "../../tensor";
import * as nd from "../../tensor";
import * as rules from "../rules";
import {
  arrayOf,
  checkTensor,
  type Indices,
  lift,
  type Operand,
  record,
  recordList,
  Tensor,
} from "../tensor";

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
  if (!Array.isArray(list)) {
    throw new TypeError(`${op}: expected a list of tensors, as in ${op}([a, b]), got ${nd.describe(list)}`);
  }
  return list.map((x) => {
    if (!(x instanceof nd.NDArray)) checkTensor(op, x);
    return x instanceof Tensor ? x : new Tensor(x);
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
