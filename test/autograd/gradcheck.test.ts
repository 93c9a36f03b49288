import { describe, expect, test } from "vitest";
import { dropout, GradcheckError, gradcheck, record, type Tensor, tensor } from "../../src/autograd";
import { array, Generator, type NDArray } from "../../src/tensor";

const x = array([
  [0.5, -1, 2],
  [1, 3, -0.25],
]);

/** x³ with a gradient of our choice. */
const cube = (pullback: (x: NDArray, g: NDArray) => NDArray | null) => (x: Tensor) =>
  record("cube", [x], (x) => [x.pow(3), (g) => [pullback(x, g)]]);
const right = (x: NDArray, g: NDArray) => g.mul(x.square()).mul(3);

const failure = (fn: (...x: Tensor[]) => Tensor): GradcheckError => {
  try {
    gradcheck(fn, [x]);
  } catch (error) {
    return error as GradcheckError;
  }
  throw new Error("gradcheck passed");
};

describe("gradcheck", () => {
  test("a slope without bound is no right gradient, whatever the rule says", () => {
    // At 0 the root rises vertically: differences give ∞ or NaN, never the 3 that this rule claims.
    const steep = (x: Tensor) =>
      record("steep", [x], (x) => [
        x.sign().mul(Number.POSITIVE_INFINITY).maskedFill(x.eq(0), 0),
        (g) => [g.mul(3)],
      ]);
    expect(() => gradcheck(steep, [tensor([0])])).toThrow(GradcheckError);
  });

  test("passes a right gradient, of float32 inputs too, and leaves the inputs alone", () => {
    const input = tensor(x, { requiresGrad: true });
    expect(gradcheck(cube(right), [input])).toBe(true);
    expect(input.grad).toBeNull();
    expect(input.toArray()).toEqual(x.toArray());
  });

  test("passes several inputs and outputs, and integers beside", () => {
    const index = array([[2, 0, 0]], { dtype: "int32" });
    expect(gradcheck((a, b, i) => [a.mul(b), a.gather(1, i)], [x, array([1, 2, 3]), index])).toBe(true);
  });

  test("says which element of which input is wrong, by how much", () => {
    const error = failure(cube((x, g) => right(x, g).mul(array([1, 1, 1.5]))));
    expect(error).toBeInstanceOf(GradcheckError);
    expect(error.input).toBe(0);
    expect(error.index).toEqual([0, 2]);
    expect(error.analytic / error.numeric).toBeCloseTo(1.5);
    expect(error.message).toMatch(
      /^gradcheck: input 0 of shape \(2, 3\) at \[0, 2\]: analytic gradient [\d.]+, numeric [\d.]+/,
    );
  });

  test.each<[string, (x: NDArray, g: NDArray) => NDArray | null, string]>([
    ["a missing factor", (x, g) => g.mul(x.square()), "is 0.3333 times the numeric one: a missing factor"],
    ["a wrong sign", (x, g) => right(x, g).neg(), "the sign is wrong everywhere"],
    ["zeros", (_, g) => g.mul(0), "every analytic gradient is 0"],
    ["no gradient", () => null, "no gradient arrived: does the pullback return null"],
    ["NaN", (_, g) => g.mul(0).div(0), "NaN: a division by 0"],
    [
      "one element",
      (x, g) => right(x, g).mul(x.ne(-0.25)),
      "1 of 6 elements differ: a point where the function has a kink or a jump?",
    ],
  ])("guesses the cause: %s", (_, pullback, cause) => {
    expect(failure(cube(pullback)).message).toContain(cause);
  });

  test("sees errors that a plain sum would cancel", () => {
    expect(() =>
      gradcheck(
        cube((x, g) => right(x, g.flip(0))),
        [x],
      ),
    ).toThrow(GradcheckError);
  });

  test("returns false instead of throwing when asked", () => {
    expect(
      gradcheck(
        cube(() => null),
        [x],
        { raiseException: false },
      ),
    ).toBe(false);
  });

  test("refuses what it cannot check", () => {
    expect(() => gradcheck((x) => tensor(x.data), [x])).toThrow(
      "gradcheck: the output does not depend on any input",
    );
    expect(() => gradcheck((x) => x, [array([1], { dtype: "int32" })])).toThrow("at least one float input");
    expect(() => gradcheck(() => 1 as never, [x])).toThrow(
      "expected the function to return Tensors, got number",
    );
    const generator = new Generator(1);
    expect(() => gradcheck((x) => dropout(x, { generator }), [x])).toThrow(
      "the function must be deterministic",
    );
  });
});
