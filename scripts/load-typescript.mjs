/** TypeScript of the sources and tests as it stands, for commands that run it outside of vitest. */
import { installPackages, packagesUpToDate } from "./packages.mjs";
import { Problem, root, step } from "./steps.mjs";

/**
 * What a file such as `./test/parity/main.ts` exports. A fresh clone is set up first; where all is there this says
 * nothing, so that the command's own output stands alone. Rejects when the set-up fails.
 * @param {string} file
 * @returns {Promise<any>}
 */
export async function loadTypeScript(file) {
  requireVite();
  if (!packagesUpToDate()) await step("npm packages", installPackages);
  const { buildWasm } = await import("./build-wasm.mjs");
  await buildWasm(); // the sources import what it makes
  loader ??= makeLoader();
  return (await loader).import(file);
}

/** One for all files, which load what they share once. @type {Promise<{ import: (file: string) => Promise<any> }> | undefined} */
let loader;

/** What Vite's `runnerImport` makes anew for each file. */
async function makeLoader() {
  const { createRunnableDevEnvironment, resolveConfig } = await import("vite");
  const name = "gradschool";
  const config = await resolveConfig(
    {
      ...{ root, logLevel: "error", configFile: false, envDir: false },
      environments: {
        [name]: {
          consumer: "server",
          dev: { moduleRunnerTransform: true },
          resolve: { external: true, mainFields: [], conditions: ["node"] },
        },
      },
    },
    "serve",
  );
  const environment = createRunnableDevEnvironment(name, config, {
    runnerOptions: { hmr: { logger: false } },
    hot: false,
  });
  await environment.init();
  return environment.runner;
}

/** Throws a Problem if Vite, which loads the TypeScript of lectures and tests, cannot run here. The course can. */
export function requireVite() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19) || major === 21 || (major === 22 && minor < 12))
    throw new Problem(
      `Node ${process.versions.node} runs the course, but not its tests: Vite needs Node 20.19, 22.12 or newer.`,
      "Get a newer one from https://nodejs.org, or with nvm: nvm install 24",
    );
  if (/[#?]/.test(root))
    throw new Problem(
      `${root}: the course runs there, but tests and lecture sources cannot be loaded from a path with "#" or "?" in it.`,
      "Move the folder, or give it another name.",
    );
}
