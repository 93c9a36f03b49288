import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The library and this folder as CommonJS, as the package is built, in a folder where they find their dependencies.
 * What has not changed since the last time is not compiled again.
 */
export function compiled(): string {
  const out = `${root}node_modules/.cache/nonsense/`;
  for (const folder of ["src", "test/nonsense"]) {
    for (const name of readdirSync(root + folder, { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts") || /assembly|\.nb\.ts|\.test\.ts/.test(name)) continue;
      const [source, target] = [`${root}${folder}/${name}`, `${out}${folder}/${name.replace(/ts$/, "js")}`];
      const time = statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (time > statSync(source).mtimeMs) continue;
      const { outputText } = ts.transpileModule(readFileSync(source, "utf8"), {
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.CommonJS,
          esModuleInterop: true,
        },
      });
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, outputText);
    }
  }
  return out;
}

/** The modules that can be imported: name ("" for the main one) → file. */
export function entries(): Record<string, string> {
  const lectures = readdirSync(`${root}src/lectures`).filter((name) => !name.endsWith(".ts"));
  return Object.fromEntries([
    ["", "src/index.ts"],
    ...lectures.map((name) => [name, `src/lectures/${name}/index.ts`]),
  ]);
}
