import fc from "fast-check";
import { it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { Both, ConvSizes } from "../../../src/tensor/kernels";
import { close, doubles, exact, guarded, numbers, type Place, places, put, seeds } from "./arrays";

const times = ([a, b]: Both) => a * b;

/** Sizes of a convolution of images of `image`, with as many windows as fit. */
function fitted(sizes: Omit<ConvSizes, "windows">): ConvSizes {
  const { image, window, stride, padding, dilation } = sizes;
  const along = (axis: 0 | 1) =>
    Math.floor((image[axis] + 2 * padding[axis] - dilation[axis] * (window[axis] - 1) - 1) / stride[axis]) +
    1;
  return { ...sizes, windows: [Math.max(0, along(0)), Math.max(0, along(1))] };
}

/** Forward and both gradients on the device, beside the same in float64; the room for rounding is that of their sums. */
function compare(device: Device, sizes: ConvSizes, seed: number, place: Place, hasBias: boolean): void {
  const { batch, groups, channels, outChannels, image, windows, window } = sizes;
  const K = (channels / groups) * times(window);
  const x = numbers(seed, batch * channels * times(image));
  const weight = numbers(seed + 1, outChannels * K);
  const g = numbers(seed + 2, batch * outChannels * times(windows));
  const bias = hasBias ? numbers(seed + 3, outChannels) : null;
  const home = (data: Float32Array) => put(device, place, data);
  const size = (data: Float32Array) => doubles(data).map(Math.abs);
  const wide = [doubles, size] as const;

  /** The same call on the device, in float64, and in float64 of the absolute values. */
  const check = (
    length: number,
    terms: number,
    call: (
      to: (data: Float32Array) => Float32Array | Float64Array,
      out: Float32Array | Float64Array,
      kernels: typeof reference,
    ) => void,
  ) => {
    const got = guarded(device, place, length);
    call(home, got.out, device.kernels);
    const [want, scale] = wide.map((to) => {
      const out = new Float64Array(length);
      call(to, out, reference);
      return out;
    });
    close(got.out, want, { absolute: 1e-30, relative: 6e-8 * (terms + 2), scale });
    got.check();
  };
  check(g.length, K, (to, out, kernels) => kernels.conv(to(x), to(weight), bias && to(bias), out, sizes));
  check(x.length, (outChannels / groups) * times(window), (to, out, kernels) =>
    kernels.convBackwardInput(to(g), to(weight), out, sizes),
  );
  check(weight.length, batch * times(windows), (to, out, kernels) =>
    kernels.convBackwardWeight(to(g), to(x), out, sizes),
  );
}

export function convConformance(make: () => Device): void {
  const both = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

  it("conv and its gradients: any windows, groups, with and without bias", () => {
    const device = make();
    const cases = fc
      .record({
        batch: fc.integer({ min: 0, max: 3 }),
        groups: fc.integer({ min: 1, max: 3 }),
        channels: fc.integer({ min: 1, max: 5 }),
        outChannels: fc.integer({ min: 1, max: 10 }),
        image: both(1, 12),
        window: both(1, 4),
        stride: both(1, 3),
        padding: both(0, 4),
        dilation: both(1, 2),
      })
      .map((c) => fitted({ ...c, channels: c.channels * c.groups, outChannels: c.outChannels * c.groups }));
    fc.assert(
      fc.property(cases, seeds, places, fc.boolean(), (sizes, seed, place, hasBias) =>
        compare(device, sizes, seed, place, hasBias),
      ),
      { numRuns: 300 },
    );
  });

  it("conv of many channels: any windows", () => {
    const device = make();
    const cases = fc
      .record({
        batch: fc.integer({ min: 1, max: 2 }),
        groups: fc.integer({ min: 1, max: 2 }),
        channels: fc.integer({ min: 16, max: 19 }),
        outChannels: fc.integer({ min: 1, max: 6 }),
        image: both(5, 11),
        window: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 3 })),
        stride: both(1, 3),
        padding: both(0, 3),
        dilation: both(1, 3),
      })
      .map((c) => fitted({ ...c, channels: c.channels * c.groups, outChannels: c.outChannels * c.groups }));
    fc.assert(
      fc.property(cases, seeds, (sizes, seed) => compare(device, sizes, seed, "device", seed % 2 === 0)),
      { numRuns: 60 },
    );
  });

  const plain: Omit<ConvSizes, "windows" | "image" | "window"> = {
    ...{ batch: 2, groups: 1, channels: 3, outChannels: 5 },
    ...{ stride: [1, 1] as const, padding: [0, 0] as const, dilation: [1, 1] as const },
  };
  it.each<[string, Omit<ConvSizes, "windows">]>([
    [
      "3 × 3 of many channels",
      { ...plain, channels: 33, outChannels: 17, image: [9, 16], window: [3, 3], padding: [1, 1] },
    ],
    ["more taps than one block", { ...plain, channels: 65, outChannels: 9, image: [5, 6], window: [2, 3] }],
    ["more windows than one block", { ...plain, image: [31, 27], window: [3, 3], padding: [1, 1] }],
    [
      "lines longer than a block",
      { ...plain, outChannels: 2, image: [2, 530], window: [1, 7], padding: [0, 3] },
    ],
    [
      "more lines than are unrolled at a time",
      { ...plain, channels: 21, outChannels: 2, image: [41, 30], window: [3, 3], padding: [1, 1] },
    ],
    [
      "more channels than are unrolled at a time",
      { ...plain, channels: 310, outChannels: 2, image: [3, 40], window: [2, 3], stride: [1, 1] },
    ],
    ["1 × 1", { ...plain, channels: 13, outChannels: 21, image: [7, 11], window: [1, 1] }],
    ["1 × 1, every second pixel", { ...plain, image: [9, 17], window: [1, 1], stride: [2, 2] }],
    ["1 × 1 in a frame of zeros", { ...plain, image: [4, 9], window: [1, 1], padding: [2, 1] }],
    ["patches side by side", { ...plain, image: [28, 28], outChannels: 16, window: [7, 7], stride: [7, 7] }],
    [
      "each channel alone",
      { ...plain, channels: 6, groups: 6, outChannels: 6, image: [12, 10], window: [3, 3] },
    ],
    [
      "each channel alone, lines of 16 windows and more",
      { ...plain, channels: 5, groups: 5, outChannels: 5, image: [19, 39], window: [3, 5], padding: [1, 2] },
    ],
    [
      "three results of each pair of channels, taps apart",
      { ...plain, channels: 6, groups: 3, outChannels: 9, image: [14, 27], window: [3, 2], dilation: [2, 3] },
    ],
    [
      "each channel alone, every second line",
      { ...plain, channels: 3, groups: 3, outChannels: 3, image: [11, 21], window: [3, 3], stride: [2, 1] },
    ],
    [
      "each channel alone, lines longer than are added up at a time",
      { ...plain, channels: 2, groups: 2, outChannels: 4, image: [3, 277], window: [2, 3], padding: [1, 1] },
    ],
    [
      "more than 512 results a pixel",
      { ...plain, channels: 2, outChannels: 521, image: [3, 3], window: [1, 1] },
    ],
  ])("conv: %s", (_, sizes) => {
    compare(make(), fitted(sizes), 3, "device", true);
  });

  it("conv: more windows than the image holds, as padding behind it; fewer, and their gradient is 0 elsewhere", () => {
    const device = make();
    const sizes = { ...plain, image: [5, 6], window: [2, 2], dilation: [2, 1] } as const;
    compare(device, { ...sizes, windows: [6, 9] }, 1, "device", true);
    compare(device, { ...sizes, windows: [2, 3] }, 2, "ordinary", false);
  });

  it("conv: float64 and int32 are exact", () => {
    const device = make();
    const sizes = fitted({ ...plain, image: [6, 7], window: [3, 2], padding: [1, 0] });
    const L = times(sizes.windows);
    const [x, weight, bias] = [numbers(1, 2 * 3 * 42), numbers(2, 5 * 3 * 6), numbers(3, 5)].map(doubles);
    const [want, got] = [new Float64Array(2 * 5 * L), new Float64Array(2 * 5 * L)];
    reference.conv(x, weight, bias, want, sizes);
    device.kernels.conv(x, weight, bias, got, sizes);
    exact(got, want);
    const ints = new Int32Array(2 * 5 * L);
    device.kernels.conv(new Int32Array(x.length).fill(2), new Int32Array(90).fill(-3), null, ints, sizes);
    exact([ints[0], ints[sizes.windows[1]]], [-6 * 3 * 4, -6 * 3 * 6]);
  });
}
