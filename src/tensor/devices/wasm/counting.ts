import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { GRAIN, GRAIN_EXP, SMALL } from "./thresholds";

/** Bools are counted in parts of so many. */
const PART = 16_384;

/** Shorter lists of bools are looked through by a plain loop. */
const FEW = 64;

type Counting = Pick<Kernels, "nonzero" | "count" | "search">;

export function countingKernels(runner: Runner, space: Space, reference: Kernels): Counting {
  return {
    nonzero(x, shape) {
      const axes = shape.length;
      if (x.length < FEW || axes === 0) return reference.nonzero(x, shape);
      const parts = Math.ceil(x.length / PART);
      const sizes = Int32Array.from(shape);
      const begins = space.empty("int32", parts + 1) as Int32Array;
      const task = {
        total: parts,
        chunk: runner.chunk(parts, 2),
        x: space.input(x),
        size: x.length,
        length: PART,
        parts: space.output(begins),
        out: 0,
        shape: space.input(sizes),
        axes,
      };
      if (!runner.run("countNonzero", task)) return reference.nonzero(x, shape);
      let count = 0;
      for (let part = 0; part < parts; part++) {
        const here = begins[part];
        begins[part] = count;
        count += here;
      }
      begins[parts] = count;
      const out = space.empty("int32", count * axes) as Int32Array;
      if (count === 0) return out;
      task.x = space.input(x);
      task.parts = space.input(begins);
      task.out = space.output(out);
      task.shape = space.input(sizes);
      return runner.run("nonzero", task) ? out : reference.nonzero(x, shape);
    },

    count(places, out) {
      const total = places.length;
      if (total < GRAIN_EXP) return reference.count(places, out);
      // Each piece has counts of its own: these must be few beside what there is to count.
      const { length } = out;
      const chunk = runner.chunk(total, Math.max(GRAIN, 8 * length));
      const pieces = Math.ceil(total / chunk);
      const joined = space.output(out);
      const task = {
        total,
        chunk,
        places: space.input(places),
        counts: pieces > 1 ? space.scratch(pieces * length * 4) : joined,
        length,
        pieces,
        out: joined,
      };
      const join = () => {
        task.total = length;
        task.chunk = length;
        runner.perform("joinCounts", task);
      };
      if (!runner.run("count", task, pieces > 1 ? join : undefined)) reference.count(places, out);
    },

    search(sorted, n, values, width, right, out) {
      const total = values.length;
      const isFloat = sorted instanceof Float32Array && values instanceof Float32Array;
      const isInteger = sorted instanceof Int32Array && values instanceof Int32Array;
      const isDone =
        total >= SMALL &&
        n > 0 &&
        (isFloat || isInteger) &&
        // An array elsewhere would be copied whole for the sake of a few values.
        (space.owns(sorted) || sorted.length <= total) &&
        runner.run("search", {
          total,
          chunk: runner.chunk(total, GRAIN_EXP),
          sorted: space.input(sorted),
          n,
          values: space.input(values),
          width,
          right: Number(right),
          isInteger: Number(isInteger),
          out: space.output(out),
        });
      if (!isDone) reference.search(sorted, n, values, width, right, out);
    },
  };
}
