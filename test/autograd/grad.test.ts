import { describe, expect, test } from "vitest";
import { grad, jvp, noGrad, type Tensor, tensor, vjp } from "../../src/autograd";
import { array } from "../../src/tensor";

const leaf = (values: Parameters<typeof tensor>[0]) => tensor(values, { requiresGrad: true });

describe("grad", () => {
  test("of leaves and of what stands in the middle, without touching any grad", () => {
    const [x, w, unused] = [leaf([1, 2]), leaf([3, 4]), leaf([[5]])];
    const y = x.mul(w);
    const found = grad(y.square().sum(), [y, x, unused], { materializeGrads: true });
    expect(found.map((g) => g.toArray())).toEqual([[6, 16], [18, 64], [[0]]]);
    expect([x.grad, w.grad, y.grad]).toEqual([null, null, null]);
  });

  test("starts from a given gradient, keeps the graph on request, else frees it", () => {
    const x = leaf([1, 2]);
    const y = x.square();
    const options = { gradOutput: array([1, 10]), retainGraph: true };
    expect(grad(y, [x], options)[0].toArray()).toEqual([2, 40]);
    expect(grad(y, [x, x], { gradOutput: tensor([1, 0]) })[1].toArray()).toEqual([2, 0]);
    expect(() => grad(y, [x], options)).toThrow("freed by an earlier backward");
  });

  test("of several outputs: the sum, also where one stands below another or comes twice", () => {
    const [x, w] = [leaf([1, 2]), leaf([3, 4])];
    const y = x.mul(w);
    const z = y.square().sum();
    // z̄ = 1 gives ȳ = 2y = [6, 16]; beside it ȳ = [10, 0]
    const both = grad([z, y], [x, w, y], { gradOutput: [null, array([10, 0])], retainGraph: true });
    expect(both.map((g) => g.toArray())).toEqual([
      [48, 64],
      [16, 32],
      [16, 16],
    ]);
    expect(grad([z, z], [y], { retainGraph: true })[0].toArray()).toEqual([12, 32]);
    expect(grad([z], [y], { gradOutput: [tensor(0.5)] })[0].toArray()).toEqual([3, 8]);
    expect([x.grad, w.grad]).toEqual([null, null]);
    expect(() => grad([x.sum(), z], [x])).toThrow("freed by an earlier backward");
  });

  test("of what was not used: an error, null or zeros, as PyTorch", () => {
    const [x, unused] = [leaf([1, 2]), leaf([[5]])];
    const loss = () => x.square().sum();
    expect(grad(loss(), [unused], { materializeGrads: true })[0].toArray()).toEqual([[0]]);
    const [a, b] = grad(loss(), [x, unused], { allowUnused: true });
    expect([a?.toArray(), b]).toEqual([[2, 4], null]);
    for (const options of [undefined, { allowUnused: false } as const])
      expect(() => grad(loss(), [x, unused], options)).toThrow(
        "grad: expected inputs that the output depends on, got input 1, which it does not; { allowUnused: true }",
      );
    expect(grad(loss(), [x], { allowUnused: false })[0].toArray()).toEqual([2, 4]);
  });

  test("errors", () => {
    const x = leaf([1, 2]);
    expect(() => grad([], [x])).toThrow(
      "grad: expected a Tensor, or a list of at least one, got a list of 0",
    );
    expect(() => grad([x.sum(), 3 as never], [x])).toThrow("grad: expected a Tensor, got 3");
    expect(() => grad([x.sum(), x], [x])).toThrow("expected a scalar, got shape (2,)");
    expect(() => grad([x.sum()], [x], { gradOutput: tensor(1) })).toThrow(
      "grad: expected gradOutput to be a list of 1, one for each output, got a Tensor ()",
    );
    expect(() => grad(x.sum(), [x], { gradOutput: [tensor(1)] })).toThrow("grad: expected one gradOutput");
    expect(() => grad(x.sum(), [x], { gradOutput: 3 as never })).toThrow(
      "grad: expected gradOutput to be a Tensor or an NDArray, got 3",
    );
    expect(() => grad([x.sum(), tensor(1)], [x])).toThrow("this tensor does not require a gradient");
    expect(() => grad(x.square(), [x])).toThrow("expected a scalar, got shape (2,)");
    expect(() => grad(x.sum(), [tensor([1])])).toThrow("grad: expected inputs that require a gradient");
    expect(() => grad(x.sum(), x as never)).toThrow("grad: expected inputs to be a list");
  });
});

describe("vjp and jvp", () => {
  const fn = (a: Tensor, b: Tensor) => a.mul(b).add(a.square());
  const [a, b] = [array([1, 2]), array([3, 4])];

  test("pull gradients back as often as wanted", () => {
    const { output, pullback } = vjp(fn, [a, b]);
    expect(output.toArray()).toEqual([4, 12]);
    expect(pullback(array([1, 0])).map((g) => g.toArray())).toEqual([
      [5, 0],
      [1, 0],
    ]);
    expect(pullback(tensor([0, 2])).map((g) => g.toArray())).toEqual([
      [0, 16],
      [0, 4],
    ]);
  });

  test("push tangents forward", () => {
    const { output, tangent } = jvp(fn, [a, b], [array([1, -1]), array([0, 10])]);
    expect(output.toArray()).toEqual([4, 12]);
    expect(tangent.toArray()).toEqual([5, 12]); // (b + 2a) ȧ + a ḃ
    expect(() => jvp(fn, [a, b], [a])).toThrow(
      "jvp: expected a tangent for each input, of its shape: (2,), (2,), got shape (2,)",
    );
  });

  test("of a function that depends on nothing", () => {
    expect(jvp(() => tensor([7]), [a], [b]).tangent.toArray()).toEqual([0]);
    const { pullback } = vjp(() => tensor([7, 8]), [a]);
    expect(pullback(array([1, 1]))[0].toArray()).toEqual([0, 0]);
    expect(() => pullback(array([1]))).toThrow("expected a gradient of shape (2,), got (1,)");
    expect(() => pullback()).toThrow("expected a scalar, got shape (2,)");
  });

  test("of several outputs, one of which depends on nothing", () => {
    const several = (x: Tensor, y: Tensor) => [x.mul(y), tensor([5]), y.square().sum()] as const;
    const { output, pullback } = vjp(several, [a, b]);
    expect(output.map((one) => one.toArray())).toEqual([[3, 8], [5], 25]);
    const found = pullback([array([1, 10]), null, tensor(2)]);
    // x̄ = y ⊙ g, ȳ = x ⊙ g + 2 · 2 y
    expect(found.map((g) => g.toArray())).toEqual([
      [3, 40],
      [13, 36],
    ]);
    const moved = jvp(several, [a, b], [array([1, -1]), array([0, 10])]);
    expect(moved.output.map((one) => one.toArray())).toEqual([[3, 8], [5], 25]);
    expect(moved.tangent.map((one) => one.toArray())).toEqual([[3, 16], [0], 80]);
    expect(() => pullback([array([1, 10]), null] as never)).toThrow(
      "vjp: expected gradOutput to be a list of 3",
    );
    expect(() => vjp(() => [], [a])).toThrow("vjp: expected fn to give a Tensor, or a list of at least one");
    expect(() => vjp(() => [tensor(1), 2] as never, [a])).toThrow("vjp: expected a Tensor, got 2");
  });

  test("under noGrad too, where a gradient of zeros would be wrong without a word", () => {
    expect(noGrad(() => vjp(fn, [a, b]).pullback(array([1, 0])))[0].toArray()).toEqual([5, 0]);
    expect(noGrad(() => jvp(fn, [a, b], [array([1, -1]), array([0, 10])])).tangent.toArray()).toEqual([
      5, 12,
    ]);
  });
});
