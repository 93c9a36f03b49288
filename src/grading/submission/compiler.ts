/**
 * The notebook's own TypeScript: tslab's, with the settings under which the kernel compiles cells, so that what runs in a
 * notebook compiles here, and what does not run there does not count here.
 */
import type ts from "typescript";
import { nodeModule } from "../../tensor";
import type { TypeScript } from "../slicing";

const { createRequire } = { createRequire: (from: string) => nodeModule("node:module").createRequire(from) };
const paths = nodeModule("node:path");

/** A module's JavaScript, or the first error in it. */
export type Compiled =
  | { readonly javascript: string }
  | { readonly message: string; readonly code: number; readonly at: number };

export interface Compiler {
  readonly ts: TypeScript;
  /** Each module for itself, whatever is wrong with the others; null for null. */
  compile(modules: readonly (string | null)[]): (Compiled | null)[];
}

/** The TypeScript of the notebooks. @param root the project's folder */
export const typeScriptOf = (root: string): TypeScript =>
  createRequire(paths.join(root, "package.json"))("./jupyter/compiler/converter.cjs").ts;

/** @param root the project's folder, in which `gradschool` is built */
export function createCompiler(root: string): Compiler {
  const require = createRequire(paths.join(root, "package.json"));
  const {
    ts,
    cellOptions,
  }: {
    ts: TypeScript;
    cellOptions(options: object): ts.CompilerOptions;
  } = require("./jupyter/compiler/converter.cjs");
  const options: ts.CompilerOptions = {
    // As tslab has them.
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
    experimentalDecorators: true,
    resolveJsonModule: true,
    skipLibCheck: true,
    ...cellOptions({}),
    inlineSourceMap: false,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  /** The library's declarations, read once. */
  const known = new Map<string, ts.SourceFile | undefined>();
  let mine = new Map<string, string>();
  host.getSourceFile = (name, target) => {
    const text = mine.get(name);
    if (text !== undefined) return ts.createSourceFile(name, text, target, true);
    if (!known.has(name)) known.set(name, getSourceFile(name, target));
    return known.get(name);
  };
  const { fileExists, readFile } = host;
  host.fileExists = (name) => mine.has(name) || fileExists(name);
  host.readFile = (name) => mine.get(name) ?? readFile(name);
  let program: ts.Program | undefined;
  let round = 0;

  return {
    ts,
    compile(modules) {
      round++;
      const folder = `${root.replaceAll("\\", "/")}/answers-of-students`;
      const names = modules.map((text, i) => (text === null ? null : `${folder}/${round}-${i}.ts`));
      mine = new Map(names.flatMap((name, i) => (name === null ? [] : [[name, modules[i]!]])));
      const all = ts.createProgram([...mine.keys()], options, host, program);
      program = all;
      return names.map((name) => {
        if (name === null) return null;
        const file = all.getSourceFile(name)!;
        const found = [...all.getSyntacticDiagnostics(file), ...all.getSemanticDiagnostics(file)];
        // A package without types is `any` in a notebook.
        const first = found.find(({ code }) => code !== 7016);
        if (first)
          return {
            message: ts.flattenDiagnosticMessageText(first.messageText, " "),
            ...{ code: first.code, at: first.start ?? -1 },
          };
        const { outputText } = ts.transpileModule(file.text, {
          compilerOptions: {
            ...{ module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
            ...{ esModuleInterop: true, experimentalDecorators: true },
          },
        });
        return { javascript: outputText };
      });
    },
  };
}
