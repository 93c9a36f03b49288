import { describe, expect, test } from "vitest";
import * as ag from "../../src/autograd";
import { array, Generator, manualSeed } from "../../src/tensor";

describe("tensors from nothing", () => {
  test("take their type and whether they require a gradient", () => {
    const options = { dtype: "float64", requiresGrad: true } as const;
    for (const x of [
      ag.zeros([2], options),
      ag.ones([2], options),
      ag.full([2], 3, options),
      ag.arange(0, 2, 1, options),
      ag.linspace(0, 1, 2, options),
      ag.eye(2, 2, options),
      ag.rand([2], options),
      ag.randn([2], options),
      ag.tensor([1, 2], options),
      ag.onesLike(array([1, 2]), options),
    ]) {
      expect([x.dtype, x.requiresGrad, x.node]).toEqual(["float64", true, null]);
    }
    expect(ag.zerosLike(ag.ones([2], options)).dtype).toBe("float64");
    expect(ag.zerosLike(ag.ones([2], options)).requiresGrad).toBe(false);
  });

  test("hold the numbers of their namesakes on arrays", () => {
    expect(ag.arange(1, 7, 2).toArray()).toEqual([1, 3, 5]);
    expect(ag.arange(1, 7, 2).dtype).toBe("int32");
    expect(ag.oneHot(ag.tensor([1, 0], { dtype: "int32" }), 3).toArray()).toEqual([
      [0, 1, 0],
      [1, 0, 0],
    ]);
    expect(ag.eye(2, 3).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  test("repeat under a seed, or with a generator of their own", () => {
    manualSeed(3);
    const first = ag.randn([4]).toArray();
    manualSeed(3);
    expect(ag.randn([4]).toArray()).toEqual(first);
    const source = () => ({ generator: new Generator(9) });
    expect(ag.randint(0, 100, [5], source()).toArray()).toEqual(ag.randint(0, 100, [5], source()).toArray());
    expect((ag.randperm(5, source()).toArray() as number[]).sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test("share the memory of an array they are made from", () => {
    const data = array([1, 2]);
    expect(ag.tensor(data).data).toBe(data);
    expect(ag.tensor(data, { dtype: "int32" }).dtype).toBe("int32");
  });
});

describe("joining", () => {
  test("takes arrays and numbers beside tensors, which take the tensor's type", () => {
    const x = ag.tensor([1, 2], { dtype: "float64", requiresGrad: true });
    const y = ag.where(array([true, false]), x, 0.1);
    expect(y.toArray()).toEqual([1, 0.1]);
    expect(ag.where(array([true, false]), 1, 2).dtype).toBe("int32");
    expect(ag.concat([x, array([3])]).toArray()).toEqual([1, 2, 3]);
    expect(ag.stack([array([3, 4]), x], 1).toArray()).toEqual([
      [3, 1],
      [4, 2],
    ]);
    expect(ag.einsum("i,i->", x, array([3, 4])).item()).toBe(11);
    expect(() => ag.where(array([true]), x, "a" as never)).toThrow(
      "where: expected a Tensor, NDArray or number",
    );
  });

  test("split cuts where told", () => {
    const x = ag.arange(0, 7).to("float32");
    expect(ag.split(x, 3).map((part) => part.toArray())).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(ag.split(x, [1, 6], -1).map((part) => part.size)).toEqual([1, 6]);
  });
});
