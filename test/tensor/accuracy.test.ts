import { describe, expect, it } from "vitest";
import { reference } from "../../src/tensor/devices/reference";
import { createWasm } from "../../src/tensor/devices/wasm";
import {
  BinaryOp as BinaryCodes,
  UnaryOp as UnaryCodes,
} from "../../src/tensor/devices/wasm/tasks.generated";
import type { BinaryOp, UnaryOp } from "../../src/tensor/kernels";
import { randomFrom } from "./conformance/arrays";

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

/** For whichever takes some: numbers that float32 holds. */
const PARAMETERS = [-0.75, 0.5, 2];

/** The smallest subnormal number to the largest, of either sign. */
const ALL_POSITIVE: [number, number][] = [
  [1e-45, 3.4e38],
  [0.5, 2],
];
const ALL: [number, number][] = [
  [1e-45, 3.4e38],
  [-1e-45, -3.4e38],
];
const UNIT: [number, number][] = [
  [1e-45, 1],
  [-1e-45, -1],
  [0.25, 1],
  [-0.25, -1],
];
const UP_TO_89: [number, number][] = [
  [1e-45, 89.41],
  [-1e-45, -89.41],
];

/** The op, the numbers it is tried on, and the bound stated in assembly/math.ts, in units in the last place. */
const cases: [UnaryOp, string, [number, number][], number][] = [
  ["log2", "all positive numbers", ALL_POSITIVE, 2],
  ["log10", "all positive numbers", ALL_POSITIVE, 2],
  [
    "log1p",
    "its whole range",
    [
      [1e-45, 3.4e38],
      [-1e-45, -0.9999999],
      [-1e-3, -0.9],
    ],
    2,
  ],
  [
    "expm1",
    "its whole range",
    [
      [1e-45, 88.7],
      [-1e-45, -30],
      [0.1, 2],
      [-0.1, -2],
    ],
    2,
  ],
  ["sin", "all numbers", [...ALL, [0.1, 100], [-0.1, -100]], 2],
  ["cos", "all numbers", [...ALL, [0.1, 100], [-0.1, -100]], 2],
  ["tan", "all numbers", [...ALL, [0.1, 100], [-0.1, -100]], 4],
  ["asin", "[−1, 1]", UNIT, 3],
  ["acos", "[−1, 1]", UNIT, 3],
  ["atan", "all numbers", [...ALL, [0.1, 10], [-0.1, -10]], 3],
  ["sinh", "its whole range", [...UP_TO_89, [0.1, 10]], 2],
  ["cosh", "its whole range", [...UP_TO_89, [0.1, 10]], 2],
  [
    "softplus",
    "above −87.3",
    [
      [1e-45, 1e30],
      [-1e-45, -87.3],
      [-0.1, -10],
    ],
    3,
  ],
  [
    "logSigmoid",
    "below 87.3",
    [
      [1e-45, 87.3],
      [-1e-45, -1e30],
      [0.1, 10],
    ],
    3,
  ],
  [
    "mish",
    "above −91",
    [
      [1e-30, 1e30],
      [-1e-30, -91],
      [-0.1, -10],
    ],
    4,
  ],
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

  it.each<[BinaryOp, [number, number], [number, number], number]>([
    ["pow", [1e-45, 3.4e38], [-1, 1], 1],
    ["pow", [0.5, 2], [-140, 140], 1],
    ["pow", [0.99, 1.01], [-1e4, 1e4], 1],
    ["atan2", [-10, 10], [-10, 10], 4],
    ["atan2", [-3e38, 3e38], [-3e38, 3e38], 4],
    ["fmod", [-100, 100], [-3, 3], 0],
    ["fmod", [-3e38, 3e38], [-1e30, 1e30], 0],
    ["logaddexp", [-3, 3], [-3, 3], 3],
    ["logisticLoss", [-30, 30], [0, 1], 3],
    ["logisticSlope", [-30, 30], [0, 1], 5],
    ["logisticSlope", [-1, 1], [0, 1], 5],
  ])("%s of %o and %o", (op, [aLow, aHigh], [bLow, bHigh], bound) => {
    const random = randomFrom(7);
    const between = (low: number, high: number) =>
      Float32Array.from({ length: 100_000 }, () => low + random() * (high - low));
    const [a, b] = [between(aLow, aHigh), between(bLow, bHigh)];
    const want = new Float64Array(a.length);
    reference.binary(op, Float64Array.from(a), 1, Float64Array.from(b), 1, want);
    const got = new Float32Array(a.length);
    kernels.binary(op, a, 1, b, 1, got);
    let worst = 0;
    let at = 0;
    for (let i = 0; i < a.length; i++) {
      if (got[i] === Math.fround(want[i])) continue;
      // A sum loses the digits that it cancels.
      const terms: Partial<Record<BinaryOp, number>> = {
        logaddexp: Math.max(Math.abs(a[i]), Math.abs(b[i])),
        logisticSlope: b[i] / (1 + Math.exp(a[i])),
      };
      const size = Math.max(Math.abs(want[i]), terms[op] ?? 0);
      const error = Math.abs(got[i] - want[i]) / ulp(size);
      if (!(error <= worst)) [worst, at] = [error, i];
    }
    expect(worst, `${worst.toFixed(2)} ulp at ${op}(${a[at]}, ${b[at]})`).toBeLessThanOrEqual(bound);
  });

  it("logarithms of powers are whole", () => {
    const twos = Float32Array.from({ length: 277 }, (_, i) => 2 ** (i - 149));
    const tens = Float32Array.from({ length: 39 }, (_, i) => 10 ** i);
    const [log2, log10] = [twos, tens].map((x) => new Float32Array(x.length));
    kernels.unary("log2", twos, log2);
    kernels.unary("log10", tens, log10);
    expect(log2).toEqual(twos.map((_, i) => i - 149));
    expect(log10).toEqual(tens.map((_, i) => i));
  });

  /** Where formulas end: signs of zeros, infinities, the smallest and the largest numbers, the bounds of domains. */
  const ends = [Number.NaN, Number.POSITIVE_INFINITY, 0, 1e-45, 1e-40, 2 ** -126, 0.25, 0.5, 1, 2, 2.5, 3, 4];
  ends.push(
    1.5,
    87.5,
    88.8,
    89.4,
    89.5,
    100,
    104,
    2 ** 23 + 1,
    2 ** 24,
    4e8,
    5e8,
    1e30,
    3.4028234663852886e38,
  );
  const signed = Float32Array.from(ends.flatMap((x) => [x, -x]));
  /** Below the smallest normal number digits are lost, and results of exponentials are 0. */
  const same = (got: number, exact: number, size = Math.abs(exact)) => {
    const want = Math.fround(exact);
    const room = Math.max(1e-6 * size, 2 ** -126);
    return Object.is(got, want) || (exact !== 0 && Math.abs(got - want) <= room);
  };

  it.each([...Object.keys(UnaryCodes)] as UnaryOp[])("%s at the ends", (op) => {
    const [got, want] = [new Float32Array(signed.length), new Float64Array(signed.length)];
    kernels.unary(op, signed, got, PARAMETERS);
    reference.unary(op, Float64Array.from(signed), want, PARAMETERS);
    for (let i = 0; i < signed.length; i++)
      if (!same(got[i], want[i])) expect.fail(`${op}(${signed[i]}) = ${got[i]}, expected ${want[i]}`);
  });

  // lerp and huber overflow where the difference does, as PyTorch's.
  const others = (op: BinaryOp) => !["lerp", "huber", "huberSlope"].includes(op);
  it.each((Object.keys(BinaryCodes) as BinaryOp[]).filter(others))("%s at the ends", (op) => {
    const isShare = op === "logisticLoss" || op === "logisticSlope";
    const n = signed.length ** 2;
    const doubles = Float64Array.from(signed);
    const [got, want] = [new Float32Array(n), new Float64Array(n)];
    kernels.binary(op, signed, signed.length, signed, 1, got, [0.25]);
    reference.binary(op, doubles, signed.length, doubles, 1, want, [0.25]);
    for (let i = 0; i < n; i++) {
      const [a, b] = [signed[Math.floor(i / signed.length)], signed[i % signed.length]];
      if (isShare && !(b >= 0 && b <= 1)) continue;
      const size = op === "logaddexp" && Math.abs(want[i]) < 1 ? 100 : undefined; // it may cancel
      if (!same(got[i], want[i], size)) expect.fail(`${op}(${a}, ${b}) = ${got[i]}, expected ${want[i]}`);
    }
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
