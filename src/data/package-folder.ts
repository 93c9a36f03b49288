import { nodeModule } from "../tensor";

/**
 * Where an npm package that holds data lies: beside this library, or beside the program or notebook that runs. `op` is
 * the reader that wants it, for the message when it is missing.
 */
export function packageFolder(op: string, name: string): string {
  const { createRequire } = nodeModule("node:module");
  const { dirname, join } = nodeModule("node:path");
  const here = typeof __filename === "string" ? [__filename] : [];
  for (const from of [...here, join(process.cwd(), "index.js")]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch (error) {
      if ((error as { code?: string }).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw new Error(
    `${op}: expected the npm package ${name}, which is not installed; run \`npm install ${name}\``,
  );
}
