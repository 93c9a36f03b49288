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
 * The library's file: GRADSCHOOL_BLAS names it, or the folder that it lies in (0 switches the device off); else what the
 * Python package scipy-openblas32 brought into the course's `.venv`. Throws the reason where there is none.
 */
export function findLibrary(): string {
  const fs = part("node:fs");
  const { dirname, join, resolve } = part("node:path");
  const set = environment("GRADSCHOOL_BLAS");
  if (set === "0") throw new Unavailable("blas device: switched off by GRADSCHOOL_BLAS=0");
  const list = (folder: string): string[] => {
    try {
      return fs.readdirSync(folder).sort();
    } catch {
      return []; // it is not there, or no folder, or not for us to read
    }
  };
  /** The library in the folder; where versions lie beside each other, the plain name, which is a link to the right one. */
  const libraryIn = (folder: string): string | undefined => {
    const file = list(folder).find((name) => FILE.test(name));
    return file && join(folder, file);
  };
  if (set) {
    // A name without a folder would be looked for among the system's libraries.
    const file = resolve(set);
    const found = list(file).length > 0 ? libraryIn(file) : file;
    if (found && fs.existsSync(found)) return found;
    throw new Unavailable(
      `blas device: GRADSCHOOL_BLAS names ${found ? "a file that does not exist" : "a folder without an OpenBLAS"}: ${set}`,
    );
  }
  for (let folder = dirname(here()); folder !== dirname(folder); folder = dirname(folder)) {
    const venv = join(folder, ".venv");
    const pythons = list(join(venv, "lib")).map((python) => join(venv, "lib", python));
    for (const python of [...pythons, join(venv, "Lib")]) {
      const home = join(python, "site-packages", "scipy_openblas32");
      for (const place of [join(home, "lib"), join(home, "bin")]) {
        const file = libraryIn(place);
        if (file) return file;
      }
    }
  }
  throw new Unavailable(
    "blas device: no OpenBLAS was found; `npm start` installs one, or name yours: GRADSCHOOL_BLAS=/path/to/libopenblas.so",
  );
}
