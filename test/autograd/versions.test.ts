import {
  Adagrad,
  Adam,
  AdamW,
  BatchNorm2d,
  batchNorm,
  concat,
  conv2d,
  crossEntropy,
  detectAnomaly,
  dropout,
  Embedding,
  embedding,
  gelu,
  KVCache,
  Linear,
  layerNorm,
  linear,
  manualSeed,
  maxPool2d,
  mseLoss,
  nd,
  nllLoss,
  noGrad,
  parameter,
  RMSprop,
  record,
  relu,
  Sequential,
  SGD,
  scaledDotProductAttention,
  softmax,
  type Tensor,
  tensor,
  where,
} from "gradschool";
import { GPT } from "gradschool/lectures/gpt";
import { beforeEach, describe, expect, it } from "vitest";

beforeEach(() => void manualSeed(0));
const leaf = (...shape: number[]) => tensor(nd.rand(shape).add(0.5), { requiresGrad: true });
const CHANGED = "changed in place since";

describe("backward refuses what was changed after an operation saved it", () => {
  /** An operation of leaves; `saved` and `free` name the leaves that its gradient needs, and does not need. */
  type Case = [name: string, op: (...leaves: Tensor[]) => Tensor, shapes: number[][], saved: number[]];
  const cases: Case[] = [
    ["add", (a, b) => a.add(b), [[2, 3], [2, 3]], []],
    ["sub", (a, b) => a.sub(b), [[2, 3], [3]], []],
    ["mul", (a, b) => a.mul(b), [[2, 3], [2, 3]], [0, 1]],
    ["mul by a number", (a) => a.mul(2), [[2, 3]], []],
    ["div", (a, b) => a.div(b), [[2, 3], [2, 3]], [1]],
    ["pow", (a) => a.pow(3), [[2, 3]], [0]],
    ["square", (a) => a.square(), [[2, 3]], [0]],
    ["exp saves its result alone", (a) => a.exp(), [[2, 3]], []],
    ["log", (a) => a.log(), [[2, 3]], [0]],
    ["gelu", (a) => gelu(a), [[2, 3]], [0]],
    ["sum", (a) => a.sum(0), [[2, 3]], []],
    ["mean", (a) => a.mean(), [[2, 3]], []],
    ["max", (a) => a.max(1), [[2, 3]], [0]],
    ["var", (a) => a.var(), [[2, 3]], [0]],
    ["prod", (a) => a.prod(), [[2, 3]], [0]],
    ["matmul", (a, b) => a.matmul(b), [[2, 3], [3, 4]], [0, 1]],
    ["linear", (x, w, b) => linear(x, w, b), [[2, 3], [4, 3], [4]], [0, 1]],
    ["views", (a) => a.reshape([3, 2]).transpose().slice("1:").unsqueeze(0), [[2, 3]], []],
    ["concat", (a, b) => concat([a, b]), [[2, 3], [2, 3]], []],
    ["softmax saves its result alone", (a) => softmax(a), [[2, 3]], []],
    ["dropout", (a) => dropout(a), [[2, 3]], []],
    ["layerNorm", (x, w, b) => layerNorm(x, 3, { weight: w, bias: b }), [[2, 3], [3], [3]], [0, 1]],
    ["batchNorm", (x, w, b) => batchNorm(x, { weight: w, bias: b, training: true }), [[4, 3], [3], [3]], [0, 1]],
    ["conv2d", (x, w, b) => conv2d(x, w, { bias: b }), [[1, 2, 4, 4], [3, 2, 2, 2], [3]], [0, 1]],
    ["maxPool2d", (x) => maxPool2d(x, 2), [[1, 2, 4, 4]], []],
    ["embedding", (w) => embedding(w, nd.array([0, 2], { dtype: "int32" })), [[4, 3]], []],
    ["attention", (q, k, v) => scaledDotProductAttention(q, k, v), [[2, 3, 4], [2, 5, 4], [2, 5, 4]], [0, 1, 2]],
    ["crossEntropy", (x) => crossEntropy(x, nd.array([0, 2], { dtype: "int32" })), [[2, 3]], [0]],
    ["mseLoss saves the difference", (a, b) => mseLoss(a, b), [[2, 3], [2, 3]], []],
  ]; // biome-ignore format: one case a line

  it.each(cases)("%s", (_, op, shapes, saved) => {
    shapes.forEach((shape, i) => {
      const leaves = shapes.map((s) => leaf(...s));
      const y = op(...leaves).sum();
      leaves[i].data.fill(0.25);
      if (saved.includes(i)) expect(() => y.backward(), `input ${i} ${shape}`).toThrow(CHANGED);
      else expect(() => y.backward(), `input ${i} ${shape}`).not.toThrow();
    });
  });

  it("says which operation saved it, which array it is, and what to do", () => {
    const [a, b] = [leaf(2, 3), leaf(3)];
    const y = a.mul(b).sum();
    b.data.fill(1);
    expect(() => y.backward()).toThrow(
      "backward: mul needs input 1 (3,) as it was when it ran, but it was changed in place since (by assign, fill, set, or " +
        "an optimizer's step); call backward() before the change, change a clone() instead, or compute the forward pass again",
    );
    const z = leaf(2).exp();
    const loss = z.sum();
    z.data.fill(1);
    expect(() => loss.backward()).toThrow("backward: exp needs its result (2,)");
  });

  const changes: [string, (x: nd.NDArray) => void][] = [
    ["assign", (x) => x.assign(nd.full([], 1))],
    ["fill", (x) => x.fill(0)],
    ["set", (x) => x.set([0, 0], 1)],
    ["a view of it", (x) => x.transpose().select(0, 0).fill(0)],
    ["a view of a view", (x) => x.slice("1:").reshape([-1]).set([0], 3)],
    ["the array of detach()", (x) => tensor(x).detach().data.fill(0)],
    ["what it says of itself", (x) => { x.data[0] = 5; nd.incrementVersion(x); }],
  ]; // biome-ignore format: one case a line
  it.each(changes)("changed through %s", (_, change) => {
    const x = leaf(2, 3);
    const y = x.square().sum();
    const z = x.narrow(0, 0, 1).square().sum();
    change(x.data);
    expect(() => y.backward()).toThrow(CHANGED);
    expect(() => z.backward()).toThrow(CHANGED);
  });

  it("the base, where a view was saved", () => {
    const base = nd.rand([2, 3]);
    const y = tensor(base.select(0, 0), { requiresGrad: true }).square().sum();
    base.fill(0);
    expect(() => y.backward()).toThrow(CHANGED);
  });

  it.each<[string, (p: Tensor[]) => { step(): void }]>([
    ["SGD", (p) => new SGD(p, { lr: 0.1 })],
    ["SGD with momentum", (p) => new SGD(p, { lr: 0.1, momentum: 0.9 })],
    ["Adam", (p) => new Adam(p)],
    ["Adam, amsgrad", (p) => new Adam(p, { amsgrad: true })],
    ["AdamW", (p) => new AdamW(p)],
    ["RMSprop", (p) => new RMSprop(p)],
    ["Adagrad", (p) => new Adagrad(p)],
  ])("a step of %s between two backwards of one graph", (_, make) => {
    const [w, x] = [parameter(nd.rand([3])), tensor([1, 2, 3])];
    const optimizer = make([w]);
    const straight = w.mul(x).sum();
    const squared = w.square().sum();
    for (const loss of [straight, squared]) loss.backward(undefined, { retainGraph: true });
    optimizer.step();
    straight.backward(); // needs x alone
    expect(() => squared.backward()).toThrow(CHANGED);
  });

  it("indices, masks, class weights and targets that are constants", () => {
    const index = nd.array([0, 1], { dtype: "int32" });
    const mask = nd.array([true, false, true]);
    const weight = nd.ones([3]);
    const factor = nd.ones([2, 3]);
    const x = leaf(2, 3);
    const table = leaf(4, 3);
    const losses: [Tensor, nd.NDArray][] = [
      [x.indexSelect(0, index).sum(), index],
      [x.gather(1, index.unsqueeze(1)).sum(), index],
      [embedding(table, index).sum(), index],
      [x.maskedFill(mask, 0).sum(), mask],
      [where(mask, x, 0).sum(), mask],
      [x.mul(factor).sum(), factor],
      [nllLoss(x, index, { weight, reduction: "sum" }), weight],
    ];
    for (const [loss, array] of losses) {
      array.fill(1);
      expect(() => loss.backward(), loss.toString()).toThrow(CHANGED);
    }
  });

  it("in operations of one's own", () => {
    const cube = (x: Tensor) =>
      record("cube", [x], (x) => [x.mul(x).mul(x), (g) => [g.mul(x).mul(x).mul(3)]]);
    const x = leaf(2);
    const y = cube(x).sum();
    x.data.fill(2);
    expect(() => y.backward()).toThrow("backward: cube needs input 0 (2,)");
  });

  it("anomaly mode also sees what went through a typed array, and names the lines", () => {
    const run = (change: (x: nd.NDArray) => void, op: (x: Tensor) => Tensor) =>
      detectAnomaly(() => {
        const x = leaf(2);
        const y = op(x).sum();
        change(x.data);
        y.backward();
      });
    const write = (x: nd.NDArray) => {
      x.data[0] = 9;
    };
    expect(() => run(write, (x) => x.square())).toThrow(
      /changed in place since[\s\S]*called here:[\s\S]*versions\.test/,
    );
    expect(() =>
      run(
        (x) => x.fill(3),
        (x) => x.square(),
      ),
    ).toThrow(/called here:[\s\S]*versions\.test/);
    expect(() => run(write, (x) => x.add(1))).not.toThrow();
  });
});

describe("right programs are not refused", () => {
  it("memory that is used again is another array's, whatever was changed in it before", () => {
    // Both parts of x are placed in its gradient in place; then the memory of that gradient serves roll's own pullback.
    const x = tensor(nd.randn([6, 40]), { requiresGrad: true });
    const twice = x.mul(2).roll([1, 2], [0, 1]).mul(3);
    const halves = twice.slice("0:3").mul(1).sum().add(twice.slice("3:").mul(1).sum());
    expect(() => halves.backward()).not.toThrow();
    expect([...new Set(x.grad?.flat() ?? [])]).toEqual([6]);
  });

  it("training with accumulated gradients, clipping by hand, and weights that are tied", () => {
    const model = new GPT({
      vocabSize: 7,
      contextLength: 4,
      embedDim: 8,
      numHeads: 2,
      numLayers: 1,
      dropout: 0.1,
    });
    const optimizer = new AdamW(model.parameters());
    const ids = nd.randint(0, 7, [2, 4]);
    for (let step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      for (let part = 0; part < 2; part++) model.forward(ids, { targets: ids }).loss?.div(2).backward();
      for (const { grad } of model.parameters()) grad?.assign(grad.mul(0.5));
      optimizer.step();
    }
  });

  it("changes between two graphs, and an average of the weights", () => {
    const w = leaf(3);
    const average = w.data.clone();
    for (let step = 0; step < 3; step++) {
      w.zeroGrad();
      w.square().sum().backward();
      w.data.assign(w.data.sub((w.grad as nd.NDArray).mul(0.1)));
      average.assign(average.mul(0.9).add(w.data.mul(0.1)));
    }
  });

  it("a graph used twice, with nothing changed between", () => {
    const w = leaf(3);
    const y = w.square().sum();
    y.backward(undefined, { retainGraph: true });
    nd.zeros([3]).fill(1);
    y.backward();
    expect(w.grad?.toArray()).toEqual(w.data.mul(4).toArray());
  });

  it("data that is replaced, not changed", () => {
    const w = leaf(3);
    const before = w.data;
    const y = w.square().sum();
    w.data = nd.zeros([3]);
    y.backward();
    expect(w.grad?.toArray()).toEqual(before.mul(2).toArray());
  });

  it("batch norm, whose running statistics change in forward", () => {
    const norm = new BatchNorm2d(2);
    const x = leaf(2, 2, 3, 3);
    const losses = [0, 1].map(() => norm.forward(x).square().sum());
    for (const loss of losses) loss.backward();
    norm.eval();
    norm.forward(x).sum().backward();
  });

  it("embedding tables stepped between forward and backward of a part that does not need them", () => {
    const table = new Embedding(5, 3);
    const y = table.forward(nd.array([1, 2], { dtype: "int32" })).sum();
    table.weight.data.fill(0);
    y.backward();
  });

  it("two optimisers in turn, as a GAN trains", () => {
    const make = (from: number, to: number) => new Sequential(new Linear(from, 8), relu, new Linear(8, to));
    const [generator, judge] = [make(2, 3), make(3, 1)];
    const steps = { generator: new Adam(generator.parameters()), judge: new Adam(judge.parameters()) };
    for (let step = 0; step < 3; step++) {
      const fake = generator.forward(tensor(nd.randn([4, 2])));
      steps.judge.zeroGrad();
      const real = judge.forward(tensor(nd.randn([4, 3])));
      judge.forward(fake.detach()).sub(real).sum().backward();
      steps.judge.step();
      steps.generator.zeroGrad();
      judge.forward(fake).neg().sum().backward();
      steps.generator.step();
    }
  });

  it("but a judge that stepped after it had judged is refused, as in PyTorch", () => {
    const judge = new Sequential(new Linear(3, 8), relu, new Linear(8, 1));
    const optimizer = new SGD(judge.parameters(), { lr: 0.1 });
    const fake = leaf(4, 3);
    const verdict = judge.forward(fake).sum();
    verdict.backward(undefined, { retainGraph: true });
    optimizer.step();
    expect(() => verdict.backward()).toThrow(CHANGED);
  });

  it("generation with a cache, and a cache that gradients flow through", () => {
    const model = new GPT({ vocabSize: 7, contextLength: 8, embedDim: 8, numHeads: 2, numLayers: 1 });
    noGrad(() => model.generate([1], { maxNewTokens: 12 }));
    const cache = new KVCache();
    const logits = [[[1, 2]], [[3]]].map(
      (ids) => model.forward(nd.array(ids, { dtype: "int32" }), { cache }).logits,
    );
    logits[1].sum().backward();
  });

  it("pullbacks that change arrays of their own, and hooks that change gradients", () => {
    const odd = (x: Tensor) =>
      record("odd", [x], (x) => [
        x.mul(3),
        (g) => {
          const out = nd.zeros(x.shape);
          out.assign(g).slice("::2").fill(0);
          return [out.mul(1)];
        },
      ]);
    const x = leaf(4);
    const y = odd(x.square());
    y.registerHook((g) => void g.fill(2));
    const parts = [y.narrow(0, 0, 2), y.narrow(0, 2, 2)];
    nd.zeros([1]).fill(1);
    concat(parts).square().sum().backward();
    expect(x.grad?.toArray()).toEqual([0, 1, 0, 1].map((one, i) => x.data.get([i]) * 4 * one));
  });

  it("slices of one tensor in a long loop, while something else changes", () => {
    const x = leaf(6, 2);
    let h = tensor(nd.ones([2]));
    for (let t = 0; t < 6; t++) {
      h = h.mul(x.select(0, t)).add(x.select(0, 5 - t));
      nd.zeros([1]).set([0], t);
    }
    h.sum().backward();
  });
});

describe("versions", () => {
  it("grow with every change that somebody could miss, and views share them", () => {
    const x = nd.zeros([2, 3]);
    const view = x.transpose();
    expect([nd.versionOf(x), nd.versionOf(nd.ones([3])), nd.versionOf(nd.full([2], 3))]).toEqual([0, 0, 0]);
    const seen = [x.fill(1), view.assign(view.add(1)), x].map((array) => {
      array.set([0, 0], 5);
      nd.changeCount();
      return nd.versionOf(x);
    });
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(nd.versionOf(view)).toBe(seen[2]);
    expect(nd.versionOf(x.clone())).toBe(0);
  });
});
