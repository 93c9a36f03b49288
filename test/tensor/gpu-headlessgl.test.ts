import { describe, it, vi } from "vitest";
import { createGpu } from "../../src/tensor/devices/gpu";
import { reference } from "../../src/tensor/devices/reference";
import { conformance } from "./conformance";

/** The optional package `gl`, built, and a display to draw on: few machines have both. */
function start() {
  try {
    return { device: createGpu(reference, { modes: ["headlessgl"], smallest: 0 }) };
  } catch (error) {
    return { reason: String(error) };
  }
}

// OpenGL compiles three programs for each of the hundreds of sizes.
vi.setConfig({ testTimeout: 600_000 });

const { device, reason } = start();
if (device) conformance("gpu in mode headlessgl", () => device);
else describe("gpu in mode headlessgl", () => it.skip(`conforms (${reason})`, () => {}));
