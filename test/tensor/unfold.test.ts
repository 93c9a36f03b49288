import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fold2d, ones, unfold2d, type WindowOptions, zeros } from "../../src/tensor";
import { iota, nested, scattered } from "./arrays";

describe("unfold2d and fold2d", () => {
  const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
  const setups = fc.record({
    size: pair(5, 7),
    kernelSize: pair(1, 3),
    stride: pair(1, 3),
    padding: pair(0, 2),
    dilation: pair(1, 2),
    seed: fc.nat(4095),
  });
  const windows = (size: number, axis: 0 | 1, o: Required<Record<keyof WindowOptions, [number, number]>>) =>
    Math.floor(
      (size + 2 * o.padding[axis] - o.dilation[axis] * (o.kernelSize[axis] - 1) - 1) / o.stride[axis],
    ) + 1;

  it("columns are windows: torch.nn.functional.unfold by its definition", () => {
    fc.assert(
      fc.property(setups, ({ size: [H, W], seed, ...o }) => {
        const [B, C] = [2, 3];
        const x = scattered([B, C, H, W], seed).add(1);
        const [rows, columns] = [windows(H, 0, o), windows(W, 1, o)];
        const [kh, kw] = o.kernelSize;
        const expected = nested([B, C * kh * kw, rows * columns], ([b, k, l]) => {
          const [c, ky, kx] = [Math.floor(k / (kh * kw)), Math.floor(k / kw) % kh, k % kw];
          const i = Math.floor(l / columns) * o.stride[0] - o.padding[0] + ky * o.dilation[0];
          const j = (l % columns) * o.stride[1] - o.padding[1] + kx * o.dilation[1];
          return i >= 0 && i < H && j >= 0 && j < W ? x.get([b, c, i, j]) : 0;
        });
        expect(unfold2d(x, o).toArray()).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it("fold2d is the adjoint: ⟨unfold(x), g⟩ = ⟨x, fold(g)⟩", () => {
    fc.assert(
      fc.property(setups, ({ size: [H, W], seed, ...o }) => {
        const x = scattered([2, 3, H, W], seed);
        const columns = unfold2d(x, o);
        const g = scattered(columns.shape, seed >> 1).remainder(11);
        const back = fold2d(g, [H, W], o);
        expect(back.shape).toEqual(x.shape);
        expect(columns.mul(g).sum().item()).toBe(x.mul(back).sum().item());
      }),
      { numRuns: 60 },
    );
  });

  it("numbers serve both axes; patches without overlap fold back to the image", () => {
    const x = iota([1, 2, 4, 6]);
    const o = { kernelSize: 2, stride: 2 };
    expect(unfold2d(x, o).shape).toEqual([1, 8, 6]);
    expect(fold2d(unfold2d(x, o), [4, 6], o).toArray()).toEqual(x.toArray());
    expect(
      fold2d(ones([1, 9, 16]), [4, 4], { kernelSize: 3, padding: 1 })
        .slice(0, 0)
        .toArray(),
    ).toEqual([
      [4, 6, 6, 4],
      [6, 9, 9, 6],
      [6, 9, 9, 6],
      [4, 6, 6, 4],
    ]);
    expect(unfold2d(zeros([0, 2, 4, 4]), { kernelSize: 3 }).shape).toEqual([0, 18, 4]);
  });

  it("say what is wrong", () => {
    expect(() => unfold2d(ones([2, 4, 4]), { kernelSize: 2 })).toThrow(
      "unfold2d: expected 4 axes (B, C, H, W), got shape (2, 4, 4)",
    );
    expect(() => unfold2d(ones([1, 1, 4, 4]), { kernelSize: [2, 5] })).toThrow(
      "unfold2d: a window of 5 does not fit in 4 with 0 of padding on each side",
    );
    expect(() => unfold2d(ones([1, 1, 4, 4]), { kernelSize: 2, stride: 0 })).toThrow(
      "unfold2d: expected kernelSize, stride and dilation >= 1 and padding >= 0, got 2, 0, 1 and 0",
    );
    expect(() => fold2d(ones([1, 5, 9]), [4, 4], { kernelSize: 2 })).toThrow(
      "fold2d: expected (B, C·4, 9) for size (4, 4), got (1, 5, 9)",
    );
  });
});
