import type { Device } from "../../device";
import type { DType, Storage } from "../../dtype";
import type { Kernels } from "../../kernels";
import { adamKernel } from "./adam";
import { attentionKernels } from "./attention";
import { batchNormKernels } from "./batch-norm";
import { binaryKernel, compareKernel } from "./binary";
import { convKernels } from "./conv";
import { copyKernel } from "./copy";
import { countingKernels } from "./counting";
import { crossEntropyKernels } from "./cross-entropy";
import { layerNormKernels } from "./layer-norm";
import { matmulKernel } from "./matmul";
import { startModule, type WasmOptions } from "./module";
import { orderKernel } from "./order";
import { poolingKernels } from "./pooling";
import { rampKernel } from "./ramp";
import { drawKernel } from "./random";
import { reduceKernels } from "./reduce";
import { rowKernels } from "./rows";
import { Runner } from "./runner";
import { softmaxKernels } from "./softmax";
import { Space } from "./space";
import { sparseKernels } from "./sparse";
import { unaryKernels } from "./unary";
import { varianceKernel } from "./variance";
import { whereKernel } from "./where";

/** So many zeros are worth a thread. */
const MANY = 65_536;

const ZERO = { float32: new Float32Array(1), int32: new Int32Array(1), bool: new Uint8Array(1) };

/** What {@link Space.alloc} gives, written by all threads. */
function zeros(space: Space, copy: Kernels["copy"], dtype: DType, length: number): Storage {
  const out = space.empty(dtype, length);
  if (dtype !== "float64" && space.owns(out)) copy([length], ZERO[dtype], 0, [0], out, 0, [1]);
  return out;
}

/**
 * The fast device: AssemblyScript compiled to WebAssembly with 128-bit SIMD. It does float32; other dtypes go
 * to the reference. Throws with the reason where the engine cannot run it.
 */
export function createWasm(reference: Kernels, options: WasmOptions = {}): Device {
  const wasm = startModule(options);
  const space = new Space(wasm);
  const runner = new Runner(wasm, space, options.threads);
  const unary = unaryKernels(runner, space, reference);
  const copy = copyKernel(runner, space, reference);
  const kernels: Kernels = {
    ...reference,
    alloc: (dtype, length) =>
      length < MANY ? space.alloc(dtype, length) : zeros(space, copy, dtype, length),
    empty: (dtype, length) => space.empty(dtype, length),
    clock: () => space.heap.clock,
    free: (data, since) => space.free(data, since),
    copy,
    ramp: rampKernel(runner, space, reference),
    ...unary,
    binary: binaryKernel(runner, space, reference, unary.unary),
    compare: compareKernel(runner, space, reference),
    where: whereKernel(runner, space, reference),
    ...reduceKernels(runner, space, reference),
    order: orderKernel(runner, space, reference),
    ...countingKernels(runner, space, reference),
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
    ...sparseKernels(runner, space, reference),
    draw: drawKernel(runner, space, reference),
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
