import { describe, expect, it } from "vitest";
import {
  binaryCrossEntropyWithLogits,
  huberLoss,
  manualSeed,
  nd,
  reflectionPad,
  replicationPad,
  slidingWindows,
  type Tensor,
  tensor,
} from "../../src";

/** x and its gradient under `Σ seed ⊙ f(x)`, both flat. */
function run(shape: readonly number[], f: (x: Tensor) => Tensor, view = (x: nd.NDArray) => x) {
  manualSeed(7);
  const data = view(nd.randn(shape, { dtype: "float64" }));
  const x = tensor(data, { requiresGrad: true });
  const y = f(x);
  const seed = nd.randn(y.shape, { dtype: "float64" });
  y.backward(tensor(seed));
  const { shape: from } = data;
  return { data, from, y: y.data, seed: seed.flat(), grad: (x.grad as nd.NDArray).flat() };
}

/** The same where element i of the result is element `source[i]` of the input. */
function expectPicked({ data, y, seed, grad }: ReturnType<typeof run>, source: readonly number[]): void {
  const given = data.flat();
  expect([...y.flat()]).toEqual(source.map((i) => given[i]));
  const gx = new Float64Array(given.length);
  source.forEach((from, i) => {
    gx[from] += seed[i];
  });
  for (const [i, value] of grad.entries()) expect(value).toBeCloseTo(gx[i], 12);
}

const indicesOf = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>(
    (list, n) => list.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])),
    [[]],
  );
const flatIndex = (at: readonly number[], shape: readonly number[]): number =>
  at.reduce((sum, i, axis) => sum * shape[axis] + i, 0);

describe("sliding windows", () => {
  const turned = (x: nd.NDArray) => x.transpose(0, -1);
  it.each([
    { shape: [29], axis: 0, size: 5, step: 2 },
    { shape: [29], axis: 0, size: 2, step: 5 },
    { shape: [29], axis: 0, size: 29, step: 1 },
    { shape: [3, 11, 5], axis: 1, size: 4, step: 1 },
    { shape: [3, 11, 5], axis: -3, size: 3, step: 3 },
    { shape: [3, 11, 7], axis: 2, size: 3, step: 2, view: turned },
  ])("of $size, one every $step along axis $axis of $shape", ({ shape, axis, size, step, view }) => {
    const result = run(shape, (x) => slidingWindows(x, axis, size, step), view);
    const { from, y } = result;
    const at = (axis + from.length) % from.length;
    const windows = Math.floor((from[at] - size) / step) + 1;
    expect(y.shape).toEqual([...from.map((n, i) => (i === at ? windows : n)), size]);
    const source = indicesOf(y.shape).map((index) => {
      const within = index.slice(0, -1);
      within[at] = index[at] * step + index[index.length - 1];
      return flatIndex(within, from);
    });
    expectPicked(result, source);
  });

  it("are numbers of their own, and whole ones stay so", () => {
    const x = tensor(nd.arange(0, 6));
    const y = slidingWindows(x, 0, 6, 1);
    y.data.fill(9);
    expect(x.toArray()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(slidingWindows(x, 0, 2, 3).toArray()).toEqual([
      [0, 1],
      [3, 4],
    ]);
    expect(() => slidingWindows(x, 0, 2, 1.5)).toThrow(
      "slidingWindows: expected whole numbers 0 <= size <= 6",
    );
  });
});

describe("frames made of the array itself", () => {
  const mirrored = (i: number, n: number) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i);
  const held = (i: number, n: number) => Math.min(Math.max(i, 0), n - 1);
  it.each([
    { name: "reflection", pad: reflectionPad, source: mirrored },
    { name: "replication", pad: replicationPad, source: held },
  ])("$name along all axes, corners too", ({ pad, source }) => {
    for (const { shape, widths, view } of [
      { shape: [7], widths: [[6, 2]] },
      {
        shape: [3, 5, 7],
        widths: [
          [2, 0],
          [1, 4],
          [3, 6],
        ],
      },
      {
        shape: [7, 5, 4],
        widths: [
          [0, 0],
          [4, 3],
          [1, 2],
        ],
        view: (x: nd.NDArray) => x.transpose(0, 2),
      },
    ] as const) {
      const frame = view
        ? ([
            [3, 1],
            [4, 3],
            [0, 5],
          ] as const)
        : widths;
      const result = run(shape, (x) => pad(x, frame), view);
      const { from, y } = result;
      expect(y.shape).toEqual(from.map((n, i) => n + frame[i][0] + frame[i][1]));
      const places = indicesOf(y.shape).map((index) =>
        flatIndex(
          index.map((i, axis) => source(i - frame[axis][0], from[axis])),
          from,
        ),
      );
      expectPicked(result, places);
    }
  });

  it("is not wider than the array has numbers for it", () => {
    const x = tensor([1, 2, 3]);
    expect(reflectionPad(x, [[2, 2]]).toArray()).toEqual([3, 2, 1, 2, 3, 2, 1]);
    expect(() => reflectionPad(x, [[0, 3]])).toThrow("axis 0 of size 3 is too short for padding [0, 3]");
    expect(replicationPad(x, [[1, 3]]).toArray()).toEqual([1, 1, 2, 3, 3, 3, 3]);
    expect(reflectionPad(tensor(nd.array([1, 2, 3], { dtype: "int32" })), [[1, 0]]).dtype).toBe("int32");
  });
});

describe("losses in few passes", () => {
  it("huberLoss at its threshold, far beyond and of NaN", () => {
    const x = tensor([0, 0.5, -0.5, 2, -2, 1e30, Number.NaN, Number.POSITIVE_INFINITY]);
    const zero = tensor(nd.zeros([8]));
    const loss = huberLoss(x, zero, { delta: 0.5, reduction: "none" }).data.flat();
    const wanted = [0, 0.125, 0.125, 0.875, 0.875, 5e29, Number.NaN, Number.POSITIVE_INFINITY];
    wanted.forEach((value, i) => {
      if (Number.isFinite(value)) expect(loss[i] / (value || 1)).toBeCloseTo(value && 1, 6);
      else expect(loss[i]).toBe(value);
    });
  });

  it("huberLoss of integers, and its gradients on both sides", () => {
    const list = [3, -1, 0];
    const loss = huberLoss(
      tensor(nd.array(list, { dtype: "int32" })),
      tensor(nd.zeros([3], { dtype: "int32" })),
      {
        reduction: "none",
      },
    );
    expect(loss.toArray()).toEqual([2.5, 0.5, 0]);
    const [x, y] = [
      tensor([3, -1, 0.25], { requiresGrad: true }),
      tensor([0, 0, 0.5], { requiresGrad: true }),
    ];
    huberLoss(x, y, { reduction: "sum" }).backward();
    expect((x.grad as nd.NDArray).toArray()).toEqual([1, -1, -0.25]);
    expect((y.grad as nd.NDArray).toArray()).toEqual([-1, 1, 0.25]);
    // What was let go of is used again by what comes next, and belongs to nobody else.
    const large = tensor(nd.randn([64, 64]), { requiresGrad: true });
    const target = tensor(nd.rand([64, 64]));
    const losses = () => [huberLoss(large, target), binaryCrossEntropyWithLogits(large, target)];
    const first = losses().map((loss) => loss.item());
    const between = losses();
    for (const one of between) one.backward();
    expect(losses().map((loss) => loss.item())).toEqual(first);
    expect(between.map((loss) => loss.item())).toEqual(first);
  });

  it("binaryCrossEntropyWithLogits keeps the digits of what is nearly certain", () => {
    const logits = [-60, -30, -3, 0, 3, 30, 60];
    for (const [y, weight] of [
      [0, 1],
      [1, 1],
      [0.3, 1],
      [1, 2.5],
      [0.3, 2.5],
    ]) {
      const x = tensor(logits, { requiresGrad: true });
      const target = tensor(nd.full([7], y));
      const posWeight = weight === 1 ? undefined : tensor([weight]);
      const loss = binaryCrossEntropyWithLogits(x, target, { posWeight, reduction: "sum" });
      const one = (z: number) =>
        weight * Math.fround(y) * Math.log1p(Math.exp(-z)) + (1 - Math.fround(y)) * Math.log1p(Math.exp(z));
      const each = binaryCrossEntropyWithLogits(x, target, { posWeight, reduction: "none" }).data.flat();
      loss.backward();
      const grad = (x.grad as nd.NDArray).flat();
      logits.forEach((z, i) => {
        expect(each[i] / one(z)).toBeCloseTo(1, 5);
        const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
        const slope = (1 - Math.fround(y)) * sigmoid(z) - weight * Math.fround(y) * sigmoid(-z);
        expect(Math.abs(grad[i] - slope)).toBeLessThanOrEqual(
          1e-6 * Math.abs(slope) + 1e-7 * weight * y * (1 - y),
        );
      });
    }
  });
});
