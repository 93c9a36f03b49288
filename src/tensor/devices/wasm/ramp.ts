import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { GRAIN, SMALL } from "./thresholds";

export function rampKernel(runner: Runner, space: Space, reference: Kernels): Kernels["ramp"] {
  return (out, start, step, shift, parts) => {
    const n = out.length;
    const isDone =
      n >= SMALL &&
      (out instanceof Float32Array || out instanceof Int32Array) &&
      runner.run("ramp", {
        total: n,
        chunk: runner.chunk(n, GRAIN),
        out: space.output(out),
        isInteger: Number(out instanceof Int32Array),
        start,
        step,
        shift,
        parts,
      });
    if (!isDone) reference.ramp(out, start, step, shift, parts);
  };
}
