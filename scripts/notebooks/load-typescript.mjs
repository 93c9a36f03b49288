/** Lets `require` read the library's TypeScript as it stands: what is generated cannot come from an older build. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import ts from "typescript";

const require = createRequire(import.meta.url);

require.extensions[".ts"] = (module, file) => {
  const compilerOptions = {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
  };
  module._compile(
    ts.transpileModule(readFileSync(file, "utf8"), { compilerOptions, fileName: file }).outputText,
    file,
  );
};

export const loadTypeScript = (file) => require(file);
