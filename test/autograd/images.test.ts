import { describe, expect, test } from "vitest";
import * as ag from "../../src/autograd";
import { arange, tensor } from "../../src/autograd";

const image = (...shape: number[]) =>
  arange(
    0,
    shape.reduce((a, b) => a * b, 1),
  )
    .to("float32")
    .reshape(shape);

describe("values by hand", () => {
  test("conv2d slides without flipping the kernel", () => {
    const x = image(1, 1, 3, 3);
    const w = tensor([
      [
        [
          [1, 10],
          [100, 1000],
        ],
      ],
    ]);
    expect(ag.conv2d(x, w).toArray()).toEqual([
      [
        [
          [0 + 10 + 300 + 4000, 1 + 20 + 400 + 5000],
          [3 + 40 + 600 + 7000, 4 + 50 + 700 + 8000],
        ],
      ],
    ]);
  });

  test("conv2d takes one image alone, and keeps its size when asked", () => {
    const [x, w] = [ag.randn([3, 5, 6]), ag.randn([2, 3, 3, 3])];
    const batch = ag.conv2d(x.unsqueeze(0), w, { padding: 1 });
    expect(ag.conv2d(x, w, { padding: "same" }).toArray()).toEqual(batch.squeeze(0).toArray());
    expect(ag.conv2d(x, w, { padding: "valid" }).shape).toEqual([2, 3, 4]);
  });

  test("conv2d: what another type than float32 computes with", () => {
    const [x, w] = [image(1, 1, 2, 2).to("float64"), image(1, 1, 1, 2)];
    expect(ag.conv2d(x, w).dtype).toBe("float64");
    const ints = ag.conv2d(
      ag.ones([1, 1, 2, 2], { dtype: "int32" }),
      ag.ones([1, 1, 2, 2], { dtype: "int32" }),
    );
    expect([ints.dtype, ints.item()]).toEqual(["int32", 4]);
    expect(ag.conv2d(ag.ones([0, 1, 2, 2]), w).shape).toEqual([0, 1, 2, 1]);
  });

  test("convTranspose2d is the adjoint of conv2d: ⟨conv x, y⟩ = ⟨x, convᵀ y⟩", () => {
    const [x, y, w] = [ag.randn([2, 4, 7, 5]), ag.randn([2, 6, 4, 3]), ag.randn([6, 2, 3, 3])];
    const options = { stride: 2, padding: 1, groups: 2 };
    const left = ag.conv2d(x, w, options).mul(y).sum().item();
    const right = x
      .mul(ag.convTranspose2d(y, w, options))
      .sum()
      .item();
    expect(left).toBeCloseTo(right, 3);
  });

  test("maxPool2d ignores padding, avgPool2d counts it unless told not to", () => {
    const x = tensor([
      [
        [
          [-1, -2],
          [-3, -4],
        ],
      ],
    ]);
    const options = { stride: 2, padding: 1 };
    expect(ag.maxPool2d(x, 2, options).toArray()).toEqual([
      [
        [
          [-1, -2],
          [-3, -4],
        ],
      ],
    ]);
    expect(ag.avgPool2d(x, 2, options).toArray()).toEqual([
      [
        [
          [-0.25, -0.5],
          [-0.75, -1],
        ],
      ],
    ]);
    expect(ag.avgPool2d(x, 2, { ...options, countIncludePad: false }).toArray()).toEqual(x.toArray());
  });

  test("ceilMode keeps a last window that hangs over", () => {
    expect(ag.maxPool2d(image(1, 1, 5, 5), 2).shape).toEqual([1, 1, 2, 2]);
    expect(ag.maxPool2d(image(1, 1, 5, 5), 2, { ceilMode: true }).shape).toEqual([1, 1, 3, 3]);
    expect(ag.maxPool2d(image(1, 1, 5, 5), 2, { ceilMode: true }).data.get([0, 0, 2, 2])).toBe(24);
  });

  test("adaptiveAvgPool2d to one pixel is the mean", () => {
    expect(ag.adaptiveAvgPool2d(image(1, 2, 3, 5), 1).toArray()).toEqual([[[[7]], [[22]]]]);
  });

  test("interpolate: corners, and what does not change size", () => {
    const x = image(1, 1, 2, 2);
    expect(ag.interpolate(x, { size: 3, mode: "bilinear", alignCorners: true }).toArray()).toEqual([
      [
        [
          [0, 0.5, 1],
          [1, 1.5, 2],
          [2, 2.5, 3],
        ],
      ],
    ]);
    expect(ag.interpolate(x, { scaleFactor: 2 }).data.select(2, 1).toArray()).toEqual([[[0, 0, 1, 1]]]);
    for (const mode of ["nearest", "bilinear", "bicubic"] as const)
      expect(ag.interpolate(x, { size: [2, 2], mode }).toArray()).toEqual(x.toArray());
  });

  test("pixelShuffle puts channels side by side", () => {
    expect(ag.pixelShuffle(image(1, 4, 1, 1), 2).toArray()).toEqual([
      [
        [
          [0, 1],
          [2, 3],
        ],
      ],
    ]);
  });
});

describe("errors", () => {
  const x = image(2, 4, 5, 6);
  test.each<[string, () => unknown, string]>([
    [
      "conv2d, axes",
      () => ag.conv2d(image(5, 6), image(3, 4, 2, 2)),
      "conv2d: expected 4 axes (B, C, H, W), got shape (5, 6)",
    ],
    [
      "conv2d, channels",
      () => ag.conv2d(x, image(3, 5, 2, 2)),
      "conv2d: expected a weight (O, C/groups, kh, kw) with C = 4 channels in 1 group, got (3, 5, 2, 2)",
    ],
    [
      "conv2d, groups",
      () => ag.conv2d(x, image(3, 2, 2, 2), { groups: 2 }),
      "with C = 4 channels in 2 groups, got (3, 2, 2, 2)",
    ],
    [
      "conv2d, bias",
      () => ag.conv2d(x, image(3, 4, 2, 2), { bias: image(4) }),
      "conv2d: expected a bias of shape (3,), got (4,)",
    ],
    ["conv2d, kernel too large", () => ag.conv2d(x, image(3, 4, 6, 2)), "a window of 6 does not fit in 5"],
    [
      "convTranspose2d",
      () => ag.convTranspose2d(x, image(3, 4, 2, 2)),
      "convTranspose2d: expected a weight (C, O/groups, kh, kw) with C = 4",
    ],
    [
      "conv2d, stride",
      () => ag.conv2d(x, image(3, 4, 2, 2), { stride: 0.5 }),
      "conv2d: expected kernelSize, stride and dilation >= 1 and padding >= 0, got 2, 0.5, 1 and 0",
    ],
    [
      "conv2d, dilation of a padding that keeps the size",
      () => ag.conv2d(x, image(3, 4, 2, 2), { padding: "same", dilation: 0 }),
      "conv2d: expected kernelSize, stride and dilation >= 1 and padding >= 0, got 2, 1, 0 and 0",
    ],
    [
      "convTranspose2d, stride",
      () => ag.convTranspose2d(x, image(4, 3, 2, 2), { stride: [1, 0] }),
      "convTranspose2d: expected kernelSize, stride and dilation >= 1 and padding >= 0, got 2, 0, 1 and 0",
    ],
    [
      "convTranspose2d, all cut off",
      () => ag.convTranspose2d(x, image(4, 3, 2, 2), { padding: 3 }),
      "convTranspose2d: expected an image of at least 1 pixel and outputPadding >= 0, got 0 pixels and 0",
    ],
    [
      "maxPool2d, padding",
      () => ag.maxPool2d(x, 2, { padding: 2 }),
      "maxPool2d: expected kernelSize, stride and dilation >= 1 and 0 <= padding <= kernelSize / 2, got 2, 2, 1 and 2",
    ],
    [
      "avgPool2d, size",
      () => ag.avgPool2d(x, 7),
      "avgPool2d: a window of 7 does not fit in 5 with 0 of padding on each side",
    ],
    [
      "interpolate, neither",
      () => ag.interpolate(x, {}),
      "interpolate: expected size or scaleFactor, got neither",
    ],
    [
      "interpolate, both",
      () => ag.interpolate(x, { size: 2, scaleFactor: 2 }),
      "interpolate: expected size or scaleFactor, got both",
    ],
    [
      "interpolate, mode",
      () => ag.interpolate(x, { size: 2, mode: "area" as never }),
      'interpolate: expected mode "nearest", "bilinear" or "bicubic", got "area"',
    ],
    [
      "interpolate, nothing left",
      () => ag.interpolate(x, { scaleFactor: 0.1 }),
      "expected a result of at least 1 pixel along each axis, got 0",
    ],
    [
      "pixelShuffle",
      () => ag.pixelShuffle(x, 3),
      "pixelShuffle: expected (B, C, H, W) with C divisible by 9",
    ],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});
