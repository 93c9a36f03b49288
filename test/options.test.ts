import * as g from "gradschool";
import { Generator, nd } from "gradschool";
import { describe, expect, it } from "vitest";

// TypeScript refuses an option that is misspelled, where it is written in place. JavaScript does not, and a list of options
// that is put together elsewhere gets past the compiler too.

const x = g.tensor([[[1, 2, 3, 4, 5, 6]]]);
const image = g.randn([1, 1, 4, 4]);
const generator = new Generator(0);
const tokens = g.randn([1, 3, 6]);

/** What takes options, with none that is there. */
const takers: Readonly<Record<string, (options: never) => unknown>> = {
  sum: (options) => x.sum(0, options),
  mean: (options) => x.mean(0, options),
  var: (options) => x.var(0, options),
  argmax: (options) => x.data.argmax(0, options),
  sort: (options) => x.sort(0, options),
  topk: (options) => x.topk(1, 0, options),
  uniform: (options) => generator.uniform([2], options),
  normal: (options) => generator.normal([2], options),
  truncatedNormal: (options) => generator.truncatedNormal([2], options),
  integers: (options) => generator.integers([2], options),
  bernoulli: (options) => generator.bernoulli([2], options),
  multinomial: (options) => generator.multinomial(nd.array([0.5, 0.5]), 1, options),
  conv2d: (options) => g.conv2d(image, g.randn([1, 1, 3, 3]), options),
  maxPool2d: (options) => g.maxPool2d(image, 2, options),
  avgPool2d: (options) => g.avgPool2d(image, 2, options),
  Embedding: (options) => new g.Embedding(3, 4, options),
  Linear: (options) => new g.Linear(3, 4, options),
  LayerNorm: (options) => new g.LayerNorm(3, options),
  MaxPool2d: (options) => new g.MaxPool2d(2, options),
  AvgPool2d: (options) => new g.AvgPool2d(2, options),
  MultiHeadAttention: (options) => new g.MultiHeadAttention(6, 2).forward(tokens, options),
  TransformerBlock: (options) => new g.TransformerBlock(6, 2).forward(tokens, options),
  Encoder: (options) => new g.Encoder(6, 2, 1).forward(tokens, options),
  Decoder: (options) => new g.Decoder(6, 2, 1).forward(tokens, options),
  SGD: (options) => new g.SGD([g.parameter(nd.zeros([2]))], options),
};

describe("an option that is not there is refused, not ignored", () => {
  it.each(Object.entries(takers))("%s", (name, take) => {
    expect(() => take({ keepdim: true } as never)).toThrow(new RegExp(`^${name}: .*keepdim`));
    expect(() => take({ high: 2, paddng: 1 } as never)).toThrow(new RegExp(`^${name}: .*(paddng|high)`));
  });

  it("says which one is meant", () => {
    const mask = nd.ones([1, 3], { dtype: "bool" });
    const attention = new g.MultiHeadAttention(6, 2);
    expect(() => attention.forward(tokens, { keyPadingMask: mask } as never)).toThrow(
      "MultiHeadAttention: no option is called keyPadingMask; did you mean keyPaddingMask?",
    );
    expect(() => x.sum(0, { keepdims: true } as never)).toThrow("did you mean keepDims?");
  });

  it("and one of another kind is no number by chance", () => {
    expect(() => generator.normal([2], { mean: "0.5" } as never)).toThrow(
      'normal: expected mean to be a number, got "0.5"',
    );
    expect(() => generator.uniform([2], { low: "0.5" } as never)).toThrow(
      'uniform: expected low to be a number, got "0.5"',
    );
    expect(() => generator.bernoulli([2], { p: g.tensor([0.5]) } as never)).toThrow(
      "bernoulli: expected an NDArray or a number, got a Tensor (1,); take its .data",
    );
  });
});

describe("a Proxy that was revoked, which throws at every look, is told in the library's words", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const bad = proxy as never;
  const layer = new g.Linear(3, 2);
  it.each<[string, () => unknown]>([
    ["array", () => nd.array(bad)],
    ["array", () => nd.array([[1], bad])],
    ["array", () => nd.array([1, bad])],
    ["a shape", () => nd.zeros(bad)],
    ["zerosLike", () => nd.zerosLike(nd.ones([2]), bad)],
    ["concat", () => nd.concat(bad)],
    ["stack", () => nd.stack([bad])],
    ["sum", () => x.sum(bad)],
    ["split", () => nd.split(nd.ones([2]), [bad, 1])],
    ["unary", () => nd.ones([2]).unary("clamp", bad)],
    ["tensor", () => g.tensor(bad)],
    ["concat", () => g.concat(bad)],
    ["stack", () => g.stack([bad])],
    ["grad", () => g.grad(bad, [])],
    ["gradcheck", () => g.gradcheck((t: g.Tensor) => t, bad)],
    ["convTranspose2d", () => g.convTranspose2d(image, g.randn([1, 1, 3, 3]), bad)],
    ["LayerNorm", () => new g.LayerNorm(bad)],
    ["Sequential", () => new g.Sequential(bad)],
    ["Decoder", () => new g.Decoder(4, 2, 0, bad)],
    ["SGD", () => new g.SGD(bad, { lr: 1 })],
    ["SGD", () => new g.SGD([bad], { lr: 1 })],
    ["Adam", () => new g.Adam(layer.parameters(), { betas: bad })],
    ["loadStateDict", () => layer.loadStateDict(bad)],
    ["loadStateDict", () => new g.Adam(layer.parameters()).loadStateDict(bad)],
    ["collate", () => g.collate([bad])],
    ["DataLoader", () => new g.DataLoader(bad, { batchSize: 1 })],
    ["line", () => g.line(bad)],
    ["line", () => g.line({ a: bad })],
    ["scatter", () => g.scatter([bad])],
    ["heatmaps", () => g.heatmaps(bad)],
    ["runChecks", () => g.runChecks(bad, () => 1)],
  ])("%s", (_, call) => {
    expect(call).toThrow(/^[\w. ]+: .*/);
    expect(call).not.toThrow(/on a proxy|Cannot /);
  });

  it("and is a wrong result of an exercise, not an error", () => {
    expect(g.compareValues(bad, nd.ones([2]))?.message).toContain("an object that cannot be read");
    expect(g.compareValues({ a: bad }, { a: 1 })?.message).toContain("cannot be read");
  });
});
