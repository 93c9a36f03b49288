import type { Device } from "../../device";
import type { Kernels } from "../../kernels";
import { type EngineOptions, startEngine } from "./engine";
import { matmulKernel } from "./matmul";
import { Space } from "./space";

/**
 * The fast device: AssemblyScript compiled to WebAssembly with 128-bit SIMD. It does float32; other dtypes go
 * to the reference. Throws with the reason where the engine cannot run it.
 */
export function createWasm(reference: Kernels, options: EngineOptions = {}): Device {
  const engine = startEngine(options);
  const space = new Space(engine);
  const kernels: Kernels = {
    ...reference,
    matmul: matmulKernel(engine, space, reference),
  };
  return {
    name: "wasm",
    kernels,
    info: () => ({
      simd: true,
      fma: engine.fma,
      sharedMemory: engine.shared,
      threads: 1,
      heapMiB: space.heap.size / 2 ** 20,
      heapUsedMiB: space.heap.used / 2 ** 20,
    }),
  };
}
