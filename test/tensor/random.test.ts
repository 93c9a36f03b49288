import { describe, expect, it } from "vitest";
import {
  array,
  defaultGenerator,
  Generator,
  type GeneratorState,
  manualSeed,
  type NDArray,
  ones,
  rand,
  randint,
  randn,
  randperm,
  setDevice,
  zeros,
} from "../../src/tensor";
import { log, normalQuantile } from "../../src/tensor/random/normal";
import { Xoshiro } from "../../src/tensor/random/xoshiro";

const unfair: GeneratorState = [-2095287865, 0, 5, 0];
const double = { dtype: "float64" } as const;
const counts = (x: NDArray, n: number): number[] => {
  const result = new Array<number>(n).fill(0);
  for (const i of x.flat()) result[i]++;
  return result;
};
/** Σ (observed − expected)² / expected */
const chiSquare = (observed: readonly number[], expected: readonly number[]) =>
  observed.reduce((sum, n, i) => sum + (n - expected[i]) ** 2 / expected[i], 0);

describe("the source", () => {
  it("is xoshiro128**: the numbers of the authors' C code from state 1, 2, 3, 4", () => {
    const source = new Xoshiro([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, () => source.next())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it("never changes: the first numbers of seed 0", () => {
    const g = new Generator(0);
    expect(g.state()).toEqual([1293516399, -1492722385, -197046434, -1283284219]);
    expect([...g.uniform([3], double).flat()]).toEqual([
      0.10328118013429122, 0.44550825921962667, 0.43267967880561087,
    ]);
  });

  it("gives unrelated numbers for neighbouring seeds, also negative and large ones", () => {
    const first = [0, 1, 2, -1, 2 ** 32, 2 ** 52].map((seed) => new Generator(seed).uniform([1]).item());
    expect(new Set(first).size).toBe(first.length);
    const n = 4000;
    const draw = (seed: number) => new Generator(seed).normal([n], double);
    expect(Math.abs(draw(0).mul(draw(1)).mean().item())).toBeLessThan(4 / Math.sqrt(n));
    expect(() => new Generator(0.5)).toThrow("Generator: expected a whole number below 2⁵³ as seed, got 0.5");
  });

  it("goes on from a saved state, through JSON", () => {
    const g = new Generator(7);
    g.normal([5]);
    const saved = JSON.parse(JSON.stringify(g.state()));
    const next = g.normal([4]).toArray();
    expect(new Generator(0).setState(saved).normal([4]).toArray()).toEqual(next);
    const before = g.state();
    for (const state of [
      [0, 0, 0, 0],
      [1e300, -5, 2 ** 40, 7],
      [1, 2, 3],
      [1, 2, 3, 4, 5],
      [1, 2, 3, 2 ** 31],
      [1, 2, 3, -(2 ** 31) - 1],
      [1.5, 2, 3, 4],
      [Number.NaN, 2, 3, 4],
      ["1", 2, 3, 4],
      [null, 2, 3, 4],
      [[1], 2, 3, 4],
      "1234",
      { length: 4, 0: 1, 1: 2, 2: 3, 3: 4 },
      7,
      null,
      undefined,
    ]) {
      expect(() => g.setState(state as GeneratorState)).toThrow(
        "setState: expected four whole numbers from state()",
      );
      expect(g.state()).toEqual(before);
    }
    expect(() => g.setState([1e300, -5, 2 ** 40, 7])).toThrow(
      "not all 0, got [1e+300, -5, 1099511627776, 7]",
    );
  });

  it("splits into independent generators without moving on", () => {
    const g = new Generator(7);
    const before = g.state();
    const [a, b, a2] = ["a", "b", "a"].map((name) => g.split(name).uniform([3]).toArray());
    expect(g.state()).toEqual(before);
    expect(a).toEqual(a2);
    expect(a).not.toEqual(b);
    expect(g.split(1).uniform([3]).toArray()).not.toEqual(g.split("1").uniform([3]).toArray());
  });

  it("draws the same on every device, and rounds for float32", () => {
    const draw = () => new Generator(3).normal([50]).toArray();
    const here = draw();
    setDevice("reference");
    expect(draw()).toEqual(here);
    const wide = new Generator(3).normal([50], double);
    expect(wide.to("float32").toArray()).toEqual(here);
  });
});

describe("exactly rounded functions", () => {
  it("log agrees with Math.log to the last bits", () => {
    for (const x of [5e-324, 1e-310, 1e-16, 0.1, 0.7, 0.99999, 1, 1.0001, Math.SQRT2, 2, 10, 1e300]) {
      expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(2.3e-16 * Math.abs(Math.log(x)));
    }
  });

  it("normalQuantile inverts the distribution function (values by mpmath, 50 digits)", () => {
    const known = [
      [1.1102230246251565e-16, -8.209536151601387],
      [1e-12, -7.034483825301132],
      [1e-5, -4.264890793922825],
      [0.01, -2.326347874040841],
      [0.0749, -1.4402382675279637],
      [0.0751, -1.43882539275254],
      [0.3, -0.5244005127080408],
      [0.5, 0],
      [0.6, 0.2533471031357997],
      [0.93, 1.475791028179171],
      [0.999, 3.090232306167813],
      [1 - 2 ** -53, 8.209536151601387],
    ];
    for (const [p, z] of known) expect(Math.abs(normalQuantile(p) - z)).toBeLessThan(4e-15);
  });
});

describe("distributions", () => {
  const n = 40_000;

  it("uniform: moments, bounds, and a flat histogram", () => {
    const x = new Generator(1).uniform([n], { low: -3, high: 5, ...double });
    expect(x.min().item()).toBeGreaterThanOrEqual(-3);
    expect(x.max().item()).toBeLessThan(5);
    expect(x.mean().item()).toBeCloseTo(1, 1);
    expect(x.var().item()).toBeCloseTo(64 / 12, 1);
    const bins = counts(x.add(3).mul(2).floor().to("int32"), 16);
    expect(chiSquare(bins, new Array(16).fill(n / 16))).toBeLessThan(37.7); // 0.1 % point, 15 degrees
  });

  it("uniform float32 never reaches its open end", () => {
    const x = new Generator(1).uniform([n], { low: 1, high: 1 + 2 ** -22 });
    expect(
      x
        .lt(1 + 2 ** -22)
        .all()
        .item(),
    ).toBe(1);
    expect(new Generator(1).uniform([2], { low: 4, high: 4 }).toArray()).toEqual([4, 4]);
  });

  it("normal: moments up to the fourth, and the shares between quantiles", () => {
    const x = new Generator(2).normal([n], double);
    expect(Math.abs(x.mean().item())).toBeLessThan(0.02);
    expect(Math.abs(x.var().item() - 1)).toBeLessThan(0.03);
    expect(Math.abs(x.pow(3).mean().item())).toBeLessThan(0.06);
    expect(Math.abs(x.pow(4).mean().item() - 3)).toBeLessThan(0.2);
    const edges = [-1.2815515655, -0.5244005127, 0, 0.5244005127, 1.2815515655];
    const below = [...edges.map((z) => x.lt(z).sum().item()), n];
    const shares = below.map((count, i) => count - (below[i - 1] ?? 0));
    expect(
      chiSquare(
        shares,
        [0.1, 0.2, 0.2, 0.2, 0.2, 0.1].map((p) => p * n),
      ),
    ).toBeLessThan(20.5);
    const scaled = new Generator(2).normal([3], { mean: 10, std: 2, ...double });
    expect(scaled.toArray()).toEqual(x.narrow(0, 0, 3).mul(2).add(10).toArray());
  });

  // Mean and standard deviation of the truncated normal, by mpmath
  it.each([
    [-2, 2, 0, 0.879625661034],
    [0, 1, 0.459862229286, 0.282226548802],
    [3, Number.POSITIVE_INFINITY, 3.28309865493, 0.265629792729],
    [10, Number.POSITIVE_INFINITY, 10.098093234, 0.0971873336688],
    [8, 8.5, 8.1137359895, 0.102595030866],
    [-40, -30, -30.0332596674, 0.0332230569317],
    [-0.5, 3, 0.503734458505, 0.686955342297],
    [-6, -5.9, -5.94507230355, 0.0286098405767],
    [2, 2.1, 2.04829343026, 0.0288324318343],
  ])("truncated normal on [%f, %f]", (low, high, mean, std) => {
    const x = new Generator(3).truncatedNormal([n], { low, high, ...double });
    expect(x.ge(low).all().item()).toBe(1);
    expect(x.le(high).all().item()).toBe(1);
    expect(Math.abs(x.mean().item() - mean)).toBeLessThan((4 * std) / Math.sqrt(n));
    expect(Math.abs(x.std().item() / std - 1)).toBeLessThan(0.03);
  });

  it("truncated normal: bounds are values, as PyTorch's trunc_normal_", () => {
    const x = new Generator(3).truncatedNormal([n], { mean: 5, std: 0.02, low: 4.98, high: 5.06 });
    expect(x.min().item()).toBeGreaterThanOrEqual(Math.fround(4.98));
    expect(x.max().item()).toBeLessThanOrEqual(Math.fround(5.06));
    expect(new Generator(3).truncatedNormal([2], { std: 0 }).toArray()).toEqual([0, 0]);
  });

  it("integers: every one equally often, the range of int32 too", () => {
    const x = new Generator(4).integers([n], { low: -3, high: 4 });
    expect(x.dtype).toBe("int32");
    expect(chiSquare(counts(x.add(3), 7), new Array(7).fill(n / 7))).toBeLessThan(22.5);
    const wide = new Generator(4).integers([n], { low: -(2 ** 31), high: 2 ** 31 });
    expect(Math.abs(wide.lt(0).sum().item() - n / 2)).toBeLessThan(4 * Math.sqrt(n / 4));
    // 3·2³⁰ values from 2³²: with modulo alone the first quarter would come twice as often.
    const third = new Generator(4).integers([n], { low: -(2 ** 31), high: 2 ** 30 });
    const low = third
      .lt(-(2 ** 30))
      .sum()
      .item();
    expect(Math.abs(low - n / 3)).toBeLessThan(4 * Math.sqrt((n * 2) / 9));
  });

  it("permutation: all orders of 4 equally often", () => {
    const g = new Generator(5);
    const seen = new Map<string, number>();
    for (let i = 0; i < 4800; i++) {
      const order = g.permutation(4).flat().join("");
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(24);
    expect(chiSquare([...seen.values()], new Array(24).fill(200))).toBeLessThan(49.7);
    expect(g.permutation(0).shape).toEqual([0]);
  });

  it("integers: draws one after another, one that is not fair once more, up to all of int32", () => {
    // The third draw after these words is 2³² − 1, which no three numbers share fairly.
    for (const state of [unfair, new Generator(5).state()]) {
      for (const [low, high, size] of [
        [-1, 2, 5],
        [0, 1000, 1500],
        [-(2 ** 31), 2 ** 31, 1500],
        [-(2 ** 31), 2 ** 30, 1500],
      ]) {
        const source = new Xoshiro(state);
        const n = high - low;
        const want = Array.from({ length: size }, () => {
          let draw = source.next();
          while (draw >= 2 ** 32 - (2 ** 32 % n)) draw = source.next();
          return low + (draw % n);
        });
        const g = new Generator(0).setState(state);
        expect(g.integers([size], { low, high }).toArray()).toEqual(want);
        expect(g.state()).toEqual(source.words);
      }
    }
  });

  it("permutation: draws one after another (Fisher–Yates), one that is not fair once more", () => {
    const byHand = (source: Xoshiro, n: number) => {
      const list: number[] = [];
      for (let i = 0; i < n; i++) {
        let draw = source.next();
        while (draw >= 2 ** 32 - (2 ** 32 % (i + 1))) draw = source.next();
        const j = draw % (i + 1);
        list[i] = list[j] ?? i;
        list[j] = i;
      }
      return list;
    };
    const third = new Xoshiro(unfair);
    expect([third.next(), third.next(), third.next()][2]).toBe(2 ** 32 - 1);
    for (const [state, n] of [
      [unfair, 3] as const,
      [unfair, 1025] as const,
      [new Generator(5).state(), 5000] as const,
    ]) {
      const source = new Xoshiro(state);
      const g = new Generator(0).setState(state);
      expect([...g.permutation(n).flat()]).toEqual(byHand(source, n));
      expect(g.state()).toEqual(source.words);
    }
  });

  it("bernoulli: one p, or one per element", () => {
    const g = new Generator(6);
    expect(Math.abs(g.bernoulli([n], { p: 0.3 }).mean().item() - 0.3)).toBeLessThan(0.01);
    expect(g.bernoulli([100], { p: 0 }).sum().item()).toBe(0);
    expect(g.bernoulli([100], { p: 1 }).sum().item()).toBe(100);
    const columns = g.bernoulli([n, 3], { p: array([0, 0.5, 1]), dtype: "bool" });
    expect(columns.dtype).toBe("bool");
    const [zero, half, one] = columns.sum(0).toArray() as number[];
    expect([zero, one]).toEqual([0, n]);
    expect(Math.abs(half - n / 2)).toBeLessThan(4 * Math.sqrt(n / 4));
  });

  it("multinomial with replacement follows the weights, which need not sum to 1", () => {
    const weights = [0, 2, 6, 0, 4];
    const x = new Generator(7).multinomial(array(weights), n, { replacement: true });
    const [c0, c1, c2, c3, c4] = counts(x, 5);
    expect([c0, c3]).toEqual([0, 0]);
    expect(chiSquare([c1, c2, c4], [n / 6, n / 2, n / 3])).toBeLessThan(13.8);
  });

  it("multinomial without replacement: the order has the chances of drawing one after another", () => {
    const p = [0.5, 0.3, 0.2];
    const g = new Generator(8);
    const observed: number[] = [];
    const expected: number[] = [];
    const rows = g.multinomial(array(p).expand([12_000, 3]), 2);
    const keys = counts(rows.select(1, 0).mul(3).add(rows.select(1, 1)), 9);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        if (i === j) expect(keys[i * 3 + j]).toBe(0);
        else {
          observed.push(keys[i * 3 + j]);
          expected.push((12_000 * p[i] * p[j]) / (1 - p[i]));
        }
      }
    }
    expect(chiSquare(observed, expected)).toBeLessThan(20.5);
  });

  it("multinomial rows: shapes, and a row of its own weights each", () => {
    const eye = array([
      [0, 1, 0],
      [1, 0, 0],
    ]);
    expect(new Generator(9).multinomial(eye, 1).toArray()).toEqual([[1], [0]]);
    expect(
      new Generator(9)
        .multinomial(ones([4]), 4)
        .sort()
        .values.toArray(),
    ).toEqual([0, 1, 2, 3]);
  });
});

describe("the default generator", () => {
  it("serves rand, randn, randint and randperm, and starts afresh from a seed", () => {
    const draw = () => [rand([2]), randn([2]), randint(0, 9, [2]), randperm(4)].map((x) => x.toArray());
    manualSeed(5);
    const first = draw();
    expect(draw()).not.toEqual(first);
    manualSeed(5);
    expect(draw()).toEqual(first);
    expect(manualSeed(5)).toBe(defaultGenerator());
    expect(rand([2], { generator: new Generator(1), dtype: "float64" }).toArray()).toEqual(
      new Generator(1).uniform([2], double).toArray(),
    );
  });
});

describe("errors", () => {
  const g = new Generator(0);
  it.each<[string, () => unknown, string]>([
    [
      "uniform bounds",
      () => g.uniform([1], { low: 1, high: 0 }),
      "uniform: expected finite low <= high, got 1 and 0",
    ],
    [
      "uniform dtype",
      () => g.uniform([1], { dtype: "int32" }),
      "uniform: expected float32 or float64, got int32",
    ],
    ["normal std", () => g.normal([1], { std: -1 }), "normal: expected std >= 0, got -1"],
    [
      "truncated",
      () => g.truncatedNormal([1], { low: 2, high: 2 }),
      "truncatedNormal: expected low < high, got 2 and 2",
    ],
    [
      "integers",
      () => g.integers([1], { low: 3, high: 3 }),
      "integers: expected 32-bit integers low < high, got 3 and 3",
    ],
    ["bernoulli", () => g.bernoulli([1], { p: 1.5 }), "bernoulli: expected p in [0, 1], got 1.5"],
    [
      "probs",
      () => g.multinomial(array([1, -1]), 1),
      "multinomial: expected finite probs >= 0, got -1 at index 1",
    ],
    [
      "zeros",
      () => g.multinomial(zeros([3]), 1),
      "multinomial: expected a positive prob in every row, got zeros",
    ],
    [
      "too many",
      () => g.multinomial(array([1, 0, 1]), 3),
      "cannot draw 3 different indices from 2 positive probs",
    ],
    [
      "axes",
      () => g.multinomial(ones([1, 1, 1]), 1),
      "multinomial: expected probs (K,) or (B, K), got (1, 1, 1)",
    ],
    ["shape", () => g.normal([-1]), "a shape is an array of sizes >= 0 such as [2, 3], got (-1,)"],
  ])("%s", (_, run, message) => expect(run).toThrow(message));
});
