/** npm packages: installed exactly as package-lock.json says. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { call, inRoot, Problem, run } from "./steps.mjs";

const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/**
 * Whether node_modules is what the lock file says. npm writes its own list (node_modules/.package-lock.json)
 * last, so an interrupted installation is not taken for a whole one.
 */
export function packagesUpToDate() {
  const installed = inRoot("node_modules", ".package-lock.json");
  if (!existsSync(installed)) return false;
  try {
    const wanted = readJson(inRoot("package-lock.json")).packages;
    const present = readJson(installed).packages;
    return Object.entries(wanted).every(([name, { version, optional }]) => {
      if (name === "") return true;
      if (!present[name]) return optional === true;
      return present[name].version === version && (optional || existsSync(inRoot(name, "package.json")));
    });
  } catch {
    return false;
  }
}

/** How to call npm on this machine: through node where its script can be found, which works everywhere. */
function npm() {
  const beside = path.dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath,
    path.join(beside, "node_modules", "npm", "bin", "npm-cli.js"),
    path.join(beside, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const script = candidates.find((file) => file && path.basename(file) === "npm-cli.js" && existsSync(file));
  return script ? [process.execPath, script] : ["npm"];
}

/** Install what is missing. No package's install script runs: zeromq brings its binaries, the rest needs none. */
export async function installPackages() {
  if (packagesUpToDate()) return "up to date";
  const [command, ...first] = npm();
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { code, output } = await call(command, [...first, "ci", ...flags]);
  if (code === 0) return "installed";
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|network/i.test(output))
    throw new Problem(
      "npm cannot reach the package registry, and node_modules is not complete.",
      "Connect to the network once (or set `npm config set registry <address>`) and run `npm start` again.",
    );
  if (code === 127)
    throw new Problem("npm was not found.", "Install Node from https://nodejs.org; it brings npm.");
  throw new Problem(`npm ci failed:\n${output.trim()}`, "If package.json changed, run `npm install` first.");
}

/** Run one of the installed packages' programs with this Node. */
export const runBin = (script, args, options) =>
  run(process.execPath, [inRoot("node_modules", ...script.split("/")), ...args], options);
