import type { Storage } from "../../dtype";
import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { OrderType } from "./tasks.generated";
import { GRAIN_EXP } from "./thresholds";

/** Bytes of an entry of a row, of which there is room for two each, and of the counters beside them; see assembly/order.ts. */
const ENTRY = 8;
const COUNTERS = 3 * 2 ** 13;

export function orderKernel(runner: Runner, space: Space, reference: Kernels): Kernels["order"] {
  return (x, out, n, first, count, descending) => {
    const type = typeOf(x);
    const total = x.length / n;
    const chunk = runner.chunk(total, Math.max(1, GRAIN_EXP / n));
    const roomBytes = 2 * ENTRY * n + COUNTERS;
    const isDone =
      type !== null &&
      runner.run("order", {
        total,
        chunk,
        type,
        x: space.input(x),
        out: space.output(out),
        n,
        first,
        count,
        descending,
        room: space.scratch(Math.ceil(total / chunk) * roomBytes),
        roomBytes,
      });
    if (!isDone) reference.order(x, out, n, first, count, descending);
  };
}

function typeOf(x: Storage): number | null {
  if (x instanceof Float32Array) return OrderType.floats;
  if (x instanceof Int32Array) return OrderType.integers;
  return x instanceof Uint8Array ? OrderType.bools : null;
}
