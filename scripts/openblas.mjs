/**
 * OpenBLAS, for the `blas` device: a Python package carries its library for every platform. The course runs without it,
 * only slower, so nothing here fails: where a part cannot be had, a note says why.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { buildId } from "./build.mjs";
import { locked } from "./lock.mjs";
import { call } from "./processes.mjs";
import { pipEnv } from "./python.mjs";
import { inRoot, tail, windows, writeWhole } from "./steps.mjs";

const version = "0.3.34.481.3";

/** What was found out about this machine, and about what. */
const stampFile = inRoot(".cache", "blas.json");

/** Where the package says that it is installed, or null. */
function installed() {
  const lib = inRoot(".venv", windows ? "Lib" : "lib");
  const pythons = windows ? [""] : existsSync(lib) ? readdirSync(lib) : [];
  const places = pythons.map((python) => path.join(lib, python, "site-packages"));
  return (
    places.find((place) => existsSync(path.join(place, `scipy_openblas32-${version}.dist-info`))) ?? null
  );
}

/**
 * Brings the library into .venv, where the device looks for it.
 * @param {import("./python.mjs").Jupyter} jupyter
 * @returns {Promise<string>} a note
 */
export async function installOpenblas({ command: [python, ...first], own }) {
  if (process.env.GRADSCHOOL_BLAS) return `GRADSCHOOL_BLAS=${process.env.GRADSCHOOL_BLAS}`;
  if (installed()) return "up to date";
  if (!own) return "left out: there is no .venv to put it into";
  return locked(
    "OpenBLAS",
    "installed",
    () => installed() !== null,
    async () => {
      const flags = [
        "--quiet",
        "--disable-pip-version-check",
        "--retries=1",
        "--no-deps",
        "--only-binary=:all:",
      ];
      const wanted = `scipy-openblas32==${version}`;
      const { output } = await call(python, [...first, "-m", "pip", "install", ...flags, wanted], {
        env: pipEnv(),
      });
      if (installed()) return "installed";
      return `left out, the course runs without it: ${tail(output, 1) || "pip did not install it"}`;
    },
  );
}

/**
 * Tries the device in a process of its own (a library for another processor could end it), once for each build, Node and
 * library. Answers the environment with which the kernel prefers it, and a note.
 * @returns {Promise<{ env: Record<string, string>, note: string }>}
 */
export async function tryBlas() {
  const { GRADSCHOOL_BLAS = "", GRADSCHOOL_DEVICE } = process.env;
  if (GRADSCHOOL_DEVICE) return { env: {}, note: `GRADSCHOOL_DEVICE=${GRADSCHOOL_DEVICE}` };
  const key = [GRADSCHOOL_BLAS, installed(), process.versions.node, buildId()].join("\n");
  let reason = earlier(key);
  if (reason === null) {
    const program = `const { setDevice } = require(${JSON.stringify(inRoot("dist", "tensor", "index.js"))}); setDevice("blas");`;
    const { code, output } = await call(process.execPath, ["-e", program]);
    const said = output.match(/blas device: (.*)/)?.[1];
    reason = code === 0 ? "" : (said ?? `it ends the process: ${tail(output, 1)}`);
    mkdirSync(path.dirname(stampFile), { recursive: true });
    writeWhole(stampFile, JSON.stringify({ key, reason }));
  }
  if (reason) return { env: {}, note: `wasm. No blas: ${reason}` };
  return { env: { GRADSCHOOL_DEVICE: "blas,wasm" }, note: "blas" };
}

/** @param {string} key @returns {string | null} */
function earlier(key) {
  try {
    const found = JSON.parse(readFileSync(stampFile, "utf8"));
    return found.key === key ? found.reason : null;
  } catch {
    return null;
  }
}
