import type { Floats, Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";

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
  /** A kernel with one input and one output. */
  const one =
    (kernel: "softmax" | "logSoftmax"): Kernels[typeof kernel] =>
    (x, y, rows, n) => {
      if (rows * n === 0 || !(x instanceof Float32Array)) return reference[kernel](x, y, rows, n);
      const [px, py] = [space.input(x), space.output(y)];
      if (!space.ready()) return reference[kernel](x, y, rows, n);
      runner.run(kernel, rows, GRAIN_EXP / n, px, py, n);
      space.done();
    };

  /** A kernel with two inputs and one output. */
  const two =
    (kernel: "softmaxBackward" | "logSoftmaxBackward"): Kernels[typeof kernel] =>
    (y, g, gx, rows, n) => {
      if (rows * n === 0 || !(y instanceof Float32Array)) return reference[kernel](y, g, gx, rows, n);
      const [py, pg, px] = [space.input(y), space.input(g), space.output(gx)];
      if (!space.ready()) return reference[kernel](y, g, gx, rows, n);
      runner.run(kernel, rows, (kernel === "softmaxBackward" ? GRAIN : GRAIN_EXP) / n, py, pg, px, n);
      space.done();
    };

  const optional = (data: Floats | null) => (data ? space.input(data) : 0);

  return {
    crossEntropy(x, classes, loss, max, logSum, n) {
      const rows = classes.length;
      const fallBack = () => reference.crossEntropy(x, classes, loss, max, logSum, n);
      if (rows * n === 0 || !(x instanceof Float32Array)) return fallBack();
      const [px, pc] = [space.input(x), space.input(classes)];
      const [pl, pm, ps] = [space.output(loss), space.output(max), space.output(logSum)];
      if (!space.ready()) return fallBack();
      runner.run("crossEntropy", rows, GRAIN_EXP / n, px, pc, pl, pm, ps, n);
      space.done();
    },

    crossEntropyBackward(x, classes, max, logSum, g, gx, n) {
      const rows = classes.length;
      const fallBack = () => reference.crossEntropyBackward(x, classes, max, logSum, g, gx, n);
      if (rows * n === 0 || !(x instanceof Float32Array)) return fallBack();
      const [px, pc, pm] = [space.input(x), space.input(classes), space.input(max)];
      const [ps, pg, po] = [space.input(logSum), space.input(g), space.output(gx)];
      if (!space.ready()) return fallBack();
      runner.run("crossEntropyBackward", rows, GRAIN_EXP / n, px, pc, pm, ps, pg, po, n);
      space.done();
    },

    softmax: one("softmax"),
    softmaxBackward: two("softmaxBackward"),
    logSoftmax: one("logSoftmax"),
    logSoftmaxBackward: two("logSoftmaxBackward"),

    layerNorm(x, weight, bias, eps, y, mean, rstd, rows, n) {
      const fallBack = () => reference.layerNorm(x, weight, bias, eps, y, mean, rstd, rows, n);
      if (rows * n === 0 || !(x instanceof Float32Array)) return fallBack();
      const [px, pw, pb] = [space.input(x), optional(weight), optional(bias)];
      const [py, pm, pr] = [space.output(y), space.output(mean), space.output(rstd)];
      if (!space.ready()) return fallBack();
      runner.run("layerNorm", rows, GRAIN / 2 / n, px, pw, pb, eps, py, pm, pr, n);
      space.done();
    },

    layerNormBackward(g, x, weight, mean, rstd, gx, gWeight, gBias, rows, n) {
      const fallBack = () =>
        reference.layerNormBackward(g, x, weight, mean, rstd, gx, gWeight, gBias, rows, n);
      if (rows * n === 0 || !(x instanceof Float32Array)) return fallBack();
      const [pg, px, pw] = [space.input(g), space.input(x), optional(weight)];
      const [pm, pr, po] = [space.input(mean), space.input(rstd), space.output(gx)];
      const [outW, outB] = [gWeight ? space.output(gWeight) : 0, gBias ? space.output(gBias) : 0];
      // Each thread adds up its own rows; with more than one piece, a sum over the pieces follows.
      const grain = GRAIN / 2 / n;
      const chunk = runner.chunk(rows, grain);
      const pieces = Math.ceil(rows / chunk);
      const part = (out: number) => (pieces > 1 && out ? space.scratch(pieces * n * 4) : out);
      const [partW, partB] = [part(outW), part(outB)];
      if (!space.ready()) return fallBack();
      runner.run("layerNormBackward", rows, grain, pg, px, pw, pm, pr, po, partW, partB, n, chunk);
      if (partW !== outW) runner.run("reduce", n, n, 0, partW, outW, pieces, n);
      if (partB !== outB) runner.run("reduce", n, n, 0, partB, outB, pieces, n);
      space.done();
    },

    gatherRows(table, indices, out, n) {
      // A table elsewhere would be copied whole for the sake of a few rows.
      if (out.length < SMALL || !(table instanceof Float32Array) || !space.owns(table)) {
        return reference.gatherRows(table, indices, out, n);
      }
      const [pt, pi, po] = [space.input(table), space.input(indices), space.output(out)];
      if (!space.ready()) return reference.gatherRows(table, indices, out, n);
      runner.run("gatherRows", indices.length, GRAIN / n, pt, pi, po, n);
      space.done();
    },

    scatterAddRows(table, indices, x, n) {
      if (x.length < SMALL || !(table instanceof Float32Array) || !space.owns(table)) {
        return reference.scatterAddRows(table, indices, x, n);
      }
      const [pt, pi, px] = [space.inout(table), space.input(indices), space.input(x)];
      if (!space.ready()) return reference.scatterAddRows(table, indices, x, n);
      runner.run("scatterAddRows", n, Math.max(16, GRAIN / indices.length), pt, pi, indices.length, px, n);
      space.done();
    },

    adam(weight, grad, m, v, settings) {
      if (weight.length === 0 || !(weight instanceof Float32Array)) {
        return reference.adam(weight, grad, m, v, settings);
      }
      const [pw, pg, pm, pv] = [space.inout(weight), space.input(grad), space.inout(m), space.inout(v)];
      if (!space.ready()) return reference.adam(weight, grad, m, v, settings);
      const { step, lr, beta1, beta2, eps, weightDecay, decoupled } = settings;
      const shrink = decoupled ? 1 - lr * weightDecay : 1;
      const pull = decoupled ? 0 : weightDecay;
      const rate = lr / (1 - beta1 ** step);
      const vScale = 1 / (1 - beta2 ** step);
      runner.run(
        "adam",
        weight.length,
        GRAIN / 2,
        ...[pw, pg, pm, pv, beta1, 1 - beta1, beta2, 1 - beta2, shrink, pull, rate, vScale, eps],
      );
      space.done();
    },
  };
}
