import { describe, expect, test } from "vitest";
import { glu, gridSample, mish, ones, prelu, randn, type Tensor, zeros } from "../../src/autograd";
import {
  AvgPool1d,
  BatchNorm1d,
  Conv1d,
  ConvTranspose1d,
  ConvTranspose2d,
  Dropout2d,
  InstanceNorm2d,
  MaxPool1d,
  Module,
  PReLU,
} from "../../src/nn";
import { Generator, type NDArray, type Nested } from "../../src/tensor";
import { agree, expectClose, f64, leaf, recorded } from "./torch";

/** A function as a layer without weights. */
class Layer extends Module {
  constructor(readonly fn: (x: Tensor) => Tensor) {
    super();
  }
  forward(x: Tensor): Tensor {
    return this.fn(x);
  }
}

describe("values and all gradients as PyTorch, in float64", () => {
  test.each([
    ["instance_norm_2d", new InstanceNorm2d(3, { eps: 1e-3 })],
    ["instance_norm_2d_affine", new InstanceNorm2d(3, { affine: true })],
    ["max_pool_1d", new MaxPool1d(3, { stride: 2, padding: 1, dilation: 2, ceilMode: true })],
    ["avg_pool_1d", new AvgPool1d(4, { stride: 3, padding: 2, ceilMode: true, countIncludePad: false })],
    ["avg_pool_1d_padded", new AvgPool1d(3, { padding: 1 })],
    [
      "conv_transpose_1d",
      new ConvTranspose1d(4, 6, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2, dilation: 2 }),
    ],
    ["conv_1d", new Conv1d(4, 6, 3, { stride: 2, padding: 2, dilation: 2, groups: 2 })],
    ["conv_1d_same", new Conv1d(3, 5, 4, { padding: "same", dilation: 3, bias: false })],
    [
      "conv_transpose_2d",
      new ConvTranspose2d(4, 6, [3, 2], {
        ...{ stride: [2, 3], padding: [1, 0], outputPadding: [1, 2] },
        ...{ groups: 2, dilation: [2, 1] },
      }),
    ],
    ["conv_transpose_2d_plain", new ConvTranspose2d(3, 5, 2, { bias: false })],
    ["glu", new Layer((x) => glu(x, 1))],
    ["mish", new Layer(mish)],
    ["prelu", new PReLU()],
    ["prelu_channels", new PReLU({ numParameters: 3 })],
  ])("%s", (name, layer) => {
    agree(layer, recorded(name), ({ x }) => [layer.forward(x)]);
  });
});

test("InstanceNorm2d takes one image alone, as a batch of it", () => {
  const x = randn([2, 3, 4, 5], { dtype: "float64" });
  const norm = new InstanceNorm2d(3, { affine: true }).to("float64");
  expectClose(norm.forward(x.select(0, 1)), norm.forward(x).select(0, 1).data, 1e-12);
  const tracking = new InstanceNorm2d(3, { trackRunningStats: true });
  tracking.forward(randn([3, 4, 5]));
  expect(tracking.eval().forward(randn([3, 4, 5])).shape).toEqual([3, 4, 5]);
});

describe("gridSample and both gradients as PyTorch", () => {
  const modes = ["bilinear", "nearest", "bicubic"] as const;
  const paddings = ["zeros", "border", "reflection"] as const;
  const cases = modes.flatMap((mode) =>
    paddings.flatMap((paddingMode) =>
      [false, true].map((alignCorners) => ({ mode, paddingMode, alignCorners })),
    ),
  );
  test.each(cases)("$mode, $paddingMode, alignCorners $alignCorners", (options) => {
    const { mode, paddingMode, alignCorners } = options;
    const name = `grid_sample_${mode}_${paddingMode}_${alignCorners ? "True" : "False"}`;
    const run = ({ x, grid }: Readonly<Record<string, Tensor>>) => [gridSample(x, grid, options)];
    agree(new Layer((x) => x), recorded(name), run);
  });
});

interface Trained {
  readonly state: Readonly<Record<string, Nested>>;
  readonly after: Readonly<Record<string, Nested>>;
  readonly batches: readonly Nested[];
  readonly outputs: readonly Nested[];
  readonly eval: Nested;
}

/** PyTorch's state under our names, which are the same in camelCase. */
const ours = (state: Readonly<Record<string, Nested>>) =>
  Object.entries(state).map(([name, values]) => {
    const camel = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    return [camel, f64(values).to(name === "num_batches_tracked" ? "int32" : "float64")] as const;
  });

test.each([
  ["batch_norm_1d", new BatchNorm1d(3, { momentum: 0.2 })],
  ["batch_norm_1d_length", new BatchNorm1d(3, { momentum: null })],
  [
    "instance_norm_2d_tracked",
    new InstanceNorm2d(3, { momentum: 0.2, affine: true, trackRunningStats: true }),
  ],
])("%s over three batches, then in evaluation", (name, layer) => {
  const c = recorded<Trained>(name);
  layer.to("float64").loadStateDict(new Map(ours(c.state)));
  c.batches.forEach((batch, i) => {
    expectClose(layer.forward(leaf(batch)), f64(c.outputs[i]));
  });
  const state = layer.stateDict();
  for (const [key, expected] of ours(c.after)) expectClose(state.get(key) as NDArray, expected);
  expectClose(layer.eval().forward(leaf(c.batches[0])), f64(c.eval));
});

test("Dropout2d drops whole channels, the others grow; after eval() nothing", () => {
  const layer = new Dropout2d(0.25, { generator: new Generator(1) });
  const x = ones([40, 50, 2, 3]);
  const y = layer.forward(x);
  const channels = y.mean([2, 3]).data.flat();
  expect([...y.var([2, 3]).data.flat()].every((v) => v === 0)).toBe(true);
  expect(channels.every((v) => v === 0 || Math.abs(v - 4 / 3) < 1e-6)).toBe(true);
  expect(channels.filter((v) => v === 0).length / channels.length).toBeCloseTo(0.25, 1);
  expect(layer.eval().forward(x)).toBe(x);
  expect(
    new Dropout2d(1)
      .forward(x)
      .data.flat()
      .every((v) => v === 0),
  ).toBe(true);
});

test("extremes as PyTorch: where functions end, and their gradients", () => {
  const x = leaf([-1e4, -0, 0, 1e4, Number.NaN]);
  const y = mish(x);
  expect([...y.data.flat()]).toEqual([-0, -0, 0, 1e4, Number.NaN]);
  const weight = leaf([0.5]);
  const z = prelu(x, weight);
  z.sum().backward();
  expect([...(x.grad as NDArray).flat()]).toEqual([0.5, 0.5, 0.5, 1, 0.5]);
});

test("mistakes are told", () => {
  expect(() => new BatchNorm1d(3).forward(randn([2, 4]))).toThrow(
    "BatchNorm1d: expected (B, 3) or (B, 3, L), got shape (2, 4)",
  );
  expect(() => new InstanceNorm2d(3).forward(randn([2, 3, 1, 1]))).toThrow(
    "InstanceNorm2d: expected more than 1 pixel per image, got shape (2, 3, 1, 1)",
  );
  expect(() => new MaxPool1d(0)).toThrow("MaxPool1d: expected kernelSize to be a whole number >= 1, got 0");
  expect(() => new MaxPool1d(3).forward(randn([2, 3, 4, 5]))).toThrow("maxPool1d: expected 3 axes (B, C, L)");
  expect(() => new AvgPool1d(3, { stride: 0 })).toThrow(
    "AvgPool1d: expected stride to be a whole number >= 1",
  );
  expect(() => glu(zeros([2, 3]))).toThrow("glu: expected an even size along axis 1, got shape (2, 3)");
  expect(() => prelu(zeros([2, 3]), zeros([2]))).toThrow(
    "prelu: expected a weight (1,) or (3,) for x of shape (2, 3), got shape (2,)",
  );
  expect(() => new ConvTranspose1d(4, 6, 3, { groups: 3 })).toThrow(
    "ConvTranspose1d: expected channels divisible by groups = 3, got 4 in and 6 out",
  );
  expect(() => new ConvTranspose1d(4, 6, 3, { outputPadding: 1 })).toThrow(
    "ConvTranspose1d: expected outputPadding below stride or dilation, 1, got 1",
  );
  expect(() => new ConvTranspose2d(4, 6, 3, { stride: [2, 1], outputPadding: 1 })).toThrow(
    "ConvTranspose2d: expected outputPadding below stride or dilation, 1, got 1",
  );
  expect(() => new ConvTranspose2d(4, 6, 3).forward(randn([1, 5, 7, 7]))).toThrow(
    "ConvTranspose2d: expected 4 channels (inChannels), got 5 in (B, C, H, W) = (1, 5, 7, 7)",
  );
  expect(() => new Conv1d(4, 6, [3, 3] as never)).toThrow(
    "Conv1d: expected kernelSize to be a whole number >= 1, got a list of 2",
  );
  expect(() => new Conv1d(4, 6, 3, { padding: "full" as never })).toThrow(
    'Conv1d: expected padding "same" or "valid", got "full"',
  );
  expect(() => new Conv1d(4, 6, 3, { strides: 2 } as never)).toThrow(
    "Conv1d: no option is called strides; did you mean stride?",
  );
  expect(() => new Conv1d(4, 6, 3).forward(randn([2, 3, 8]))).toThrow(
    "Conv1d: expected 4 channels (inChannels), got 3 in (B, C, L) = (2, 3, 8)",
  );
  expect(() => new Dropout2d().forward(randn([2, 3, 4]))).toThrow("dropout2d: expected 4 axes (B, C, H, W)");
  const image = randn([2, 3, 4, 5]);
  expect(() => gridSample(image, randn([1, 4, 5, 2]))).toThrow(
    "gridSample: grid: expected (2, h, w, 2), got shape (1, 4, 5, 2)",
  );
  expect(() => gridSample(image, randn([2, 4, 5, 3]))).toThrow("gridSample: grid: expected axis 3");
  expect(() => gridSample(image, randn([2, 4, 5, 2]), { mode: "linear" as never })).toThrow(
    'gridSample: expected mode "bilinear", "nearest" or "bicubic", got "linear"',
  );
  expect(() => new PReLU({ numParameters: 0 })).toThrow("PReLU: expected numParameters to be a whole number");
});

test("windows print as in PyTorch, and take one example without a batch", () => {
  const conv = new Conv1d(4, 6, 3, { stride: 2, padding: "valid", groups: 2 });
  expect(`${conv}`).toBe("Conv1d(4, 6, kernelSize=3, stride=2, padding=valid, groups=2, bias=true)");
  expect(conv.forward(randn([4, 9])).shape).toEqual([6, 4]);
  const back = new ConvTranspose2d(4, 6, [3, 2], { outputPadding: 1, dilation: 2, bias: false });
  expect(`${back}`).toBe(
    "ConvTranspose2d(4, 6, kernelSize=[3, 2], stride=1, outputPadding=1, dilation=2, bias=false)",
  );
  expect(back.forward(randn([4, 5, 5])).shape).toEqual([6, 10, 8]);
  const bound = 1 / Math.sqrt(6 * 3 * 2);
  const weights = [...back.weight.data.flat()];
  expect(Math.max(...weights)).toBeLessThanOrEqual(bound);
  expect(Math.max(...weights)).toBeGreaterThan(0.9 * bound);
  expect(back.weight.shape).toEqual([4, 6, 3, 2]);
});
