/** npm packages: installed exactly as package-lock.json says. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { locked } from "./lock.mjs";
import { call } from "./processes.mjs";
import { inRoot, inWords, Problem, root, run, tail } from "./steps.mjs";

/** @typedef {{ version?: string, optional?: boolean, link?: boolean, os?: string[], cpu?: string[], libc?: string[] }} Entry */

/** @param {string} file */
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/**
 * The packages that are not as the lock file says; none if all is well. npm writes its own list last
 * (node_modules/.package-lock.json), so without it an installation was interrupted. On a full disk npm leaves out files,
 * or what should stand in them, and calls that a success.
 * @returns {string[]}
 */
export function wrongPackages(folder = root) {
  /** @type {Record<string, Entry>} */
  const { "": project, ...wanted } = readJson(path.join(folder, "package-lock.json")).packages;
  try {
    readJson(path.join(folder, "node_modules", ".package-lock.json"));
  } catch {
    return ["node_modules"];
  }
  return Object.entries(wanted)
    .filter(([name, entry]) => {
      const place = path.join(folder, name);
      return !present(place, entry) && !(entry.optional && mayLack(place, entry));
    })
    .map(([name]) => name);
}

export const packagesUpToDate = () => wrongPackages().length === 0;

/** @param {string} place @param {Entry} entry */
function present(place, { version, link }) {
  try {
    return readJson(path.join(place, "package.json")).version === version || link === true;
  } catch {
    return false;
  }
}

/**
 * Whether this machine can do without an optional package: one that is made for another. node_modules may have been
 * copied from there, and then lacks what is made for this one.
 * @param {string} place
 * @param {Entry} entry
 */
function mayLack(place, { os, cpu, libc }) {
  if (existsSync(place)) return false;
  const here = { os: process.platform, cpu: process.arch, libc: libcHere() };
  const forHere = (os || cpu) && allows(os, here.os) && allows(cpu, here.cpu) && allows(libc, here.libc);
  return !forHere;
}

/** @param {readonly string[] | undefined} list @param {string} value */
const allows = (list, value) =>
  !list ||
  (!list.includes(`!${value}`) && (list.includes(value) || list.every((one) => one.startsWith("!"))));

/** @type {string | undefined} */
let libc;
function libcHere() {
  if (process.platform !== "linux") return "";
  const report = /** @type {any} */ (process.report);
  if (libc === undefined) report.excludeNetwork = true; // looking up the names of all connections takes long
  libc ??= report.getReport().header.glibcVersionRuntime ? "glibc" : "musl";
  return libc;
}

/** How to call npm on this machine: through node where its script can be found, which works everywhere. */
export function npm() {
  const beside = path.dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath,
    path.join(beside, "node_modules", "npm", "bin", "npm-cli.js"),
    path.join(beside, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const script = candidates.find((file) => file && path.basename(file) === "npm-cli.js" && existsSync(file));
  return script ? [process.execPath, script] : ["npm"];
}

/**
 * No package's install script runs: zeromq brings its binaries, the rest needs none. The others keep settings of the
 * user's (NODE_ENV=production, `omit`, `global`) from leaving half of it out.
 */
const flags = [
  ...["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=warn"],
  ...["--include=dev", "--include=optional", "--include=peer", "--no-global", "--no-dry-run"],
  ...[
    "--install-strategy=hoisted",
    "--package-lock",
    "--fetch-retry-mintimeout=2000",
    "--fetch-retry-maxtimeout=10000",
  ],
];

/** Install what is missing. */
export async function installPackages() {
  if (packagesUpToDate()) return "up to date";
  return locked("npm packages", "installed", packagesUpToDate, async () => {
    let { code, output } = await npmCi([]);
    // Often the cache in the home folder is at fault: root's after a `sudo npm`, damaged, or not to be written.
    if (code !== 0 && !inWords(output) && /cache|EACCES|EPERM|EROFS|EINTEGRITY|ENOTDIR|sha512/i.test(output))
      ({ code, output } = await npmCi([`--cache=${inRoot(".cache", "npm")}`]));
    const wrong = code === 0 && !/TAR_ENTRY_ERROR/.test(output) ? wrongPackages() : null;
    if (wrong?.length === 0) return "installed";
    throw npmProblem(code, output, wrong ?? []);
  });
}

/** @param {readonly string[]} more */
async function npmCi(more) {
  const [command, ...first] = npm();
  return call(command, [...first, "ci", ...flags, ...more], { cwd: inRoot(), env: { NODE_ENV: undefined } });
}

/**
 * @param {number} code
 * @param {string} output
 * @param {readonly string[]} wrong
 */
function npmProblem(code, output, wrong) {
  if (code === 127)
    return new Problem("npm was not found.", "Install Node from https://nodejs.org; it brings npm.");
  const disk = inWords(output);
  if (disk) return disk;
  const words = tail(output, 15);
  if (/SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)|CERT_HAS_EXPIRED|DEPTH_ZERO/.test(output))
    return new Problem(
      `npm does not trust the certificate of the package registry, or of a proxy on the way:\n${words}`,
      "Name your organisation's certificate: NODE_EXTRA_CA_CERTS=/path/to/ca.pem npm start",
    );
  if (/\bE40[137]\b|\b407\b/.test(output))
    return new Problem(
      `The package registry, or a proxy, refuses this machine:\n${words}`,
      "See `npm config get registry` and `npm config get proxy`; ask whoever runs them for access.",
    );
  if (
    /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ENOTCACHED|network|socket/i.test(
      output,
    )
  )
    return new Problem(
      "npm cannot reach the package registry, and node_modules is not complete.",
      "Connect to the network once and run `npm start` again. Behind a proxy: set HTTPS_PROXY; for a registry of\n" +
        "your own: `npm config set registry <address>`.",
    );
  if (code === 0)
    return new Problem(
      `npm called it a success, but these are not whole: ${wrong.slice(0, 5).join(", ") || "files of some packages"}` +
        `${wrong.length > 5 ? ` and ${wrong.length - 5} more` : ""}.\n${words}`,
      "Run `npm start` again; if it stays so, delete node_modules first.",
    );
  return new Problem(`npm ci failed:\n${words}`, "If package.json changed, run `npm install` first.");
}

/**
 * Run one of the installed packages' programs with this Node.
 * @param {string} script
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export const runBin = (script, args, options) =>
  run(process.execPath, [inRoot("node_modules", ...script.split("/")), ...args], options);
