import type { Device } from "../../device";
import type { Kernels } from "../../kernels";
import { attentionKernels } from "./attention";
import { batchNormKernels } from "./batch-norm";
import { convKernels } from "./conv";
import { copyKernel } from "./copy";
import { elementwiseKernels } from "./elementwise";
import { type EngineOptions, startEngine } from "./engine";
import { matmulKernel } from "./matmul";
import { poolingKernels } from "./pooling";
import { rowKernels } from "./rows";
import { Runner } from "./runner";
import { Space } from "./space";

/**
 * The fast device: AssemblyScript compiled to WebAssembly with 128-bit SIMD. It does float32; other dtypes go
 * to the reference. Throws with the reason where the engine cannot run it.
 */
export function createWasm(reference: Kernels, options: EngineOptions = {}): Device {
  const engine = startEngine(options);
  const space = new Space(engine);
  const runner = new Runner(engine, space, options.threads);
  const kernels: Kernels = {
    ...reference,
    alloc: (dtype, length) => space.alloc(dtype, length),
    empty: (dtype, length) => space.empty(dtype, length),
    now: () => space.heap.clock,
    free: (data, since) => space.free(data, since),
    copy: copyKernel(runner, space, reference),
    matmul: matmulKernel(runner, space, reference),
    ...convKernels(runner, space, reference),
    ...batchNormKernels(runner, space, reference),
    ...poolingKernels(runner, space, reference),
    ...attentionKernels(runner, space, reference),
    ...elementwiseKernels(runner, space, reference),
    ...rowKernels(runner, space, reference),
  };
  return {
    name: "wasm",
    kernels,
    info: () => ({
      simd: true,
      fma: engine.fma,
      sharedMemory: engine.shared,
      ...runner.info(),
      ...space.info(),
    }),
  };
}
