import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { normalQuantile } from "../../../src/tensor/random/normal";
import { guarded, places } from "./arrays";

/** From one number to several pieces, and all rests of four lanes. */
const lengths = fc.oneof(fc.nat({ max: 70 }), fc.integer({ min: 16_380, max: 16_404 }), fc.constant(50_001));
const words = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const states = fc.tuple(words, words, words, words).filter((state) => state.some((word) => word !== 0));

const draws = [
  ["uniform", 0, 1],
  ["uniform", -2.3, 1e9],
  ["uniform", 1, 1 + 2 ** -22], // rounding to float32 reaches the end in one of eight
  ["uniform", 1, 1 + 2 ** -26], // both ends are the same in float32
  ["normal", 0, 1],
  ["normal", -3.7, 0.1],
  ["bernoulli", 0.3, 0],
  ["bernoulli", 0, 0],
  ["bernoulli", 1, 0],
  ["bernoulli", 1 - 2 ** -34, 0],
] as const;

export function randomConformance(make: () => Device): void {
  it.each(draws)("draw %s(%d, %d): the same bits, and the same state after", (op, a, b) => {
    const device = make();
    fc.assert(
      fc.property(lengths, states, places, (n, words, place) => {
        const [state, wantState] = [Int32Array.from(words), Int32Array.from(words)];
        const want = new Float32Array(n);
        reference.draw(op, wantState, want, a, b);
        const { out, check } = guarded(device, place, n);
        device.kernels.draw(op, state, out, a, b);
        expect(Buffer.compare(Buffer.from(Float32Array.from(out).buffer), Buffer.from(want.buffer))).toBe(0);
        expect([...state]).toEqual([...wantState]);
        check();
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    2 ** -53,
    1e-15,
    1.38e-11, // the square root of −log p is 5 near 1.389e-11
    1.4e-11,
    1e-5,
    0.075 - 2 ** -52, // and beyond 0.425 from ½ another formula holds
    0.075,
    0.075 + 2 ** -52,
    0.5,
    0.925,
    0.925 + 2 ** -51,
    1 - 1e-9,
    1 - 2 ** -53,
  ])("draw normal: the number of the probability %d", (p) => {
    const device = make();
    const state = stateBefore(p);
    const want = new Float32Array(64);
    reference.draw("normal", Int32Array.from(state), want, 0, 1);
    expect(want[0]).toBe(Math.fround(normalQuantile((Math.floor(p * 2 ** 52) + 0.5) / 2 ** 52)));
    const out = device.kernels.empty("float32", 64) as Float32Array;
    device.kernels.draw("normal", Int32Array.from(state), out, 0, 1);
    expect([...out]).toEqual([...want]);
  });
}

/** A state of xoshiro128** whose next two draws make this probability. */
function stateBefore(p: number): [number, number, number, number] {
  const digits = Math.floor(p * 2 ** 52);
  const [first, second] = [Math.floor(digits / 2 ** 26), digits % 2 ** 26].map((half) => {
    const product = Math.imul(half * 64, 954437177); // divided by 9, modulo 2³²
    return Math.imul((product >>> 7) | (product << 25), -858993459); // and by 5
  });
  return [0, first, first ^ second, 1];
}
