/** Tells Jupyter about the course's kernel. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { borrowed } from "./python.mjs";
import { ask, inRoot } from "./steps.mjs";

const wantedFlags = [
  "--expose-gc", // tests of memory, and a tidy between lectures
  "--experimental-wasm-relaxed-simd", // fused multiply-add; newer Nodes have it without the flag
];

/** The flags that the Node which will run the kernel (this one) accepts. */
export function kernelFlags() {
  return wantedFlags.filter((flag) => ask(process.execPath, [flag, "-e", "0"]) !== null);
}

/**
 * Write kernel.json, beside the course's own Jupyter or, for another Jupyter, in .cache/jupyter.
 * Returns the environment with which that Jupyter finds it.
 */
export function registerKernel(jupyter) {
  const data = jupyter.own ? inRoot(".venv", "share", "jupyter") : borrowed;
  const folder = path.join(data, "kernels", "tslab");
  const kernel = path.relative(folder, inRoot("kernel", "kernel.cjs")).replaceAll("\\", "/");
  const spec = {
    argv: [process.execPath, ...kernelFlags(), `{resource_dir}/${kernel}`, "{connection_file}"],
    display_name: "TypeScript",
    language: "typescript",
    interrupt_mode: "signal",
  };
  const text = `${JSON.stringify(spec, null, 2)}\n`;
  const file = path.join(folder, "kernel.json");
  const same = existsSync(file) && readFileSync(file, "utf8") === text;
  if (!same) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  const env = jupyter.own
    ? {}
    : { JUPYTER_PATH: [data, process.env.JUPYTER_PATH].filter(Boolean).join(path.delimiter) };
  return { env, note: same ? "up to date" : "registered" };
}
