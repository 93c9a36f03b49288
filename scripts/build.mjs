/**
 * Builds the library: AssemblyScript to a .ts with the wasm in it, then TypeScript to dist/. Does nothing when
 * dist/ was made from exactly these sources.  `npm run build`
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { locked } from "./lock.mjs";
import { runBin } from "./packages.mjs";
import { inRoot, isMain, report, run, step, writeWhole } from "./steps.mjs";

const stampFile = inRoot("dist", ".stamp");

/** Every file that dist/ depends on. */
function inputs() {
  const scripts = readdirSync(inRoot("scripts")).filter((name) => name.startsWith("build"));
  return [
    ...["tsconfig.json", "tsconfig.build.json", "node_modules/typescript/package.json"],
    ...filesBelow("src").filter((file) => !file.includes(".generated.")),
    ...scripts.map((name) => `scripts/${name}`),
  ].sort();
}

/** Node 20.0 does not read folders recursively. @param {string} folder @returns {string[]} */
const filesBelow = (folder) =>
  readdirSync(inRoot(folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(name) : [name];
  });

function fingerprint() {
  const hash = createHash("sha256");
  for (const file of inputs()) hash.update(`${file}\0`).update(readFileSync(inRoot(file)));
  return hash.digest("hex");
}

const releaseFile = inRoot("release.json");

/** A student's bundle (scripts/release) has the built library and no sources. */
export const isReleased = () => existsSync(releaseFile);

/** A text that is another for another build of the library. */
export const buildId = () => readFileSync(isReleased() ? releaseFile : stampFile, "utf8");

/** What to do where the build is not as it should be. */
export const REBUILD = isReleased() ? "unpack the course once more, over this folder" : "npm run build";

export const buildUpToDate = () =>
  isReleased() ||
  (existsSync(stampFile) &&
    readFileSync(stampFile, "utf8") === fingerprint() &&
    existsSync(inRoot("dist/index.js")));

/** Build if needed; throws a Problem with the compiler's words. */
export async function build() {
  if (isReleased()) return "as released";
  if (buildUpToDate()) return "up to date";
  return locked("library", "built", buildUpToDate, async () => {
    const stamp = fingerprint();
    const fresh = "dist.new";
    remove(fresh);
    const what = "The build of the library";
    try {
      // A process of its own: the compiler works for half a minute without listening to signals.
      await run(process.execPath, [inRoot("scripts", "build-wasm.mjs")], { what });
      // Not `npx tsc`: a dependency of tslab takes that name for an older compiler.
      await runBin("typescript/bin/tsc", ["-p", "tsconfig.build.json", "--outDir", fresh], { what });
      await run(process.execPath, [inRoot("scripts", "build-versions.mjs"), fresh], { what });
      writeWhole(inRoot(fresh, ".stamp"), stamp);
      putInPlace(fresh);
    } finally {
      remove(fresh);
    }
    return "built";
  });
}

/** The library stays as it was until the new one is whole: notebooks may be running, and the build may fail. @param {string} fresh */
function putInPlace(fresh) {
  const old = "dist.old";
  remove(old);
  if (existsSync(inRoot("dist"))) renameSync(inRoot("dist"), inRoot(old));
  renameSync(inRoot(fresh), inRoot("dist"));
  remove(old);
}

/** @param {string} folder */
const remove = (folder) => rmSync(inRoot(folder), { recursive: true, force: true });

if (isMain(import.meta.url)) step("library", build).catch((error) => process.exit(report(error)));
