/** The page's part of bench/gpu.mjs: WebGL 2. */
import { createGpu } from "../../dist/tensor/devices/gpu/index.js";
import { reference } from "../../dist/tensor/devices/reference/index.js";
import { createWasm } from "../../dist/tensor/devices/wasm/index.js";
import { race } from "./race.mjs";

const wasm = createWasm(reference);
const gpu = createGpu(wasm.kernels, { modes: ["webgl2"], smallest: 0 });
const gl = document.createElement("canvas").getContext("webgl2");
if (!gl) throw new Error("this browser has no WebGL 2");
const named = gl.getExtension("WEBGL_debug_renderer_info");

/** Lets the workers start: a page's come up when its script pauses. */
wasm.kernels.matmul(new Float32Array(65536), new Float32Array(65536), new Float32Array(65536), {
  ...{
    batch: 1,
    m: 256,
    k: 256,
    n: 256,
    transposeA: false,
    transposeB: false,
    sharedA: false,
    sharedB: false,
  },
});

window.renderer = gl.getParameter(named?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
window.info = () => ({ threads: wasm.info().threads, gpu: gpu.info() });
window.race = (task, sizes) => [...race(task, sizes, { wasm, webgl2: gpu })];
window.ready = true;
