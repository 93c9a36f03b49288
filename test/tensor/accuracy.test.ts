import { describe, expect, it } from "vitest";
import { reference } from "../../src/tensor/devices/reference";
import { createWasm } from "../../src/tensor/devices/wasm";
import type { UnaryOp } from "../../src/tensor/kernels";

/** The distance between neighbouring float32 numbers at |x|. */
function ulp(x: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(x) || Number.MIN_VALUE)));
  return 2 ** (exponent - 23);
}

/** Every `step`-th float32 number, by its bits, from `low` to `high` (of one sign). */
function floats(low: number, high: number, count: number): Float32Array {
  const bits = new Int32Array(new Float32Array([low, high]).buffer);
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) out[i] = bits[0] + Math.round(((bits[1] - bits[0]) * i) / (count - 1));
  return new Float32Array(out.buffer);
}

/** The op, the numbers it is tried on, and the bound stated in assembly/math.ts, in units in the last place. */
const cases: [UnaryOp, string, [number, number][], number][] = [
  [
    "exp",
    "its whole range",
    [
      [1e-30, 88.7],
      [-1e-30, -87.3],
    ],
    1,
  ],
  [
    "log",
    "all positive numbers",
    [
      [1e-45, 3.4e38],
      [0.5, 2],
    ],
    1,
  ],
  [
    "tanh",
    "all numbers",
    [
      [1e-30, 20],
      [-1e-30, -20],
    ],
    2,
  ],
  [
    "sigmoid",
    "above −87.3",
    [
      [1e-30, 100],
      [-1e-30, -87],
    ],
    3,
  ],
  [
    "erf",
    "all numbers",
    [
      [1e-30, 10],
      [-1e-30, -10],
    ],
    1,
  ],
];

describe.each([true, false])("accuracy of the wasm polynomials against float64, fma %s", (fma) => {
  const { kernels } = createWasm(reference, { fma, threads: 1 });

  it.each(cases)("%s on %s", (op, _where, ranges, bound) => {
    let worst = 0;
    let at = 0;
    for (const [low, high] of ranges) {
      const x = floats(low, high, 200_000);
      const want = new Float64Array(x.length);
      reference.unary(op, Float64Array.from(x), want);
      const got = new Float32Array(x.length);
      kernels.unary(op, x, got);
      for (let i = 0; i < x.length; i++) {
        const error = Math.abs(got[i] - want[i]) / ulp(want[i]);
        if (error > worst) [worst, at] = [error, x[i]];
      }
    }
    expect(worst, `${worst.toFixed(2)} ulp at ${op}(${at})`).toBeLessThanOrEqual(bound);
  });

  it.each<[UnaryOp, number, number]>([
    ["exp", Number.NEGATIVE_INFINITY, 0],
    ["exp", -150, 0],
    ["exp", -88, 0],
    ["exp", 0, 1],
    ["exp", 89, Number.POSITIVE_INFINITY],
    ["exp", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ["exp", Number.NaN, Number.NaN],
    ["log", 0, Number.NEGATIVE_INFINITY],
    ["log", 1, 0],
    ["log", -1, Number.NaN],
    ["log", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ["log", Number.NaN, Number.NaN],
    ["tanh", Number.POSITIVE_INFINITY, 1],
    ["tanh", Number.NEGATIVE_INFINITY, -1],
    ["tanh", -0, -0],
    ["tanh", Number.NaN, Number.NaN],
    ["sigmoid", Number.NEGATIVE_INFINITY, 0],
    ["sigmoid", Number.POSITIVE_INFINITY, 1],
    ["erf", Number.NEGATIVE_INFINITY, -1],
    ["erf", Number.POSITIVE_INFINITY, 1],
    ["erf", -0, -0],
    ["erf", Number.NaN, Number.NaN],
  ])("%s(%f) = %f", (op, x, want) => {
    const out = new Float32Array(40);
    kernels.unary(op, new Float32Array(40).fill(x), out);
    for (const value of out) expect(value).toBe(want);
  });
});
