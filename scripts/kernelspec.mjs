/** Tells Jupyter about the course's kernel. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { borrowed } from "./python.mjs";
import { inRoot, windows, writeWhole } from "./steps.mjs";

/** The flags with which the kernel runs; every Node from 20 on has them. */
export const kernelFlags = () => ["--expose-gc"]; // its tests of memory, and a tidy between lectures

/**
 * Write kernel.json, beside the course's own Jupyter or, for another Jupyter, in .cache/jupyter. `env` is the environment
 * with which that Jupyter finds this kernel, before any other of its name.
 * @param {import("./python.mjs").Jupyter} jupyter
 * @param {Record<string, string>} [device] the environment that the kernel itself gets
 * @returns {{ env: Record<string, string>, note: string }}
 */
export function registerKernel(jupyter, device = earlierDevice(jupyter)) {
  const { data, folder } = places(jupyter);
  const kernel = path.relative(folder, inRoot("jupyter", "kernel.cjs")).replaceAll("\\", "/");
  const spec = {
    argv: [process.execPath, ...kernelFlags(), `{resource_dir}/${kernel}`, "{connection_file}"],
    display_name: "TypeScript",
    language: "typescript",
    // A signal also ends the child processes of a cell; Windows has none.
    interrupt_mode: windows ? "message" : "signal",
    env: device,
  };
  const text = `${JSON.stringify(spec, null, 2)}\n`;
  const file = path.join(folder, "kernel.json");
  const same = existsSync(file) && readFileSync(file, "utf8") === text;
  if (!same) {
    mkdirSync(folder, { recursive: true });
    writeWhole(file, text);
  }
  const others = [data, process.env.JUPYTER_PATH].filter(Boolean).join(path.delimiter);
  /** @type {Record<string, string>} */
  const found = jupyter.own ? { JUPYTER_PREFER_ENV_PATH: "1" } : { JUPYTER_PATH: others };
  return { env: { ...found, ...home() }, note: same ? "up to date" : "registered" };
}

/** @param {import("./python.mjs").Jupyter} jupyter */
function places({ own }) {
  const data = own ? inRoot(".venv", "share", "jupyter") : borrowed;
  return { data, folder: path.join(data, "kernels", "tslab") };
}

/** What an earlier set-up found to be the fastest. @param {import("./python.mjs").Jupyter} jupyter @returns {Record<string, string>} */
function earlierDevice(jupyter) {
  try {
    return JSON.parse(readFileSync(path.join(places(jupyter).folder, "kernel.json"), "utf8")).env ?? {};
  } catch {
    return {};
  }
}

/** Jupyter writes into the home folder. A user that has none, or whose home cannot be written, gets one here. @returns {Record<string, string>} */
function home() {
  try {
    accessSync(homedir(), constants.W_OK);
    return {};
  } catch {
    const made = inRoot(".cache", "home");
    mkdirSync(made, { recursive: true });
    return { HOME: made };
  }
}
