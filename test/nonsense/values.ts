import type * as Library from "../../src";

/** What nobody should pass to a function, and somebody will. Made anew for every call, because calls may change it. */
export function nonsense({ nd, tensor }: typeof Library): Record<string, () => unknown> {
  const refuse = (): never => {
    throw new Error("nonsense: refused");
  };
  const cyclic = (): unknown[] => {
    const list: unknown[] = [];
    list.push(list);
    return list;
  };
  return {
    undefined: () => undefined,
    null: () => null,
    NaN: () => Number.NaN,
    Infinity: () => Number.POSITIVE_INFINITY,
    "1.5": () => 1.5,
    "-1": () => -1,
    "-0": () => -0,
    "0": () => 0,
    "7": () => 7,
    "1e9": () => 1e9,
    "2 ** 60": () => 2 ** 60,
    "empty string": () => "",
    abc: () => "abc",
    "long string": () => "ab ".repeat(2000),
    true: () => true,
    "{}": () => ({}),
    "[]": () => [],
    "a list in itself": cyclic,
    "a list with itself further in": () => [
      [1, 2],
      [cyclic(), 3],
    ],
    "an object in itself": () => {
      const knot: Record<string, unknown> = {};
      knot.self = knot;
      return knot;
    },
    "[[], []]": () => [[], []],
    "[[[]]]": () => [[[]]],
    "[1, [2]]": () => [1, [2]],
    "[NaN]": () => [Number.NaN],
    "[null]": () => [null],
    "[undefined]": () => [undefined],
    "[1.5, -1]": () => [1.5, -1],
    "[2, 3]": () => [2, 3],
    "[2 ** 31, 2 ** 31]": () => [2 ** 31, 2 ** 31],
    '["a"]': () => ["a"],
    "a list of Tensors": () => [tensor([1])],
    "a sparse list": () => new Array(5),
    "a list of 130,000": () => new Array(130_000).fill(1),
    "130,000 arrays": () => new Array(130_000).fill(nd.ones([1])),
    "130,000 tensors": () => new Array(130_000).fill(tensor([1])),
    "130,000 lists": () => new Array(130_000).fill([1]),
    "130,000 texts": () => new Array(130_000).fill("ab"),
    "a list 20,000 deep": () => {
      let list: unknown = 1;
      for (let i = 0; i < 20_000; i++) list = [list];
      return list;
    },
    "an endless length": () => ({ length: 2 ** 40 }),
    Symbol: () => Symbol("nonsense"),
    bigint: () => 10n,
    function: () => () => 1,
    "a function that takes what comes": () => (x: unknown) => x,
    class: () => class Odd {},
    Map: () => new Map([["a", 1]]),
    "a Map of symbols": () => new Map([[Symbol("a"), Symbol("b")]]),
    Set: () => new Set([1]),
    Date: () => new Date(0),
    RegExp: () => /a/g,
    Promise: () => Promise.resolve(1),
    Float32Array: () => new Float32Array(3),
    Int16Array: () => new Int16Array(3),
    BigInt64Array: () => new BigInt64Array(2),
    ArrayBuffer: () => new ArrayBuffer(8),
    "a Proxy": () => new Proxy({}, {}),
    "a Proxy that refuses": () =>
      new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse }),
    "a revoked Proxy": () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
    "a getter that throws": () => ({
      get shape() {
        return refuse();
      },
      get length() {
        return refuse();
      },
    }),
    "no prototype": () => Object.create(null),
    "{ shape: [2, 3] }": () => ({ shape: [2, 3] }),
    "{ strides: [] }": () => ({ strides: [] }),
    "{ misspelt: 1 }": () => ({ misspelt: 1 }),
    "an NDArray": () =>
      nd.array([
        [0, 1, 2],
        [1, 0, 1],
      ]),
    "a scalar NDArray": () => nd.array(2),
    "an empty NDArray": () => nd.zeros([0, 3]),
    "an int32 NDArray": () => nd.arange(0, 6).reshape([2, 3]),
    "a bool NDArray": () => nd.array([true, false]),
    "an NDArray of NaN": () => nd.full([2, 3], Number.NaN),
    "five axes": () => nd.ones([1, 2, 1, 2, 1]),
    "a Tensor": () =>
      tensor(
        [
          [0, 1, 2],
          [1, 0, 1],
        ],
        { requiresGrad: true },
      ),
    "a Tensor of integers": () => tensor([1, 2], { dtype: "int32" }),
    "an empty Tensor": () => tensor(nd.zeros([2, 0])),
  };
}
