import { describe, expect, it } from "vitest";
import * as nd from "../../src/tensor";
import { array, zeros } from "../../src/tensor";

// What a user of plain JavaScript, or one who silences the compiler, writes by mistake. Errors name the operation
// as it was called and say what came. `never` stands for what the compiler would refuse.

const a = zeros([2, 3]);
const tensorLike = Object.assign(new (class Tensor {})(), { data: a, shape: a.shape });
const no = (x: unknown) => x as never;

const cases: [name: string, run: () => unknown, message: string][] = [
  [
    "sizes one by one",
    () => nd.zeros(no(2), no(3)),
    "zeros: a shape is an array of sizes >= 0 such as [2, 3], got 2; put the sizes in an array: zeros([2, …])",
  ],
  ["tril", () => a.tril(no("1")), 'tril: expected k to be a whole number, got "1"'],
  ["triu, a fraction", () => a.triu(0.5), "triu: expected k to be a whole number, got 0.5"],
  ["topk", () => a.topk(no(Symbol("k"))), "topk: expected k in [0, 3] for axis 1 of (2, 3), got"],
  ["get, of text", () => a.get(no("01")), 'get: expected 2 indices for shape (2, 3), got "01"'],
  ["ones", () => nd.ones(no(2)), "ones: a shape is an array"],
  ["randn", () => nd.randn(no(2)), "randn: a shape is an array"],
  [
    "rand, negative",
    () => nd.rand([2, -1]),
    "rand: a shape is an array of sizes >= 0 such as [2, 3], got (2, -1)",
  ],
  ["a size left out", () => nd.zeros(no([2, undefined])), "got (2, undefined)"],
  [
    "randint without a low",
    () => nd.randint(5, no([3]), no(undefined)),
    "randint: expected whole numbers low < high and a shape, as in randint(0, 10, [2, 3]), got 5 and a list of 1",
  ],
  ["randint without a shape", () => nd.randint(0, 5, no(undefined)), "randint: a shape is an array"],
  ["randperm", () => nd.randperm(-1), "randperm: expected n >= 0, got -1"],
  [
    "no generator",
    () => nd.randn([2], { generator: no(3) }),
    "randn: expected a Generator as generator, got 3",
  ],
  [
    "mean and std by place",
    () => new nd.Generator(0).normal([2], no(0)),
    "normal: expected options such as { mean: 0, std: 1 }, got 0",
  ],
  ["sizes one by one to a generator", () => new nd.Generator(0).normal(no(2)), "normal: a shape is an array"],
  [
    "integers without bounds",
    () => new nd.Generator(0).integers([2], no(undefined)),
    "integers: expected options such as { high: 10 }, got undefined",
  ],
  [
    "chances as a list",
    () => new nd.Generator(0).multinomial(no([1]), 1),
    "multinomial: expected an NDArray, got a list of 1",
  ],
  ["eye", () => nd.eye(-1), "eye: a shape"],
  ["linspace", () => nd.linspace(0, 1, 2.5), "linspace: a shape"],
  ["arange with an end alone", () => nd.arange(5, no(undefined)), "; write arange(0, 5)"],
  [
    "dtype of another library",
    () => nd.zeros([2], { dtype: no("float16") }),
    'zeros: expected a dtype "float32", "float64", "int32" or "bool", got "float16"',
  ],
  ["dtype of an array", () => array([1], { dtype: no("int") }), "array: expected a dtype"],
  [
    "dtype as options",
    () => nd.zeros([2], no("float64")),
    'zeros: expected options such as { dtype: "float64" }, got "float64"',
  ],
  [
    "to()",
    () => a.to(no("long")),
    'to: expected a dtype "float32", "float64", "int32" or "bool", got "long"',
  ],
  ["full without a value", () => nd.full([2], no(undefined)), "full: expected a number, got undefined"],
  ["fill", () => zeros([2]).fill(no("x")), 'fill: expected a number, got "x"'],
  ["set", () => zeros([2]).set([0], no(undefined)), "set: expected a number, got undefined"],
  ["get with numbers one by one", () => a.get(no(0)), "get: expected 2 indices for shape (2, 3), got 0"],
  ["null in a list", () => array(no([1, null])), "array: expected a number or boolean at [1], got null"],
  [
    "a list of arrays",
    () => array(no([a, a])),
    "array: expected a number or boolean at [0], got an NDArray (2, 3); join with stack()",
  ],
  [
    "fromStorage of a list",
    () => nd.fromStorage(no([1, 2])),
    "fromStorage: expected one of Float32Array, Float64Array, Int32Array, Uint8Array, got a list of 2; lists go to array()",
  ],
  ["fromStorage of other integers", () => nd.fromStorage(no(new Int16Array(2))), "got an Int16Array"],
  [
    "NDArray of a list",
    () => new nd.NDArray(no([1])),
    "NDArray: expected data, dtype, shape and strides, got a list of 1; use array()",
  ],
  [
    "oneHot of a list",
    () => nd.oneHot(no([1]), 3),
    "oneHot: expected an NDArray, got a list of 1; make an NDArray of it with array()",
  ],
  [
    "oneHot of fractions",
    () => nd.oneHot(array([0.5]), 3),
    "oneHot: expected indices in [0, 2], got 0.5 at position 0",
  ],
  [
    "oneHot without classes",
    () => nd.oneHot(array([0]), no(undefined)),
    "oneHot: expected numClasses >= 1, got undefined",
  ],
  ["nothing to add", () => a.add(no(undefined)), "add: expected an NDArray or a number, got undefined"],
  [
    "a list to add",
    () => a.add(no([1, 2, 3])),
    "add: expected an NDArray or a number, got a list of 3; make an NDArray of it with array()",
  ],
  [
    "a Tensor beside an NDArray",
    () => a.mul(no(tensorLike)),
    "mul: expected an NDArray or a number, got a Tensor (2, 3); take its .data",
  ],
  ["comparison", () => a.lt(no("1")), 'lt: expected an NDArray or a number, got "1"'],
  ["logic", () => a.logicalAnd(no(true)), "logicalAnd: expected an NDArray, got true"],
  ["matmul with a number", () => a.matmul(no(2)), "matmul: expected an NDArray, got 2"],
  ["clamp with options", () => a.clamp(no({ min: 0 })), "clamp: expected a number, got an object { min }"],
  ["clamp without min", () => a.clamp(no(undefined), 1), "clamp: expected a number, got undefined"],
  ["where", () => nd.where(no(true), a, 0), "where: expected an NDArray, got true"],
  [
    "axis by name",
    () => a.sum(no({ dim: 0 })),
    "sum: expected an axis, a list of axes, or nothing for all, got an object { dim }",
  ],
  [
    "max of two",
    () => a.max(no(a)),
    "max: expected an axis, a list of axes, or nothing for all, got an NDArray (2, 3)",
  ],
  [
    "keepDims by place",
    () => a.sum(0, no(true)),
    "sum: expected options such as { keepDims: true }, got true",
  ],
  [
    "argmax with a list",
    () => a.argmax(no([0])),
    "argmax: axis must be an integer in [-2, 1] for 2 dimensions, got a list of 1",
  ],
  [
    "sort by place",
    () => a.sort(0, no(true)),
    "sort: expected options such as { descending: true }, got true",
  ],
  [
    "topk by place",
    () => a.topk(1, 0, no(false)),
    "topk: expected options such as { largest: false }, got false",
  ],
  ["norm by name", () => a.norm(no("fro")), 'norm: expected a number, got "fro"'],
  ["norm along a missing axis", () => a.norm(2, 7), "norm: axis must be"],
  [
    "reshape with sizes one by one",
    () => a.reshape(no(3)),
    "reshape: a shape is an array of sizes >= 0 such as [2, 3], got 3; put the sizes in an array: reshape([3, …])",
  ],
  ["expand with sizes one by one", () => a.expand(no(2)), "expand: a shape is an array"],
  [
    "permute with axes one by one",
    () => a.permute(no(1)),
    "permute: expected a list of axes such as [1, 0], got 1",
  ],
  [
    "slice by a list",
    () => a.slice(no([0, 1])),
    'slice: expected an index, "..." or a range such as "1:", got a list of 2; indexSelect() and gather() pick by lists',
  ],
  ["narrow by a fraction", () => a.narrow(0, 0.5, 1), "narrow: 1 entries from 0.5 do not fit"],
  ["gather by a list", () => a.gather(0, no([0])), "gather: expected an NDArray, got a list of 1"],
  ["indexSelect by a number", () => a.indexSelect(0, no(0)), "indexSelect: expected an NDArray, got 0"],
  ["mask as a list", () => a.maskedFill(no([true]), 0), "maskedFill: expected an NDArray, got a list of 1"],
  [
    "mask without a value",
    () => a.maskedFill(a.eq(0), no(undefined)),
    "maskedFill: expected a number, got undefined",
  ],
  [
    "mask of another shape",
    () => a.maskedFill(array([true, false]), 0),
    "maskedFill: shapes (2,) and (2, 3) do not broadcast",
  ],
  [
    "pad with one pair",
    () => a.pad(no([1, 1])),
    "pad: expected a [before, after] for each of the last axes, as in pad([[1, 1], [2, 2]]), got [1, 1]",
  ],
  [
    "roll without shifts",
    () => a.roll(no(undefined)),
    "roll: expected a shift or a list of shifts, got undefined",
  ],
  ["assign a number", () => a.assign(no(1)), "assign: expected an NDArray, got 1"],
  [
    "concat without a list",
    () => nd.concat(no(a), no(a)),
    "concat: expected a list of arrays, as in concat([a, b]), got an NDArray (2, 3)",
  ],
  ["stack a number", () => nd.stack(no([a, 1])), "stack: expected an NDArray, got 1"],
  [
    "split without sizes",
    () => nd.split(a, no(undefined)),
    "split: expected a size or a list of sizes, got undefined",
  ],
  [
    "einsum without an equation",
    () => nd.einsum(no(a), a),
    'einsum: expected an equation and arrays, as in einsum("ij,jk->ik", a, b)',
  ],
  [
    "dims without a name",
    () => nd.dims(no([2, 3]), no("B T"), no(undefined)),
    "dims: expected the name of the operation, a shape and a pattern",
  ],
  [
    "an object as state",
    () => nd.serializeSafetensors(no({ a })),
    "safetensors: expected a Map from names to NDArrays, as stateDict() gives, got an object { a }",
  ],
  [
    "a Tensor to save",
    () => nd.serializeSafetensors(no(new Map([["w", tensorLike]]))),
    'safetensors: "w": expected an NDArray, got a Tensor (2, 3); take its .data',
  ],
  [
    "path and tensors exchanged",
    () => nd.saveSafetensors(no(new Map()), no("x")),
    "saveSafetensors: expected a path, then the tensors, got a Map as path",
  ],
];

describe("mistakes", () => {
  it.each(cases)("%s", (_, run, message) => expect(run).toThrow(message));

  it("positions in errors are those of the array", () => {
    const ids = array(
      [
        [0, 1],
        [2, 5],
      ],
      { dtype: "int32" },
    );
    expect(() => zeros([3, 2]).gather(0, ids)).toThrow("got 5 at position [1, 1]");
  });
});
