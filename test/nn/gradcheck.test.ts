import { expect, test } from "vitest";
import { gradcheck, relu, type Tensor } from "../../src/autograd";
import {
  AdaptiveAvgPool2d,
  AvgPool1d,
  AvgPool2d,
  BatchNorm1d,
  BatchNorm2d,
  Conv1d,
  Conv2d,
  ConvTranspose1d,
  ConvTranspose2d,
  Decoder,
  Embedding,
  Encoder,
  Flatten,
  GRU,
  GroupNorm,
  InstanceNorm2d,
  LayerNorm,
  LearnedPositionalEncoding,
  Linear,
  LSTM,
  MaxPool1d,
  MaxPool2d,
  MLP,
  type Module,
  MultiHeadAttention,
  PatchEmbedding,
  PReLU,
  RMSNorm,
  Sequential,
  SinusoidalPositionalEncoding,
  TransformerBlock,
} from "../../src/nn";
import { array, Generator, type NDArray, type Shape } from "../../src/tensor";

/** Put `value` where the path `name` leads. */
function put(module: Module, name: string, value: Tensor): void {
  const path = name.split(".");
  const last = path.pop() as string;
  const inside = (at: object): object => (at instanceof Sequential ? at.layers : at);
  const holder = path.reduce<object>((at, key) => Reflect.get(inside(at), key) as object, module);
  Reflect.set(holder, last, value);
}

/** Every parameter and every input of a module, all elements, in float64. */
function check<M extends Module>(
  module: M,
  shapes: readonly Shape[],
  run: (module: M, inputs: Tensor[]) => Tensor,
): void {
  const generator = new Generator(5);
  const random = (shape: Shape) => generator.normal(shape, { dtype: "float64" });
  const inputs = shapes.map(random);
  const names = module.to("float64").namedParameters();
  // Ones and zeros, the first values of norms and biases, would hide mistakes.
  const values = names.map(([, p]) => p.data.add(random(p.shape).mul(0.3)));
  const fn = (...all: Tensor[]) => {
    names.forEach(([name], i) => {
      put(module, name, all[inputs.length + i]);
    });
    return run(module, all.slice(0, inputs.length));
  };
  expect(gradcheck(fn, [...inputs, ...values])).toBe(true);
}

type Unary = Module & { forward(x: Tensor): Tensor };

test.each<[string, Unary, Shape]>([
  ["Linear", new Linear(4, 5), [2, 3, 4]],
  ["Linear without bias", new Linear(4, 5, { bias: false }), [3, 4]],
  ["LayerNorm", new LayerNorm(5), [2, 3, 5]],
  ["LayerNorm over two axes", new LayerNorm([3, 5]), [2, 3, 5]],
  ["RMSNorm", new RMSNorm(5, { eps: 1e-3 }), [2, 3, 5]],
  ["GroupNorm", new GroupNorm(2, 6), [3, 6, 2, 4]],
  ["BatchNorm2d in training", new BatchNorm2d(3, { trackRunningStats: false }), [2, 3, 4, 5]],
  ["BatchNorm2d in evaluation", new BatchNorm2d(3).eval(), [2, 3, 4, 5]],
  ["Conv2d", new Conv2d(2, 3, [2, 3], { stride: [2, 1], padding: [1, 0] }), [2, 2, 5, 4]],
  ["Conv2d, groups and dilation", new Conv2d(4, 6, 2, { groups: 2, dilation: [1, 2] }), [1, 4, 3, 5]],
  ["BatchNorm1d in training", new BatchNorm1d(3, { trackRunningStats: false }), [5, 3]],
  ["BatchNorm1d in evaluation", new BatchNorm1d(3).eval(), [2, 3, 4]],
  ["InstanceNorm2d", new InstanceNorm2d(3, { affine: true }), [2, 3, 4, 5]],
  ["PReLU", new PReLU({ numParameters: 3 }), [2, 3, 4]],
  ["Conv1d", new Conv1d(4, 6, 3, { stride: 2, groups: 2, padding: 1 }), [2, 4, 6]],
  ["Conv1d, one sequence", new Conv1d(2, 3, 2, { padding: "same", dilation: 2 }), [2, 5]],
  [
    "ConvTranspose2d",
    new ConvTranspose2d(2, 4, [2, 3], { stride: [2, 1], groups: 2, padding: [0, 1], outputPadding: [1, 0] }),
    [2, 2, 3, 4],
  ],
  ["ConvTranspose1d", new ConvTranspose1d(4, 6, 3, { stride: 2, groups: 2, padding: 1 }), [2, 4, 5]],
  ["MaxPool1d", new MaxPool1d(3, { stride: 2 }), [2, 3, 7]],
  ["AvgPool1d", new AvgPool1d(3, { stride: 2, padding: 1 }), [2, 3, 6]],
  ["MaxPool2d", new MaxPool2d([2, 3], { stride: 1 }), [2, 3, 4, 5]],
  ["AvgPool2d", new AvgPool2d(2, { stride: [1, 2], padding: 1 }), [2, 3, 4, 5]],
  ["AdaptiveAvgPool2d", new AdaptiveAvgPool2d([2, 3]), [2, 3, 5, 4]],
  ["PatchEmbedding", new PatchEmbedding(2, 3, 5), [2, 3, 4, 6]],
  ["LearnedPositionalEncoding", new LearnedPositionalEncoding(6, 4), [2, 3, 4]],
  ["SinusoidalPositionalEncoding", new SinusoidalPositionalEncoding(6, 4), [2, 3, 4]],
  ["Sequential", new Sequential(new Linear(4, 3), relu, new Flatten(), new Linear(6, 5)), [3, 2, 4]],
  ["MLP gelu", new MLP(3, 5, { outFeatures: 4 }), [2, 3]],
  ["MLP geluTanh", new MLP(3, 5, { activation: "geluTanh" }), [2, 3]],
  ["MLP quickGelu", new MLP(3, 5, { activation: "quickGelu" }), [2, 3]],
  ["MLP silu", new MLP(3, 5, { activation: "silu", bias: false }), [2, 3]],
  ["MLP relu", new MLP(3, 5, { activation: "relu" }), [2, 3]],
  ["TransformerBlock", new TransformerBlock(4, 2, { mlpDim: 5 }), [2, 3, 4]],
  ["TransformerBlock, post-norm", new TransformerBlock(4, 2, { mlpDim: 5, normFirst: false }), [2, 3, 4]],
  ["Encoder", new Encoder(4, 2, 2, { mlpDim: 3 }), [2, 3, 4]],
  ["Decoder", new Decoder(4, 2, 1, { mlpDim: 3, bias: false }), [2, 3, 4]],
])("%s", (_, module, shape) => {
  check(module, [shape], (m, [x]) => m.forward(x));
});

test("Embedding", () => {
  const ids: NDArray = array(
    [
      [1, 4, 1],
      [0, 2, 4],
    ],
    { dtype: "int32" },
  );
  check(new Embedding(5, 3), [], (m) => m.forward(ids));
});

const recurrent = { numLayers: 2, bidirectional: true };

test("GRU with its first and last state", () => {
  const shapes = [
    [2, 4, 3],
    [4, 2, 2],
  ];
  check(new GRU(3, 2, recurrent), shapes, (m, [x, hidden]) => {
    const last = m.forward(x, { hidden });
    return last.output.square().sum().add(last.hidden.exp().sum());
  });
});

test("LSTM with its first and last states", () => {
  const shapes = [
    [2, 4, 3],
    [4, 2, 2],
    [4, 2, 2],
  ];
  check(new LSTM(3, 2, recurrent), shapes, (m, [x, hidden, cell]) => {
    const last = m.forward(x, { hidden, cell });
    return last.output.square().sum().add(last.hidden.exp().sum()).add(last.cell.square().sum());
  });
});

test("MultiHeadAttention: cross-attention with all its masks", () => {
  const keyPaddingMask = array([
    [true, true, false, true],
    [true, true, true, true],
  ]);
  const layer = new MultiHeadAttention(6, 2, { keyDim: 5, valueDim: 3 });
  check(
    layer,
    [
      [2, 3, 6],
      [2, 4, 5],
      [2, 4, 3],
      [3, 4],
    ],
    (m, [query, key, value, mask]) =>
      m.forward(query, { key, value, mask, keyPaddingMask, isCausal: true }).output,
  );
});

test("MultiHeadAttention: its weights, too", () => {
  check(new MultiHeadAttention(6, 3, { bias: false }), [[2, 4, 6]], (m, [x]) => {
    const { output, weights } = m.forward(x, { needWeights: true });
    return output.sum().add((weights as Tensor).mul(weights as Tensor).sum());
  });
});

test("Decoder with cross-attention", () => {
  check(
    new Decoder(4, 2, 1, { mlpDim: 3, crossAttention: true }),
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
    (m, [x, memory]) => m.forward(x, { memory }),
  );
});
