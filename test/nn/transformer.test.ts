import { describe, expect, test } from "vitest";
import { crossEntropy, noGrad, type Tensor, tensor } from "../../src/autograd";
import {
  AdamW,
  clipGradNorm,
  cosineWithWarmup,
  Decoder,
  Embedding,
  Encoder,
  KVCache,
  LearnedPositionalEncoding,
  Linear,
  LRScheduler,
  Module,
  meta,
  TransformerBlock,
} from "../../src/nn";
import { arange, array, Generator, manualSeed, type NDArray, ones, type Shape } from "../../src/tensor";
import { bool, expectClose } from "./torch";

const generator = new Generator(23);
const random = (...shape: number[]): Tensor => tensor(generator.normal(shape, { dtype: "float64" }));

class GPT extends Module {
  readonly token: Embedding;
  readonly position: LearnedPositionalEncoding;
  readonly decoder: Decoder;
  readonly head: Linear;

  constructor(vocabulary: number, context: number, embedDim: number, heads: number, layers: number) {
    super();
    this.token = new Embedding(vocabulary, embedDim);
    this.position = new LearnedPositionalEncoding(context, embedDim);
    this.decoder = new Decoder(embedDim, heads, layers, { dropout: 0.1 });
    this.head = new Linear(embedDim, vocabulary, { bias: false });
  }

  /** (B, T) → (B, T, V) */
  forward(ids: NDArray, { cache }: { cache?: KVCache } = {}): Tensor {
    const x = this.position.forward(this.token.forward(ids), { offset: cache?.length ?? 0 });
    return this.head.forward(this.decoder.forward(x, { cache }));
  }
}

describe("a small GPT", () => {
  test("learns to count, and then generates with a cache what it generates without", () => {
    manualSeed(5);
    const model = new GPT(11, 12, 16, 2, 2);
    const optimizer = new AdamW(model.parameters(), { lr: 0.01 });
    const scheduler = new LRScheduler(optimizer, cosineWithWarmup({ warmupSteps: 5, totalSteps: 60 }));
    const data = arange(0, 6).unsqueeze(1).add(arange(0, 5)); // (6, 5): n, n + 1, …
    let loss = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 60; i++) {
      optimizer.zeroGrad();
      const logits = model.forward(data);
      const batchLoss = crossEntropy(logits.reshape([-1, 11]), data.add(1).reshape([-1]));
      batchLoss.backward();
      clipGradNorm(model.parameters(), 1);
      optimizer.step();
      scheduler.step();
      loss = batchLoss.item();
    }
    expect(loss).toBeLessThan(0.1);

    model.eval();
    const generate = (start: NDArray, forward: (ids: NDArray, all: NDArray) => Tensor) =>
      noGrad(() => {
        const ids = [start.item()];
        for (let next = start; ids.length < 5; ids.push(next.item())) {
          const all = array([ids], { dtype: "int32" });
          next = forward(next, all).data.select(1, -1).argmax(-1).reshape([1, 1]);
        }
        return ids;
      });
    const start = ones([1, 1], { dtype: "int32" });
    const cache = new KVCache();
    const cached = generate(start, (next) => model.forward(next, { cache }));
    expect(cached).toEqual([1, 2, 3, 4, 5]);
    expect(generate(start, (_, all) => model.forward(all))).toEqual(cached);
  });

  test("one-token steps give the logits of the full pass", () => {
    const model = new GPT(11, 12, 16, 4, 3).eval().to("float64");
    const ids = generator.integers([2, 9], { low: 0, high: 11 });
    const whole = model.forward(ids).data;
    const cache = new KVCache();
    for (let t = 0; t < 9; t++) {
      expectClose(model.forward(ids.narrow(1, t, 1), { cache }), whole.narrow(1, t, 1).contiguous(), 1e-12);
    }
  });
});

describe("blocks", () => {
  const input: Shape = [2, 3, 8];

  test("pre-norm and post-norm, from their parts", () => {
    const x = random(...input);
    const pre = new TransformerBlock(8, 2).to("float64");
    const h = x.add(pre.attention.forward(pre.attentionNorm.forward(x)).output);
    expectClose(pre.forward(x), h.add(pre.mlp.forward(pre.mlpNorm.forward(h))).data, 1e-12);
    const post = new TransformerBlock(8, 2, { normFirst: false }).to("float64");
    const g = post.attentionNorm.forward(x.add(post.attention.forward(x).output));
    expectClose(post.forward(x), post.mlpNorm.forward(g.add(post.mlp.forward(g))).data, 1e-12);
  });

  test("lists receive the weights of every block", () => {
    const decoder = new Decoder(8, 2, 3, { crossAttention: true }).to("float64");
    const [attentions, crossAttentions]: Tensor[][] = [[], []];
    const [x, memory] = [random(...input), random(2, 5, 8)];
    const seen = decoder.forward(x, { memory, attentions, crossAttentions });
    expect(attentions.map((w) => w.shape)).toEqual(Array(3).fill([2, 2, 3, 3]));
    expect(crossAttentions.map((w) => w.shape)).toEqual(Array(3).fill([2, 2, 3, 5]));
    expectClose(decoder.forward(x, { memory }), seen.data, 1e-12);
  });

  test("an encoder does not let padding through, a decoder not the future", () => {
    const [a, b] = [random(2, 5, 8), random(2, 5, 8)];
    const changed = tensor(a.data.clone());
    for (let t = 3; t < 5; t++)
      for (let i = 0; i < 2; i++)
        for (let e = 0; e < 8; e++) changed.data.set([i, t, e], b.data.get([i, t, e]));
    const keyPaddingMask = bool([
      [true, true, true, false, false],
      [true, true, true, false, false],
    ]);
    const encoder = new Encoder(8, 2, 2).to("float64");
    const decoder = new Decoder(8, 2, 2).to("float64");
    for (const run of [
      (x: Tensor) => encoder.forward(x, { keyPaddingMask }),
      (x: Tensor) => decoder.forward(x),
    ]) {
      expectClose(run(a).narrow(1, 0, 3), run(changed).data.narrow(1, 0, 3).contiguous(), 1e-12);
    }
  });

  test("a final norm for pre-norm stacks only; dropout in training only", () => {
    expect(new Encoder(8, 2, 1).norm).toBeDefined();
    expect(new Encoder(8, 2, 1, { normFirst: false }).norm).toBeUndefined();
    const encoder = new Encoder(8, 2, 2, { dropout: 0.3 });
    const x = tensor(generator.normal(input));
    expect(encoder.forward(x).toArray()).not.toEqual(encoder.forward(x).toArray());
    encoder.eval();
    expect(encoder.forward(x).toArray()).toEqual(encoder.forward(x).toArray());
  });

  test("a memory and cross-attention need each other", () => {
    const [x, memory] = [tensor(generator.normal(input)), tensor(generator.normal(input))];
    expect(() => new Decoder(8, 2, 1, { crossAttention: true }).forward(x)).toThrow(/pass \{ memory \}/);
    expect(() => new Decoder(8, 2, 1).forward(x, { memory })).toThrow(
      /make it with \{ crossAttention: true \}/,
    );
  });
});

test("the encoder of ViT-B/16 has 85,056,000 parameters, counted without memory", () => {
  const encoder = meta(() => new Encoder(768, 12, 12));
  expect(encoder.parameterCount()).toBe(85_054_464 + 1536);
});
