import {
  type ArrayMethods,
  Comparing,
  checkOptions,
  defineMethods,
  mixIn,
  type NDArray,
  normalizeAxis,
  Ordering,
  Picking,
  Pieces,
  type SliceSpec,
  sliceByMask,
  suggestMembers,
} from "../tensor";
import { primitive } from "./record";
import * as rules from "./rules";
import { arrayOf, type Indices, isArray, isTensor, lift, type Operand, Tensor } from "./tensor";

/** Gives Tensor its methods: each records the rule of its name. */

/** An operation on two operands; a number stays a number, which is cheaper than a tensor of one element. */
function binary(
  op: string,
  a: Tensor,
  b: Operand,
  rule: (a: NDArray, b: NDArray | number) => rules.TwoGradients,
): Tensor {
  if (typeof b !== "number") return primitive(op, [a, lift(b, a, op)], rule);
  return primitive(op, [a], (x) => {
    const [y, pullback] = rule(x, b);
    return [y, (g) => [pullback(g)[0]]];
  });
}

function ordered(
  op: string,
  x: Tensor,
  axis: number,
  { values, indices }: { values: NDArray; indices: NDArray },
) {
  const at = normalizeAxis(op, axis, x.ndim);
  return {
    values: primitive(op, [x], (x) => rules.ordered(x, values, indices, at)),
    indices: new Tensor(indices),
  };
}

const own: Pick<ArrayMethods<Tensor, Indices>, rules.OwnMethod> & ThisType<Tensor> = {
  matmul(b) {
    return primitive("matmul", [this, lift(b, this, "matmul")], rules.matmul);
  },
  slice(...specs) {
    const mask = specs.findIndex((spec) => typeof spec === "object" && (isTensor(spec) || isArray(spec)));
    if (mask >= 0) return sliceByMask<Tensor, Indices>(this, specs, mask);
    return primitive("slice", [this], (x) => rules.slice(x, specs as SliceSpec[]));
  },
  to(dtype) {
    return dtype === this.dtype ? this : primitive("to", [this], (x) => rules.copy(x, x.to(dtype)));
  },
  scatter(axis, index, src) {
    if (typeof src === "number")
      return primitive("scatter", [this], (x) => rules.scatterNumber(x, axis, arrayOf(index), src));
    return primitive("scatter", [this, lift(src, this, "scatter")], (x, y) =>
      rules.scatter(x, axis, arrayOf(index), y),
    );
  },
  scatterAdd(axis, index, src) {
    return primitive("scatterAdd", [this, lift(src, this, "scatterAdd")], (x, y) =>
      rules.scatterAdd(x, axis, arrayOf(index), y),
    );
  },
  sort(axis = -1, options) {
    return ordered("sort", this, axis, this.data.sort(axis, options));
  },
  topk(k, axis = -1, options) {
    return ordered("topk", this, axis, this.data.topk(k, axis, options));
  },
  cummax(axis) {
    return ordered("cummax", this, axis, this.data.cummax(axis));
  },
  cummin(axis) {
    return ordered("cummin", this, axis, this.data.cummin(axis));
  },
  unique(axis) {
    const { values, inverse, counts } = this.data.unique(axis);
    return { values: new Tensor(values), inverse: new Tensor(inverse), counts: new Tensor(counts) };
  },
  bincount(options) {
    checkOptions("bincount", options, "minLength: 10", { weights: "tensorOrArray", minLength: "count" });
    const weights = options?.weights && arrayOf(options.weights);
    return new Tensor(this.data.bincount({ minLength: options?.minLength, weights }));
  },
};

type Rule = (x: NDArray, a?: unknown, b?: unknown, c?: unknown) => rules.OneGradient;
type Plain = (a?: unknown, b?: unknown) => NDArray;

defineMethods(Tensor, own, (method) => method);
defineMethods(Tensor, rules.rules as Readonly<Record<string, Rule>>, (rule, name) => {
  return function (this: Tensor, a, b, c) {
    return primitive(name, [this], (x) => rule(x, a, b, c));
  };
});
defineMethods(Tensor, rules.operandRules, (rule, name) => {
  return function (this: Tensor, b) {
    return binary(name, this, b, rule);
  };
});
defineMethods(Tensor, rules.indexRules as Readonly<Record<string, Rule>>, (rule, name) => {
  return function (this: Tensor, a, b) {
    return primitive(name, [this], (x) => rule(x, arrayOf(a), arrayOf(b)));
  };
});
for (const name of rules.plainMethods)
  defineMethods(Tensor, { [name]: name }, () => {
    return function (this: Tensor, a, b) {
      return new Tensor((this.data[name] as Plain)(arrayOf(a), arrayOf(b)));
    };
  });
mixIn(Tensor, Picking, Pieces, Comparing, Ordering);
suggestMembers(Tensor, "tensor");

export { Tensor };
