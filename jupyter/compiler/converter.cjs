"use strict";
/**
 * Turns a cell into JavaScript. tslab's converter does the work; this file hands it a TypeScript with four
 * mends, because tslab has no options for them:
 *   - strict checking, ES2023 types, and `gradschool` and the student's packages found wherever the notebook lies;
 *   - `await (x)` and `for await` at the top of a cell;
 *   - `{ key }` where `key` comes from an earlier cell, and `const { key: name } =` where its type does;
 *   - source maps, and an `await` that an interrupt can end.
 */
const fs = require("node:fs");
const path = require("node:path");
const packages = require("../packages.cjs");

const root = packages.root.replaceAll("\\", "/");
const student = packages.own.replaceAll("\\", "/");
const tsId = require.resolve("@tslab/typescript-for-tslab", {
  paths: [require.resolve("tslab/package.json")],
});
/** @type {typeof import("typescript")} */
const ts = require(tsId);

// Nothing is watched: before each cell, `Converter` looks at what may have changed (see there).
ts.sys.watchDirectory = () => ({ close() {} });
ts.sys.watchFile = (file, callback) => {
  if (!file.endsWith(".d.ts")) watched.set(file, { callback, changed: timeOf(file) });
  return { close: () => watched.delete(file) };
};
/** Files beside the notebook that cells import: path → whom to tell of a change, and when it was changed last. */
const watched = new Map();

/** Source maps of the two translations that made the last output, newest first; null before the first. */
let lastMaps = [];
/** Packages without types that the last cell imported. */
let lastUntyped = [];

const inlineMap = /\n?\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([\w+/=]+)\s*$/;

if (require.cache[require.resolve("tslab/dist/converter")])
  throw new Error("converter.cjs: load it before tslab, which would keep the unmended TypeScript");

// tslab reads `ts` from the module cache: give it a copy with two functions replaced.
require.cache[tsId].exports = {
  ...ts,
  createWatchCompilerHost(rootFiles, options, system, ...rest) {
    const host = ts.createWatchCompilerHost(rootFiles, cellOptions(options), system, ...rest);
    let receive = () => {};
    Object.defineProperty(host, "afterProgramCreate", {
      get: () => (builder) => receive(withTransformers(builder)),
      set: (callback) => {
        receive = callback;
      },
    });
    return host;
  },
  Completions: {
    ...ts.Completions,
    getCompletionsAtPositionForTslab(host, program, ...rest) {
      const info = ts.Completions.getCompletionsAtPosition(host, program, ...rest, undefined, true);
      const checker = program.getTypeChecker();
      if (info) info.entries = info.entries.filter(({ symbol }) => !isInternal(symbol, checker));
      return info;
    },
  },
  /** A package without types is `any`, which is worth a note and no error. */
  getPreEmitDiagnosticsOfFiles(program, files) {
    const found = ts.getPreEmitDiagnosticsOfFiles(program, files);
    const untyped = (d) => d.code === 7016;
    for (const d of found.filter(untyped))
      lastUntyped.push(quoted(ts.flattenDiagnosticMessageText(d.messageText, "")));
    return found.filter((d) => !untyped(d));
  },
  transpileModule(source, options) {
    const inner = inlineMap.exec(source);
    const out = ts.transpileModule(source.replace(inlineMap, ""), {
      ...options,
      compilerOptions: { ...options.compilerOptions, sourceMap: true },
    });
    out.outputText = out.outputText.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "");
    lastMaps = inner ? [out.sourceMapText, Buffer.from(inner[1], "base64").toString()].map(JSON.parse) : [];
    return out;
  },
};

const { createConverter, isCompleteCode } = require("tslab/dist/converter");
const { getCodeMetadata } = require("tslab/dist/metadata");

function cellOptions(options) {
  const own = fs.existsSync(`${root}/node_modules/@types/node`);
  return {
    ...options,
    strict: true,
    noImplicitUseStrict: false,
    alwaysStrict: true,
    disableTopLevelAwait: false,
    inlineSourceMap: true,
    // tslab's TypeScript is older than `toSorted` and its kin.
    lib: ["lib.es2023.d.ts", `${root}/node_modules/typescript/lib/lib.es2023.array.d.ts`].filter(known),
    types: ["node"],
    typeRoots: own ? [`${root}/node_modules/@types`] : options.typeRoots,
    baseUrl: `${root}/node_modules`,
    paths: {
      // What lies above the notebook is looked for first, by TypeScript itself; then these.
      "*": ["", "@types/"].flatMap((kind) => [
        `${student}/node_modules/${kind}*`,
        `${root}/node_modules/${kind}*`,
      ]),
      gradschool: [`${root}/dist/index.d.ts`],
      "gradschool/lectures/*": [`${root}/dist/lectures/*/index.d.ts`],
    },
  };
}

const known = (lib) => !path.isAbsolute(lib) || fs.existsSync(lib);

function withTransformers(builder) {
  const { emit } = builder;
  // A cell with `await (x)` is parsed twice, and TypeScript asks the first result for its path, which it never gave it.
  for (const { original, path } of builder.getProgram().getSourceFiles())
    if (original) original.path ||= path;
  builder.emit = (file, write, token, onlyDts, transformers = {}) =>
    emit.call(builder, file, write, token, onlyDts, {
      ...transformers,
      before: [spellOutShorthand(builder.getProgram().getTypeChecker()), ...(transformers.before ?? [])],
      after: [...(transformers.after ?? []), guardAwaits],
    });
  return builder;
}

/**
 * `{ key }` → `{ key: exports.key }` where an earlier cell declared `key`. And `{ key: name }` → `{ "key": name }` where
 * something is taken apart: tslab would put `exports.` before a property that an earlier cell's type declares.
 */
const spellOutShorthand = (checker) => (context) => (file) => {
  const f = context.factory;
  const fromEarlierCell = (symbol) =>
    symbol?.declarations?.some((d) => path.basename(d.getSourceFile().fileName) === "__prev__.d.ts");
  const quoted = (name) => ts.setTextRange(f.createStringLiteral(name.text), name);
  const visit = (node) => {
    if (ts.isBindingElement(node) && node.propertyName && ts.isIdentifier(node.propertyName)) {
      const [name, initial] = [node.name, node.initializer].map((part) => ts.visitNode(part, visit));
      return f.updateBindingElement(node, node.dotDotDotToken, quoted(node.propertyName), name, initial);
    }
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) {
      if (fromEarlierCell(checker.getSymbolAtLocation(node.name)))
        return f.updatePropertyAssignment(node, quoted(node.name), ts.visitNode(node.initializer, visit));
    }
    if (
      ts.isShorthandPropertyAssignment(node) &&
      fromEarlierCell(checker.getShorthandAssignmentValueSymbol(node))
    ) {
      const earlier = f.createPropertyAccessExpression(f.createIdentifier("exports"), node.name.text);
      const value = node.objectAssignmentInitializer
        ? f.createAssignment(earlier, ts.visitNode(node.objectAssignmentInitializer, visit))
        : earlier;
      return ts.setTextRange(f.createPropertyAssignment(node.name.text, value), node);
    }
    return ts.visitEachChild(node, visit, context);
  };
  return ts.visitNode(file, visit);
};

/** `await x` → `await __tslab__.guard(x)`: see `guarded` in cells/realm.cjs. */
const guardAwaits = (context) => (file) => {
  const f = context.factory;
  const visit = (node) => {
    const seen = ts.visitEachChild(node, visit, context);
    if (!ts.isAwaitExpression(seen)) return seen;
    const guard = f.createPropertyAccessExpression(f.createIdentifier("__tslab__"), "guard");
    return f.updateAwaitExpression(seen, f.createCallExpression(guard, undefined, [seen.expression]));
  };
  return ts.visitNode(file, visit);
};

/** Whether the docstring says that it is for the library's own use; that of what an `export … from` stands for. */
function isInternal(symbol, checker) {
  if (!symbol) return false;
  const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const tags = (meant.declarations ?? []).flatMap((one) => ts.getJSDocTags(one));
  return tags.some((tag) => tag.tagName.text === "internal");
}

/** Whether the cell itself waits, outside any function of its own. */
function hasTopLevelAwait(source) {
  const file = ts.createSourceFile("cell.ts", `export {};${source}`, ts.ScriptTarget.ESNext);
  const waits = (node) => {
    if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) return false;
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) return true;
    return ts.forEachChild(node, waits) ?? false;
  };
  return waits(file);
}

/** What stands in the first quotes of a message. */
const quoted = (message) => /'([^']*)'/.exec(message)?.[1] ?? "";
const timeOf = (file) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;

/** Turns cells into JavaScript and knows what may be said of them, with all that was declared before as a text. */
class Converter {
  constructor() {
    this.start();
    /** Cells that begin with `@module name`: name → text and settings. */
    this.modules = new Map();
    /** Modules that could not be found, or not with types, when a cell asked for them. */
    this.missing = new Map();
  }

  start() {
    watched.clear();
    this.converter = createConverter({ isJS: false, isBrowser: false });
  }

  /**
   * Takes in what has changed on the disk since the last cell. TypeScript would watch for it, but it takes a change
   * whenever the system tells, in the middle of a translation too, and is put out by files that are gone.
   */
  refresh() {
    const changes = [...watched].map(([file, { callback, changed }]) => ({
      ...{ file, callback, changed },
      now: timeOf(file),
    }));
    const gone = changes.some(({ changed, now }) => changed !== null && now === null);
    if (gone || [...this.missing].some(([id, found]) => this.find(id) !== found)) {
      this.missing.clear();
      this.converter.close();
      this.start();
      for (const [name, { source, metadata }] of this.modules)
        this.converter.addModule(name, source, metadata);
      return;
    }
    for (const { file, callback, changed, now } of changes) {
      if (now === changed) continue;
      watched.get(file).changed = now;
      callback(file, ts.FileWatcherEventKind.Changed);
    }
  }

  /** The file that an import means now, or null. */
  find(id) {
    const options = {
      ...cellOptions({}),
      moduleResolution: ts.ModuleResolutionKind.Node10,
      resolveJsonModule: true,
    };
    const from = path.join(process.cwd(), "__tslab__.ts");
    return ts.resolveModuleName(id, from, options, ts.sys).resolvedModule?.resolvedFileName ?? null;
  }

  /**
   * `{ script, maps, lines, awaits, declarations, lastExpression, sideOutputs, untyped }`, or `{ diagnostics }`.
   * Without `script` there is nothing to run.
   */
  convert(previous, source, name) {
    const metadata = getCodeMetadata(source);
    if (metadata.module) return this.addModule(metadata, source, previous);
    if (metadata.mode === "browser") return { declarations: previous };
    this.refresh();
    lastMaps = [];
    lastUntyped = [];
    const out = this.converter.convert(previous, source);
    for (const id of lastUntyped) this.missing.set(id, this.find(id));
    for (const { code, messageText } of out.diagnostics) {
      if (code === 2307) this.missing.set(quoted(messageText), null);
    }
    if (out.diagnostics.length > 0) return { diagnostics: out.diagnostics };
    return {
      // The line break keeps columns true behind the prefix that the call puts before the output.
      script: out.output && `"use strict";\n${out.output}\n//# sourceURL=${name}`,
      maps: lastMaps,
      lines: (out.output ?? "").split("\n").length + 1,
      awaits: hasTopLevelAwait(source),
      declarations: out.declOutput ?? "",
      lastExpression: out.lastExpressionVar ?? null,
      sideOutputs: out.sideOutputs ?? [],
      untyped: lastUntyped,
    };
  }

  addModule(metadata, source, previous) {
    this.refresh();
    this.modules.set(metadata.module, { source, metadata });
    const diagnostics = this.converter.addModule(metadata.module, source, metadata);
    return diagnostics.length > 0
      ? { diagnostics }
      : { declarations: previous, module: { metadata, source } };
  }
}

module.exports = { Converter, isCompleteCode, ts };
