/** Long runs that a lecture brings along: recordings and pretrainings. They run as a notebook would: built, on the fastest device. */
import { existsSync, readdirSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { tryBlas } from "./openblas.mjs";
import { installPackages } from "./packages.mjs";
import { inRoot, step } from "./steps.mjs";

const lectures = inRoot("src", "lectures");

/** @typedef {{ name: string, source: string }} Script */

/** `gpt-scaling` of src/lectures/gpt/recorded/scaling.ts, and so on. @returns {Script[]} */
export const recordings = () =>
  readdirSync(lectures).flatMap((lecture) => {
    const folder = path.join(lectures, lecture, "recorded");
    const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".ts")) : [];
    return files.map((file) => ({
      name: `${lecture}-${file.slice(0, -".ts".length)}`,
      source: path.join(folder, file),
    }));
  });

/** `gpt` of src/lectures/gpt/pretrain.ts, and so on. @returns {Script[]} */
export const pretrainings = () =>
  readdirSync(lectures)
    .map((name) => ({ name, source: path.join(lectures, name, "pretrain.ts") }))
    .filter(({ source }) => existsSync(source));

/** Builds what is to be run, and has it run on the device that a notebook would take. */
export async function prepare() {
  await step("npm packages", installPackages);
  await step("library", build);
  const { env } = await step("fastest device", tryBlas);
  Object.assign(process.env, env);
}

/** What the built form of a source file exports. @param {string} source @returns {Promise<any>} */
export async function loadBuilt(source) {
  const built = inRoot("dist", path.relative(inRoot("src"), source).replace(/\.ts$/, ".js"));
  return import(pathToFileURL(built).href);
}

/** This machine in words. @param {string} device */
export function machineInWords(device) {
  const all = cpus();
  const model =
    all[0]?.model
      .replace(/\((R|TM)\)|CPU|@.*$/gi, "")
      .replace(/\s+/g, " ")
      .trim() || process.arch;
  return `${all.length} cores (${model}), device ${device}, Node ${process.versions.node.split(".")[0]}`;
}

/** Today, as 2026-11-26. */
export const today = () => new Date().toISOString().slice(0, 10);
