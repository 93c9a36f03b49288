import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { ScatterOp } from "./tasks.generated";
import { GRAIN, SMALL } from "./thresholds";

type Rows = Pick<Kernels, "gather" | "scatter" | "gatherRows" | "scatterAddRows">;

/** So many columns are worth sharing. */
const WIDE = 32;

export function rowKernels(runner: Runner, space: Space, reference: Kernels): Rows {
  return {
    gather(x, outer, step, inner, indices, out) {
      const n = indices.length / (outer.length * inner.length);
      // An array elsewhere would be copied whole for the sake of a few elements.
      const isDone =
        out.length >= SMALL &&
        !(x instanceof Uint8Array || x instanceof Float64Array) &&
        space.owns(x) &&
        runner.run("gather", {
          total: outer.length * n,
          chunk: runner.chunk(outer.length * n, GRAIN / inner.length),
          x: space.input(x),
          outer: space.input(outer),
          inner: space.input(inner),
          innerCount: inner.length,
          indices: space.input(indices),
          n,
          step,
          out: space.output(out),
        });
      if (!isDone) reference.gather(x, outer, step, inner, indices, out);
    },

    scatter(op, x, outer, step, inner, indices, out) {
      const [lines, columns] = [outer.length, inner.length];
      const n = indices.length / (lines * columns);
      const isOurs =
        indices.length >= SMALL &&
        (x instanceof Float32Array || x instanceof Int32Array) &&
        x.constructor === out.constructor &&
        space.owns(out);
      if (!isOurs) return reference.scatter(op, x, outer, step, inner, indices, out);
      // A single column is left to one thread: two took as long, as each has to look at all indices.
      const byColumns = lines === 1 && columns >= WIDE;
      const total = byColumns ? columns : lines;
      const task = {
        total,
        chunk: runner.chunk(total, (GRAIN * total) / indices.length),
        op: ScatterOp[op],
        isInteger: Number(x instanceof Int32Array),
        byColumns: Number(byColumns),
        x: space.input(x),
        outer: space.input(outer),
        outerCount: lines,
        inner: space.input(inner),
        innerCount: columns,
        indices: space.input(indices),
        n,
        step,
        out: space.inout(out),
      };
      if (!runner.run("scatter", task)) reference.scatter(op, x, outer, step, inner, indices, out);
    },

    gatherRows(table, indices, out, n) {
      const rows = indices.length;
      // A table elsewhere would be copied whole for the sake of a few rows.
      const isDone =
        out.length >= SMALL &&
        !(table instanceof Float64Array) &&
        space.owns(table) &&
        runner.run("gatherRows", {
          total: rows,
          chunk: runner.chunk(rows, GRAIN / n),
          table: space.input(table),
          indices: space.input(indices),
          out: space.output(out),
          bytes: n * (table instanceof Uint8Array ? 1 : 4),
        });
      if (!isDone) reference.gatherRows(table, indices, out, n);
    },

    scatterAddRows(table, indices, x, n) {
      const isDone =
        x.length >= SMALL &&
        table instanceof Float32Array &&
        space.owns(table) &&
        runner.run("scatterAddRows", {
          total: n,
          chunk: runner.chunk(n, Math.max(16, GRAIN / indices.length)),
          table: space.inout(table),
          indices: space.input(indices),
          count: indices.length,
          x: space.input(x),
          n,
        });
      if (!isDone) reference.scatterAddRows(table, indices, x, n);
    },
  };
}
