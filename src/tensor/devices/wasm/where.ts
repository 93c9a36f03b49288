import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { GRAIN, SMALL } from "./thresholds";

export function whereKernel(runner: Runner, space: Space, reference: Kernels): Kernels["where"] {
  return (condition, a, b, out) => {
    const n = out.length;
    const isDone =
      n >= SMALL &&
      (out instanceof Float32Array || out instanceof Int32Array) &&
      condition instanceof Uint8Array &&
      condition.length === n &&
      runner.run("where", {
        total: n,
        chunk: runner.chunk(n, GRAIN),
        condition: space.input(condition),
        a: space.input(a),
        aOne: Number(a.length === 1),
        b: space.input(b),
        bOne: Number(b.length === 1),
        out: space.output(out),
      });
    if (!isDone) reference.where(condition, a, b, out);
  };
}
