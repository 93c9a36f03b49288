import type { Kernels, UnaryOp } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import * as codes from "./tasks.generated";
import { GRAIN, GRAIN_EXP, SMALL } from "./thresholds";

/** What assembly/ has; the rest is left to the reference. */
const unaryOps: { readonly [op in UnaryOp]?: number } = codes.UnaryOp;

const exponentials = ["exp", "log", "tanh", "sigmoid", "erf", "silu", "gelu", "geluTanh", "quickGelu"];
const isExponential: readonly boolean[] = Object.keys(codes.UnaryOp).map((op) => exponentials.includes(op));

/** Whether plain loops, which round a float64 result, give what SIMD gives: all but polynomials and 1 / √x. */
const isExact = (code: number) => !isExponential[code] && code !== codes.UnaryOp.rsqrt;

type Unary = Pick<Kernels, "unary" | "activationBackward">;

export function unaryKernels(runner: Runner, space: Space, reference: Kernels): Unary {
  const chunkOf = (code: number, n: number) => runner.chunk(n, isExponential[code] ? GRAIN_EXP : GRAIN);

  return {
    unary(op, x, out) {
      const code = unaryOps[op];
      const n = out.length;
      const isDone =
        code !== undefined &&
        n >= (isExact(code) ? SMALL : 1) &&
        x instanceof Float32Array &&
        runner.run("unary", {
          total: n,
          chunk: chunkOf(code, n),
          op: code,
          x: space.input(x),
          out: space.output(out),
        });
      if (!isDone) reference.unary(op, x, out);
    },

    activationBackward(op, x, g, gx) {
      const code = codes.UnaryOp[op];
      const n = gx.length;
      const isDone =
        n >= (isExact(code) ? SMALL : 1) &&
        x instanceof Float32Array &&
        runner.run("activationBackward", {
          total: n,
          chunk: chunkOf(code, n),
          op: code,
          x: space.input(x),
          g: space.input(g),
          gx: space.output(gx),
        });
      if (!isDone) reference.activationBackward(op, x, g, gx);
    },
  };
}
