import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";

const F32 = 4;

/** Fewer elements are copied faster by a plain loop than by a call. */
const SMALL = 64;

/** Elements that are worth waking a thread for. */
const GRAIN = 16_384;

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

export function copyKernel(runner: Runner, space: Space, reference: Kernels): Kernels["copy"] {
  return (shape, x, offset, strides, out, outOffset, outStrides) => {
    let size = 1;
    for (const n of shape) size *= n;
    const axes =
      size >= SMALL && space.owns(x) && space.owns(out) ? collapse(shape, strides, outStrides) : [];
    if (axes.length === 0 || axes.length > 4 || !(x instanceof Float32Array)) {
      return reference.copy(shape, x, offset, strides, out, outOffset, outStrides);
    }
    // In order along the last axis on both sides is best; else a matrix to turn should come last.
    const last = axes[axes.length - 1];
    const along = axes.findIndex(({ from }) => from === 1);
    if (last.from !== 1 && last.to === 1 && along >= 0) axes.splice(-1, 0, ...axes.splice(along, 1));
    while (axes.length < 4) axes.unshift({ n: 1, from: 0, to: 0 });
    const [a, b, c, d] = axes;
    const total = a.n * b.n;
    runner.run("copy", {
      total,
      chunk: runner.chunk(total, GRAIN / (c.n * d.n)),
      x: space.input(x) + offset * F32,
      out: space.output(out) + outOffset * F32,
      n1: b.n,
      n2: c.n,
      n3: d.n,
      xStride0: a.from * F32,
      xStride1: b.from * F32,
      xStride2: c.from * F32,
      xStride3: d.from * F32,
      outStride0: a.to * F32,
      outStride1: b.to * F32,
      outStride2: c.to * F32,
      outStride3: d.to * F32,
    });
  };
}
