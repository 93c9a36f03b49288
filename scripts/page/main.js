/**
 * The library in a plain web page, bundled and minified as a user's would be. `npm run test:browser -- page` opens it
 * with and without cross-origin isolation and judges what `window.done` resolves to.
 */
import { device, nd } from "gradschool";
import { getDevice } from "../../dist/tensor/device.js";
import { createGpu } from "../../dist/tensor/devices/gpu/index.js";
import { losses, trainer } from "./train.mjs";

const { kernels: reference } = getDevice("reference");

const STEPS = Number(new URLSearchParams(location.search).get("steps") ?? 60);

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} id @param {object} facts */
const write = (id, facts) => {
  const table = /** @type {HTMLTableElement} */ (element(id));
  table.innerHTML = "";
  for (const [name, value] of Object.entries(facts)) {
    const row = table.insertRow();
    row.insertCell().textContent = name;
    row.insertCell().textContent = String(value);
  }
};

/** @param {string} text */
const say = (text) => {
  element("status").textContent = text;
};

/** Lets the page paint and answer, and the workers and the garbage collector report. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

/** @param {readonly number[]} curve */
function draw(curve) {
  const [width, height] = [780, 180];
  const x = (/** @type {number} */ i) => ((i / (curve.length - 1)) * (width - 20) + 10).toFixed(1);
  const y = (/** @type {number} */ loss) => (height - 10 - (loss / curve[0]) * (height - 20)).toFixed(1);
  const points = curve.map((loss, i) => `${x(i)},${y(loss)}`).join(" ");
  element("loss").innerHTML = `<polyline points="${points}" fill="none" stroke="#2a6fdb" stroke-width="2"/>`;
}

/** A long loop that breathes now and then; what the heap holds after each breath, in MiB. @param {number} steps @param {number} every */
async function longLoop(steps, every) {
  const used = [];
  const step = trainer();
  for (let i = 1; i <= steps; i++) {
    step();
    if (i % every > 0) continue;
    await breathe();
    used.push(device().info().heapUsedMiB);
  }
  return used;
}

/** Arrays that nobody frees: x changes for ever, each time into new memory. @param {number} steps @param {number} every */
async function garbageLoop(steps, every) {
  let x = nd.ones([256, 256]);
  for (let i = 1; i <= steps; i++) {
    x = x.mul(0.5).add(0.5);
    if (i % every === 0) await breathe();
  }
  return x.mean().item();
}

/** The browser's OpenGL in words, or null. */
function renderer() {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return null;
  const named = gl.getExtension("WEBGL_debug_renderer_info");
  return gl.getParameter(named?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
}

/** @typedef {Float32Array | Float64Array} Numbers */
/** @typedef {(kernels: any, inputs: Numbers[], out: Numbers) => void} Call runs one kernel of a device */

/** Every kernel that the gpu device has, against the reference in float64: name -> largest error, relative to the largest value. @param {{ kernels: object }} gpu */
function gpuErrors(gpu) {
  const [rows, n] = [37, 68];
  const size = rows * n;
  const [x, g] = [nd.randn([size]), nd.randn([size])].map((a) => Float32Array.from(a.flat()));
  const y = new Float32Array(size);
  reference.softmax(x, y, rows, n);
  const logs = y.map(Math.log);
  /** @type {(m: number, k: number, n: number, transposeA: boolean, transposeB: boolean) => Call} */
  const product =
    (m, k, n, transposeA, transposeB) =>
    (kernels, [x, g], out) =>
      kernels.matmul(x.subarray(0, 2 * m * k), g.subarray(0, k * n), out.subarray(0, 2 * m * n), {
        ...{ batch: 2, m, k, n, transposeA, transposeB, sharedA: false, sharedB: true },
      });
  /** @type {(op: string) => Call} */
  const rowwise =
    (op) =>
    (kernels, [x], out) =>
      kernels[op](x, out, rows, n);
  /** @type {(op: string) => Call} */
  const backward =
    (op) =>
    (kernels, [x, g], out) =>
      kernels[op](x, g, out, rows, n);
  /** @type {(op: string) => Call} */
  const unary =
    (op) =>
    (kernels, [x], out) =>
      kernels.unary(op, x, out);
  /** @type {(op: string) => Call} */
  const derivative =
    (op) =>
    (kernels, [x, g], out) =>
      kernels.activationBackward(op, x, g, out);
  /** @type {Record<string, [Call, ...Numbers[]]>} */
  const calls = {
    matmul: [product(16, 20, 24, false, false), x, g],
    "matmul of odd sizes": [product(13, 19, 7, true, true), x, g],
    softmax: [rowwise("softmax"), x],
    logSoftmax: [rowwise("logSoftmax"), x],
    "softmax of odd sizes": [(kernels, [x], out) => kernels.softmax(x, out, n, rows), x],
    softmaxBackward: [backward("softmaxBackward"), y, g],
    logSoftmaxBackward: [backward("logSoftmaxBackward"), logs, g],
    ...Object.fromEntries(["exp", "sigmoid", "silu", "geluTanh"].map((op) => [op, [unary(op), x]])),
    ...Object.fromEntries(["silu", "geluTanh"].map((op) => [`${op} backward`, [derivative(op), x, g]])),
  };
  /** @type {Record<string, number>} */
  const errors = {};
  for (const [name, [call, ...inputs]] of Object.entries(calls)) {
    const [got, want] = [new Float32Array(size), new Float64Array(size)];
    call(gpu.kernels, inputs, got);
    call(
      reference,
      inputs.map((x) => Float64Array.from(x)),
      want,
    );
    const scale = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    errors[name] = want.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i])), 0) / scale;
  }
  return errors;
}

/** What GPU.js does here. */
function tryGpu() {
  const name = renderer();
  if (!name) return { skipped: "this browser has no WebGL 2" };
  /** @type {any[]} */
  const contexts = [];
  const { getContext } = HTMLCanvasElement.prototype;
  /** @this {HTMLCanvasElement} @param {any[]} args @returns {any} */
  HTMLCanvasElement.prototype.getContext = function (...args) {
    const context = /** @type {any} */ (getContext).apply(this, args);
    contexts.push(context);
    return context;
  };
  const gpu = createGpu(reference, { modes: ["webgl2"], smallest: 0 });
  HTMLCanvasElement.prototype.getContext = getContext;
  const errors = gpuErrors(gpu);
  const info = gpu.info();
  for (const context of contexts) context?.getExtension?.("WEBGL_lose_context")?.loseContext();
  return { renderer: name, errors, info, errorsWhenLost: gpuErrors(gpu), infoWhenLost: gpu.info() };
}

async function run() {
  const info = device().info();
  write("device", { "cross-origin isolated": crossOriginIsolated, ...info });
  say("training …");
  await breathe();
  const start = performance.now();
  const curve = losses(STEPS);
  const trained = performance.now() - start;
  draw(curve);
  await breathe();
  const again = losses(STEPS);
  say("a long loop …");
  await breathe();
  const used = await longLoop(400, 20);
  const garbage = await garbageLoop(6000, 100);
  say("GPU.js …");
  await breathe();
  const found = {
    cores: navigator.hardwareConcurrency,
    info,
    curve,
    again,
    trained,
    used,
    garbage,
    after: device().info(),
    gpu: tryGpu(),
  };
  write("found", {
    "loss, first and last": `${curve[0].toFixed(4)} and ${curve.at(-1).toFixed(4)} nats`,
    [`${STEPS} steps`]: `${trained.toFixed(0)} ms`,
    "heap, MiB": `${used[0]} after 20 steps, ${used.at(-1)} after 400; dead arrays fill it up to ${found.after.heapPeakMiB}`,
    "GPU.js": found.gpu.skipped ?? `${found.gpu.info.mode} on ${found.gpu.renderer}`,
  });
  say("done");
  return found;
}

Object.assign(window, { done: run() });
