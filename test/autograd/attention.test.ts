import { describe, expect, test } from "vitest";
import { scaledDotProductAttention, Tensor } from "../../src/autograd";
import { array, Generator, type NDArray, ones, where, zeros } from "../../src/tensor";
import { check, Inputs } from "./inputs";

/** Attention as one kernel: what it takes, and that it does the same as attention composed of several operations. */

const generator = new Generator(11);
const normal = (...shape: number[]) => generator.normal(shape, { dtype: "float64" });
/** Features (B, T, H·C) of tokens, cut into heads (B, H, T, C) as a layer does. */
const heads = (B: number, H: number, T: number, C: number) =>
  normal(B, T, H * C)
    .reshape([B, T, H, C])
    .transpose(1, 2);

const [B, H, T, S, C, D] = [2, 3, 4, 6, 5, 7];

const inputs: Record<string, () => [NDArray, NDArray, NDArray]> = {
  "(T, C)": () => [normal(T, C), normal(S, C), normal(S, D)],
  "(B, T, C)": () => [normal(B, T, C), normal(B, S, C), normal(B, S, D)],
  "(B, H, T, C)": () => [normal(B, H, T, C), normal(B, H, S, C), normal(B, H, S, D)],
  "heads cut from features": () => [heads(B, H, T, C), heads(B, H, S, C), heads(B, H, S, D)],
  "heads of which some are contiguous": () => [
    heads(B, H, T, C),
    normal(B, H, S, C),
    heads(B, H, S, D).contiguous(),
  ],
  "one head, one query": () => [heads(B, 1, 1, C), heads(B, 1, S, C), heads(B, 1, S, D)],
};

/** Half of the keys, some rows blind; as bool, and as what is added. */
const seen = (...shape: number[]) => {
  const allowed = generator.bernoulli(shape, { p: 0.6 }).to("bool");
  if (allowed.ndim > 1) allowed.select(-2, 0).fill(0);
  return allowed;
};
const added = (allowed: NDArray) => where(allowed, normal(...allowed.shape), Number.NEGATIVE_INFINITY);

const masks: Record<string, (...lead: number[]) => NDArray | undefined> = {
  none: () => undefined,
  "bool (T, S)": (t, s) => seen(t, s),
  "float (T, S)": (t, s) => added(seen(t, s)),
  "bool (S)": (_, s) => seen(s),
  "float (1, 1)": () => array([[0.5]], { dtype: "float64" }),
  "float (T, 1)": (t) => normal(t, 1),
  "float32 (T, S) for float64 scores": (t, s) => added(seen(t, s)).to("float32"),
  "a view, transposed": (t, s) => normal(s, t).transpose(),
};
const batchMasks: typeof masks = {
  "bool (B, 1, 1, S)": (_, s) => seen(B, 1, 1, s),
  "float (B, 1, T, S)": (t, s) => added(seen(B, 1, t, s)),
};
const headMasks: typeof masks = {
  "bool (H, T, S)": (t, s) => seen(H, t, s),
  "float (B, H, T, S)": (t, s) => added(seen(B, H, t, s)),
  "float (1, H, 1, S)": (_, s) => normal(1, H, 1, s),
};

/** The same mask as a Tensor of what is added: attention then goes the composed way, as if it were to be learnt. */
function learnable(mask: NDArray | undefined, t: number, s: number): Tensor {
  if (!mask) return new Tensor(zeros([t, s], { dtype: "float64" }));
  if (mask.dtype !== "bool") return new Tensor(mask.to("float64"));
  return new Tensor(where(mask, 0, Number.NEGATIVE_INFINITY).to("float64"));
}

/** Output and gradients for one seed gradient. */
function run(arrays: readonly NDArray[], options: { mask?: NDArray | Tensor; isCausal: boolean }): NDArray[] {
  const leaves = arrays.map((x) => new Tensor(x, { requiresGrad: true }));
  const y = scaledDotProductAttention(leaves[0], leaves[1], leaves[2], { ...options, scale: 0.4 });
  y.backward(new Generator(5).normal(y.shape, { dtype: y.dtype as "float64" }));
  return [y.data, ...leaves.map(({ grad }) => grad as NDArray)];
}

function expectClose(got: NDArray, want: NDArray, room: number): void {
  expect(got.shape).toEqual(want.shape);
  const worst = got.to("float64").sub(want).abs().max().item();
  expect(worst).toBeLessThan(room);
}

const cases = Object.entries(inputs).flatMap(([name, make]) => {
  const ndim = name === "(T, C)" ? 2 : name === "(B, T, C)" ? 3 : 4;
  const fit = {
    ...masks,
    ...(ndim === 4 ? batchMasks : {}),
    ...(ndim === 4 && !name.startsWith("one") ? headMasks : {}),
  };
  return Object.entries(fit).map(([kind, mask]) => ({ name, make, kind, mask }));
});

describe("attention as one kernel does as the composed operations", () => {
  test.each(cases)("$name, mask $kind", ({ make, mask }) => {
    for (const isCausal of [false, true]) {
      const arrays = make();
      const [t, s] = [arrays[0].shape.at(-2) as number, S];
      const hidden = mask(t, s);
      const want = run(arrays, { mask: learnable(hidden, t, s), isCausal });
      run(arrays, { mask: hidden, isCausal }).forEach((got, i) => {
        expectClose(got, want[i], 1e-12);
      });
      const single = arrays.map((x) => x.to("float32"));
      run(single, { mask: hidden, isCausal }).forEach((got, i) => {
        expect(got.dtype).toBe("float32");
        expectClose(got, want[i], 2e-5);
      });
    }
  });

  test("longer than a block of queries, in the features of tokens", () => {
    const arrays = [heads(2, 2, 70, 4), heads(2, 2, 81, 4), heads(2, 2, 81, 3)];
    const want = run(arrays, { mask: learnable(undefined, 70, 81), isCausal: true });
    const single = arrays.map((x) => x.to("float32"));
    run(single, { isCausal: true }).forEach((got, i) => {
      expectClose(got, want[i], 1e-4);
    });
  });
});

describe("gradcheck", () => {
  const four = (m: Inputs) => [m.normal(B, H, T, C), m.normal(B, H, S, C), m.normal(B, H, S, D)];
  const tokens = (m: Inputs) => [m.normal(B, T, H * C), m.normal(B, S, H * C), m.normal(B, S, H * D)];
  const split = (x: Tensor) => x.reshape([x.shape[0], x.shape[1], H, x.shape[2] / H]).transpose(1, 2);

  test.each(Object.entries({ ...masks, ...batchMasks, ...headMasks }))("mask %s", (_, mask) => {
    const hidden = mask(T, S);
    for (const isCausal of [false, true]) {
      check((q, k, v) => scaledDotProductAttention(q, k, v, { mask: hidden, isCausal }), four(new Inputs()));
    }
  });

  test("heads cut from features, with and without a mask", () => {
    for (const mask of [undefined, seen(B, 1, 1, S)]) {
      check(
        (q, k, v) => scaledDotProductAttention(split(q), split(k), split(v), { mask }),
        tokens(new Inputs()),
      );
    }
  });

  test("(T, C) and (B, T, C)", () => {
    const m = new Inputs();
    const attend = (q: Tensor, k: Tensor, v: Tensor) => scaledDotProductAttention(q, k, v);
    check(attend, [m.normal(T, C), m.normal(S, C), m.normal(S, D)]);
    check(attend, [m.normal(B, T, C), m.normal(B, S, C), m.normal(B, S, D)]);
  });
});

describe("what is not for the kernel", () => {
  test("no queries, no keys, no batch", () => {
    const y = (q: number[], k: number[], v: number[]) =>
      scaledDotProductAttention(new Tensor(ones(q)), new Tensor(ones(k)), new Tensor(ones(v)));
    expect(y([2, 0, 3], [2, 4, 3], [2, 4, 5]).shape).toEqual([2, 0, 5]);
    expect(y([0, 2, 3], [0, 4, 3], [0, 4, 5]).shape).toEqual([0, 2, 5]);
    expect(y([2, 2, 3], [2, 0, 3], [2, 0, 5]).toArray()).toEqual(zeros([2, 2, 5]).toArray());
  });

  test("integers become float32, mixed floats the wider one", () => {
    const q = new Tensor(array([[1, 2]], { dtype: "int32" }));
    const v = new Tensor(
      array(
        [
          [1, 2],
          [4, 8],
        ],
        { dtype: "int32" },
      ),
    );
    const k = new Tensor(
      array(
        [
          [1, 0],
          [0, 1],
        ],
        { dtype: "int32" },
      ),
    );
    const y = scaledDotProductAttention(q, k, v);
    expect(y.dtype).toBe("float32");
    const w = Math.exp(1 / Math.SQRT2);
    expect(y.data.get([0, 0])).toBeCloseTo((1 + 4 * w) / (1 + w), 5);
    const wide = new Tensor(normal(1, 2));
    expect(scaledDotProductAttention(wide, k.to("float32"), v.to("float32")).dtype).toBe("float64");
  });
});
