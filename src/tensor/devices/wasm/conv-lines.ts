import type { Storage } from "../../dtype";
import type { ConvSizes } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { Becomes, type ConvLinesTask } from "./tasks.generated";
import { counts, GRAIN, isNarrow, times } from "./windows";

const F32 = 4;

/** Numbers that are worth waking a thread for, where they are only copied. */
const COPIED = 16_384;

/** Floats of unrolled lines that stay in the second-level cache until they are multiplied. */
const AT_ONCE = 65_536;

/** A product with fewer rows or columns than this wastes most of what BLAS does at a time. */
const NARROW = 32;

/** Of the arrays or their gradients. */
type Pointers = Pick<ConvLinesTask, "x" | "weight" | "bias" | "out">;

type Four = readonly [number, number, number, number];

/** Convolutions as products of a BLAS library, of `smallest` multiply-adds at least; see assembly/conv-lines.ts. */
export class ConvLines {
  constructor(
    private readonly runner: Runner,
    private readonly space: Space,
    private readonly smallest: number | undefined,
  ) {}

  /** Whether products of this convolution are worth the way out to the library. */
  takes(sizes: ConvSizes): boolean {
    const { O, L } = counts(sizes);
    if (isNarrow(sizes)) return false;
    return this.smallest !== undefined && O * L * this.depth(sizes) >= this.smallest;
  }

  /** Whether windows are unrolled in full: lines are in but one of them, or too few numbers of one line for a product. */
  private isFull(sizes: ConvSizes): boolean {
    const { C, O, L } = counts(sizes);
    const { window, dilation, stride } = sizes;
    const alongLine = C * window[1];
    const isApart = stride[0] > (window[0] - 1) * dilation[0];
    return isApart || alongLine < NARROW || O * L * alongLine < (this.smallest ?? 0);
  }

  /** What one product sums over. */
  private depth(sizes: ConvSizes): number {
    const { C, T } = counts(sizes);
    return C * (this.isFull(sizes) ? T : sizes.window[1]);
  }

  /** How much is unrolled at a time, of as many channels as one piece has. */
  private unrolledAtOnce(sizes: ConvSizes, full: boolean, C: number) {
    const { window, windows, dilation, stride } = sizes;
    const reach = (window[0] - 1) * dilation[0];
    const numbers = (channels: number, lines: number) => {
      const banded = (lines + Math.floor(reach / stride[0])) * Math.min(stride[0], reach + 1);
      return windows[1] * (full ? channels * times(window) * lines : channels * window[1] * banded);
    };
    let channels = C;
    let lines = windows[0];
    while (lines > 1 && lines * windows[1] > NARROW && numbers(C, lines) > AT_ONCE)
      lines = Math.ceil(lines / 2);
    while (channels > NARROW && numbers(channels, lines) > AT_ONCE) channels = Math.ceil(channels / 2);
    return { channels, lines, room: 64 * Math.ceil((numbers(channels, lines) * F32) / 64) };
  }

  /** A `total` of so many multiply-adds each, shared by threads: lines of windows, or channels. */
  private task(
    sizes: ConvSizes,
    by: "lines" | "channels",
    { x, weight, bias, out }: Pointers,
  ): ConvLinesTask {
    const { batch, groups, channels, image, windows, window, stride, dilation, padding } = sizes;
    const { C, O, T, L } = counts(sizes);
    const total = by === "lines" ? batch * groups * windows[0] : channels;
    const chunk = this.runner.chunk(total, (GRAIN * total) / (batch * channels * O * T * L));
    const full = this.isFull(sizes);
    const atOnce = this.unrolledAtOnce(sizes, full, by === "lines" ? C : Math.min(C, chunk));
    return {
      total,
      chunk,
      x,
      weight,
      bias,
      out,
      scratch: this.space.scratch(Math.ceil(total / chunk) * atOnce.room),
      room: atOnce.room,
      channelsAtOnce: atOnce.channels,
      linesAtOnce: atOnce.lines,
      full,
      batch,
      groups,
      C,
      H: image[0],
      W: image[1],
      O,
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
    };
  }

  /** Copies each group's block of four axes, from x in steps of so many elements to `out` in order. */
  private reorder(groups: number, sizes: Four, x: number, steps: Four, out: number): void {
    const [n0, n1, n2, n3] = sizes;
    const total = n0 * n1 * n2;
    const chunk = this.runner.chunk(total, COPIED / n3);
    for (let group = 0; group < groups; group++) {
      const first = group * total * n3 * F32;
      this.runner.perform("copy", {
        total,
        chunk,
        bytes: F32,
        becomes: Becomes.itself,
        x: x + first,
        out: out + first,
        n1,
        n2,
        n3,
        xStride0: steps[0] * F32,
        xStride1: steps[1] * F32,
        xStride2: steps[2] * F32,
        xStride3: steps[3] * F32,
        outStride0: n1 * n2 * n3 * F32,
        outStride1: n2 * n3 * F32,
        outStride2: n3 * F32,
        outStride3: F32,
      });
    }
  }

  /** Does what needs the pointers asked for, and returns what was borrowed. False, with nothing done, without room. */
  private run(steps: () => void): boolean {
    if (!this.space.ready()) return false;
    steps();
    this.space.done();
    return true;
  }

  /** As the kernel of this name; answers whether there was room. */
  conv(x: Storage, weight: Storage, bias: Storage | null, out: Storage, sizes: ConvSizes): boolean {
    const { space, runner } = this;
    const { C, O, T } = counts(sizes);
    const [kh, kw] = sizes.window;
    const given = space.input(weight);
    const isInOrder = kh === 1 || this.isFull(sizes);
    const task = this.task(sizes, "lines", {
      x: space.input(x),
      weight: isInOrder ? given : space.scratch(weight.length * F32),
      bias: bias ? space.input(bias) : 0,
      out: space.output(out),
    });
    return this.run(() => {
      if (!isInOrder) this.reorder(sizes.groups, [kh, O, C, kw], given, [kw, C * T, T, 1], task.weight);
      runner.perform("convLines", task);
    });
  }

  /** The convolution of g with the weight turned by 180°, its channels exchanged: `sizes` are those of this convolution. */
  turned(g: Storage, weight: Storage, gx: Storage, sizes: ConvSizes): boolean {
    const { space, runner } = this;
    const { C, O, T } = counts(sizes);
    const [kh, kw] = sizes.window;
    const given = space.input(weight) + (T - 1) * F32;
    const task = this.task(sizes, "lines", {
      x: space.input(g),
      weight: space.scratch(weight.length * F32),
      bias: 0,
      out: space.output(gx),
    });
    return this.run(() => {
      if (task.full) this.reorder(sizes.groups, [O, C, kh, kw], given, [T, O * T, -kw, -1], task.weight);
      else this.reorder(sizes.groups, [kh, O, C, kw], given, [-kw, T, O * T, -1], task.weight);
      runner.perform("convLines", task);
    });
  }

  /** As the kernel of this name; answers whether there was room. */
  convBackwardWeight(g: Storage, x: Storage, gWeight: Storage, sizes: ConvSizes): boolean {
    const { space, runner } = this;
    const { C, O, T } = counts(sizes);
    const [kh, kw] = sizes.window;
    const to = space.output(gWeight);
    const task = this.task(sizes, "channels", {
      x: space.input(x),
      weight: space.scratch(gWeight.length * F32),
      bias: 0,
      out: space.input(g),
    });
    const steps: Four = task.full ? [1, T * O, kw * O, O] : [1, kw * O, C * kw * O, O];
    return this.run(() => {
      runner.perform("convLinesBackwardWeight", task);
      this.reorder(sizes.groups, [O, C, kh, kw], task.weight, steps, to);
    });
  }
}
