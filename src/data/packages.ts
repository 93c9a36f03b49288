import { nodeModule, refusal } from "../tensor";

const paths = nodeModule("node:path");

/** What finds packages as `require` does: beside this library, or beside the program or notebook that runs. */
function places(): NodeJS.Require[] {
  const { createRequire } = nodeModule("node:module");
  const here = typeof __filename === "string" ? [__filename] : [];
  return [...here, paths.join(process.cwd(), "index.js")].map((from) => createRequire(from));
}

const missing = (op: string, name: string): Error =>
  refusal(op, `expected the npm package ${name}, which is not installed`, `run \`npm install ${name}\``);

/** The folder of an npm package whose files are read as data. Throws, and says how to install it, where it is missing. */
export function packageFolder(op: string, name: string): string {
  // The folders in which node looks; the package itself is not asked, as some do not hand out their package.json.
  const folders = places().flatMap((from) => from.resolve.paths(name) ?? []);
  const { existsSync } = nodeModule("node:fs");
  const parent = folders.find((folder) => existsSync(paths.join(folder, name, "package.json")));
  if (parent === undefined) throw missing(op, name);
  return paths.join(parent, name);
}

/** What an npm package exports, loaded when this is called. Throws, and says how to install it, where it is missing. */
export function loadPackage(op: string, name: string): unknown {
  for (const from of places()) {
    try {
      return from(name);
    } catch (error) {
      if ((error as { code?: string }).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw missing(op, name);
}
