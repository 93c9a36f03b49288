/** TypeScript of the sources and tests as it stands, for commands that run it outside of vitest. */
import { build, buildUpToDate } from "./build.mjs";
import { requireReadablePath } from "./folder.mjs";
import { installPackages, packagesUpToDate } from "./packages.mjs";
import { root, step } from "./steps.mjs";

/**
 * What a file such as `./test/parity/main.ts` exports. A fresh clone is set up first; where all is there this says
 * nothing, so that the command's own output stands alone. Rejects when the set-up fails.
 * @param {string} file
 * @returns {Promise<any>}
 */
export async function loadTypeScript(file) {
  requireReadablePath();
  if (!packagesUpToDate()) await step("npm packages", installPackages);
  if (!buildUpToDate()) await step("library", build);
  const { runnerImport } = await import("vite");
  const { module } = await runnerImport(file, { root, logLevel: "error" });
  return module;
}
