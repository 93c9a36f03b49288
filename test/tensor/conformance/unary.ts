import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { ActivationOp, UnaryOp } from "../../../src/tensor/kernels";
import { close, doubles, exact, guarded, numbers, places, put, seeds, sizes } from "./arrays";

/** Ops whose float32 result is the rounded exact one. */
const EXACT: UnaryOp[] = [
  "neg",
  "abs",
  "sign",
  "square",
  "reciprocal",
  "sqrt",
  "relu",
  "floor",
  "ceil",
  "round",
  "trunc",
  "leakyRelu",
  "clamp",
  "nanToNum",
];
/** For whichever takes some: numbers that float32 holds. */
const PARAMETERS = [-0.75, 0.5, 2];
const ROUNDED: UnaryOp[] = [
  ...(["rsqrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tanh", "sigmoid", "erf"] as const),
  ...(["log2", "log10", "tan", "asin", "acos", "atan", "sinh", "cosh"] as const),
  ...(["silu", "gelu", "geluTanh", "quickGelu", "softplus", "logSigmoid", "mish", "elu"] as const),
];
const ACTIVATIONS: ActivationOp[] = [
  ...(["relu", "silu", "gelu", "geluTanh", "quickGelu", "tanh", "sigmoid"] as const),
  ...(["softplus", "mish", "leakyRelu", "elu", "clamp"] as const),
];

export function unaryConformance(make: () => Device): void {
  it.each([...EXACT, ...ROUNDED])("unary %s", (op) => {
    const device = make();
    fc.assert(
      fc.property(sizes(200), seeds, places, fc.boolean(), (n, seed, place, specials) => {
        const x = numbers(seed, n, specials);
        const want = new Float64Array(n);
        reference.unary(op, doubles(x), want, PARAMETERS);
        const { out, check } = guarded(device, place, n);
        device.kernels.unary(op, put(device, place, x), out, PARAMETERS);
        if (EXACT.includes(op)) exact(out, Float32Array.from(want));
        else close(out, want);
        check();
      }),
    );
  });

  it.each(ACTIVATIONS)("activationBackward %s", (op) => {
    const device = make();
    fc.assert(
      fc.property(sizes(200), seeds, places, (n, seed, place) => {
        const x = numbers(seed, n).map((value, i) => (i % 7 === 3 ? value * 30 : value));
        const g = numbers(seed + 1, n);
        const want = new Float64Array(n);
        reference.activationBackward(op, doubles(x), doubles(g), want, PARAMETERS);
        const { out, check } = guarded(device, place, n);
        const [input, given] = [put(device, place, x), put(device, place, g)];
        device.kernels.activationBackward(op, input, given, out, PARAMETERS);
        close(out, want, { absolute: 3e-6 });
        check();
      }),
    );
  });

  it("float64, int32 and bool keep their own arithmetic", () => {
    const device = make();
    const x = doubles(numbers(1, 99)).map((value) => value + 1e-12);
    const [out, want] = [new Float64Array(99), new Float64Array(99)];
    device.kernels.unary("exp", x, out);
    reference.unary("exp", x, want);
    expect(out).toEqual(want);
    device.kernels.binary("add", x, 1, want, 1, out);
    expect(out).toEqual(x.map((value, i) => value + want[i]));
    const ints = new Int32Array(64).fill(2 ** 30);
    device.kernels.binary("sub", ints, 1, Int32Array.of(1), 1, ints);
    expect(ints).toEqual(new Int32Array(64).fill(2 ** 30 - 1));
    const total = new Int32Array(1);
    device.kernels.reduce("sum", new Uint8Array(100).fill(1), total, 1, 100, 1);
    expect(total[0]).toBe(100);
  });
}
