import type { Storage } from "../../dtype";
import type { BinaryOp, CompareOp, Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import * as codes from "./tasks.generated";
import { GRAIN, SMALL } from "./thresholds";

/** What assembly/ has; the rest is left to the reference. */
const binaryOps: { readonly [op in BinaryOp]?: number } = codes.BinaryOp;

/** How long an operand of {@link Kernels.binary} stays in order, or constant: its period in elements. */
function period(data: Storage, inner: number, n: number): number {
  if (data.length === 1 || inner >= n) return n;
  return inner === 1 ? data.length : inner;
}

export function binaryKernel(
  runner: Runner,
  space: Space,
  reference: Kernels,
  unary: Kernels["unary"],
): Kernels["binary"] {
  return (op, a, aInner, b, bInner, out) => {
    const n = out.length;
    if (op === "pow" && b.length === 1 && b[0] === 2 && a.length === n && aInner === 1) {
      return unary("square", a, out);
    }
    const code = binaryOps[op];
    const aPeriod = period(a, aInner, n);
    const bPeriod = period(b, bInner, n);
    const segment = Math.min(aPeriod, bPeriod);
    const fits = aPeriod % segment === 0 && bPeriod % segment === 0;
    const isDone =
      code !== undefined &&
      n >= SMALL &&
      fits &&
      a instanceof Float32Array &&
      runner.run("binary", {
        total: n,
        chunk: runner.chunk(n, GRAIN),
        op: code,
        a: space.input(a),
        aInner,
        aLength: a.length,
        b: space.input(b),
        bInner,
        bLength: b.length,
        out: space.output(out),
        segment,
      });
    if (!isDone) reference.binary(op, a, aInner, b, bInner, out);
  };
}

const compareOps: { readonly [op in CompareOp]: number } = codes.CompareOp;

export function compareKernel(runner: Runner, space: Space, reference: Kernels): Kernels["compare"] {
  return (op, a, aInner, b, bInner, out) => {
    const n = out.length;
    const aPeriod = period(a, aInner, n);
    const bPeriod = period(b, bInner, n);
    const segment = Math.min(aPeriod, bPeriod);
    const isDone =
      n >= SMALL &&
      aPeriod % segment === 0 &&
      bPeriod % segment === 0 &&
      a instanceof Float32Array &&
      b instanceof Float32Array &&
      runner.run("compare", {
        total: n,
        chunk: runner.chunk(n, GRAIN),
        op: compareOps[op],
        a: space.input(a),
        aInner,
        aLength: a.length,
        b: space.input(b),
        bInner,
        bLength: b.length,
        out: space.output(out),
        segment,
      });
    if (!isDone) reference.compare(op, a, aInner, b, bInner, out);
  };
}
