"use strict";
/**
 * Turns a cell into JavaScript. tslab's converter does the work; this file hands it a TypeScript with five
 * mends, because tslab has no options for them:
 *   - strict checking, ES2023 types, and `gradschool` and the student's packages found wherever the notebook lies;
 *   - `await (x)` and `for await` at the top of a cell;
 *   - `{ key }` where `key` comes from an earlier cell, and `const { key: name } =` where its type does;
 *   - source maps, and an `await` that an interrupt can end;
 *   - one program for a cell, not two.
 */
const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const packages = require("../packages.cjs");

const root = packages.root.replaceAll("\\", "/");
const student = packages.own.replaceAll("\\", "/");
const ours = createRequire(__filename);
const tsId = createRequire(ours.resolve("tslab/package.json")).resolve("@tslab/typescript-for-tslab");
/** @typedef {import("typescript").Node} Node */
/** @typedef {import("typescript").TypeChecker} TypeChecker */
/** @typedef {import("typescript").CompilerOptions} Options */
/** @typedef {import("typescript").TransformerFactory<import("typescript").SourceFile>} Transformer */
/** A diagnostic as tslab gives it. @typedef {import("./report.cjs").Diagnostic} Diagnostic */
/** What a cell that begins with `@module name` says of itself. @typedef {{ module?: string, mode?: string }} Metadata */

/** @type {typeof import("typescript") & Record<string, any>} with what tslab has added to it */
const ts = ours(tsId);

// Nothing is watched: before each cell, `Converter` looks at what may have changed (see there).
ts.sys.watchDirectory = () => ({ close() {} });
ts.sys.watchFile = (
  /** @type {string} */ file,
  /** @type {import("typescript").FileWatcherCallback} */ callback,
) => {
  if (!file.endsWith(".d.ts")) watched.set(file, { callback, changed: timeOf(file) });
  return { close: () => void watched.delete(file) };
};
/**
 * Files beside the notebook that cells import: path → whom to tell of a change, and when it was changed last.
 * @type {Map<string, { callback: import("typescript").FileWatcherCallback, changed: number | null }>}
 */
const watched = new Map();

/** Source maps of the two translations that made the last output, newest first. @type {import("node:module").SourceMapPayload[]} */
let lastMaps = [];
/** The text of the cell that is about to be translated. @type {string | null} */
let current = null;
/** Packages without types that the last cell imported. @type {string[]} */
let lastUntyped = [];

const inlineMap = /\n?\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([\w+/=]+)\s*$/;

if (ours.cache[ours.resolve("tslab/dist/converter")])
  throw new Error("converter.cjs: load it before tslab, which would keep the unmended TypeScript");

// tslab reads `ts` from the module cache: give it a copy with two functions replaced.
/** @type {any} */ (ours.cache[tsId]).exports = {
  ...ts,
  createWatchCompilerHost(
    /** @type {string[]} */ rootFiles,
    /** @type {Options} */ options,
    /** @type {any} */ system,
    /** @type {any[]} */ ...rest
  ) {
    const host = ts.createWatchCompilerHost(rootFiles, cellOptions(options), system, ...rest);
    const { createProgram } = host;
    host.createProgram = (
      /** @type {any} */ names,
      /** @type {any} */ settings,
      /** @type {any} */ compilerHost,
      /** @type {any} */ previous,
      /** @type {any[]} */ ...others
    ) => {
      const before = previous?.whole ?? previous;
      const look = before && firstLook(system, rootFiles[1], settings);
      // The program of the same cell would be up to date when it is asked for, and tslab waits for another.
      if (!look || before.getSourceFile(look.fileName)?.text.startsWith(look.text))
        return createProgram(names, settings, compilerHost, before, ...others);
      const getSourceFile = (/** @type {string} */ name) =>
        name === look.fileName ? look : before.getSourceFile(name);
      return Object.assign(Object.create(before), { whole: before, getSourceFile });
    };
    let receive = (/** @type {any} */ _builder) => {};
    Object.defineProperty(host, "afterProgramCreate", {
      get: () => (/** @type {any} */ builder) => receive(withTransformers(builder)),
      set: (callback) => {
        receive = callback;
      },
    });
    return host;
  },
  Completions: {
    ...ts.Completions,
    getCompletionsAtPositionForTslab(
      /** @type {any} */ host,
      /** @type {import("typescript").Program} */ program,
      /** @type {any[]} */ ...rest
    ) {
      const info = ts.Completions.getCompletionsAtPosition(host, program, ...rest, undefined, true);
      const checker = program.getTypeChecker();
      if (info)
        info.entries = info.entries.filter((/** @type {any} */ { symbol }) => !isInternal(symbol, checker));
      return info;
    },
  },
  /** A package without types is `any`, which is worth a note and no error. */
  getPreEmitDiagnosticsOfFiles(/** @type {any} */ program, /** @type {any} */ files) {
    /** @type {import("typescript").Diagnostic[]} */
    const found = ts.getPreEmitDiagnosticsOfFiles(program, files);
    const untyped = (/** @type {import("typescript").Diagnostic} */ d) => d.code === 7016;
    for (const d of found.filter(untyped))
      lastUntyped.push(quoted(ts.flattenDiagnosticMessageText(d.messageText, "")));
    return found.filter((d) => !untyped(d));
  },
  transpileModule(
    /** @type {string} */ source,
    /** @type {import("typescript").TranspileOptions} */ options,
  ) {
    const inner = inlineMap.exec(source);
    const out = ts.transpileModule(source.replace(inlineMap, ""), {
      ...options,
      compilerOptions: { ...options.compilerOptions, sourceMap: true },
    });
    out.outputText = out.outputText.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "");
    const maps = inner ? [out.sourceMapText ?? "{}", Buffer.from(inner[1] ?? "", "base64").toString()] : [];
    lastMaps = maps.map((map) => JSON.parse(map));
    return out;
  },
};

/**
 * tslab makes two programs of a cell: of the first it only takes the names that the cell declares. The cell alone, parsed,
 * has them too. Nothing where the program is another, or where there are no names and tslab goes on with the first.
 * @param {any} system @param {string} name @param {Options} options
 */
function firstLook(system, name, options) {
  if (current === null) return undefined;
  const text = `export {};${ts.sys.newLine}${current}`;
  if (system.readFile(name) !== text) return undefined;
  const file = /** @type {any} */ (
    ts.createSourceFile(name, text, options.target ?? ts.ScriptTarget.ES2022, true)
  );
  ts.bindSourceFile(file, options);
  return file.locals?.size > 0 ? file : undefined;
}

const { createConverter, isCompleteCode } = require("tslab/dist/converter");
const { getCodeMetadata } = require("tslab/dist/metadata");

/** @param {Options} options @returns {Options} */
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

/** @param {import("typescript").Expression} node @param {import("typescript").Visitor} visit */
const expression = (node, visit) =>
  /** @type {import("typescript").Expression} */ (ts.visitNode(node, visit));

const known = (/** @type {string} */ lib) => !path.isAbsolute(lib) || fs.existsSync(lib);

/** @param {import("typescript").EmitAndSemanticDiagnosticsBuilderProgram} builder */
function withTransformers(builder) {
  const { emit } = builder;
  // A cell with `await (x)` is parsed twice, and TypeScript asks the first result for its path, which it never gave it.
  for (const file of builder.getProgram().getSourceFiles()) {
    const { original, path } = /** @type {any} */ (file);
    if (original) original.path ||= path;
  }
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
 * @type {(checker: TypeChecker) => Transformer}
 */
const spellOutShorthand = (checker) => (context) => (file) => {
  const f = context.factory;
  const fromEarlierCell = (/** @type {import("typescript").Symbol | undefined} */ symbol) =>
    symbol?.declarations?.some((d) => path.basename(d.getSourceFile().fileName) === "__prev__.d.ts");
  const quoted = (/** @type {import("typescript").Identifier} */ name) =>
    ts.setTextRange(f.createStringLiteral(name.text), name);
  /** @type {import("typescript").Visitor} */
  const visit = (node) => {
    if (ts.isBindingElement(node) && node.propertyName && ts.isIdentifier(node.propertyName)) {
      const name = /** @type {import("typescript").BindingName} */ (ts.visitNode(node.name, visit));
      const initial = node.initializer && expression(node.initializer, visit);
      return f.updateBindingElement(node, node.dotDotDotToken, quoted(node.propertyName), name, initial);
    }
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) {
      if (fromEarlierCell(checker.getSymbolAtLocation(node.name)))
        return f.updatePropertyAssignment(node, quoted(node.name), expression(node.initializer, visit));
    }
    if (
      ts.isShorthandPropertyAssignment(node) &&
      fromEarlierCell(checker.getShorthandAssignmentValueSymbol(node))
    ) {
      const earlier = f.createPropertyAccessExpression(f.createIdentifier("exports"), node.name.text);
      const value = node.objectAssignmentInitializer
        ? f.createAssignment(
            /** @type {import("typescript").Expression} */ (earlier),
            expression(node.objectAssignmentInitializer, visit),
          )
        : earlier;
      return ts.setTextRange(f.createPropertyAssignment(node.name.text, value), node);
    }
    return ts.visitEachChild(node, visit, context);
  };
  return /** @type {typeof file} */ (ts.visitNode(file, visit));
};

/** `await x` → `await __tslab__.guard(x)`: see `guarded` in cells/realm.cjs. @type {Transformer} */
const guardAwaits = (context) => (file) => {
  const f = context.factory;
  /** @type {import("typescript").Visitor} */
  const visit = (node) => {
    const seen = ts.visitEachChild(node, visit, context);
    if (!ts.isAwaitExpression(seen)) return seen;
    const guard = f.createPropertyAccessExpression(f.createIdentifier("__tslab__"), "guard");
    return f.updateAwaitExpression(seen, f.createCallExpression(guard, undefined, [seen.expression]));
  };
  return /** @type {typeof file} */ (ts.visitNode(file, visit));
};

/** Whether the docstring says that it is for the library's own use; that of what an `export … from` stands for. @param {import("typescript").Symbol | undefined} symbol @param {TypeChecker} checker */
function isInternal(symbol, checker) {
  if (!symbol) return false;
  const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const tags = (meant.declarations ?? []).flatMap((one) => ts.getJSDocTags(one));
  return tags.some((tag) => tag.tagName.text === "internal");
}

/** Whether the cell itself waits, outside any function of its own. @param {string} source */
function hasTopLevelAwait(source) {
  const file = ts.createSourceFile("cell.ts", `export {};${source}`, ts.ScriptTarget.ESNext);
  /** @type {(node: Node) => boolean} */
  const waits = (node) => {
    if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) return false;
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) return true;
    return ts.forEachChild(node, waits) ?? false;
  };
  return waits(file);
}

/** What stands in the first quotes of a message. */
const quoted = (/** @type {string} */ message) => /'([^']*)'/.exec(message)?.[1] ?? "";
const timeOf = (/** @type {string} */ file) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;

/** Turns cells into JavaScript and knows what may be said of them, with all that was declared before as a text. */
class Converter {
  /** @type {any} tslab's own */
  converter;

  constructor() {
    this.start();
    /** Cells that begin with `@module name`: name → text and settings. @type {Map<string, { source: string, metadata: Metadata }>} */
    this.modules = new Map();
    /** Modules that could not be found, or not with types, when a cell asked for them. @type {Map<string, string | null>} */
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
      const one = watched.get(file);
      if (one) one.changed = now;
      callback(file, ts.FileWatcherEventKind.Changed);
    }
  }

  /** The file that an import means now, or null. @param {string} id */
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
   * @param {string} previous @param {string} source @param {string} name
   * @returns {{ diagnostics?: Diagnostic[] } & Record<string, any>}
   */
  convert(previous, source, name) {
    const metadata = getCodeMetadata(source);
    if (metadata.module) return this.addModule(metadata, source, previous);
    if (metadata.mode === "browser") return { declarations: previous };
    this.refresh();
    lastMaps = [];
    lastUntyped = [];
    current = source;
    let out;
    try {
      out = this.converter.convert(previous, source);
    } finally {
      current = null;
    }
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

  /** @param {Metadata & { module?: string }} metadata @param {string} source @param {string} previous */
  addModule(metadata, source, previous) {
    this.refresh();
    const name = metadata.module ?? "";
    this.modules.set(name, { source, metadata });
    const diagnostics = this.converter.addModule(name, source, metadata);
    return diagnostics.length > 0
      ? { diagnostics }
      : { declarations: previous, module: { metadata, source } };
  }
}

module.exports = { cellOptions, Converter, isCompleteCode, ts };
