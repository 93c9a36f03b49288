/** Everything the course needs before it can run; each part is skipped when it is up to date. */
import { build, buildUpToDate } from "./build.mjs";
import { requireRoom, unwritable } from "./folder.mjs";
import { registerKernel } from "./kernelspec.mjs";
import { installOpenblas, tryBlas } from "./openblas.mjs";
import { installPackages, packagesUpToDate } from "./packages.mjs";
import { prepareJupyter, presentJupyter } from "./python.mjs";
import { readOnly, step } from "./steps.mjs";

/** @typedef {import("./python.mjs").Jupyter & { env: Record<string, string> }} Ready a Jupyter that finds our kernel with `env` */

/** Returns the Jupyter to use. @returns {Promise<Ready>} */
export async function setup() {
  const blocked = unwritable();
  if (blocked) {
    if (!packagesUpToDate() || !buildUpToDate() || !presentJupyter()) throw readOnly(blocked);
    console.log(`  – ${blocked} cannot be written: nothing is installed or built there.`);
  } else requireRoom();
  await step("npm packages", installPackages);
  const jupyter = await step("JupyterLab", prepareJupyter);
  await step("OpenBLAS", () => installOpenblas(jupyter));
  await step("library", build);
  const { env: device } = await step("fastest device", tryBlas);
  const { env } = await step("TypeScript kernel", () => registerKernel(jupyter, device));
  return { ...jupyter, env };
}
