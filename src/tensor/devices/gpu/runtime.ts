import type { GPU } from "gpu.js";
import { findNodeModule } from "../../node";
import { Unavailable } from "../unavailable";

type GpuJs = typeof import("gpu.js");

/** The synchronous modes of GPU.js, best first. (`webgpu` answers later, which maths cannot wait for.) */
export const modes = ["headlessgl", "webgl2", "webasm", "cpu"] as const;
export type Mode = (typeof modes)[number];

/** Whether results can stay on the GPU, packed four numbers to the texel. */
export const isGL = (mode: Mode): boolean => mode === "headlessgl" || mode === "webgl2";

/** GPU.js in the mode that runs here, and for each better mode why it does not. */
export interface Runtime {
  readonly gpu: GPU;
  readonly Input: GpuJs["Input"];
  readonly mode: Mode;
  readonly refused: Partial<Record<Mode, string>>;
  /** Whether OpenGL says that its context is gone. */
  isLost(): boolean;
}

/**
 * GPU.js, loaded when it is first wanted (it reads a parser and several back ends). The literal `require` serves
 * the CommonJS build and bundlers; where there is none, as in an ECMAScript module under test, Node makes one.
 */
function load(): GpuJs {
  try {
    return require("gpu.js") as GpuJs;
  } catch (error) {
    const node = findNodeModule("node:module");
    if (!(error instanceof ReferenceError) || !node) throw error;
    return node.createRequire(`${process.cwd()}/`)("gpu.js");
  }
}

/** Starts GPU.js in the first of `wanted` that computes correctly here. Throws when none does. */
export function startRuntime(wanted: readonly Mode[] = modes): Runtime {
  let gpuJs: GpuJs;
  try {
    gpuJs = load();
  } catch (error) {
    throw new Unavailable(`gpu device: GPU.js cannot be loaded: ${messageOf(error)}`);
  }
  const refused: Partial<Record<Mode, string>> = {};
  for (const mode of wanted) {
    const reason = whyNot(gpuJs, mode);
    if (reason) {
      refused[mode] = reason;
      continue;
    }
    try {
      const gpu = new gpuJs.GPU({ mode });
      probe(gpu, gpuJs.Input, mode);
      return { gpu, Input: gpuJs.Input, mode, refused, isLost: () => isLost(gpu) };
    } catch (error) {
      refused[mode] = messageOf(error);
    }
  }
  const reasons = Object.entries(refused).map(([mode, reason]) => `${mode}: ${reason}`);
  throw new Unavailable(`gpu device: no mode of GPU.js runs here (${reasons.join("; ")})`);
}

function whyNot({ GPU }: GpuJs, mode: Mode): string {
  if (mode === "headlessgl" && !GPU.isHeadlessGLSupported) {
    if (typeof process === "undefined") return "it is Node's";
    return "the optional package gl is not installed, or gives no OpenGL context (a server needs a virtual display)";
  }
  if (mode === "webgl2" && !GPU.isWebGL2Supported) return "no WebGL 2 (it is a browser's)";
  if (mode === "webasm" && !GPU.isWebAssemblySupported) return "no WebAssembly";
  return "";
}

/** A kernel whose answer is known: some drivers offer float textures and round them. */
function probe(gpu: GPU, Input: GpuJs["Input"], mode: Mode): void {
  const kernel = gpu.createKernel("function (x) { return x[this.thread.x] * 3 + 0.1; }", {
    output: [5],
    precision: "single",
  });
  const x = Float32Array.of(0, 1, -2.5, 1e-3, 123456.78);
  const got = kernel(new Input(x as unknown as number[], [5])) as Float32Array;
  const off = x.findIndex((value, i) => Math.abs(got[i] - (value * 3 + 0.1)) > 1e-6 * (Math.abs(value) + 1));
  if (off >= 0) throw new Error(`computes ${got[off]} for ${x[off]} · 3 + 0.1`);
  const ran = modeOf(kernel);
  if (ran !== mode) throw new Error(`GPU.js fell back to ${ran}`);
  kernel.destroy();
}

function isLost(gpu: GPU): boolean {
  const context = gpu.context as { isContextLost?(): boolean } | null | undefined;
  return context?.isContextLost?.() ?? false;
}

/** The mode that a kernel really runs in: GPU.js may silently replace one that it cannot translate. */
export function modeOf(kernel: { kernel: object }): string {
  const { mode, name } = kernel.kernel.constructor as unknown as { mode?: string; name: string };
  const known: Record<string, Mode> = {
    HeadlessGLKernel: "headlessgl",
    WebGL2Kernel: "webgl2",
    WebAssemblyKernel: "webasm",
    CPUKernel: "cpu",
  };
  return known[name] ?? mode ?? name;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
