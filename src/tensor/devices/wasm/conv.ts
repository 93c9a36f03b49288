import type { Storage } from "../../dtype";
import type { Both, ConvSizes, Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";

const F32 = 4;

/** Multiply-adds that are worth waking a thread for. */
const GRAIN = 50_000;

type Conv = Pick<Kernels, "conv" | "convBackwardInput" | "convBackwardWeight">;

const times = ([a, b]: Both): number => a * b;

/** Bytes for the taps and frames of so many channels; see assembly/conv.ts. */
function roomFor(channels: number, { windows, kernel, stride, dilation }: ConvSizes): number {
  const side = (axis: 0 | 1) => (windows[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1;
  return 64 * Math.ceil((channels * (times(kernel) + side(0) * side(1)) * F32 + 16) / 64);
}

export function convKernels(runner: Runner, space: Space, reference: Kernels): Conv {
  const isOurs = (x: Storage, sizes: ConvSizes) =>
    x instanceof Float32Array && x.length > 0 && sizes.outChannels > 0 && times(sizes.windows) > 0;

  /** How the images' groups are shared by threads, and room for each. */
  function plan(sizes: ConvSizes) {
    const { batch, groups, channels, outChannels, windows, kernel } = sizes;
    const [units, C] = [batch * groups, channels / groups];
    const grain = GRAIN / (C * times(kernel) * (outChannels / groups) * times(windows));
    const chunk = runner.chunk(units, grain);
    const room = roomFor(C, sizes);
    return { units, grain, chunk, room, scratch: space.scratch(Math.ceil(units / chunk) * room) };
  }

  /** `spread`: how far apart the pixels are put before the windows slide over them. */
  function run(
    { units, grain, chunk, room, scratch }: ReturnType<typeof plan>,
    [x, weight, bias, out]: readonly [number, number, number, number],
    { groups, channels, outChannels, image, windows, kernel, stride, padding, dilation }: ConvSizes,
    spread: Both,
  ): void {
    runner.run(
      "conv",
      units,
      grain,
      ...[x, weight, bias, out, scratch, room, chunk, groups],
      ...[channels / groups, ...image, outChannels / groups, ...windows, ...kernel],
      ...[...stride, ...dilation, ...padding, ...spread],
    );
  }

  return {
    conv(x, weight, bias, out, sizes) {
      const fallBack = () => reference.conv(x, weight, bias, out, sizes);
      if (!isOurs(x, sizes)) return fallBack();
      const pointers = [space.input(x), space.input(weight), bias ? space.input(bias) : 0] as const;
      const to = space.output(out);
      const shares = plan(sizes);
      if (!space.ready()) return fallBack();
      run(shares, [...pointers, to], sizes, [1, 1]);
      space.done();
    },

    /**
     * Itself a convolution: of g, its pixels spread `stride` apart, with the weight (O, C, kernel) turned by 180° and its
     * channels exchanged, (C, O, kernel).
     */
    convBackwardInput(g, weight, gx, sizes) {
      const fallBack = () => reference.convBackwardInput(g, weight, gx, sizes);
      if (!isOurs(g, sizes) || gx.length === 0) return fallBack();
      const { groups, channels, outChannels, image, windows, kernel, stride, padding, dilation } = sizes;
      const reach = (axis: 0 | 1) => dilation[axis] * (kernel[axis] - 1) - padding[axis];
      const back: ConvSizes = {
        ...{ ...sizes, channels: outChannels, outChannels: channels, image: windows, windows: image },
        ...{ stride: [1, 1], padding: [reach(0), reach(1)] },
      };
      const [pg, pw, to] = [space.input(g), space.input(weight), space.output(gx)];
      const turned = space.scratch(weight.length * F32);
      const shares = plan(back);
      if (!space.ready()) return fallBack();
      const [C, O, T] = [channels / groups, outChannels / groups, times(kernel)];
      runner.run(
        "copy",
        channels,
        channels,
        ...[pw + (T - 1) * F32, turned, C, O, T],
        ...[O * C * T * F32, T * F32, C * T * F32, -F32],
        ...[C * O * T * F32, O * T * F32, T * F32, F32],
      );
      run(shares, [pg, turned, 0, to], back, stride);
      space.done();
    },

    convBackwardWeight(g, x, gWeight, sizes) {
      const fallBack = () => reference.convBackwardWeight(g, x, gWeight, sizes);
      if (!isOurs(x, sizes)) return fallBack();
      const { batch, groups, channels, outChannels, image, windows, kernel, stride, padding, dilation } =
        sizes;
      const [C, O, T] = [channels / groups, outChannels / groups, times(kernel)];
      const [pg, px, to] = [space.input(g), space.input(x), space.output(gWeight)];
      // Threads share the channels.
      const grain = GRAIN / (batch * T * O * times(windows));
      const chunk = runner.chunk(channels, grain);
      const room = roomFor(Math.min(C, chunk), sizes);
      const scratch = space.scratch(Math.ceil(channels / chunk) * room);
      const turned = space.scratch(gWeight.length * F32);
      if (!space.ready()) return fallBack();
      runner.run(
        "convBackwardWeight",
        channels,
        grain,
        ...[px, pg, turned, scratch, room, chunk, batch, groups],
        ...[C, ...image, O, ...windows, ...kernel, ...stride, ...dilation, ...padding],
      );
      runner.run(
        "copy",
        groups,
        groups,
        ...[turned, to, 1, O, C * T],
        ...[C * T * O * F32, 0, F32, O * F32],
        ...[O * C * T * F32, 0, C * T * F32, F32],
      );
      space.done();
    },
  };
}
