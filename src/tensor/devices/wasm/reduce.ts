import type { Storage } from "../../dtype";
import type { Kernels, ReduceOp, ScanOp } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import * as codes from "./tasks.generated";
import { GRAIN, SMALL } from "./thresholds";

/** Sums of so many contiguous numbers run in float64 here as there. */
const SMALL_SUM = 16;

/** Few results of many numbers are made of parts, of about so many numbers each, which threads share. */
const PART = 32_768;

/** With more results than this, threads share these. */
const FEW = 16;

/** So many bools are worth a call, and so many a thread. */
const FEW_BYTES = 256;
const BYTES = 262_144;

/** Of the total of a part. */
const TOTAL = 8;

const reduceOps: { readonly [op in ReduceOp]: number } = codes.ReduceOp;
const scanOps: { readonly [op in ScanOp]: number } = codes.ScanOp;

type Reductions = Pick<Kernels, "reduce" | "argReduce" | "scan" | "scanExtreme">;

/** Reduces x, or x ⊙ y where there is one result. Answers whether there was room. */
export function isReduced(
  runner: Runner,
  space: Space,
  op: ReduceOp,
  [x, y]: readonly [x: Storage, y?: Storage],
  out: Storage,
  [outer, n, inner]: readonly [outer: number, n: number, inner: number],
): boolean {
  const results = outer * inner;
  // The parts go by the sizes alone: the same digits with however many threads.
  const wanted = results <= FEW ? Math.floor((inner * n) / PART) : 1;
  const length = wanted > 1 ? Math.ceil(n / wanted / 16) * 16 : n;
  const parts = wanted > 1 ? Math.ceil(n / length) : 1;
  const isInteger = x instanceof Int32Array;
  const totals = parts > 1 ? space.scratch(results * parts * TOTAL) : 0;
  const at = space.input(x);
  const task = {
    total: results * parts,
    chunk: parts > 1 ? runner.chunk(results * parts, 1) : runner.chunk(results, GRAIN / n),
    op: reduceOps[op],
    x: at,
    y: y ? space.input(y) : at,
    out: space.output(out),
    n,
    inner,
    parts,
    length,
    totals,
  };
  const join = () => {
    task.total = results;
    task.chunk = results;
    runner.perform(isInteger ? "joinIntegers" : "joinParts", task);
  };
  return runner.run(isInteger ? "reduceIntegers" : "reduce", task, parts > 1 ? join : undefined);
}

export function reduceKernels(runner: Runner, space: Space, reference: Kernels): Reductions {
  const isOurs = (x: Storage, count: number): boolean => count >= SMALL && x instanceof Float32Array;

  /** Lines along the middle axis of (outer, n, inner), which threads share. */
  const lines = (op: number, x: Storage, out: Storage, outer: number, n: number, inner: number) => ({
    total: outer * inner,
    chunk: runner.chunk(outer * inner, GRAIN / n),
    op,
    x: space.input(x),
    out: space.output(out),
    n,
    inner,
  });

  /** Whether all, or any, of each line of bools; false where it is left to the reference. */
  const isTruth = (isAll: boolean, x: Uint8Array, out: Storage, outer: number, n: number, inner: number) =>
    inner === 1 &&
    outer * n >= FEW_BYTES &&
    out instanceof Uint8Array &&
    runner.run("reduceBools", {
      total: outer,
      chunk: runner.chunk(outer, BYTES / n),
      isAll: Number(isAll),
      x: space.input(x),
      out: space.output(out),
      n,
    });

  return {
    reduce(op, x, out, outer, n, inner) {
      const isExtreme = op === "max" || op === "min";
      if (x instanceof Uint8Array) {
        if (!(isExtreme && isTruth(op === "min", x, out, outer, n, inner)))
          reference.reduce(op, x, out, outer, n, inner);
        return;
      }
      const isExact = isExtreme || (inner === 1 && n < SMALL_SUM);
      const hasKernel =
        x instanceof Int32Array
          ? outer * n * inner >= SMALL &&
            (isExtreme ? out instanceof Int32Array : op === "sum" && out instanceof Float64Array)
          : x instanceof Float32Array && outer * n * inner >= (isExact ? SMALL : 1);
      const isDone = hasKernel && isReduced(runner, space, op, [x], out, [outer, n, inner]);
      if (!isDone) reference.reduce(op, x, out, outer, n, inner);
    },

    argReduce(op, x, out, outer, n, inner) {
      const isDone =
        isOurs(x, outer * n * inner) &&
        runner.run("argReduce", lines(reduceOps[op], x, out, outer, n, inner));
      if (!isDone) reference.argReduce(op, x, out, outer, n, inner);
    },

    scan(op, x, out, outer, n, inner) {
      const isDone =
        isOurs(x, outer * n * inner) && runner.run("scan", lines(scanOps[op], x, out, outer, n, inner));
      if (!isDone) reference.scan(op, x, out, outer, n, inner);
    },

    scanExtreme(op, x, out, places, outer, n, inner) {
      const isDone =
        isOurs(x, outer * n * inner) &&
        runner.run(
          "scanExtreme",
          Object.assign(lines(reduceOps[op], x, out, outer, n, inner), { places: space.output(places) }),
        );
      if (!isDone) reference.scanExtreme(op, x, out, places, outer, n, inner);
    },
  };
}
