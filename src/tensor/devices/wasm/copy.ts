import type { Storage } from "../../dtype";
import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { Becomes, type CopyTask } from "./tasks.generated";
import { GRAIN } from "./thresholds";

/** Fewer elements are copied faster by a plain loop than by a call. */
const SMALL = 64;

/** A line longer than this is cut into rows of so many elements, which threads share. */
const ROW = 4_096;

interface Axis {
  n: number;
  from: number;
  to: number;
}

/** The axes without those of size 1, and with neighbours merged that step through both memories as one. */
function collapse(shape: readonly number[], from: readonly number[], to: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  for (let i = 0; i < shape.length; i++) {
    const n = shape[i];
    if (n === 1) continue;
    const last = axes[axes.length - 1];
    if (last && last.from === from[i] * n && last.to === to[i] * n) {
      last.n *= n;
      last.from = from[i];
      last.to = to[i];
    } else {
      axes.push({ n, from: from[i], to: to[i] });
    }
  }
  return axes;
}

/** What an element becomes on the way; −1 where there is no kernel for it. */
function becoming(x: Storage, out: Storage): number {
  if (x instanceof Float32Array) {
    if (out instanceof Float32Array) return Becomes.itself;
    return out instanceof Int32Array ? Becomes.intOfFloat : -1;
  }
  if (x instanceof Int32Array) {
    if (out instanceof Int32Array) return Becomes.itself;
    return out instanceof Float32Array ? Becomes.floatOfInt : -1;
  }
  if (!(x instanceof Uint8Array)) return -1;
  if (out instanceof Uint8Array) return Becomes.itself;
  return out instanceof Int32Array
    ? Becomes.intOfBool
    : out instanceof Float32Array
      ? Becomes.floatOfBool
      : -1;
}

/** The task of axes, the last of which is the fastest. */
function taskOf(
  runner: Runner,
  { becomes, bytes, outBytes }: Elements,
  axes: readonly Axis[],
  x: number,
  out: number,
): CopyTask {
  const { length } = axes;
  const a = length > 3 ? axes[length - 4] : ONE;
  const b = length > 2 ? axes[length - 3] : ONE;
  const c = length > 1 ? axes[length - 2] : ONE;
  const d = axes[length - 1];
  const total = a.n * b.n * c.n;
  return {
    total,
    chunk: runner.chunk(total, GRAIN / d.n),
    bytes,
    becomes,
    x,
    out,
    n1: b.n,
    n2: c.n,
    n3: d.n,
    xStride0: a.from * bytes,
    xStride1: b.from * bytes,
    xStride2: c.from * bytes,
    xStride3: d.from * bytes,
    outStride0: a.to * outBytes,
    outStride1: b.to * outBytes,
    outStride2: c.to * outBytes,
    outStride3: d.to * outBytes,
  };
}

/** What becomes of each, and their sizes. */
interface Elements {
  readonly becomes: number;
  readonly bytes: number;
  readonly outBytes: number;
}

const ONE: Axis = { n: 1, from: 0, to: 0 };

export function copyKernel(runner: Runner, space: Space, reference: Kernels): Kernels["copy"] {
  return (shape, x, offset, strides, out, outOffset, outStrides) => {
    let size = 1;
    for (const n of shape) size *= n;
    const becomes = becoming(x, out);
    const isOurs = size >= SMALL && becomes >= 0 && (space.owns(x) || x.length === 1) && space.owns(out);
    const axes = isOurs ? collapse(shape, strides, outStrides) : [];
    if (axes.length === 0 || axes.length > 4) {
      return reference.copy(shape, x, offset, strides, out, outOffset, outStrides);
    }
    const elements = { becomes, bytes: x.BYTES_PER_ELEMENT, outBytes: out.BYTES_PER_ELEMENT };
    const from = space.input(x) + offset * elements.bytes;
    const to = space.output(out) + outOffset * elements.outBytes;
    const last = axes[axes.length - 1];
    let isDone: boolean;
    if (axes.length === 1 && last.n >= 2 * ROW) {
      const rows = Math.floor(last.n / ROW);
      const line = { n: rows, from: ROW * last.from, to: ROW * last.to };
      const done = rows * ROW;
      const rest = taskOf(
        runner,
        elements,
        [{ n: last.n - done, from: last.from, to: last.to }],
        from + done * last.from * elements.bytes,
        to + done * last.to * elements.outBytes,
      );
      isDone = runner.run(
        "copy",
        taskOf(runner, elements, [line, { n: ROW, from: last.from, to: last.to }], from, to),
        () => {
          if (done < last.n) runner.perform("copy", rest);
        },
      );
    } else {
      // In order along the last axis on both sides is best, or one number for all; else a matrix to turn comes last.
      const along = axes.findIndex((axis) => axis.from === 1);
      const turns = last.from !== 1 && last.from !== 0 && last.to === 1 && along >= 0;
      if (turns) axes.splice(-1, 0, ...axes.splice(along, 1));
      isDone = runner.run("copy", taskOf(runner, elements, axes, from, to));
    }
    if (!isDone) reference.copy(shape, x, offset, strides, out, outOffset, outStrides);
  };
}
