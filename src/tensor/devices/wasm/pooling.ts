import type { Kernels, PoolSizes } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import type { PoolTask } from "./tasks.generated";

/** Cells that are worth waking a thread for. */
const GRAIN = 8_192;

type Pooling = Pick<Kernels, "maxPool" | "maxPoolBackward" | "averagePool" | "averagePoolBackward">;

/** Windows in a plane. */
const windowsIn = ({ rows, columns }: PoolSizes): number => (rows.length * columns.length) / 16;

export function poolingKernels(runner: Runner, space: Space, reference: Kernels): Pooling {
  const isOurs = (x: ArrayLike<number>, { planes, height, width }: PoolSizes) =>
    x instanceof Float32Array && planes * height * width > 0;

  /** Over `x`, or its gradient, with a number for each window in `out`, or its gradient. */
  function poolTask(x: number, out: number, source: number, sizes: PoolSizes): PoolTask {
    const { planes, height, width, rows, columns } = sizes;
    return {
      total: planes,
      chunk: runner.chunk(planes, GRAIN / (height * width)),
      x,
      out,
      source,
      height,
      width,
      rows: space.input(rows),
      rowCount: rows.length / 4,
      columns: space.input(columns),
      columnCount: columns.length / 4,
    };
  }

  return {
    maxPool(x, out, source, sizes) {
      const isDone =
        isOurs(x, sizes) &&
        runner.run("maxPool", poolTask(space.input(x), space.output(out), space.output(source), sizes));
      if (!isDone) reference.maxPool(x, out, source, sizes);
    },

    maxPoolBackward(g, source, gx, sizes) {
      const cells = sizes.height * sizes.width;
      const isDone =
        isOurs(g, sizes) &&
        runner.run("maxPoolBackward", {
          total: sizes.planes,
          chunk: runner.chunk(sizes.planes, GRAIN / cells),
          g: space.input(g),
          source: space.input(source),
          gx: space.output(gx),
          cells,
          windows: windowsIn(sizes),
        });
      if (!isDone) reference.maxPoolBackward(g, source, gx, sizes);
    },

    averagePool(x, out, sizes) {
      const isDone =
        isOurs(x, sizes) && runner.run("averagePool", poolTask(space.input(x), space.output(out), 0, sizes));
      if (!isDone) reference.averagePool(x, out, sizes);
    },

    averagePoolBackward(g, gx, sizes) {
      const isDone =
        isOurs(g, sizes) &&
        runner.run("averagePoolBackward", poolTask(space.output(gx), space.input(g), 0, sizes));
      if (!isDone) reference.averagePoolBackward(g, gx, sizes);
    },
  };
}
