import type { Kernels, PoolSizes } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";

/** Cells that are worth waking a thread for. */
const GRAIN = 8_192;

type Pooling = Pick<Kernels, "maxPool" | "maxPoolBackward" | "averagePool" | "averagePoolBackward">;

/** Windows in a plane. */
const windowsIn = ({ rows, columns }: PoolSizes): number => (rows.length * columns.length) / 16;

export function poolingKernels(runner: Runner, space: Space, reference: Kernels): Pooling {
  const isOurs = (x: ArrayLike<number>, { planes, height, width }: PoolSizes) =>
    x instanceof Float32Array && planes * height * width > 0;

  /** The last arguments of a kernel, and what a piece must have. */
  function plan({ height, width, rows, columns }: PoolSizes) {
    const spans = [space.input(rows), rows.length / 4, space.input(columns), columns.length / 4];
    return { grain: GRAIN / (height * width), geometry: [height, width, ...spans] };
  }

  return {
    maxPool(x, out, source, sizes) {
      const fallBack = () => reference.maxPool(x, out, source, sizes);
      if (!isOurs(x, sizes)) return fallBack();
      const pointers = [space.input(x), space.output(out), space.output(source)];
      const { grain, geometry } = plan(sizes);
      if (!space.ready()) return fallBack();
      runner.run("maxPool", sizes.planes, grain, ...pointers, ...geometry);
      space.done();
    },

    maxPoolBackward(g, source, gx, sizes) {
      const fallBack = () => reference.maxPoolBackward(g, source, gx, sizes);
      if (!isOurs(g, sizes)) return fallBack();
      const pointers = [space.input(g), space.input(source), space.output(gx)];
      if (!space.ready()) return fallBack();
      const cells = sizes.height * sizes.width;
      runner.run("maxPoolBackward", sizes.planes, GRAIN / cells, ...pointers, cells, windowsIn(sizes));
      space.done();
    },

    averagePool(x, out, sizes) {
      const fallBack = () => reference.averagePool(x, out, sizes);
      if (!isOurs(x, sizes)) return fallBack();
      const pointers = [space.input(x), space.output(out)];
      const { grain, geometry } = plan(sizes);
      if (!space.ready()) return fallBack();
      runner.run("averagePool", sizes.planes, grain, ...pointers, ...geometry);
      space.done();
    },

    averagePoolBackward(g, gx, sizes) {
      const fallBack = () => reference.averagePoolBackward(g, gx, sizes);
      if (!isOurs(g, sizes)) return fallBack();
      const pointers = [space.input(g), space.output(gx)];
      const { grain, geometry } = plan(sizes);
      if (!space.ready()) return fallBack();
      runner.run("averagePoolBackward", sizes.planes, grain, ...pointers, ...geometry);
      space.done();
    },
  };
}
