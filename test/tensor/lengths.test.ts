import { describe, expect, it } from "vitest";
import { reference } from "../../src/tensor/devices/reference";
import { createWasm } from "../../src/tensor/devices/wasm";
import type { ActivationOp, BinaryOp, ReduceOp, UnaryOp } from "../../src/tensor/kernels";
import { exact, numbers } from "./conformance/arrays";

/**
 * One element and a thousand have one answer: a result depends neither on how many others are computed with it nor on where
 * it stands, and so not on which way the device takes.
 */

const UNARY: UnaryOp[] = [
  ...([
    "neg",
    "abs",
    "sign",
    "square",
    "reciprocal",
    "sqrt",
    "rsqrt",
    "exp",
    "expm1",
    "log",
    "log1p",
    "sin",
  ] as const),
  ...(["cos", "tanh", "sigmoid", "erf", "relu", "silu", "gelu", "geluTanh", "quickGelu"] as const),
  ...(["floor", "ceil", "round", "trunc", "log2", "log10", "tan", "asin", "acos", "atan"] as const),
  ...(["sinh", "cosh", "softplus", "logSigmoid", "mish", "leakyRelu", "elu", "clamp", "nanToNum"] as const),
];
const ACTIVATIONS: ActivationOp[] = [
  ...(["relu", "silu", "gelu", "geluTanh", "quickGelu", "tanh", "sigmoid"] as const),
  ...(["softplus", "mish", "leakyRelu", "elu", "clamp"] as const),
];
const BINARY: BinaryOp[] = [
  ...(["add", "sub", "mul", "div", "maximum", "minimum", "pow", "remainder"] as const),
  ...([
    "fmod",
    "atan2",
    "logaddexp",
    "lerp",
    "prelu",
    "huber",
    "huberSlope",
    "logisticLoss",
    "logisticSlope",
  ] as const),
];
/** For whichever takes some. */
const PARAMETERS = [-0.75, 0.5, 2];
const REDUCE: ReduceOp[] = ["sum", "sumOfSquares", "norm", "prod", "max", "min"];
const LENGTHS = Array.from({ length: 67 }, (_, i) => i + 1);

/** 1000 numbers: about normal, large ones, and those that break formulas. */
const many = (seed: number) =>
  numbers(seed, 1000, true).map((value, i) => (i % 5 === 0 ? value * 30 : value));

describe.each([true, false])("on wasm, fma %s", (fma) => {
  const { kernels } = createWasm(reference, { fma, threads: 1 });

  /** Whether the first numbers of a long result come alone too, from every start and in every length. */
  function sameAlone(long: Float32Array, run: (from: number, length: number, out: Float32Array) => void) {
    for (const length of LENGTHS) {
      for (const from of [0, 1, 500]) {
        const out = new Float32Array(length);
        run(from, length, out);
        exact(out, long.subarray(from, from + length));
      }
    }
  }

  it.each(UNARY)("unary %s", (op) => {
    const x = many(1);
    const long = new Float32Array(1000);
    kernels.unary(op, x, long, PARAMETERS);
    sameAlone(long, (from, length, out) => kernels.unary(op, x.slice(from, from + length), out, PARAMETERS));
  });

  it.each(ACTIVATIONS)("activationBackward %s", (op) => {
    const [x, g] = [many(1), many(2)];
    const long = new Float32Array(1000);
    kernels.activationBackward(op, x, g, long, PARAMETERS);
    sameAlone(long, (from, length, out) => {
      const [some, theirs] = [x, g].map((all) => all.slice(from, from + length));
      kernels.activationBackward(op, some, theirs, out, PARAMETERS);
    });
  });

  it.each(BINARY)("binary %s", (op) => {
    const [a, b] = [many(1), many(2)];
    a.set([3, 5, 7], 500);
    b.fill(2, 500, 510); // a power of two may go its own way
    const long = new Float32Array(1000);
    kernels.binary(op, a, 1, b, 1, long, PARAMETERS);
    sameAlone(long, (from, length, out) =>
      kernels.binary(op, a.slice(from, from + length), 1, b.slice(from, from + length), 1, out, PARAMETERS),
    );
    const scaled = new Float32Array(1000);
    for (const y of [2, 0.3]) {
      kernels.binary(op, a, 1, Float32Array.of(y), 1, scaled, PARAMETERS);
      sameAlone(scaled, (from, length, out) =>
        kernels.binary(op, a.slice(from, from + length), 1, Float32Array.of(y), 1, out, PARAMETERS),
      );
    }
  });

  it.each(REDUCE)("reduce %s: a row alone and among others, a column alone in its place", (op) => {
    const x = numbers(1, 80 * 67);
    for (const n of LENGTHS) {
      const [rows, row, columns, column] = [50, 1, 67, 1].map((length) => new Float32Array(length));
      kernels.reduce(op, x.subarray(0, 50 * n), rows, 50, n, 1);
      kernels.reduce(op, x.slice(7 * n, 8 * n), row, 1, n, 1);
      expect(row[0]).toBe(rows[7]);
      kernels.reduce(op, x.subarray(0, n * 67), columns, 1, n, 67);
      // Column 66 stands alone behind the last four.
      for (const [at, width] of [
        [66, 1],
        [64, 3],
        [0, 2],
      ]) {
        const part = new Float32Array(n * Math.max(2, width));
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < part.length / n; j++)
            part[(i * part.length) / n + j] = x[i * 67 + ((at + j) % 67)];
        }
        const some = new Float32Array(part.length / n);
        kernels.reduce(op, part, some, 1, n, some.length);
        column[0] = columns[at];
        expect(some[0]).toBe(column[0]);
      }
    }
  });

  it("variance: a row alone and among others, a column in any place", () => {
    const x = numbers(1, 50 * 67);
    for (const n of LENGTHS.slice(1)) {
      const [rows, row, columns, two] = [50, 1, 50, 2].map((length) => new Float32Array(length));
      kernels.variance(x.subarray(0, 50 * n), rows, 50, n, 1, n - 1, true);
      kernels.variance(x.slice(7 * n, 8 * n), row, 1, n, 1, n - 1, true);
      expect(row[0]).toBe(rows[7]);
      kernels.variance(x.subarray(0, n * 50), columns, 1, n, 50, n - 1, false);
      const part = Float32Array.from({ length: 2 * n }, (_, i) => x[Math.floor(i / 2) * 50 + (i % 2)]);
      kernels.variance(part, two, 1, n, 2, n - 1, false);
      exact(two, columns.subarray(0, 2));
    }
  });

  it("softmax, logSoftmax and their gradients: a row alone and among others", () => {
    for (const n of LENGTHS) {
      const [x, g] = [numbers(n, 50 * n), numbers(n + 1, 50 * n)];
      const pick = (data: Float32Array) => data.slice(9 * n, 10 * n);
      for (const op of ["softmax", "logSoftmax"] as const) {
        const [y, one, gy, gOne] = [50 * n, n, 50 * n, n].map((length) => new Float32Array(length));
        kernels[op](x, y, 50, n);
        kernels[op](pick(x), one, 1, n);
        exact(one, pick(y));
        kernels[`${op}Backward`](y, g, gy, 50, n);
        kernels[`${op}Backward`](one, pick(g), gOne, 1, n);
        exact(gOne, pick(gy));
      }
    }
  });

  it("layerNorm and crossEntropy, with their gradients: a row alone and among others", () => {
    for (const n of LENGTHS) {
      const [x, g, weight] = [numbers(n, 50 * n), numbers(n + 1, 50 * n), numbers(n + 2, n)];
      const classes = Int32Array.from({ length: 50 }, (_, i) => i % n);
      const results = (rows: number, x: Float32Array, g: Float32Array, classes: Int32Array) => {
        const [y, mean, rstd, gx] = [rows * n, rows, rows, rows * n].map(
          (length) => new Float32Array(length),
        );
        kernels.layerNorm(x, weight, weight, 1e-3, y, mean, rstd, rows, n);
        kernels.layerNormBackward(g, x, weight, mean, rstd, gx, null, null, rows, n);
        const [loss, max, logSum, gLogits] = [rows, rows, rows, rows * n].map((k) => new Float32Array(k));
        kernels.crossEntropy(x, classes, loss, max, logSum, n);
        kernels.crossEntropyBackward(x, classes, max, logSum, g.subarray(0, rows), gLogits, n);
        return { y, mean, rstd, gx, loss, gLogits };
      };
      g.fill(0.5);
      const all = results(50, x, g, classes);
      const one = results(1, x.slice(9 * n, 10 * n), g.slice(0, n), classes.slice(9, 10));
      for (const name of ["y", "gx", "gLogits"] as const) exact(one[name], all[name].subarray(9 * n, 10 * n));
      for (const name of ["mean", "rstd", "loss"] as const) expect(one[name][0]).toBe(all[name][9]);
    }
  });

  it("batchNorm and adam: an element in the tail as one before it", () => {
    for (const n of LENGTHS) {
      // The same number everywhere in a channel but the first two places: so are the results.
      const x = new Float32Array(n).fill(0.3);
      const g = new Float32Array(n).fill(0.7);
      x[0] = 2;
      g[0] = -1;
      const [y, mean, variance, gx] = [n, 1, 1, n].map((length) => new Float32Array(length));
      kernels.batchNorm(x, Float32Array.of(1.3), Float32Array.of(0.1), 1e-5, y, mean, variance, 1, n);
      kernels.batchNormBackward(g, x, Float32Array.of(1.3), mean, variance, 1e-5, gx, null, null, 1, n);
      const settings = {
        step: 2,
        lr: 0.1,
        beta1: 0.9,
        beta2: 0.99,
        eps: 1e-8,
        weightDecay: 0.1,
        decoupled: true,
      };
      const w = x.slice();
      kernels.adam(w, g, new Float32Array(n).fill(0.2), new Float32Array(n).fill(0.3), settings);
      for (const array of [y, gx, w]) {
        for (let i = 2; i < n; i++) expect(array[i]).toBe(array[1]);
      }
    }
  });
});
