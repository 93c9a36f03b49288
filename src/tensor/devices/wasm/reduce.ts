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

const F64 = 8;

const reduceOps: { readonly [op in ReduceOp]: number } = codes.ReduceOp;
const scanOps: { readonly [op in ScanOp]: number } = codes.ScanOp;

type Reductions = Pick<Kernels, "reduce" | "argReduce" | "scan">;

export function reduceKernels(runner: Runner, space: Space, reference: Kernels): Reductions {
  /** What threads share, and where the numbers lie. */
  const lines = (x: Storage, out: Storage, outer: number, n: number, inner: number) => ({
    total: outer * inner,
    chunk: runner.chunk(outer * inner, GRAIN / n),
    x: space.input(x),
    out: space.output(out),
    n,
    inner,
  });

  return {
    reduce(op, x, out, outer, n, inner) {
      const isExact = op === "max" || op === "min" || (inner === 1 && n < SMALL_SUM);
      const results = outer * inner;
      const isOurs = results * n >= (isExact ? SMALL : 1) && x instanceof Float32Array;
      if (!isOurs) return reference.reduce(op, x, out, outer, n, inner);
      const task = { ...lines(x, out, outer, n, inner), op: reduceOps[op], parts: 1, length: n, totals: 0 };
      let join: (() => void) | undefined;
      // The parts go by the sizes alone: the same digits with however many threads.
      const parts = Math.floor((inner * n) / PART);
      if (results <= FEW && parts > 1) {
        task.length = Math.ceil(n / parts / 16) * 16;
        task.parts = Math.ceil(n / task.length);
        task.total = results * task.parts;
        task.chunk = runner.chunk(task.total, 1);
        task.totals = space.scratch(task.total * F64);
        join = () => runner.perform("joinParts", { ...task, total: results, chunk: results });
      }
      if (!runner.run("reduce", task, join)) reference.reduce(op, x, out, outer, n, inner);
    },

    argReduce(op, x, out, outer, n, inner) {
      const isDone =
        outer * inner * n >= SMALL &&
        x instanceof Float32Array &&
        runner.run("argReduce", { ...lines(x, out, outer, n, inner), op: reduceOps[op] });
      if (!isDone) reference.argReduce(op, x, out, outer, n, inner);
    },

    scan(op, x, out, outer, n, inner) {
      const isDone =
        outer * inner * n >= SMALL &&
        x instanceof Float32Array &&
        runner.run("scan", { ...lines(x, out, outer, n, inner), op: scanOps[op] });
      if (!isDone) reference.scan(op, x, out, outer, n, inner);
    },
  };
}
