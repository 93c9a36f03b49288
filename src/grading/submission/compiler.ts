/**
 * The notebook's own TypeScript: tslab's, with the settings under which the kernel compiles cells, so that what runs in a
 * notebook compiles here, and what does not run there does not count here.
 */
import type ts from "typescript";
import { nodeModule } from "../../tensor";
import type { TypeScript } from "../slicing";

const { createRequire } = { createRequire: (from: string) => nodeModule("node:module").createRequire(from) };
const fs = nodeModule("node:fs");
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

/** Whether answers may import from a file: those of the library and of packages. What is in others, an error of types would tell. */
function openIn(root: string): (file: string) => boolean {
  const real = (file: string): string | null => {
    try {
      return fs.realpathSync(file);
    } catch {
      return null;
    }
  };
  const folders = ["dist", "node_modules"].map((name) => real(paths.join(root, name)));
  const about = real(paths.join(root, "package.json"));
  const found = new Map<string, boolean>();
  return (file) => {
    let isOpen = found.get(file);
    if (isOpen === undefined) {
      const at = real(file);
      isOpen = at !== null && (at === about || folders.some((one) => one && at.startsWith(one + paths.sep)));
      found.set(file, isOpen);
    }
    return isOpen;
  };
}

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
  const isOpen = openIn(root);
  /** The library's declarations, read once. */
  const known = new Map<string, ts.SourceFile | undefined>();
  let mine = new Map<string, string>();
  host.getSourceFile = (name, target) => {
    const text = mine.get(name);
    if (text !== undefined) return ts.createSourceFile(name, text, target, true);
    if (!known.has(name)) known.set(name, isOpen(name) ? getSourceFile(name, target) : undefined);
    return known.get(name);
  };
  const { fileExists, readFile } = host;
  host.fileExists = (name) => mine.has(name) || (fileExists(name) && isOpen(name));
  host.readFile = (name) => mine.get(name) ?? (isOpen(name) ? readFile(name) : undefined);
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
