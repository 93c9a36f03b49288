import type { Floats, Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import { ReduceOp } from "./tasks.generated";

/** Fewer elements are copied faster by plain loops than by a call; where digits differ, SIMD does one element too. */
const SMALL = 32;

/** Elements that are worth waking a thread for: of plain arithmetic, and of formulas with an exponential. */
const GRAIN = 16_384;
const GRAIN_EXP = 2_048;

type Rows = Pick<
  Kernels,
  | "crossEntropy"
  | "crossEntropyBackward"
  | "softmax"
  | "softmaxBackward"
  | "logSoftmax"
  | "logSoftmaxBackward"
  | "layerNorm"
  | "layerNormBackward"
  | "gatherRows"
  | "scatterAddRows"
  | "adam"
>;

export function rowKernels(runner: Runner, space: Space, reference: Kernels): Rows {
  const softmaxLike =
    (kernel: "softmax" | "logSoftmax"): Kernels[typeof kernel] =>
    (x, y, rows, n) => {
      const isDone =
        rows * n > 0 &&
        x instanceof Float32Array &&
        runner.run(kernel, {
          total: rows,
          chunk: runner.chunk(rows, GRAIN_EXP / n),
          x: space.input(x),
          y: space.output(y),
          n,
        });
      if (!isDone) reference[kernel](x, y, rows, n);
    };

  const softmaxLikeBackward =
    (kernel: "softmaxBackward" | "logSoftmaxBackward", grain: number): Kernels[typeof kernel] =>
    (y, g, gx, rows, n) => {
      const isDone =
        rows * n > 0 &&
        y instanceof Float32Array &&
        runner.run(kernel, {
          total: rows,
          chunk: runner.chunk(rows, grain / n),
          y: space.input(y),
          g: space.input(g),
          gx: space.output(gx),
          n,
        });
      if (!isDone) reference[kernel](y, g, gx, rows, n);
    };

  const input = (data: Floats | null) => (data ? space.input(data) : 0);
  const output = (data: Floats | null) => (data ? space.output(data) : 0);

  return {
    crossEntropy(x, classes, loss, max, logSum, n) {
      const rows = classes.length;
      const isDone =
        rows * n > 0 &&
        x instanceof Float32Array &&
        runner.run("crossEntropy", {
          total: rows,
          chunk: runner.chunk(rows, GRAIN_EXP / n),
          x: space.input(x),
          classes: space.input(classes),
          loss: space.output(loss),
          max: space.output(max),
          logSum: space.output(logSum),
          n,
        });
      if (!isDone) reference.crossEntropy(x, classes, loss, max, logSum, n);
    },

    crossEntropyBackward(x, classes, max, logSum, g, gx, n) {
      const rows = classes.length;
      const isDone =
        rows * n > 0 &&
        x instanceof Float32Array &&
        runner.run("crossEntropyBackward", {
          total: rows,
          chunk: runner.chunk(rows, GRAIN_EXP / n),
          x: space.input(x),
          classes: space.input(classes),
          max: space.input(max),
          logSum: space.input(logSum),
          g: space.input(g),
          gx: space.output(gx),
          n,
        });
      if (!isDone) reference.crossEntropyBackward(x, classes, max, logSum, g, gx, n);
    },

    softmax: softmaxLike("softmax"),
    softmaxBackward: softmaxLikeBackward("softmaxBackward", GRAIN),
    logSoftmax: softmaxLike("logSoftmax"),
    logSoftmaxBackward: softmaxLikeBackward("logSoftmaxBackward", GRAIN_EXP),

    layerNorm(x, weight, bias, eps, y, mean, rstd, rows, n) {
      const isDone =
        rows * n > 0 &&
        x instanceof Float32Array &&
        runner.run("layerNorm", {
          total: rows,
          chunk: runner.chunk(rows, GRAIN / 2 / n),
          x: space.input(x),
          weight: input(weight),
          bias: input(bias),
          eps,
          y: space.output(y),
          mean: space.output(mean),
          rstd: space.output(rstd),
          n,
        });
      if (!isDone) reference.layerNorm(x, weight, bias, eps, y, mean, rstd, rows, n);
    },

    layerNormBackward(g, x, weight, mean, rstd, gx, gWeight, gBias, rows, n) {
      if (rows * n === 0 || !(x instanceof Float32Array)) {
        return reference.layerNormBackward(g, x, weight, mean, rstd, gx, gWeight, gBias, rows, n);
      }
      // Each thread adds up its own rows; with more than one piece, a sum over the pieces follows.
      const chunk = runner.chunk(rows, GRAIN / 2 / n);
      const pieces = Math.ceil(rows / chunk);
      const part = (out: number) => (pieces > 1 && out ? space.scratch(pieces * n * 4) : out);
      const [outWeight, outBias] = [output(gWeight), output(gBias)];
      const [partWeight, partBias] = [part(outWeight), part(outBias)];
      const addUp = (parts: number, out: number) => {
        if (parts === out) return;
        runner.perform("reduce", {
          total: n,
          chunk: n,
          op: ReduceOp.sum,
          x: parts,
          out,
          n: pieces,
          inner: n,
        });
      };
      const isDone = runner.run(
        "layerNormBackward",
        {
          total: rows,
          chunk,
          g: space.input(g),
          x: space.input(x),
          weight: input(weight),
          mean: space.input(mean),
          rstd: space.input(rstd),
          gx: space.output(gx),
          gWeight: partWeight,
          gBias: partBias,
          n,
        },
        () => {
          addUp(partWeight, outWeight);
          addUp(partBias, outBias);
        },
      );
      if (!isDone) reference.layerNormBackward(g, x, weight, mean, rstd, gx, gWeight, gBias, rows, n);
    },

    gatherRows(table, indices, out, n) {
      const rows = indices.length;
      // A table elsewhere would be copied whole for the sake of a few rows.
      const isDone =
        out.length >= SMALL &&
        table instanceof Float32Array &&
        space.owns(table) &&
        runner.run("gatherRows", {
          total: rows,
          chunk: runner.chunk(rows, GRAIN / n),
          table: space.input(table),
          indices: space.input(indices),
          out: space.output(out),
          n,
        });
      if (!isDone) reference.gatherRows(table, indices, out, n);
    },

    scatterAddRows(table, indices, x, n) {
      const isDone =
        x.length >= SMALL &&
        table instanceof Float32Array &&
        space.owns(table) &&
        runner.run("scatterAddRows", {
          total: n,
          chunk: runner.chunk(n, Math.max(16, GRAIN / indices.length)),
          table: space.inout(table),
          indices: space.input(indices),
          count: indices.length,
          x: space.input(x),
          n,
        });
      if (!isDone) reference.scatterAddRows(table, indices, x, n);
    },

    adam(weight, grad, m, v, settings) {
      const { step, lr, beta1, beta2, eps, weightDecay, decoupled } = settings;
      const isDone =
        weight.length > 0 &&
        weight instanceof Float32Array &&
        runner.run("adam", {
          total: weight.length,
          chunk: runner.chunk(weight.length, GRAIN / 2),
          weight: space.inout(weight),
          grad: space.input(grad),
          m: space.inout(m),
          v: space.inout(v),
          beta1,
          rest1: 1 - beta1,
          beta2,
          rest2: 1 - beta2,
          shrink: decoupled ? 1 - lr * weightDecay : 1,
          pull: decoupled ? 0 : weightDecay,
          rate: lr / (1 - beta1 ** step),
          vScale: 1 / (1 - beta2 ** step),
          eps,
        });
      if (!isDone) reference.adam(weight, grad, m, v, settings);
    },
  };
}
