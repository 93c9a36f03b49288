import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { GRAIN, SMALL } from "./thresholds";

type Rows = Pick<Kernels, "gather" | "gatherRows" | "scatterAddRows">;

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
