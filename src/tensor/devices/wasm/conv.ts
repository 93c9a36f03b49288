import type { Storage } from "../../dtype";
import type { ConvSizes, Kernels } from "../../kernels";
import { ConvLines } from "./conv-lines";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { Becomes, type ConvTask } from "./tasks.generated";
import { counts, GRAIN, times } from "./windows";

const F32 = 4;

/** With fewer images than this, threads share the windows of each. */
const MANY = 8;

/** Floats of columns that stay in the cache between a product and what is done with it. */
const COLUMNS = 65_536;

type Conv = Pick<Kernels, "conv" | "convBackwardInput" | "convBackwardWeight">;

/** Of the arrays or their gradients. */
interface Pointers {
  readonly x: number;
  readonly weight: number;
  readonly bias?: number;
  readonly out: number;
}

/** How threads share the work. */
type Shares = Pick<ConvTask, "total" | "chunk" | "scratch" | "room"> &
  Partial<Pick<ConvTask, "parts" | "most">>;

const convTask = (
  { total, chunk, scratch, room, parts = 1, most = 1 }: Shares,
  { x, weight, bias = 0, out }: Pointers,
  { batch, groups, channels, outChannels, image, windows, window, stride, dilation, padding }: ConvSizes,
): ConvTask => ({
  total,
  chunk,
  x,
  weight,
  bias,
  out,
  scratch,
  room,
  parts,
  most,
  batch,
  groups,
  C: channels / groups,
  H: image[0],
  W: image[1],
  O: outChannels / groups,
  h: windows[0],
  w: windows[1],
  kh: window[0],
  kw: window[1],
  stepY: stride[0],
  stepX: stride[1],
  dy: dilation[0],
  dx: dilation[1],
  top: padding[0],
  left: padding[1],
});

const wholeLines = (bytes: number): number => 64 * Math.ceil(bytes / 64);

/** Bytes for the taps and frames of so many channels. */
function roomFor(channels: number, { windows, window, stride, dilation }: ConvSizes): number {
  const side = (axis: 0 | 1) => (windows[axis] - 1) * stride[axis] + (window[axis] - 1) * dilation[axis] + 1;
  return wholeLines(channels * (times(window) + side(0) * side(1)) * F32 + 32);
}

/** Products of at least `smallest` multiply-adds are for the BLAS library, where there is one. */
export function convKernels(runner: Runner, space: Space, reference: Kernels, smallest?: number): Conv {
  const lines = new ConvLines(runner, space, smallest);
  const isOurs = (x: Storage, out: Storage, { outChannels, windows }: ConvSizes) =>
    x instanceof Float32Array && x.length * out.length * outChannels * times(windows) > 0;

  /** How threads share a `total` of so many multiply-adds each, with `room` bytes for each piece. */
  function share(total: number, work: number, roomOf: (chunk: number) => number) {
    const chunk = runner.chunk(total, GRAIN / work);
    const room = roomOf(chunk);
    return { total, chunk, room, scratch: space.scratch(Math.ceil(total / chunk) * room) };
  }

  function shareConv(sizes: ConvSizes) {
    const { C, O, T, L } = counts(sizes);
    const images = sizes.batch * sizes.groups;
    const parts = images < MANY ? Math.min(MANY, Math.ceil(L / 64)) : 1;
    return { parts, ...share(images * parts, (C * O * T * L) / parts, () => roomFor(C, sizes)) };
  }

  /**
   * The gradient that reaches the images where windows lie 1 apart: itself a convolution, of g with the weight turned by
   * 180° and its channels exchanged, (C, O, kh, kw). Answers whether there was room.
   */
  function turnedConv(g: Storage, weight: Storage, gx: Storage, sizes: ConvSizes): boolean {
    const { groups, channels, outChannels, image, windows, window, padding, dilation } = sizes;
    const { C, O, T } = counts(sizes);
    const reach = (axis: 0 | 1) => dilation[axis] * (window[axis] - 1) - padding[axis];
    const back: ConvSizes = {
      ...{ ...sizes, channels: outChannels, outChannels: channels, image: windows, windows: image },
      padding: [reach(0), reach(1)],
    };
    if (lines.takes(back)) return lines.turned(g, weight, gx, back);
    const turned = space.scratch(weight.length * F32);
    const turn = {
      total: groups * C * O,
      chunk: groups * C * O,
      bytes: F32,
      becomes: Becomes.itself,
      x: space.input(weight) + (T - 1) * F32,
      out: turned,
      n1: C,
      n2: O,
      n3: T,
      xStride0: O * C * T * F32,
      xStride1: T * F32,
      xStride2: C * T * F32,
      xStride3: -F32,
      outStride0: C * O * T * F32,
      outStride1: O * T * F32,
      outStride2: T * F32,
      outStride3: F32,
    };
    const pointers = { x: space.input(g), weight: turned, out: space.output(gx) };
    const task = convTask(shareConv(back), pointers, back);
    return runner.run("copy", turn, () => runner.perform("conv", task));
  }

  return {
    conv(x, weight, bias, out, sizes) {
      if (!isOurs(x, out, sizes)) return reference.conv(x, weight, bias, out, sizes);
      if (lines.takes(sizes)) {
        if (!lines.conv(x, weight, bias, out, sizes)) reference.conv(x, weight, bias, out, sizes);
        return;
      }
      const pointers = {
        x: space.input(x),
        weight: space.input(weight),
        bias: bias ? space.input(bias) : 0,
        out: space.output(out),
      };
      const isDone = runner.run("conv", convTask(shareConv(sizes), pointers, sizes));
      if (!isDone) reference.conv(x, weight, bias, out, sizes);
    },

    convBackwardInput(g, weight, gx, sizes) {
      const fallBack = () => reference.convBackwardInput(g, weight, gx, sizes);
      if (!isOurs(g, gx, sizes)) return fallBack();
      const { C, O, T, L } = counts(sizes);
      // Turned, it multiplies once per pixel instead of once per window, and adds up in registers instead of in memory.
      if (times(sizes.stride) === 1 && times(sizes.image) < 1.5 * L) {
        if (!turnedConv(g, weight, gx, sizes)) fallBack();
        return;
      }
      const pointers = { x: space.output(gx), weight: space.input(weight), out: space.input(g) };
      // Threads share the channels of all images, and take some at a time.
      const most = Math.max(1, Math.min(C, Math.floor(COLUMNS / (T * L))));
      const room = roomFor(most, sizes) + wholeLines(most * T * L * F32);
      const shares = share(sizes.batch * sizes.channels, O * T * L, () => room);
      if (!runner.run("convBackwardInput", convTask({ ...shares, most }, pointers, sizes))) fallBack();
    },

    convBackwardWeight(g, x, gWeight, sizes) {
      if (!isOurs(x, gWeight, sizes)) return reference.convBackwardWeight(g, x, gWeight, sizes);
      if (lines.takes(sizes)) {
        if (!lines.convBackwardWeight(g, x, gWeight, sizes))
          reference.convBackwardWeight(g, x, gWeight, sizes);
        return;
      }
      const { batch, groups, channels } = sizes;
      const { C, O, T, L } = counts(sizes);
      // Threads share the channels. The matrix of each group comes out transposed.
      const shares = share(channels, batch * T * O * L, (chunk) => roomFor(Math.min(C, chunk), sizes));
      const transposed = space.scratch(gWeight.length * F32);
      const pointers = { x: space.input(x), weight: transposed, out: space.input(g) };
      const turn = {
        total: groups * O,
        chunk: groups * O,
        bytes: F32,
        becomes: Becomes.itself,
        x: transposed,
        out: space.output(gWeight),
        n1: 1,
        n2: O,
        n3: C * T,
        xStride0: C * T * O * F32,
        xStride1: 0,
        xStride2: F32,
        xStride3: O * F32,
        outStride0: O * C * T * F32,
        outStride1: 0,
        outStride2: C * T * F32,
        outStride3: F32,
      };
      const task = convTask(shares, pointers, sizes);
      const isDone = runner.run("convBackwardWeight", task, () => runner.perform("copy", turn));
      if (!isDone) reference.convBackwardWeight(g, x, gWeight, sizes);
    },
  };
}
