import type { Device } from "../../device";
import type { Kernels } from "../../kernels";
import { adamKernel } from "./adam";
import { attentionKernels } from "./attention";
import { batchNormKernels } from "./batch-norm";
import { binaryKernel, compareKernel } from "./binary";
import { convKernels } from "./conv";
import { copyKernel } from "./copy";
import { crossEntropyKernels } from "./cross-entropy";
import { layerNormKernels } from "./layer-norm";
import { matmulKernel } from "./matmul";
import { startModule, type WasmOptions } from "./module";
import { poolingKernels } from "./pooling";
import { reduceKernels } from "./reduce";
import { rowKernels } from "./rows";
import { Runner } from "./runner";
import { softmaxKernels } from "./softmax";
import { Space } from "./space";
import { unaryKernels } from "./unary";
import { varianceKernel } from "./variance";
import { whereKernel } from "./where";

/**
 * The fast device: AssemblyScript compiled to WebAssembly with 128-bit SIMD. It does float32; other dtypes go
 * to the reference. Throws with the reason where the engine cannot run it.
 */
export function createWasm(reference: Kernels, options: WasmOptions = {}): Device {
  const wasm = startModule(options);
  const space = new Space(wasm);
  const runner = new Runner(wasm, space, options.threads);
  const unary = unaryKernels(runner, space, reference);
  const kernels: Kernels = {
    ...reference,
    alloc: (dtype, length) => space.alloc(dtype, length),
    empty: (dtype, length) => space.empty(dtype, length),
    clock: () => space.heap.clock,
    free: (data, since) => space.free(data, since),
    copy: copyKernel(runner, space, reference),
    ...unary,
    binary: binaryKernel(runner, space, reference, unary.unary),
    compare: compareKernel(runner, space, reference),
    where: whereKernel(runner, space, reference),
    ...reduceKernels(runner, space, reference),
    variance: varianceKernel(runner, space, reference),
    matmul: matmulKernel(runner, space, reference),
    ...convKernels(runner, space, reference, options.products?.smallest),
    ...attentionKernels(runner, space, reference),
    ...crossEntropyKernels(runner, space, reference),
    ...softmaxKernels(runner, space, reference),
    ...layerNormKernels(runner, space, reference),
    ...batchNormKernels(runner, space, reference),
    ...poolingKernels(runner, space, reference),
    ...rowKernels(runner, space, reference),
    adam: adamKernel(runner, space, reference),
  };
  return {
    name: "wasm",
    kernels,
    info: () => ({
      simd: true,
      fma: wasm.fma,
      sharedMemory: wasm.shared,
      ...runner.info(),
      ...space.info(),
    }),
  };
}
