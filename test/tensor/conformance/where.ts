import fc from "fast-check";
import { it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { exact, guarded, numbers, places, put, seeds, sizes } from "./arrays";

/** Choosing between two arrays. */
export function whereConformance(make: () => Device): void {
  it("where: conditions of any byte, one element for all", () => {
    const device = make();
    fc.assert(
      fc.property(
        sizes(150),
        seeds,
        places,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (n, seed, place, one, other, all) => {
          const x = numbers(seed, one ? 1 : n, true);
          const y = numbers(seed + 1, other ? 1 : n, true);
          const condition = Uint8Array.from(numbers(seed + 2, all ? 1 : n, false), (v) => (v > 0 ? 1 : 0));
          const want = new Float32Array(n);
          reference.where(condition, x, y, want);
          const { out, check } = guarded(device, place, n);
          device.kernels.where(condition, put(device, place, x), put(device, place, y), out);
          exact(out, want);
          check();
        },
      ),
    );
  });
}
