import type { Kernels, UnaryOp } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import * as codes from "./tasks.generated";
import { GRAIN, GRAIN_EXP, SMALL } from "./thresholds";

const unaryOps: { readonly [op in UnaryOp]: number } = codes.UnaryOp;

/** Those without a polynomial. */
const plain: readonly UnaryOp[] = [
  ...(["neg", "abs", "sign", "square", "reciprocal", "sqrt", "rsqrt", "relu"] as const),
  ...(["floor", "ceil", "round", "trunc", "leakyRelu", "clamp", "nanToNum"] as const),
];
const isFormula: readonly boolean[] = Object.keys(codes.UnaryOp).map((op) => !plain.includes(op as UnaryOp));

/** Whether plain loops, which round a float64 result, give what SIMD gives: all but polynomials and 1 / √x. */
const isExact = (code: number) => !isFormula[code] && code !== codes.UnaryOp.rsqrt;

const NONE = [0, 0, 0];

type Unary = Pick<Kernels, "unary" | "activationBackward">;

export function unaryKernels(runner: Runner, space: Space, reference: Kernels): Unary {
  const chunkOf = (code: number, n: number) => runner.chunk(n, isFormula[code] ? GRAIN_EXP : GRAIN);

  return {
    unary(op, x, out, parameters = NONE) {
      const code = unaryOps[op];
      const n = out.length;
      const isDone =
        n >= (isExact(code) ? SMALL : 1) &&
        x instanceof Float32Array &&
        runner.run("unary", {
          total: n,
          chunk: chunkOf(code, n),
          op: code,
          x: space.input(x),
          out: space.output(out),
          p: parameters[0],
          q: parameters[1] ?? 0,
          r: parameters[2] ?? 0,
        });
      if (!isDone) reference.unary(op, x, out, parameters);
    },

    activationBackward(op, x, g, gx, parameters = NONE) {
      const code = unaryOps[op];
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
          p: parameters[0],
          q: parameters[1] ?? 0,
        });
      if (!isDone) reference.activationBackward(op, x, g, gx, parameters);
    },
  };
}
