import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noGrad, type Tensor, tensor } from "../../src/autograd";
import { causalMask, type KeyValue, KVCache, MultiHeadAttention } from "../../src/nn";
import { array, Generator, type NDArray, ones, zeros } from "../../src/tensor";
import { bool, expectClose } from "./torch";

const generator = new Generator(11);
const random = (...shape: number[]): Tensor => tensor(generator.normal(shape, { dtype: "float64" }));
const layerOf = (embedDim: number, heads: number, options = {}) =>
  new MultiHeadAttention(embedDim, heads, options).to("float64");

/** The definition, number by number: softmax over the allowed keys of every query, head by head. */
function naive(
  layer: MultiHeadAttention,
  x: Tensor,
  from: Tensor,
  sees: (b: number, t: number, s: number) => boolean,
) {
  const [B, T, E] = x.shape;
  const S = from.shape[1];
  const D = E / layer.numHeads;
  const [q, k, v] = [layer.query.forward(x), layer.key.forward(from), layer.value.forward(from)].map(
    (y) => y.data,
  );
  const joined = zeros([B, T, E], { dtype: "float64" });
  const weights = zeros([B, layer.numHeads, T, S], { dtype: "float64" });
  for (let b = 0; b < B; b++)
    for (let h = 0; h < layer.numHeads; h++)
      for (let t = 0; t < T; t++) {
        const score = (s: number) => {
          let dot = 0;
          for (let d = h * D; d < (h + 1) * D; d++) dot += q.get([b, t, d]) * k.get([b, s, d]);
          return sees(b, t, s) ? Math.exp(dot / Math.sqrt(D)) : 0;
        };
        const scores = Array.from({ length: S }, (_, s) => score(s));
        const total = scores.reduce((sum, w) => sum + w, 0);
        scores.forEach((w, s) => {
          const weight = total === 0 ? 0 : w / total;
          weights.set([b, h, t, s], weight);
          for (let d = h * D; d < (h + 1) * D; d++)
            joined.set([b, t, d], joined.get([b, t, d]) + weight * v.get([b, s, d]));
        });
      }
  return { output: layer.output.forward(tensor(joined)).data, weights };
}

describe("against the definition", () => {
  const x = random(2, 3, 8);
  const memory = random(2, 5, 8);

  test("self-attention, causal, cross-attention with padding", () => {
    const layer = layerOf(8, 4);
    expectClose(layer.forward(x).output, naive(layer, x, x, () => true).output, 1e-12);
    const causal = naive(layer, x, x, (_, t, s) => s <= t);
    const got = layer.forward(x, { isCausal: true, needWeights: true });
    expectClose(got.output, causal.output, 1e-12);
    expectClose(got.weights as Tensor, causal.weights, 1e-12);
    const real = bool([
      [true, true, false, false, true],
      [true, true, true, true, false],
    ]);
    const crossed = layer.forward(x, { key: memory, keyPaddingMask: real, needWeights: true });
    const expected = naive(layer, x, memory, (b, _, s) => real.get([b, s]) === 1);
    expectClose(crossed.output, expected.output, 1e-12);
    expectClose(crossed.weights as Tensor, expected.weights, 1e-12);
  });

  test("masks of two, three and four axes, bool and float, alone and together", () => {
    const layer = layerOf(8, 2);
    const perSequence = generator.bernoulli([2, 3, 3], { p: 0.6 }).to("bool");
    const sees = (b: number, t: number, s: number) => perSequence.get([b, t, s]) === 1;
    const expected = naive(layer, x, x, sees).output;
    expectClose(layer.forward(x, { mask: perSequence }).output, expected, 1e-12);
    const float = zeros([2, 1, 3, 3], { dtype: "float64" }).maskedFill(
      perSequence.unsqueeze(1).logicalNot(),
      Number.NEGATIVE_INFINITY,
    );
    expectClose(layer.forward(x, { mask: float }).output, expected, 1e-12);
    expectClose(layer.forward(x, { mask: tensor(float) }).output, expected, 1e-12);

    const real = bool([
      [true, true, false],
      [true, true, true],
    ]);
    const all = (b: number, t: number, s: number) => sees(b, t, s) && s <= t && real.get([b, s]) === 1;
    const both = naive(layer, x, x, all).output;
    for (const mask of [perSequence, float]) {
      expectClose(layer.forward(x, { mask, keyPaddingMask: real, isCausal: true }).output, both, 1e-12);
    }
  });

  test("a mask (T, S) serves every sequence and head", () => {
    const layer = layerOf(8, 2);
    expectClose(
      layer.forward(x, { mask: causalMask(3) }).output,
      layer.forward(x, { isCausal: true }).output.data,
      1e-12,
    );
  });
});

describe("invariants", () => {
  const sizes = fc.record({
    B: fc.integer({ min: 1, max: 3 }),
    T: fc.integer({ min: 2, max: 6 }),
    heads: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
  });

  test("rows of the weights sum to 1 and are 0 in the future", () => {
    fc.assert(
      fc.property(sizes, ({ B, T, heads, seed }) => {
        const x = tensor(new Generator(seed).normal([B, T, 4 * heads]));
        const weights = new MultiHeadAttention(4 * heads, heads).forward(x, {
          isCausal: true,
          needWeights: true,
        }).weights as Tensor;
        expectClose(weights.data.sum(-1), ones([B, heads, T]), 1e-6);
        expect(weights.data.triu(1).abs().max().item()).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  test("no position sees the future, none sees padding", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), ({ B, T, heads, seed }, pick) => {
        const g = new Generator(seed);
        const layer = new MultiHeadAttention(2 * heads, heads);
        const cut = 1 + (pick % (T - 1));
        const x = g.normal([B, T, 2 * heads]);
        const changed = x.clone();
        for (let b = 0; b < B; b++)
          for (let t = cut; t < T; t++)
            for (let e = 0; e < 2 * heads; e++) changed.set([b, t, e], 100 * g.uniform([]).item());
        const keyPaddingMask = ones([B, T], { dtype: "bool" });
        for (let b = 0; b < B; b++) for (let t = cut; t < T; t++) keyPaddingMask.set([b, t], 0);
        for (const options of [{ isCausal: true }, { keyPaddingMask }]) {
          const [a, b] = [x, changed].map((input) =>
            layer.forward(tensor(input), options).output.data.narrow(1, 0, cut),
          );
          expectClose(a.contiguous(), b.contiguous(), 1e-6);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("permuting the keys permutes the weights and leaves the output", () => {
    const layer = layerOf(6, 3);
    const [x, memory] = [random(1, 2, 6), random(1, 4, 6)];
    const order = array([2, 0, 3, 1], { dtype: "int32" });
    const turned = tensor(memory.data.indexSelect(1, order));
    const [a, b] = [memory, turned].map((key) => layer.forward(x, { key, needWeights: true }));
    expectClose(b.output, a.output.data, 1e-12);
    expectClose(b.weights as Tensor, (a.weights as Tensor).data.indexSelect(3, order), 1e-12);
  });

  test("a query that may see nothing gives zeros, and clean gradients", () => {
    const layer = layerOf(4, 2, { bias: false });
    const x = tensor(random(2, 3, 4).data, { requiresGrad: true });
    const keyPaddingMask = bool([
      [false, false, false],
      [true, true, true],
    ]);
    const { output, weights } = layer.forward(x, { keyPaddingMask, needWeights: true });
    expect(output.data.select(0, 0).abs().max().item()).toBe(0);
    expect((weights as Tensor).data.select(0, 0).abs().max().item()).toBe(0);
    output.sum().backward();
    expect((x.grad as NDArray).isFinite().all().item()).toBe(1);
    expect(layer.parameters().every((p) => p.grad?.isFinite().all().item() === 1)).toBe(true);
  });
});

describe("dropout", () => {
  test("on the weights, in training only", () => {
    const layer = layerOf(8, 2, { dropout: 0.5 });
    const x = random(1, 16, 8);
    const weights = () => layer.forward(x, { needWeights: true }).weights as Tensor;
    const zerosIn = (w: Tensor) => w.data.eq(0).to("int32").sum().item();
    expect(zerosIn(weights())).toBeGreaterThan(150);
    layer.eval();
    expect(zerosIn(weights())).toBe(0);
    expect(layer.forward(x).output.toArray()).toEqual(layer.forward(x).output.toArray());
  });
});

describe("cache", () => {
  const inAnyMode = <T>(mode: string, fn: () => T): T => (mode === "noGrad" ? noGrad(fn) : fn());

  test.each(["with gradients", "noGrad"])("steps of any size give what one pass gives, %s", (mode) => {
    const layer = layerOf(6, 2);
    for (const B of [1, 2]) {
      const x = random(B, 7, 6);
      const whole = layer.forward(x, { isCausal: true }).output.data;
      for (const steps of [[7], [1, 1, 1, 1, 1, 1, 1], [3, 1, 2, 1], [1, 6]]) {
        const cache = new KVCache();
        let at = 0;
        for (const n of steps) {
          expect(cache.lengthOf(layer)).toBe(at);
          const step = () => layer.forward(x.narrow(1, at, n), { isCausal: true, cache });
          expectClose(inAnyMode(mode, step).output, whole.narrow(1, at, n), 1e-12);
          at += n;
        }
        expect(cache.length).toBe(7);
      }
    }
  });

  test("gradients flow through steps between those without, which write behind nothing that a graph has seen", () => {
    const layer = layerOf(6, 2);
    const x = random(1, 6, 6);
    const cache = new KVCache();
    const step = (at: number, n = 1) => layer.forward(x.narrow(1, at, n), { isCausal: true, cache }).output;
    const gradientOf = (output: Tensor) => {
      layer.zeroGrad();
      output.square().sum().backward();
      return layer.value.weight.grad?.clone() as NDArray;
    };
    noGrad(() => step(0, 2));
    noGrad(() => step(2));
    const output = step(3);
    noGrad(() => [step(4), step(5)]);
    const found = gradientOf(output);

    // The same with keys and values of the first three tokens that are constants.
    const early = noGrad(() => x.narrow(1, 0, 3).detach());
    const other = new KVCache();
    noGrad(() => layer.forward(early, { isCausal: true, cache: other }));
    const { output: same } = layer.forward(x.narrow(1, 3, 1), { isCausal: true, cache: other });
    expect(gradientOf(same).allclose(found, { rtol: 1e-10 })).toBe(true);
  });

  test("what was seen stays as it was while the cache grows", () => {
    const layer = layerOf(6, 2);
    const cache = new KVCache();
    const shown: [Tensor, unknown][] = [];
    for (let n = 1; n <= 9; n++) {
      noGrad(() => layer.forward(random(2, 1, 6), { cache }));
      const { key, value } = cache.seenBy(layer) as KeyValue;
      expect(key.shape).toEqual([2, 2, n, 3]);
      for (const x of [key, value]) shown.push([x, x.toArray()]);
    }
    for (const [x, before] of shown) expect(x.toArray()).toEqual(before);
  });

  test("keys of another type or width are joined or refused as concat does", () => {
    const cache = new KVCache();
    const tokens = (dtype: "float32" | "float64", D = 3) => tensor(ones([1, 2, 1, D], { dtype }));
    const append = (x: Tensor) => noGrad(() => cache.append(cache, { key: x, value: x }));
    append(tokens("float32"));
    append(tokens("float32"));
    expect(append(tokens("float64")).key.dtype).toBe("float64");
    expect(() => append(tokens("float64", 1))).toThrow("concat: expected sizes to agree except along axis 2");
    expect(cache.length).toBe(3);
  });

  test("with padding: the mask covers all keys seen so far", () => {
    const layer = layerOf(6, 2);
    const x = random(2, 4, 6);
    const keyPaddingMask = bool([
      [false, true, true, true],
      [true, true, true, true],
    ]);
    const whole = layer.forward(x, { isCausal: true, keyPaddingMask }).output.data;
    const cache = new KVCache();
    for (const [at, n] of [
      [0, 2],
      [2, 2],
    ]) {
      const seen = keyPaddingMask.narrow(1, 0, at + n);
      const { output } = layer.forward(x.narrow(1, at, n), { isCausal: true, keyPaddingMask: seen, cache });
      expectClose(output, whole.narrow(1, at, n), 1e-12);
    }
  });

  test("keys and values of a memory are computed once, and do not count as tokens", () => {
    const layer = layerOf(6, 2);
    const cache = new KVCache();
    const [x, memory] = [random(1, 2, 6), random(1, 5, 6)];
    const first = layer.forward(x, { key: memory, cache }).output;
    layer.key.weight.data.fill(0);
    expectClose(layer.forward(x, { key: memory, cache }).output, first.data, 1e-12);
    expect(cache.length).toBe(0);
    cache.clear();
    expect(layer.forward(x, { key: memory, cache }).output.toArray()).not.toEqual(first.toArray());
  });

  test("another memory is looked at anew, without clear()", () => {
    const layer = layerOf(6, 2);
    const cache = new KVCache();
    const [x, one, two] = [random(1, 2, 6), random(1, 5, 6), random(1, 5, 6)];
    layer.forward(x, { key: one, cache });
    expectClose(
      layer.forward(x, { key: two, cache }).output,
      layer.forward(x, { key: two }).output.data,
      1e-12,
    );
  });

  test("another number of sequences is refused", () => {
    const layer = layerOf(6, 2);
    const cache = new KVCache();
    layer.forward(random(2, 3, 6), { cache });
    expect(() => layer.forward(random(1, 1, 6), { cache })).toThrow(
      "KVCache: expected the 2 sequences seen before, got 1; clear() it, or make a new one for each batch",
    );
  });

  test("keys without their values are refused, and nothing is remembered of them", () => {
    const cache = new KVCache();
    const layer = {};
    const append = (key: Tensor, value: Tensor) => noGrad(() => cache.append(layer, { key, value }));
    append(random(2, 3, 4, 5), random(2, 3, 4, 6));
    for (const [key, value] of [
      [random(2, 3, 2, 5), random(2, 3, 1, 6)],
      [random(2, 3, 1, 5), random(2, 1, 1, 6)],
      [random(2, 3, 5), random(2, 3, 6)],
    ])
      expect(() => append(key, value)).toThrow(
        "KVCache.append: expected key and value (B, H, T, D), of the same B, H and T, got shapes",
      );
    expect(cache.length).toBe(4);
    expect(append(random(2, 3, 1, 5), random(2, 3, 1, 6)).value.shape).toEqual([2, 3, 5, 6]);
  });

  test("under noGrad nothing is remembered for backward", () => {
    const layer = layerOf(6, 2);
    const cache = new KVCache();
    noGrad(() => layer.forward(random(1, 2, 6), { cache }));
    expect(layer.forward(random(1, 1, 6), { cache }).output.requiresGrad).toBe(true);
  });
});

describe("errors", () => {
  const layer = layerOf(4, 2);
  const x = random(2, 3, 4);
  test.each([
    [
      () => new MultiHeadAttention(6, 4),
      "MultiHeadAttention: expected embedDim divisible by numHeads, got 6 and 4",
    ],
    [() => layer.forward(random(3, 4)), "MultiHeadAttention: expected 3 axes (B, T, E), got shape (3, 4)"],
    [
      () => layer.forward(random(2, 3, 5)),
      "Linear: expected a last axis of 4 (inFeatures), got shape (2, 3, 5)",
    ],
    [
      () => layer.forward(x, { keyPaddingMask: ones([2, 4], { dtype: "bool" }) }),
      "MultiHeadAttention: expected a keyPaddingMask (B, S) = (2, 3), got (2, 4)",
    ],
    [
      () => layer.forward(x, { keyPaddingMask: ones([2, 3]) }),
      'MultiHeadAttention: expected a bool keyPaddingMask (true = a real token), got float32; convert with to("bool")',
    ],
    [
      () => layer.forward(x, { mask: ones([3, 3], { dtype: "int32" }) }),
      'MultiHeadAttention: expected a bool mask (true = attend) or a float mask (added to the scores), got int32; convert with to("bool")',
    ],
    [
      () => layer.forward(x, { mask: ones([3], { dtype: "bool" }) }),
      "MultiHeadAttention: expected a mask (T, S), (B, T, S) or (B, H, T, S) for scores (2, 2, 3, 3), got (3,)",
    ],
    [
      () => layer.forward(x, { mask: ones([3, 4], { dtype: "bool" }) }),
      "MultiHeadAttention: expected a mask (T, S), (B, T, S) or (B, H, T, S) for scores (2, 2, 3, 3), got (3, 4)",
    ],
  ])("%#", (run, message) => {
    expect(run).toThrow(message);
  });
});
