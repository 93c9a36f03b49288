/**
 * `npm run bench`: one training step of a small GPT, ours beside every peer that is installed.
 *
 *   npm run bench [-- gpt] [--config 64,4,2,16,32,65] [--rounds 5] [--torch PYTHON] [--json]
 *
 * Each contender runs in a process of its own, and they take turns (A B C, A B C, …), so that whatever else the machine
 * does hits all alike. A figure is the median over rounds of the median step. The JavaScript peers are there after
 * `npm run bench:peers`, PyTorch where a Python with torch is named.
 */
import { spawnSync } from "node:child_process";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const usage =
  "usage: npm run bench [-- gpt] [--config d,heads,layers,batch,T,vocabulary] [--rounds N] [--torch PYTHON] [--json]";

/** The configurations of bench/README.md. */
const configs = ["64,4,2,16,32,65", "128,4,4,12,64,65", "384,6,6,4,64,65"];

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: {
        config: { type: "string" },
        rounds: { type: "string", default: "5" },
        torch: { type: "string" },
        json: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    if (positionals.some((name) => name !== "gpt"))
      throw new Error(`expected gpt, got ${positionals.join(" ")}`);
    if (values.config && !/^\d+(,\d+){5}$/.test(values.config)) {
      throw new Error(`expected six numbers such as ${configs[0]}, got ${values.config}`);
    }
    if (!(Number(values.rounds) >= 1)) throw new Error(`expected 1 round or more, got ${values.rounds}`);
    return { ...values, rounds: Number(values.rounds) };
  } catch (error) {
    console.error(`bench: ${error.message}\n${usage}`);
    process.exit(2);
  }
}

const { config, rounds, torch, json } = readArguments();
const node = process.execPath;
const peer = (file) => here(`./peers/${file}`);
const installed = (name) => existsSync(here(`./peers/node_modules/${name}/package.json`));

/** Name -> the command for a configuration. Slow peers get fewer steps. */
const contenders = {
  gradschool: (c) => [node, ["--experimental-wasm-relaxed-simd", here("./ours-gpt.mjs"), c, "60"]],
  ...(torch && { PyTorch: (c) => [torch, [peer("torch-gpt.py"), c, "40", "2"]] }),
  ...(installed("@jax-js/jax") && { "jax-js": (c) => [node, [peer("jax-gpt.mjs"), c, "12"]] }),
  ...(installed("@tensorflow/tfjs") && {
    "TensorFlow.js": (c) => [node, [peer("tfjs-gpt.mjs"), c, "8", "wasm"]],
  }),
  ...(installed("js-pytorch") && { "js-pytorch": (c) => [node, [peer("jspytorch-gpt.mjs"), c, "3"]] }),
};

/** The last JSON line of a run, or the reason why there is none. */
function once(command, args) {
  const { stdout, stderr, status, error } = spawnSync(command, args, { encoding: "utf8", timeout: 300_000 });
  const line = stdout
    ?.trim()
    .split("\n")
    .findLast((text) => text.startsWith("{"));
  if (status === 0 && line) return JSON.parse(line);
  return { failed: error?.message ?? (stderr.trim().split("\n").at(-1) || `exit ${status}`) };
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

function race(c) {
  const runs = new Map(Object.keys(contenders).map((name) => [name, []]));
  const failed = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(contenders)) {
      if (failed[name]) continue;
      const result = once(...command(c));
      if (result.failed) failed[name] = result.failed;
      else runs.get(name).push(result);
    }
  }
  if (failed.gradschool)
    throw new Error(`bench: gradschool did not run: ${failed.gradschool}; npm start -- --setup`);
  const ours = runs.get("gradschool");
  const times = ours.map(({ ms }) => ms);
  const peers = {};
  const ratio = {};
  for (const [name, list] of runs) {
    if (name === "gradschool" || list.length === 0) continue;
    peers[name] = median(list.map(({ ms }) => ms));
    ratio[name] = +median(list.map(({ ms }, round) => times[round] / ms)).toFixed(3);
  }
  return {
    ours_ms: median(times),
    spread_ms: [Math.min(...times), Math.max(...times)],
    config: c.split(",").map(Number),
    threads: ours[0].threads,
    fma: ours[0].fma === "yes" || ours[0].fma === true,
    peers,
    ratio,
    ...(Object.keys(failed).length > 0 && { failed }),
  };
}

function print({ ours_ms, spread_ms, config: c, peers, ratio, failed = {} }) {
  console.log(
    `\nGPT step, d ${c[0]}, ${c[1]} heads, ${c[2]} layers, batch ${c[3]}, T ${c[4]}, vocabulary ${c[5]}`,
  );
  console.log(
    `  ${"gradschool".padEnd(14)} ${ours_ms.toFixed(2).padStart(9)} ms   (${spread_ms.join(" to ")})`,
  );
  for (const [name, ms] of Object.entries(peers)) {
    console.log(
      `  ${name.padEnd(14)} ${ms.toFixed(2).padStart(9)} ms   ours takes ${ratio[name]} of its time`,
    );
  }
  for (const [name, why] of Object.entries(failed)) console.log(`  ${name.padEnd(14)} did not run: ${why}`);
}

const results = [];
for (const c of config ? [config] : configs) {
  const result = race(c);
  results.push(result);
  if (json) console.log(JSON.stringify(result));
  else print(result);
}
if (!json && !config) {
  const file = here("./results.json");
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`;
  writeFileSync(`${file}.tmp`, `${JSON.stringify({ machine, rounds, gpt: results }, null, 1)}\n`);
  renameSync(`${file}.tmp`, file);
  const absent = ["jax-js", "TensorFlow.js", "js-pytorch"].filter((name) => !(name in contenders));
  if (absent.length > 0) console.log(`\nnot installed: ${absent.join(", ")}; npm run bench:peers`);
  if (!torch) console.log("PyTorch: name a Python that has it, --torch PYTHON");
}
