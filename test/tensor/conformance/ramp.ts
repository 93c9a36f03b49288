import fc from "fast-check";
import { it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { exact, guarded, guardedIntegers, places, sizes } from "./arrays";

export function rampConformance(make: () => Device): void {
  const lengths = fc.oneof(sizes(70), fc.constant(40_003));
  const some = fc.double({ min: -1000, max: 1000, noNaN: true });

  it("ramp: the numbers of plain loops, to the last bit", () => {
    const device = make();
    fc.assert(
      fc.property(lengths, some, some, some, fc.constantFrom(1, -3, 6, 69.5), places, (n, ...task) => {
        const [start, step, shift, parts, place] = task;
        for (const make of [guarded, guardedIntegers]) {
          const { out, check } = make(device, place, n);
          const want = out.slice();
          reference.ramp(want, start, step, shift, parts);
          device.kernels.ramp(out, start, step, shift, parts);
          exact(out, want);
          check();
        }
      }),
      { numRuns: 30 },
    );
  });
}
