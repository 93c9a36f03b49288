/**
 * GPU.js in every mode that runs here, beside our wasm device, in one run and taking turns: matmul (n, n) · (n, n) and
 * softmax over rows of (n, n). Medians; ratios to wasm.
 *
 *   node bench/gpu.mjs [matmul] [softmax] [--sizes 64,...,2048] [--modes headlessgl,webasm,cpu]
 *                     [--browser] [--headed] [--json]
 *
 * headlessgl needs the optional package gl, built (GPU.md says how), and on a server a display (`xvfb-run`).
 * --modes with nothing leaves Node out, --browser adds WebGL 2 in a Chromium (CHROMIUM names one), --headed shows its window and lets it have the GPU.
 */
import { createRequire } from "node:module";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, buildUpToDate } from "../scripts/build.mjs";
import { findChromium, launchChromium } from "../scripts/chromium.mjs";
import { bundle, serve } from "../scripts/page.mjs";
import { race } from "./gpu-page/race.mjs";

/** @typedef {import("./gpu-page/race.mjs").TaskName} TaskName */
/** @typedef {import("./gpu-page/race.mjs").Line} Line */
/** @typedef {NonNullable<NonNullable<Parameters<typeof import("../dist/tensor/devices/gpu/index.js").createGpu>[1]>["modes"]>[number]} Mode */

const require = createRequire(import.meta.url);

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: {
        sizes: { type: "string", default: "64,128,256,512,1024,2048" },
        modes: { type: "string", default: "headlessgl,webasm,cpu" },
        browser: { type: "boolean", default: false },
        headed: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const wrong = positionals.find((task) => task !== "matmul" && task !== "softmax");
    if (wrong) throw new Error(`expected matmul or softmax, got ${wrong}`);
    if (!/^\d+(,\d+)*$/.test(values.sizes))
      throw new Error(`expected sizes such as 64,256, got ${values.sizes}`);
    return {
      ...values,
      tasks: /** @type {TaskName[]} */ (positionals.length > 0 ? positionals : ["matmul", "softmax"]),
      sizes: values.sizes.split(",").map(Number),
      modes: /** @type {Mode[]} */ (values.modes.split(",").filter(Boolean)),
    };
  } catch (error) {
    console.error(`gpu: ${/** @type {Error} */ (error).message}`);
    process.exit(2);
  }
}

const { tasks, sizes, modes, browser: wantsBrowser, headed, json } = readArguments();
const say = json ? () => {} : console.log;

/** Prints lines as they come, under a heading for each task: milliseconds a call, and how many times wasm's time. @param {readonly string[]} names */
function printer(names) {
  let heading = "";
  const cell = (/** @type {string} */ text) => text.padStart(20);
  /** @param {Line} line */
  const print = ({ task, n, unit, results }) => {
    if (task !== heading) say(`\n  ${`${task}, ms`.padEnd(14)}${names.map(cell).join("")}`);
    heading = task;
    const cells = names.map((name) => {
      const found = results.find((result) => result.name === name);
      if (!found) return cell("–");
      return cell(name === "wasm" ? `${found.ms} (${found.rate} ${unit})` : `${found.ms} (${found.ratio} ×)`);
    });
    say(`  ${String(n).padEnd(14)}${cells.join("")}`);
  };
  return print;
}

function inNode() {
  const { reference } = require("../dist/tensor/devices/reference/index.js");
  const { createWasm } = require("../dist/tensor/devices/wasm/index.js");
  const { createGpu } = require("../dist/tensor/devices/gpu/index.js");
  const wasm = createWasm(reference);
  /** @type {Record<string, import("./gpu-page/race.mjs").Contender>} */
  const contenders = { wasm };
  /** @type {Record<string, string>} */
  const absent = {};
  for (const mode of modes) {
    try {
      contenders[mode] = createGpu(wasm.kernels, { modes: [mode], smallest: 0 });
    } catch (error) {
      absent[mode] = /** @type {Error} */ (error).message;
    }
  }
  const { threads, fma } = wasm.info();
  say(`\nNode ${process.versions.node}, wasm on ${threads} threads, FMA ${fma}`);
  for (const [mode, why] of Object.entries(absent)) say(`  ${mode} does not run: ${why}`);
  const lines = [];
  const print = printer(Object.keys(contenders));
  for (const task of tasks) {
    for (const line of race(task, sizes, contenders)) {
      lines.push(line);
      print(line);
    }
  }
  return { threads, absent, lines };
}

async function inBrowser() {
  findChromium();
  const folder = fileURLToPath(new URL("../out/gpu-page", import.meta.url));
  await bundle(fileURLToPath(new URL("gpu-page", import.meta.url)), folder);
  const server = await serve(folder);
  const browser = await launchChromium({ headed });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(300_000);
    await page.goto(`${server.origin}/isolated/`);
    await page.waitForFunction(() => window.ready, null, {
      timeout: 60_000,
    });
    const renderer = await page.evaluate(() => window.renderer);
    say(`\nChromium ${browser.version()}, WebGL 2 on ${renderer}`);
    const lines = [];
    const print = printer(["wasm", "webgl2"]);
    for (const task of tasks) {
      const found = await page.evaluate(({ task, sizes }) => window.race(task, sizes), { task, sizes });
      for (const line of found) print(line);
      lines.push(...found);
    }
    return {
      renderer,
      ...(await page.evaluate(() => window.info())),
      lines,
    };
  } finally {
    await browser.close();
    server.stop();
  }
}

const machine = `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores`;
say(
  `${machine}; (n ×): n times as long as wasm in the same run; –: too slow to wait for, or handed back to wasm`,
);
if (!buildUpToDate()) await build();
const node = modes.length > 0 ? inNode() : undefined;
const browser = wantsBrowser ? await inBrowser() : undefined;
if (json) console.log(JSON.stringify({ machine, node, browser }));
process.exit(0);
