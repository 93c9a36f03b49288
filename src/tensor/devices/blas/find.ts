import { environment, findNodeModule } from "../../node";
import { Unavailable } from "../unavailable";
import type { Koffi } from "./library";

/** The part of Node that the search needs. */
function part<Name extends Parameters<typeof findNodeModule>[0]>(name: Name) {
  const found = findNodeModule(name);
  if (!found) throw new Unavailable("blas device: it needs Node, to load a library of the machine's");
  return found;
}

/** This file, for whoever resolves a package or a folder from where the library is installed. */
const here = () => (typeof __filename === "undefined" ? `${process.cwd()}/here.js` : __filename);

/** The module that calls C from JavaScript. */
export function findKoffi(): { koffi: Koffi; path: string } {
  const { createRequire } = part("node:module");
  const require = createRequire(here());
  try {
    const path = require.resolve("koffi");
    return { koffi: require(path), path };
  } catch (error) {
    const reason = (error as { code?: string }).code === "MODULE_NOT_FOUND" ? "it is not installed" : error;
    throw new Unavailable(`blas device: it needs the npm package koffi: ${reason}`);
  }
}

const FILE = /^(lib)?(scipy_)?openblas.*\.(so|dylib|dll)(\.\d+)*$/;

/**
 * The library's file: GRADSCHOOL_BLAS names one (0 switches the device off); else what the Python package
 * scipy-openblas32 brought into the course's `.venv`. Throws the reason where there is none.
 */
export function findLibrary(): string {
  const fs = part("node:fs");
  const { dirname, join } = part("node:path");
  const set = environment("GRADSCHOOL_BLAS");
  if (set === "0") throw new Unavailable("blas device: switched off by GRADSCHOOL_BLAS=0");
  if (set) {
    if (fs.existsSync(set)) return set;
    throw new Unavailable(`blas device: GRADSCHOOL_BLAS names a file that does not exist: ${set}`);
  }
  const list = (folder: string) => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);
  for (let folder = dirname(here()); folder !== dirname(folder); folder = dirname(folder)) {
    const venv = join(folder, ".venv");
    const pythons = list(join(venv, "lib")).map((python) => join(venv, "lib", python));
    for (const python of [...pythons, join(venv, "Lib")]) {
      const home = join(python, "site-packages", "scipy_openblas32");
      for (const place of [join(home, "lib"), join(home, "bin")]) {
        const file = list(place).find((name) => FILE.test(name));
        if (file) return join(place, file);
      }
    }
  }
  throw new Unavailable(
    "blas device: no OpenBLAS was found; `npm start` installs one, or name yours: GRADSCHOOL_BLAS=/path/to/libopenblas.so",
  );
}
