import { describe } from "vitest";
import type { Device } from "../../src/tensor/device";
import { matmulConformance } from "./conformance/matmul";

/**
 * What every device must do: each kernel of the interface against the reference in float64, on sizes with 0, 1
 * and odd, on arrays in and out of the device's memory, with guards around every output.
 */
export function conformance(name: string, make: () => Device): void {
  describe(`conformance: ${name}`, () => {
    matmulConformance(make);
  });
}
