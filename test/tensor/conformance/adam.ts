import fc from "fast-check";
import { it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { close, doubles, guarded, numbers, type Place, places, put, seeds, sizes } from "./arrays";

export function adamConformance(make: () => Device): void {
  it.each([true, false])("adam: three steps, decoupled weight decay %s", (decoupled) => {
    const device = make();
    const run = (length: number, seed: number, place: Place) => {
      const grads = [1, 2, 3].map((step) => numbers(seed + step, length));
      const start = numbers(seed, length);
      const want = [doubles(start), new Float64Array(length), new Float64Array(length)];
      const got = [start, want[1], want[2]].map((from) => {
        const array = guarded(device, place, length);
        array.out.set(from);
        return array;
      });
      grads.forEach((grad, i) => {
        const settings = {
          step: i + 1,
          lr: 0.01,
          beta1: 0.9,
          beta2: 0.99,
          eps: 1e-8,
          weightDecay: 0.1,
          decoupled,
        };
        reference.adam(want[0], doubles(grad), want[1], want[2], settings);
        device.kernels.adam(got[0].out, put(device, place, grad), got[1].out, got[2].out, settings);
      });
      got.forEach((array, i) => {
        close(array.out, want[i]);
        array.check();
      });
    };
    fc.assert(fc.property(sizes(150), seeds, places, run));
  });
}
