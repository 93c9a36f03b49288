import type { Storage } from "../../dtype";
import type { Both, ConvSizes, Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";

const F32 = 4;

/** Multiply-adds that are worth waking a thread for. */
const GRAIN = 50_000;

/** With fewer images than this, threads share the windows of each. */
const MANY = 8;

/** Floats of columns that stay in the cache between a product and what is done with it. */
const COLUMNS = 65_536;

/** Rows of a tile of the product; see assembly/matmul.ts. */
const TILE = 4;

type Conv = Pick<Kernels, "conv" | "convBackwardInput" | "convBackwardWeight">;

const times = ([a, b]: Both): number => a * b;

/** Channels and results of one group, taps of a window, and windows. */
const counts = ({ groups, channels, outChannels, kernel, windows }: ConvSizes) => ({
  C: channels / groups,
  O: outChannels / groups,
  T: times(kernel),
  L: times(windows),
});

/** What every kernel of assembly/conv.ts gets last. */
const geometry = ({ groups, channels, outChannels, ...sizes }: ConvSizes): number[] => [
  ...[groups, channels / groups, ...sizes.image, outChannels / groups, ...sizes.windows],
  ...[...sizes.kernel, ...sizes.stride, ...sizes.dilation, ...sizes.padding],
];

const wholeLines = (bytes: number): number => 64 * Math.ceil(bytes / 64);

/** Bytes for the taps and frames of so many channels. */
function roomFor(channels: number, { windows, kernel, stride, dilation }: ConvSizes): number {
  const side = (axis: 0 | 1) => (windows[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1;
  return wholeLines(channels * (times(kernel) + side(0) * side(1)) * F32 + 32);
}

export function convKernels(runner: Runner, space: Space, reference: Kernels): Conv {
  const isOurs = (x: Storage, out: Storage, { outChannels, windows }: ConvSizes) =>
    x instanceof Float32Array && x.length * out.length * outChannels * times(windows) > 0;

  /** How threads share `units` of so many multiply-adds, with `room` bytes for each piece. */
  function share(units: number, work: number, roomOf: (chunk: number) => number) {
    const grain = GRAIN / work;
    const chunk = runner.chunk(units, grain);
    const room = roomOf(chunk);
    return { units, grain, chunk, room, scratch: space.scratch(Math.ceil(units / chunk) * room) };
  }

  function shareConv(sizes: ConvSizes) {
    const { C, O, T, L } = counts(sizes);
    const images = sizes.batch * sizes.groups;
    const parts = images < MANY ? Math.min(MANY, Math.ceil(L / 64)) : 1;
    return { parts, ...share(images * parts, (C * O * T * L) / parts, () => roomFor(C, sizes)) };
  }

  function runConv(
    { parts, units, grain, chunk, room, scratch }: ReturnType<typeof shareConv>,
    pointers: readonly [x: number, weight: number, bias: number, out: number],
    sizes: ConvSizes,
  ): void {
    const shares = [scratch, room, chunk, parts];
    runner.run("conv", units, grain, ...pointers, ...shares, ...geometry(sizes));
  }

  /**
   * The gradient that reaches the images where windows lie 1 apart: itself a convolution, of g with the weight turned by
   * 180° and its channels exchanged, (C, O, kh, kw). Answers whether there was room.
   */
  function turnedConv(g: Storage, weight: Storage, gx: Storage, sizes: ConvSizes): boolean {
    const { groups, channels, outChannels, image, windows, kernel, padding, dilation } = sizes;
    const { C, O, T } = counts(sizes);
    const reach = (axis: 0 | 1) => dilation[axis] * (kernel[axis] - 1) - padding[axis];
    const back: ConvSizes = {
      ...{ ...sizes, channels: outChannels, outChannels: channels, image: windows, windows: image },
      padding: [reach(0), reach(1)],
    };
    const [pg, pw, to] = [space.input(g), space.input(weight), space.output(gx)];
    const turned = space.scratch(weight.length * F32);
    const shares = shareConv(back);
    if (!space.ready()) return false;
    runner.run(
      "copy",
      ...[groups * C, groups * C, pw + (T - 1) * F32, turned, C, O, T],
      ...[O * C * T * F32, T * F32, C * T * F32, -F32],
      ...[C * O * T * F32, O * T * F32, T * F32, F32],
    );
    runConv(shares, [pg, turned, 0, to], back);
    space.done();
    return true;
  }

  return {
    conv(x, weight, bias, out, sizes) {
      const fallBack = () => reference.conv(x, weight, bias, out, sizes);
      if (!isOurs(x, out, sizes)) return fallBack();
      const [px, pw, pb] = [space.input(x), space.input(weight), bias ? space.input(bias) : 0];
      const to = space.output(out);
      const shares = shareConv(sizes);
      if (!space.ready()) return fallBack();
      runConv(shares, [px, pw, pb, to], sizes);
      space.done();
    },

    convBackwardInput(g, weight, gx, sizes) {
      const fallBack = () => reference.convBackwardInput(g, weight, gx, sizes);
      if (!isOurs(g, gx, sizes)) return fallBack();
      const { C, O, T, L } = counts(sizes);
      // Turned, it multiplies once per pixel instead of once per window, and adds up in registers instead of in memory.
      if (times(sizes.stride) === 1 && times(sizes.image) < 1.5 * L && C >= TILE) {
        if (!turnedConv(g, weight, gx, sizes)) fallBack();
        return;
      }
      const [pg, pw, to] = [space.input(g), space.input(weight), space.output(gx)];
      // Threads share the channels of all images, and take some at a time.
      const most = Math.max(1, Math.min(C, Math.floor(COLUMNS / (T * L))));
      const room = roomFor(most, sizes) + wholeLines(most * T * L * F32);
      const shares = share(sizes.batch * sizes.channels, O * T * L, () => room);
      if (!space.ready()) return fallBack();
      const { units, grain, scratch, chunk } = shares;
      const pointers = [pg, pw, to, scratch, room, chunk, most];
      runner.run("convBackwardInput", units, grain, ...pointers, ...geometry(sizes));
      space.done();
    },

    convBackwardWeight(g, x, gWeight, sizes) {
      const fallBack = () => reference.convBackwardWeight(g, x, gWeight, sizes);
      if (!isOurs(x, gWeight, sizes)) return fallBack();
      const { batch, groups, channels } = sizes;
      const { C, O, T, L } = counts(sizes);
      const [pg, px, to] = [space.input(g), space.input(x), space.output(gWeight)];
      // Threads share the channels. The matrix of each group comes out transposed.
      const shares = share(channels, batch * T * O * L, (chunk) => roomFor(Math.min(C, chunk), sizes));
      const transposed = space.scratch(gWeight.length * F32);
      if (!space.ready()) return fallBack();
      const { units, grain, scratch, room, chunk } = shares;
      const pointers = [px, pg, transposed, scratch, room, chunk, batch];
      runner.run("convBackwardWeight", units, grain, ...pointers, ...geometry(sizes));
      runner.run(
        "copy",
        ...[groups, groups, transposed, to, 1, O, C * T],
        ...[C * T * O * F32, 0, F32, O * F32],
        ...[O * C * T * F32, 0, C * T * F32, F32],
      );
      space.done();
    },
  };
}
