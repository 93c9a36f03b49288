import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Compiles modules of src/tensor to CommonJS, as the package is built, into a folder where they find their
 * dependencies; answers the folder and a function that loads a module from it.
 */
export function compile(name: string, modules: readonly string[]) {
  const outDir = `${root}node_modules/.cache/${name}`;
  ts.createProgram(
    modules.map((path) => `${root}src/tensor/${path}.ts`),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
      skipLibCheck: true,
      noCheck: true,
      noLib: true,
      types: [],
      isolatedModules: true,
      rootDir: `${root}src/tensor`,
      outDir,
    },
  ).emit();
  const require = createRequire(import.meta.url);
  return { outDir, load: (path: string): unknown => require(`${outDir}/${path}.js`) };
}
