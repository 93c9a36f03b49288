import type { Storage } from "../../dtype";
import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import type { CopyTask } from "./tasks.generated";
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

/** Bytes of an element where both sides hold the same type, which a kernel copies bit by bit; else 0. */
function elementBytes(x: Storage, out: Storage): number {
  if (x instanceof Float32Array) return out instanceof Float32Array ? 4 : 0;
  if (x instanceof Int32Array) return out instanceof Int32Array ? 4 : 0;
  return x instanceof Uint8Array && out instanceof Uint8Array ? 1 : 0;
}

/** The task of axes, the last of which is the fastest. */
function taskOf(runner: Runner, bytes: number, axes: readonly Axis[], x: number, out: number): CopyTask {
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
    x,
    out,
    n1: b.n,
    n2: c.n,
    n3: d.n,
    xStride0: a.from * bytes,
    xStride1: b.from * bytes,
    xStride2: c.from * bytes,
    xStride3: d.from * bytes,
    outStride0: a.to * bytes,
    outStride1: b.to * bytes,
    outStride2: c.to * bytes,
    outStride3: d.to * bytes,
  };
}

const ONE: Axis = { n: 1, from: 0, to: 0 };

export function copyKernel(runner: Runner, space: Space, reference: Kernels): Kernels["copy"] {
  return (shape, x, offset, strides, out, outOffset, outStrides) => {
    let size = 1;
    for (const n of shape) size *= n;
    const bytes = elementBytes(x, out);
    const isOurs = size >= SMALL && bytes > 0 && (space.owns(x) || x.length === 1) && space.owns(out);
    const axes = isOurs ? collapse(shape, strides, outStrides) : [];
    if (axes.length === 0 || axes.length > 4) {
      return reference.copy(shape, x, offset, strides, out, outOffset, outStrides);
    }
    const from = space.input(x) + offset * bytes;
    const to = space.output(out) + outOffset * bytes;
    const last = axes[axes.length - 1];
    let isDone: boolean;
    if (axes.length === 1 && last.n >= 2 * ROW) {
      const rows = Math.floor(last.n / ROW);
      const line = { n: rows, from: ROW * last.from, to: ROW * last.to };
      const done = rows * ROW;
      const rest = taskOf(
        runner,
        bytes,
        [{ n: last.n - done, from: last.from, to: last.to }],
        from + done * last.from * bytes,
        to + done * last.to * bytes,
      );
      isDone = runner.run(
        "copy",
        taskOf(runner, bytes, [line, { n: ROW, from: last.from, to: last.to }], from, to),
        () => {
          if (done < last.n) runner.perform("copy", rest);
        },
      );
    } else {
      // In order along the last axis on both sides is best, or one number for all; else a matrix to turn comes last.
      const along = axes.findIndex((axis) => axis.from === 1);
      const turns = last.from !== 1 && last.from !== 0 && last.to === 1 && along >= 0;
      if (turns) axes.splice(-1, 0, ...axes.splice(along, 1));
      isDone = runner.run("copy", taskOf(runner, bytes, axes, from, to));
    }
    if (!isDone) reference.copy(shape, x, offset, strides, out, outOffset, outStrides);
  };
}
