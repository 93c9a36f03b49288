import { expect, it, describe as suite, test } from "vitest";
import { tensor } from "../../src/autograd";
import { array, describe, describeFully, expected, expectedKind, nearest, words } from "../../src/tensor";

const cyclic: unknown[] = [];
cyclic.push(cyclic, 1);
const knot: Record<string, unknown> = {};
knot.self = knot;

const refuse = (): never => {
  throw new Error("refused");
};
const refusing = new Proxy({}, { get: refuse, ownKeys: refuse, getPrototypeOf: refuse, has: refuse });
const revoked = <T extends object>(target: T): T => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
class Odd {
  static override = 1;
  get shape(): never {
    return refuse();
  }
}
class Nameless {
  static readonly name = Symbol("no name");
  readonly x = 1;
}
const hostile = {
  get constructor(): never {
    return refuse();
  },
};
const fields = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`field${i}`, i]));

suite("describe", () => {
  test.each<[string, unknown, string]>([
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a number", 1.5, "1.5"],
    ["a number, unrounded", 0.1 + 0.2, "0.30000000000000004"],
    ["minus nought", -0, "-0"],
    ["NaN", Number.NaN, "NaN"],
    ["-∞", Number.NEGATIVE_INFINITY, "-Infinity"],
    ["a bigint", 12n, "12n"],
    ["a long bigint", 1n << 1_000_000n, "a bigint of about 1000004 bits"],
    ["a boolean", false, "false"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["a string", "sum", '"sum"'],
    ["a string with quotes and a line", 'a "b"\n', '"a \\"b\\"\\n"'],
    ["a long string", "x".repeat(1e6), `"${"x".repeat(58)}…`],
    ["a function", Math.max, "the function max"],
    ["a function without a name", () => 1, "a function"],
    ["a class", Odd, "the class Odd"],
    ["a class whose name is a symbol", Nameless, "a function"],
    ["an instance of it", new Nameless(), "an object"],
    ["a list", [1, 2], "a list of 2"],
    ["an empty list", [], "a list of 0"],
    ["a list in itself", cyclic, "a list of 2"],
    ["a huge list", new Array(2 ** 32 - 1), "a list of 4294967295"],
    ["an object", { p: 1, q: 2 }, "an object { p, q }"],
    ["an object in itself", knot, "an object { self }"],
    [
      "an object of 100,000 fields",
      fields,
      "an object { field0, field1, field2, field3, field4, field5, … }",
    ],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), "an object { a }"],
    ["a constructor that is no function", { constructor: 3 }, "an object { constructor }"],
    ["a constructor that throws", hostile, "an object that cannot be read"],
    ["a shape that throws", new Odd(), "an object that cannot be read"],
    ["a Proxy that refuses", refusing, "an object that cannot be read"],
    ["a revoked Proxy", revoked({}), "an object that cannot be read"],
    ["a revoked Proxy of a list", revoked([]), "an object that cannot be read"],
    ["a revoked Proxy of a function", revoked(() => 1), "a function that cannot be read"],
    ["a Proxy of a list", new Proxy([1, 2, 3], {}), "a list of 3"],
    ["a Map", new Map([[1, 2]]), "a Map"],
    ["a Date", new Date(0), "a Date"],
    ["a Promise", Promise.resolve(), "a Promise"],
    ["a typed array", new Int16Array(4), "an Int16Array of 4"],
    ["bytes", new Uint8Array(4), "a Uint8Array of 4"],
    ["an NDArray", array([[1, 2]]), "an NDArray (1, 2)"],
    ["a Tensor", tensor(1), "a Tensor ()"],
  ])("%s", (_, value, text) => expect(describe(value)).toBe(text));

  test.each<[string, unknown, string]>([
    ["a number", 3, "the number 3"],
    ["a string", "no", 'the string "no"'],
    ["a Tensor", tensor([[1, 2]]), "a float32 Tensor of shape (1, 2)"],
    ["an NDArray", array([1], { dtype: "int32" }), "an int32 NDArray of shape (1,)"],
    ["a list", [1, 2], "an array of 2 numbers"],
    ["a mixed list", [1, "2"], "an array of 2 values"],
    ["an empty list", [], "an empty array"],
    ["a list in itself", cyclic, "an array of 2 values"],
    ["a revoked Proxy", revoked({}), "an object that cannot be read"],
  ])("%s, fully", (_, value, text) => expect(describeFully(value)).toBe(text));
});

suite("expected", () => {
  it("says which operation, what was expected, what came, and how to mend it", () => {
    const error = expected("split", "a size >= 1", 0, "leave it out");
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe("split: expected a size >= 1, got 0; leave it out");
    expect(expectedKind("sum", "an NDArray", [1])).toBeInstanceOf(TypeError);
    expect(expectedKind("sum", "an NDArray", [1]).message).toBe("sum: expected an NDArray, got a list of 1");
  });

  it("copes with what cannot be read", () => {
    for (const got of [revoked({}), refusing, hostile, cyclic]) {
      expect(expected("f", "1", got).message).toMatch(
        /^f: expected 1, got an object that cannot be read$|a list of 2$/,
      );
      expect(expectedKind("f", "1", got, "so").message).toMatch(/; so$/);
    }
  });

  it("takes the caller's words for what came, and shortens them", () => {
    expect(expected("f", "(B, T)", words("shape (2,)")).message).toBe("f: expected (B, T), got shape (2,)");
    expect(expected("f", "less", words("x".repeat(1e6))).message.length).toBeLessThan(400);
  });

  it("leaves itself out of the trace", () => {
    function thrower(): never {
      throw expected("f", "1", 2);
    }
    let stack = "";
    try {
      thrower();
    } catch (error) {
      stack = String((error as Error).stack);
    }
    expect(stack.split("\n")[1]).toContain("thrower");
  });
});

suite("nearest", () => {
  const names = ["ones", "onesLike", "zeros", "matmul", "keepDims", "requiresGrad", "eq"];
  test.each([
    ["onse", "ones"],
    ["one", "ones"],
    ["ones_like", "onesLike"],
    ["zero", "zeros"],
    ["keepdim", "keepDims"],
    ["requires_grad", "requiresGrad"],
    ["matmull", "matmul"],
    ["foo", undefined],
    ["", undefined],
    ["x", undefined],
    ["x".repeat(1e6), undefined],
  ])("%s", (name, found) => expect(nearest(name, names)).toBe(found));
});
