import type { Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { DrawOp } from "./tasks.generated";
import { SMALL } from "./thresholds";

/** Numbers that are worth waking a thread for: to find its place in the stream costs as much as a thousand. */
const GRAIN = 8_192;

/** So many are drawn by one task: where a uniform one must be drawn again, those of its task are done one by one. */
const MOST = 262_144;

export function drawKernel(runner: Runner, space: Space, reference: Kernels): Kernels["draw"] {
  const words = new Int32Array(9);

  /** Whether the numbers are drawn, and the state moved on. */
  function isDrawn(op: number, state: Int32Array, out: Float32Array, a: number, b: number): boolean {
    words.set(state);
    words[8] = 0;
    const isDone = runner.run("draw", {
      total: out.length,
      chunk: runner.chunk(out.length, GRAIN),
      op,
      words: space.inout(words),
      out: space.output(out),
      a,
      b,
    });
    // One that rounding has brought to the open end counts for nothing, and all that follow are others.
    const isReached = words[8] === 1 && Math.fround(a) < Math.fround(b);
    if (!isDone || isReached) return false;
    state.set(words.subarray(4, 8));
    return true;
  }

  return (op, state, out, a, b) => {
    for (let start = 0; start < out.length; start += MOST) {
      const part = out.length > MOST ? out.subarray(start, start + MOST) : out;
      const isOurs = part instanceof Float32Array && part.length >= SMALL;
      if (!isOurs || !isDrawn(DrawOp[op], state, part, a, b)) reference.draw(op, state, part, a, b);
    }
  };
}
