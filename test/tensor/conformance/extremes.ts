import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { ActivationOp, UnaryOp } from "../../../src/tensor/kernels";
import { close, doubles, numbers } from "./arrays";

/** The smallest float32 with all its digits; what is smaller may become 0. */
const NORMAL = 2 ** -126;

/** Every array short and long: a device may take different ways. */
const LENGTHS = [1, 3, 15, 40, 1000];

/** `pattern` again and again. */
const repeated = (pattern: readonly number[], length: number) =>
  Float32Array.from({ length }, (_, i) => pattern[i % pattern.length]);

/** A million and a bit: float32 holds these numbers, but not their squares to the digits that differ. */
const far = (length: number) => repeated([1e6, 1e6 + 1, 1e6 + 1, 1e6, 1e6 + 1, 1e6], length);

/** Numbers where a formula that is right on paper gives another number in float32. */
export function extremesConformance(make: () => Device): void {
  it("activationBackward relu selects: 0 where x ≤ 0, else the gradient, whatever it is", () => {
    const device = make();
    for (const length of LENGTHS) {
      const x = repeated(
        [-1, Number.NaN, 2, 0, -0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
        length,
      );
      for (const g of [Number.POSITIVE_INFINITY, Number.NaN, 3]) {
        const gx = new Float32Array(length);
        device.kernels.activationBackward("relu", x, new Float32Array(length).fill(g), gx);
        expect(gx).toEqual(repeated([0, g, g, 0, 0, 0, g], length));
      }
    }
  });

  it.each<[UnaryOp, number]>([
    ["exp", -87.3365],
    ["sigmoid", -87.3365],
    ["silu", -91.84],
    ["quickGelu", -53.6],
    ["geluTanh", -10.06],
    ["gelu", -13.1],
  ])("%s keeps its digits down to the smallest normal number, at %f", (op, lowest) => {
    const device = make();
    for (const length of LENGTHS) {
      const x = Float32Array.from({ length }, (_, i) => lowest * (1 - (i / length) * 0.9));
      const want = new Float64Array(length);
      reference.unary(op, doubles(x), want);
      expect(Math.min(...want.map(Math.abs))).toBeGreaterThan(NORMAL);
      const out = new Float32Array(length);
      device.kernels.unary(op, x, out);
      close(out, want, { absolute: 0, relative: 5e-5 }); // a rounded exponent of 80 is off by so much
    }
  });

  it.each<[ActivationOp, number]>([
    ["sigmoid", 80],
    ["tanh", 40],
    ["silu", 40],
    ["quickGelu", 30],
    ["gelu", 10],
    ["geluTanh", 6],
  ])("activationBackward %s: nothing cancels up to ±%f", (op, largest) => {
    const device = make();
    for (const length of LENGTHS) {
      const x = Float32Array.from({ length }, (_, i) => largest * (1 - ((2 * i) / length) * 0.99));
      const g = new Float32Array(length).fill(3);
      const want = new Float64Array(length);
      reference.activationBackward(op, doubles(x), doubles(g), want);
      const gx = new Float32Array(length);
      device.kernels.activationBackward(op, x, g, gx);
      // Near the root of a derivative the last digit of x counts.
      close(gx, want, { absolute: op === "sigmoid" || op === "tanh" ? 0 : 2e-6, relative: 3e-5 });
    }
  });

  it("reduce: sums and norms whose parts float32 cannot hold", () => {
    const device = make();
    const big = 2 ** 127;
    for (const n of [4, 12, 40, 400]) {
      // As rows, and as columns: 5 at once and one alone.
      for (const [outer, inner] of [
        [3, 1],
        [1, 5],
        [2, 1],
      ]) {
        const along = (pattern: (i: number) => number) =>
          Float32Array.from({ length: outer * n * inner }, (_, at) => pattern(Math.floor(at / inner) % n));
        const result = (op: "sum" | "sumOfSquares" | "norm", x: Float32Array) => {
          const out = new Float32Array(outer * inner);
          device.kernels.reduce(op, x, out, outer, n, inner);
          return out;
        };
        const all = (value: number) => new Float32Array(outer * inner).fill(value);
        expect(
          result(
            "sum",
            along((i) => (i < n / 2 ? big : -big)),
          ),
        ).toEqual(all(0));
        for (const size of [1e20, 1e-30, 3]) {
          close(
            result(
              "norm",
              along((i) => (i % 2 ? size : -size)),
            ),
            doubles(all(size * Math.sqrt(n))),
          );
        }
        expect(
          result(
            "sumOfSquares",
            along(() => 1e20),
          ),
        ).toEqual(all(Number.POSITIVE_INFINITY));
        close(
          result(
            "sumOfSquares",
            along(() => 1e-18),
          ),
          Float64Array.from(all(n * 1e-36)),
          { absolute: 0 },
        );
        expect(
          result(
            "norm",
            along(() => 0),
          ),
        ).toEqual(all(0));
        expect(
          result(
            "norm",
            along((i) => (i === 2 ? Number.NaN : 1)),
          ),
        ).toEqual(all(Number.NaN));
      }
    }
  });

  it("layerNorm and its gradient: numbers far from 0 and close together", () => {
    const device = make();
    for (const n of [6, 30, 768, 770]) {
      const x = far(n);
      const g = numbers(3, n);
      const got = [n, 1, 1, n, n].map((length) => new Float32Array(length));
      device.kernels.layerNorm(x, null, null, 1e-5, got[0], got[1], got[2], 1, n);
      device.kernels.layerNormBackward(g, x, null, got[1], got[2], got[3], got[4], null, 1, n);
      const want = [n, 1, 1, n, n].map((length) => new Float64Array(length));
      reference.layerNorm(doubles(x), null, null, 1e-5, want[0], want[1], want[2], 1, n);
      reference.layerNormBackward(
        ...([doubles(g), doubles(x), null, want[1], want[2], want[3], want[4], null, 1, n] as const),
      );
      close(got[0], want[0], { absolute: 1e-5 });
      close(got[3], want[3], { absolute: 3e-5 });
      close(got[4], want[4], { absolute: 3e-5 });
    }
  });

  it("batchNorm and its gradient: numbers far from 0 and close together", () => {
    const device = make();
    for (const [batch, n] of [
      [2, 3],
      [6, 7],
      [3, 260],
    ]) {
      const size = batch * 2 * n;
      const x = far(size).map((value, i) => value + (i % 11 === 0 ? 1 : 0));
      const g = numbers(3, size);
      const weight = Float32Array.of(1, 2);
      const got = [size, 2, 2, size, 2, 2].map((length) => new Float32Array(length));
      device.kernels.batchNorm(x, weight, null, 1e-5, got[0], got[1], got[2], 2, n);
      device.kernels.batchNormBackward(
        ...([g, x, weight, got[1], got[2], 1e-5, got[3], got[4], got[5], 2, n] as const),
      );
      const want = [size, 2, 2, size, 2, 2].map((length) => new Float64Array(length));
      reference.batchNorm(doubles(x), doubles(weight), null, 1e-5, want[0], want[1], want[2], 2, n);
      reference.batchNormBackward(
        ...([doubles(g), doubles(x), doubles(weight), want[1], want[2], 1e-5] as const),
        ...([want[3], want[4], want[5], 2, n] as const),
      );
      close(got[0], want[0], { absolute: 1e-5 });
      close(got[2], want[2], { relative: 1e-5 });
      close(got[3], want[3], { absolute: 3e-5 });
      close(got[4], want[4], { absolute: 1e-4 });
    }
  });

  it("integers: squares keep their low bits, sums are exact in a float64", () => {
    const { kernels } = make();
    const x = Int32Array.of(100_003, -2147483648, 2147483647, -7);
    const out = new Int32Array(4);
    kernels.unary("square", x, out);
    expect(out).toEqual(Int32Array.from(x, (value) => Math.imul(value, value)));
    const total = new Float64Array(1);
    kernels.reduce("sum", new Int32Array(40).fill(2147483647), total, 1, 40, 1);
    expect(total[0]).toBe(40 * 2147483647);
    kernels.reduce(
      "prod",
      Int32Array.from({ length: 50 }, (_, i) => (i < 49 ? 2147483647 : 0)),
      total,
      1,
      50,
      1,
    );
    expect(total[0]).toBe(0);
  });
}
