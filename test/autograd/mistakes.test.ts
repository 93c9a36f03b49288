import { describe, expect, it } from "vitest";
import * as ad from "../../src/autograd";
import { tensor } from "../../src/autograd";
import { array, zeros } from "../../src/tensor";

// What a user of plain JavaScript, or one who silences the compiler, writes by mistake; see test/tensor/mistakes.

const a = zeros([2, 3]);
const x = tensor(a, { requiresGrad: true });
const no = (value: unknown) => value as never;

const cases: [name: string, run: () => unknown, message: string][] = [
  [
    "conv2d, stride 0",
    () => ad.conv2d(ad.zeros([1, 1, 4, 4]), ad.ones([1, 1, 3, 3]), { stride: 0 }),
    "conv2d: expected kernelSize, stride and dilation >= 1 and padding >= 0, got 3, 0, 1 and 0",
  ],
  [
    "conv2d, a window larger than the image",
    () => ad.conv2d(ad.zeros([1, 1, 4, 4]), ad.ones([1, 1, 3, 9])),
    "conv2d: a window of 9 does not fit in 4 with 0 of padding on each side",
  ],
  [
    "sizes one by one",
    () => ad.zeros(no(2), no(3)),
    "zeros: a shape is an array of sizes >= 0 such as [2, 3], got 2; put",
  ],
  ["randn with sizes one by one", () => ad.randn(no(2), no(3)), "randn: a shape is an array"],
  [
    "numbers one by one",
    () => tensor(1, no(2)),
    "tensor: expected options such as { requiresGrad: true }, got 2",
  ],
  [
    "Tensor of a list",
    () => new ad.Tensor(no([1])),
    "Tensor: expected an NDArray, got a list of 1; tensor() takes lists and numbers too",
  ],
  [
    "null as operand",
    () => x.add(no(null)),
    "add: expected a Tensor, NDArray or number beside (2, 3), got null",
  ],
  [
    "a list as operand",
    () => x.matmul(no([1])),
    "matmul: expected a Tensor, NDArray or number beside (2, 3), got a list of 1",
  ],
  ["nothing to compare", () => x.eq(no(undefined)), "eq: expected an NDArray or a number, got undefined"],
  ["dtype of another library", () => x.to(no("float16")), "to: expected a dtype"],
  [
    "backward of a number",
    () => x.sum().backward(no(1)),
    "backward: expected nothing, or the gradient to start from as a Tensor or NDArray, got 1",
  ],
  ["a hook that is none", () => x.registerHook(no(5)), "registerHook: expected a function, got 5"],
  ["noGrad without a function", () => ad.noGrad(no(undefined)), "noGrad: expected a function, got undefined"],
  [
    "detectAnomaly without a function",
    () => ad.detectAnomaly(no(x)),
    "detectAnomaly: expected a function, got a Tensor (2, 3)",
  ],
  [
    "gradcheck without a list",
    () => ad.gradcheck((x) => x, no(x)),
    "gradcheck: expected a list of inputs, as in gradcheck(fn, [x]), got a Tensor (2, 3)",
  ],
  [
    "record without a list",
    () => ad.record("mine", no(x), no(null)),
    "mine: expected a list of Tensors as inputs of record, got a Tensor (2, 3)",
  ],
  [
    "a rule without pullback",
    () => ad.record("mine", [x], (x) => no([x])),
    "mine: expected the rule to return [output, pullback], an NDArray and a function, got [an NDArray (2, 3)]",
  ],
  [
    "a rule that gives an array",
    () => ad.record("mine", [x], (x) => no(x)),
    "got an NDArray (2, 3); inside a rule",
  ],
  [
    "concat without a list",
    () => ad.concat(no(x), no(x)),
    "concat: expected a list of tensors, as in concat([a, b]), got a Tensor (2, 3)",
  ],
  [
    "stack with a list inside",
    () => ad.stack(no([x, [1]])),
    "stack: expected a Tensor, got a list of 1; wrap numbers and arrays with tensor()",
  ],
  ["split of an NDArray", () => ad.split(no(a), 1), "split: expected a Tensor, got an NDArray (2, 3)"],
  ["where on a boolean", () => ad.where(no(true), x, 0), "where: expected an NDArray, got true"],
  [
    "relu of an NDArray",
    () => ad.relu(no(a)),
    "relu: expected a Tensor, got an NDArray (2, 3); wrap numbers and arrays with tensor()",
  ],
  [
    "gelu by place",
    () => ad.gelu(x, no("tanh")),
    'gelu: expected options such as { approximate: "tanh" }, got "tanh"',
  ],
  ["dropout by place", () => ad.dropout(x, no(0.1)), "dropout: expected options such as { p: 0.1 }, got 0.1"],
  ["layerNorm without a shape", () => ad.layerNorm(x, no({ weight: x })), "layerNorm: a shape is an array"],
  [
    "classes as a list",
    () => ad.crossEntropy(x, no([0, 1])),
    "crossEntropy: expected an NDArray, got a list of 2; make an NDArray of it with array()",
  ],
  [
    "reduction by place",
    () => ad.crossEntropy(x, array([0, 1]), no("sum")),
    'crossEntropy: expected options such as { reduction: "sum" }, got "sum"',
  ],
  [
    "class weights as a list",
    () => ad.crossEntropy(x, array([0, 1]), { weight: no([1, 2, 3]) }),
    "crossEntropy: weight: expected an NDArray, got a list of 3",
  ],
  [
    "one-hot integers",
    () => ad.crossEntropy(x, ad.oneHot(array([0, 1]), 3)),
    "got (2, 3); probabilities must be float, not int32",
  ],
  [
    "logits as NDArray",
    () => ad.crossEntropy(no(a), array([0, 1])),
    "crossEntropy: expected a Tensor, got an NDArray (2, 3)",
  ],
  ["mseLoss of NDArrays", () => ad.mseLoss(no(a), a), "mseLoss: expected a Tensor, got an NDArray (2, 3)"],
  [
    "mseLoss without a target",
    () => ad.mseLoss(x, no(undefined)),
    "mseLoss: expected a Tensor, NDArray or number beside (2, 3), got undefined",
  ],
  ["mseLoss by place", () => ad.mseLoss(x, x, no("sum")), "mseLoss: expected options such as"],
  [
    "cosineSimilarity",
    () => ad.cosineSimilarity(x, ad.zeros([4, 5])),
    "cosineSimilarity: shapes (2, 3) and (4, 5) do not broadcast",
  ],
  ["ids as a list", () => ad.embedding(x, no([0])), "embedding: expected an NDArray, got a list of 1"],
  [
    "an id outside the table",
    () =>
      ad.embedding(
        x,
        array([
          [0, 1],
          [1, 7],
        ]),
      ),
    "embedding: expected indices in [0, 1] for a table of 2 rows, got 7 at position [1, 1]",
  ],
  [
    "stride by place",
    () => ad.maxPool2d(ad.zeros([1, 1, 4, 4]), 2, no(2)),
    "maxPool2d: expected options such as",
  ],
  [
    "conv2d by place",
    () => ad.conv2d(ad.zeros([1, 1, 4, 4]), ad.ones([1, 1, 3, 3]), no(1)),
    "conv2d: expected options such as { stride: 2 }, got 1",
  ],
  [
    "conv2d without a weight",
    () => ad.conv2d(x, no(undefined)),
    "conv2d: weight: expected a Tensor, got undefined",
  ],
  [
    "a slope by place",
    () => ad.leakyRelu(x, no(0.2)),
    "leakyRelu: expected options such as { slope: 0.2 }, got 0.2",
  ],
  [
    "pooling without a size",
    () => ad.maxPool2d(ad.zeros([1, 1, 4, 4]), no(undefined)),
    "maxPool2d: expected a number or [vertical, horizontal], got undefined",
  ],
  [
    "attention without values",
    () => ad.scaledDotProductAttention(x, x, no(undefined)),
    "scaledDotProductAttention: expected a Tensor, got undefined",
  ],
  [
    "attention, mask of another shape",
    () => ad.scaledDotProductAttention(x, x, x, { mask: zeros([3, 2]) }),
    "scaledDotProductAttention: expected a mask that broadcasts to (…, 2, 2), got (3, 2)",
  ],
  [
    "attention, mask of integers",
    () => ad.scaledDotProductAttention(x, x, x, { mask: zeros([2, 2], { dtype: "int32" }) }),
    "scaledDotProductAttention: expected a bool mask (true = attend) or a float mask (added to the scores), got int32",
  ],
];

describe("mistakes", () => {
  it.each(cases)("%s", (_, run, message) => expect(run).toThrow(message));

  it("a failed operation leaves no trace", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const loss = w.square().sum();
    expect(() => loss.backward(no(1))).toThrow();
    loss.backward();
    expect(w.grad?.toArray()).toEqual([2, 4]);
    expect(() => ad.noGrad(no(3))).toThrow();
    expect(ad.isGradEnabled()).toBe(true);
  });

  it("activations as functions, for Sequential", () => {
    const y = tensor([-1, 0, 2]);
    expect(ad.tanh(y).toArray()).toEqual(y.tanh().toArray());
    expect(ad.sigmoid(y).toArray()).toEqual(y.sigmoid().toArray());
  });
});
