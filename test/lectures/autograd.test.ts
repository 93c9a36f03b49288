import { describe, expect, it } from "vitest";
import { crossEntropy, layerNorm, softmax, type Tensor, tensor } from "../../src/autograd";
import { exercises, type ValueLike, valueGraph } from "../../src/lectures/autograd";
import { AdamW, Parameter } from "../../src/nn";
import * as nd from "../../src/tensor";

const [unbroadcast, order, walk] = [
  exercises.unbroadcast.solution,
  exercises.topologicalOrder.solution,
  exercises.backward.solution,
];

/** The engine as the notebook puts it together from what the exercises give. */
class Value implements ValueLike {
  grad: nd.NDArray | null = null;
  constructor(
    readonly data: nd.NDArray,
    readonly op = "",
    readonly inputs: readonly Value[] = [],
    readonly pullback: (g: nd.NDArray) => readonly nd.NDArray[] = () => [],
  ) {}

  mul(b: Value): Value {
    const product = this.data.mul(b.data);
    const [left, right] = [this, b].map((factor) => factor.data.expand(product.shape));
    return new Value(product, "mul", [this, b], (g) => exercises.mulPullback.solution(g, left, right));
  }
  matmul(b: Value): Value {
    const pullback = (g: nd.NDArray) => exercises.matmulPullback.solution(g, this.data, b.data);
    return new Value(this.data.matmul(b.data), "matmul", [this, b], pullback);
  }
  softmax(): Value {
    const y = this.data.softmax();
    return new Value(y, "softmax", [this], (g) => [exercises.softmaxPullback.solution(g, y)]);
  }
  layerNorm(weight: Value, bias: Value): Value {
    const { data } = layerNorm(tensor(this.data), this.data.shape[1], {
      weight: tensor(weight.data),
      bias: tensor(bias.data),
    });
    return new Value(data, "layerNorm", [this, weight, bias], (g) =>
      exercises.layerNormPullback.solution(g, this.data, weight.data, 1e-5),
    );
  }
  crossEntropy(targets: nd.NDArray): Value {
    const { data } = crossEntropy(tensor(this.data), targets);
    return new Value(data, "crossEntropy", [this], (g) => [
      exercises.crossEntropyPullback.solution(g, this.data, targets),
    ]);
  }
  backward(): void {
    const inputsOf = (value: Value) => value.inputs;
    const nodes = order<Value>(this, inputsOf);
    const grads = walk<Value>(nodes, nd.onesLike(this.data), inputsOf, (value, g) =>
      value.pullback(g).map((part, i) => unbroadcast(part, value.inputs[i].data.shape)),
    );
    nodes.forEach((value, i) => {
      value.grad = grads[i];
    });
  }
}

describe("the autograd lecture", () => {
  it("makes of its exercises an engine with the library's gradients", () => {
    const random = new nd.Generator(4);
    const arrays = [[5, 3], [3, 4], [4], [4]].map((shape) => random.normal(shape, { dtype: "float64" }));
    const targets = nd.array([3, 0, 1, 1, 2], { dtype: "int32" });

    const [x, w, gain, shift] = arrays.map((array) => new Value(array));
    const y = x.matmul(w).layerNorm(gain, shift);
    y.mul(y.softmax()).mul(gain).crossEntropy(targets).backward();

    const leaves = arrays.map((array) => tensor(array, { requiresGrad: true }));
    const [tx, tw, tGain, tShift] = leaves;
    const ty = layerNorm(tx.matmul(tw), 4, { weight: tGain, bias: tShift });
    crossEntropy(ty.mul(softmax(ty)).mul(tGain), targets).backward();

    [x, w, gain, shift].forEach((value, i) => {
      const off = value
        .grad!.sub((leaves[i] as Tensor).grad!)
        .abs()
        .max()
        .item();
      expect(off).toBeLessThan(1e-12);
    });
  });

  it("takes the steps of the library's AdamW", () => {
    const [start, factor] = [nd.array([3, -4, 0.5]), nd.array([1, 10, 0.1])];
    const parameter = new Parameter(start.clone());
    const optimizer = new AdamW([parameter], { lr: 0.1, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0.2 });
    let state = { p: start, m: nd.zeros([3]), v: nd.zeros([3]) };
    for (let step = 1; step <= 20; step++) {
      parameter.grad = parameter.data.mul(factor);
      optimizer.step();
      const { p, m, v } = state;
      const options = { lr: 0.1, betas: [0.8, 0.95] as const, eps: 1e-6, weightDecay: 0.2 };
      state = exercises.adamWStep.solution(p, p.mul(factor), { m, v }, step, options);
    }
    expect(state.p.sub(parameter.data).abs().max().item()).toBeLessThan(1e-5);
  });

  it("draws the engine's graph, with what flows back along its edges", () => {
    const x = new Value(nd.array(3));
    const y = x.mul(x);
    y.backward();
    const drawing = valueGraph(y, { x });
    expect(String(drawing)).toBe("mul 9, grad 1\n  x 3, grad 6  requires grad");
    expect(drawing.toSvg()).toContain(">↑ 3 + 3<");
    expect(() => valueGraph(null as unknown as Value)).toThrow(
      "valueGraph: expected a Value, with data and inputs",
    );
  });
});
