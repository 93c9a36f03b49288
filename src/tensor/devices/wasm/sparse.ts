import type { Storage } from "../../dtype";
import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { GRAIN_EXP } from "./thresholds";

type Sparse = Pick<Kernels, "sparseProduct" | "sparseBackwardValues">;

/** Fewer products are done faster by plain loops: the lists have to be copied. */
const FEW = 2_048;

export function sparseKernels(runner: Runner, space: Space, reference: Kernels): Sparse {
  const isOurs = (count: number, x: Storage, n: number, y: Storage) =>
    x instanceof Float32Array && y instanceof Float32Array && (x.length / n) * count >= FEW;

  return {
    sparseProduct(x, n, rows, columns, values, y, m) {
      const planes = x.length / n;
      const isDone =
        isOurs(rows.length, x, n, y) &&
        runner.run("sparseProduct", {
          total: planes,
          chunk: runner.chunk(planes, GRAIN_EXP / rows.length),
          x: space.input(x),
          n,
          y: space.inout(y),
          m,
          rows: space.input(rows),
          columns: space.input(columns),
          values: values ? space.input(values) : 0,
          count: rows.length,
          planes,
        });
      if (!isDone) reference.sparseProduct(x, n, rows, columns, values, y, m);
    },

    sparseBackwardValues(g, m, x, n, rows, columns, out) {
      const planes = x.length / n;
      const isDone =
        isOurs(rows.length, x, n, g) &&
        runner.run("sparseBackwardValues", {
          total: rows.length,
          chunk: runner.chunk(rows.length, GRAIN_EXP / planes),
          x: space.input(x),
          n,
          y: space.input(g),
          m,
          rows: space.input(rows),
          columns: space.input(columns),
          values: space.output(out),
          count: rows.length,
          planes,
        });
      if (!isDone) reference.sparseBackwardValues(g, m, x, n, rows, columns, out);
    },
  };
}
