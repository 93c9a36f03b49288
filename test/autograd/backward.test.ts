import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { detectAnomaly, isGradEnabled, noGrad, ones, record, Tensor, tensor } from "../../src/autograd";
import { array, NDArray } from "../../src/tensor";

const leaf = (values: Parameters<typeof tensor>[0]) => tensor(values, { requiresGrad: true });
const list = (x: NDArray | null) => x?.toArray();

describe("backward", () => {
  test("adds up over all uses of a leaf", () => {
    const x = leaf([2, 3]);
    const y = x.mul(x).add(x).sub(x.mul(5)); // x² − 4x
    y.sum().backward();
    expect(list(x.grad)).toEqual([0, 2]);
  });

  test("adds to the gradient of earlier calls, until zeroGrad", () => {
    const x = leaf([1, 2]);
    x.mul(3).sum().backward();
    x.mul(3).sum().backward();
    expect(list(x.grad)).toEqual([6, 6]);
    x.zeroGrad();
    expect(x.grad).toBeNull();
    x.mul(x).sum().backward();
    expect(list(x.grad)).toEqual([2, 4]);
  });

  test("starts from a given gradient, tensor or array", () => {
    const x = leaf([[1, 2, 3]]);
    x.mul(2).backward(array([[1, 0, -1]]));
    x.mul(2).backward(tensor([[1, 1, 1]]));
    expect(list(x.grad)).toEqual([[4, 2, 0]]);
  });

  test("of a leaf itself is the seed, in memory of its own", () => {
    const x = leaf([1, 2]);
    const seed = array([5, 6]);
    x.backward(seed);
    seed.fill(0);
    expect(list(x.grad)).toEqual([5, 6]);
  });

  test("goes only to leaves that require it", () => {
    const [x, constant] = [leaf([1, 2]), tensor([3, 4])];
    const y = x.mul(constant);
    y.sum().backward();
    expect(list(x.grad)).toEqual([3, 4]);
    expect(constant.grad).toBeNull();
    expect(y.grad).toBeNull();
  });

  test("undoes broadcasting on both sides", () => {
    const [a, b] = [leaf([[1], [2]]), leaf([10, 20, 30])];
    a.mul(b).sum().backward();
    expect(list(a.grad)).toEqual([[60], [60]]);
    expect(list(b.grad)).toEqual([3, 3, 3]);
  });

  test("keeps every gradient in the type of its tensor", () => {
    const single = leaf([1, 2]);
    const double = tensor([3, 4], { dtype: "float64", requiresGrad: true });
    single
      .mul(double)
      .mul(tensor([1, 2], { dtype: "int32" }))
      .sum()
      .backward();
    expect(single.grad?.dtype).toBe("float32");
    expect(double.grad?.dtype).toBe("float64");
    expect(list(double.grad)).toEqual([1, 4]);
  });

  test("gives two leaves two arrays, so that one may be changed in place", () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    a.add(b).backward(array([1, 1]));
    a.grad?.fill(7);
    expect(list(b.grad)).toEqual([1, 1]);
  });

  test("reaches a diamond of many paths once", () => {
    let x = leaf(1);
    const start = x;
    for (let i = 0; i < 60; i++) x = x.add(x).mul(0.5); // 2⁶⁰ paths
    x.backward();
    expect(start.grad?.item()).toBe(1);
  });

  test("goes through 200,000 operations in a chain, and 200,000 uses of one leaf", () => {
    const x = leaf(1);
    let chain: Tensor = x;
    for (let i = 0; i < 200_000; i++) chain = chain.neg();
    chain.backward();
    expect(x.grad?.item()).toBe(1);
    let sum: Tensor = x;
    for (let i = 0; i < 200_000; i++) sum = sum.add(x);
    x.zeroGrad();
    sum.backward();
    expect(x.grad?.item()).toBe(200_001);
  });

  test("of many slices of one tensor fills one array", () => {
    const x = leaf(array([1, 2, 3, 4]).reshape([2, 2]));
    const parts = [x.select(0, 0), x.select(0, 1), x.select(1, 1), x.slice("::-1", 0)];
    parts.reduce((a, b) => a.add(b)).backward(array([1, 10]));
    // Rows 0 and 1 get [1, 10] each, column 1 gets [1, 10], column 0 the reverse.
    expect(list(x.grad)).toEqual([
      [11, 11],
      [2, 20],
    ]);
  });

  test("of slices of something in the middle, mixed with whole uses", () => {
    const x = leaf([1, 2, 3]);
    const y = x.mul(2);
    y.add(1).sum().add(y.slice("1:").sum()).add(y.square().sum()).add(y.select(0, 2)).backward();
    expect(list(x.grad)).toEqual([10, 20, 30]);
  });

  test("works after the data of a leaf was replaced: the graph holds the old numbers", () => {
    const x = leaf([1, 2]);
    const y = x.mul(x).sum();
    x.data = array([100, 200]);
    y.backward();
    expect(list(x.grad)).toEqual([2, 4]);
  });
});

describe("the graph", () => {
  test("is freed by backward: inputs and saved arrays are let go", () => {
    const x = leaf([1, 2]);
    const y = x.exp().sum();
    const node = y.node;
    y.backward();
    expect(node?.pullback).toBeNull();
    expect(node?.inputs).toEqual([]);
    expect(() => y.backward()).toThrow(
      "backward: the graph behind this tensor (at sum) was freed by an earlier backward(); pass { retainGraph: true }",
    );
  });

  test("is kept by retainGraph", () => {
    const x = leaf([1, 2]);
    const y = x.exp().sum();
    y.backward(undefined, { retainGraph: true });
    y.backward();
    expect(list(x.grad)).toEqual(
      [Math.fround(2 * Math.E), Math.fround(2 * Math.exp(2))].map((v) => expect.closeTo(v, 4)),
    );
  });

  test("freed in part is an error before anything changes", () => {
    const x = leaf([1, 2]);
    const shared = x.exp();
    shared.sum().backward();
    const before = x.grad;
    expect(() => shared.mul(x).sum().backward()).toThrow("freed by an earlier backward");
    expect(x.grad).toBe(before);
  });

  test("is not made under noGrad, nor without inputs that require a gradient", () => {
    const x = leaf([1, 2]);
    const y = noGrad(() => {
      expect(isGradEnabled()).toBe(false);
      return x.mul(2);
    });
    expect([y.requiresGrad, y.node, isGradEnabled()]).toEqual([false, null, true]);
    expect(tensor([1]).mul(2).node).toBeNull();
    expect(x.detach().mul(2).requiresGrad).toBe(false);
    expect(x.gt(1).requiresGrad).toBe(false);
    expect(x.argmax().dtype).toBe("int32");
  });

  test("noGrad is undone by an exception, and refuses async functions", () => {
    expect(() =>
      noGrad(() => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(isGradEnabled()).toBe(true);
    expect(() => noGrad(async () => 1)).toThrow("noGrad: expected a synchronous function");
    expect(isGradEnabled()).toBe(true);
  });

  test("detach stops gradients and shares memory", () => {
    const x = leaf([1, 2]);
    x.mul(x.detach()).sum().backward();
    expect(list(x.grad)).toEqual([1, 2]);
    expect(x.detach().data).toBe(x.data);
  });

  test("a leaf may start and stop requiring a gradient", () => {
    const x = tensor([1, 2]);
    x.requiresGrad = true;
    x.mul(2).sum().backward();
    expect(list(x.grad)).toEqual([2, 2]);
    x.requiresGrad = false;
    expect(x.mul(2).requiresGrad).toBe(false);
    const y = leaf([1]).mul(2);
    expect(() => {
      y.requiresGrad = false;
    }).toThrow("requiresGrad: expected a leaf, this tensor was made by mul");
  });
});

describe("hooks", () => {
  test("see the whole gradient once, and may replace it", () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    const seen: unknown[] = [];
    const handle = y.registerHook((g) => {
      seen.push(g.toArray());
      return g.mul(10);
    });
    y.add(y).sum().backward(undefined, { retainGraph: true });
    expect(seen).toEqual([[2, 2]]);
    expect(list(x.grad)).toEqual([60, 60]);
    handle.remove();
    y.sum().backward();
    expect(seen.length).toBe(1);
    expect(list(x.grad)).toEqual([63, 63]);
  });

  test("of a leaf change what is kept", () => {
    const x = leaf([1, 2]);
    x.registerHook((g) => g.mul(array([1, 0])));
    x.sum().backward();
    expect(list(x.grad)).toEqual([1, 0]);
  });

  test("must keep the shape", () => {
    const x = leaf([1, 2]);
    x.registerHook((g) => g.sum());
    expect(() => x.sum().backward()).toThrow(
      "registerHook: expected the hook to return nothing or an NDArray of shape (2,), got ()",
    );
  });

  test("retainGrad keeps the gradient of what is not a leaf", () => {
    const x = leaf([1, 2]);
    const y = x.mul(3).retainGrad();
    y.mul(y).sum().backward();
    expect(list(y.grad)).toEqual([6, 12]);
    y.grad?.fill(0);
    expect(list(x.grad)).toEqual([18, 36]);
  });

  test("need a tensor that gets a gradient", () => {
    expect(() => tensor([1]).retainGrad()).toThrow("retainGrad: this tensor does not require a gradient");
    expect(() => tensor([1]).registerHook(() => {})).toThrow("registerHook: this tensor does not require");
  });
});

describe("errors", () => {
  test("of backward", () => {
    expect(() => leaf([1, 2]).mul(2).backward()).toThrow(
      "backward: expected a scalar, got shape (2,); reduce it with sum() or mean(), or pass the gradient to start from",
    );
    expect(() => tensor(1).backward()).toThrow(
      "backward: this tensor does not require a gradient and has no graph",
    );
    expect(() =>
      leaf([1, 2])
        .mul(2)
        .backward(array([1])),
    ).toThrow("backward: expected a gradient of shape (2,), got (1,)");
  });

  test("of a gradient that does not fit what was there", () => {
    const x = leaf([1, 2]);
    x.sum().backward();
    x.data = array([1, 2, 3]);
    expect(() => x.sum().backward()).toThrow(
      "backward: expected to add to a grad of shape (3,), found one of (2,); was the data replaced without zeroGrad()?",
    );
  });

  test("of types", () => {
    expect(() => tensor([1], { dtype: "int32", requiresGrad: true })).toThrow(
      'Tensor: only float tensors can require a gradient, got int32; convert with to("float32")',
    );
    expect(() => leaf([1]).add("1" as never)).toThrow(
      'add: expected a Tensor, NDArray or number beside (1,), got "1"',
    );
    expect(() => record("mine", [array([1]) as never], (x: NDArray) => [x, (g) => [g]])).toThrow(
      "mine: expected a Tensor, got an NDArray (1,); wrap numbers and arrays with tensor()",
    );
    expect(() => tensor(leaf([1]) as never)).toThrow("got a Tensor; use clone() or detach()");
  });

  test("of a rule", () => {
    const x = leaf([1, 2]);
    const op = (pullback: (g: NDArray) => unknown) =>
      record("mine", [x], (x) => [x.mul(2), pullback as (g: NDArray) => [NDArray]]).sum();
    expect(() => op((g) => [g, g]).backward()).toThrow(
      "mine: expected a list of 1 gradients from the pullback, one per input, got 2",
    );
    expect(() => op((g) => g).backward()).toThrow("one per input, got an NDArray (2,)");
    expect(() => op((g) => [g.sum()]).backward()).toThrow(
      "mine: the gradient of input 0 must have its shape (2,), or broadcast from it, got ()",
    );
    expect(() => op((g) => [tensor(g)]).backward()).toThrow(
      "mine: expected the gradient of input 0 as an NDArray, a function that returns one, or null, got a Tensor",
    );
    expect(() => op(() => [undefined]).backward()).toThrow("or null, got undefined");
    expect(() => record("mine", [x], () => [x as never, (g) => [g]])).toThrow(
      "mine: expected the rule to return [output, pullback], an NDArray and a function, got [a Tensor (2,)",
    );
  });
});

describe("record", () => {
  test("skips null gradients and thunks that nobody wants", () => {
    const [x, constant] = [leaf([1, 2]), tensor([3, 4])];
    let asked = 0;
    const y = record("mine", [x, constant, x], (a, b, c) => [
      a.mul(b).add(c),
      (g) => [
        g.mul(b),
        () => {
          asked++;
          return g;
        },
        null,
      ],
    ]);
    y.sum().backward();
    expect(list(x.grad)).toEqual([3, 4]);
    expect(asked).toBe(0);
  });

  test("an operation may give no gradient at all", () => {
    const x = leaf([1, 2]);
    const y = record("mine", [x.mul(2)], (a) => [a.mul(1), () => [null]]);
    y.sum().backward();
    expect(x.grad).toBeNull();
  });

  test("an integer result is not recorded", () => {
    expect(leaf([1.5]).to("int32").requiresGrad).toBe(false);
  });
});

test("detectAnomaly names the operation that a NaN comes from", () => {
  const x = leaf([0, 1]);
  const run = () => x.sqrt().mul(0).sum().backward();
  run();
  expect(() => detectAnomaly(run)).toThrow(
    /^sqrt: the gradient of input 0 holds NaN; the operation was called here:\n.*sqrt.*\n.*backward\.test/,
  );
});

test("detectAnomaly finds an input that was changed in place", () => {
  const x = leaf([1, 2]);
  const run = (change: () => void) =>
    detectAnomaly(() => {
      const y = x.mul(x).sum();
      change();
      y.backward();
    });
  run(() => {
    x.data = array([5, 6]); // another array: the graph still holds the old one
  });
  expect(() => run(() => x.data.fill(3))).toThrow(
    /^backward: mul needs input 0 \(2,\) as it was when it ran, but it was changed in place since .* called here:\n/,
  );
});

describe("printing", () => {
  test("as PyTorch, with what is known of the past", () => {
    const x = leaf([1, 2]);
    expect(`${tensor([1, 2])}`).toBe("tensor([1., 2.])");
    expect(`${x}`).toBe("tensor([1., 2.], requiresGrad=true)");
    expect(`${x.mul(2)}`).toBe("tensor([2., 4.], gradFn=<mul>)");
    expect(`${x.sum()}`).toBe("tensor(3., gradFn=<sum>)");
    expect(`${tensor([1, 2], { dtype: "float64", requiresGrad: true })}`).toBe(
      "tensor([1., 2.], dtype=float64, requiresGrad=true)",
    );
    expect(`${x.gt(1)}`).toBe("tensor([False,  True])");
  });
});

test("what is dropped before backward is garbage after it, although the loss is kept", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const x = ones([100], { requiresGrad: true });
  const run = () => {
    const middle = x.mul(2);
    return { loss: middle.exp().sum(), middle: new WeakRef(middle.data) };
  };
  const { loss, middle } = run();
  const alive = async () => {
    await new Promise((resolve) => setTimeout(resolve));
    collect();
    return middle.deref() !== undefined;
  };
  expect(await alive()).toBe(true);
  loss.backward();
  expect(await alive()).toBe(false);
  expect(loss.item()).toBeCloseTo(100 * Math.exp(2), 3);
});

test("Tensor has every method of NDArray, but for those that change it in place or read it raw", () => {
  const missing = Object.getOwnPropertyNames(NDArray.prototype).filter((name) => !(name in Tensor.prototype));
  // unary is how devices name their kernels.
  expect(missing.sort()).toEqual([
    "assign",
    "fill",
    "flat",
    "get",
    "isContiguous",
    "set",
    "strides",
    "unary",
  ]);
});

test("a pullback with a gradient too few or too many does not compile", () => {
  const [a, b] = [leaf([1]), leaf([2])];
  // @ts-expect-error one gradient for two inputs
  record("mine", [a, b], (a, b) => [a.add(b), (g) => [g]]);
  // @ts-expect-error two gradients for one input
  record("mine", [a], (a) => [a.neg(), (g) => [g, g]]);
  // @ts-expect-error a rule of three arrays for two inputs
  record("mine", [a, b], (a, b, _c) => [a.add(b), (g) => [g, g]]);
  expect(record("mine", [a, b], (a, b) => [a.add(b), (g) => [g, () => g.neg()]]).item()).toBe(3);
});
