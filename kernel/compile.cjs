"use strict";
/**
 * Turns a cell into JavaScript. tslab's converter does the work; this file hands it a TypeScript with four
 * mends, because tslab has no options for them:
 *   - strict checking, ES2023 types, and `gradschool` found wherever the notebook lies;
 *   - `await (x)` and `for await` at the top of a cell;
 *   - `{ key }` where `key` comes from an earlier cell;
 *   - source maps, and an `await` that an interrupt can end.
 */
const fs = require("node:fs");
const path = require("node:path");
const { CompileError } = require("./traceback.cjs");

const root = path.resolve(__dirname, "..").replaceAll("\\", "/");
const tsId = require.resolve("@tslab/typescript-for-tslab", {
  paths: [require.resolve("tslab/package.json")],
});
const ts = require(tsId);

/** Source maps of the two translations that made the last output, newest first; null before the first. */
let lastMaps = [];

const inlineMap = /\n?\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([\w+/=]+)\s*$/;

if (require.cache[require.resolve("tslab/dist/converter")])
  throw new Error("compile.cjs: load it before tslab, which would keep the unmended TypeScript");

// tslab reads `ts` from the module cache: give it a copy with two functions replaced.
require.cache[tsId].exports = {
  ...ts,
  createWatchCompilerHost(rootFiles, options, system, ...rest) {
    const host = ts.createWatchCompilerHost(rootFiles, cellOptions(options), quietWatch(system), ...rest);
    let receive = () => {};
    Object.defineProperty(host, "afterProgramCreate", {
      get: () => (builder) => receive(withTransformers(builder)),
      set: (callback) => {
        receive = callback;
      },
    });
    return host;
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

const { createConverter } = require("tslab/dist/converter");

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
      gradschool: [`${root}/dist/index.d.ts`],
      "gradschool/lectures/*": [`${root}/dist/lectures/*/index.d.ts`],
    },
  };
}

const known = (lib) => !path.isAbsolute(lib) || fs.existsSync(lib);

/** Declarations do not change while a kernel lives: watching hundreds of them only costs time. */
function quietWatch(system) {
  const { watchFile } = system;
  system.watchFile = (file, ...rest) =>
    file.endsWith(".d.ts") && path.basename(file) !== "__prev__.d.ts"
      ? { close() {} }
      : watchFile.call(system, file, ...rest);
  return system;
}

function withTransformers(builder) {
  const { emit } = builder;
  builder.emit = (file, write, token, onlyDts, transformers = {}) =>
    emit.call(builder, file, write, token, onlyDts, {
      ...transformers,
      before: [spellOutShorthand(builder.getProgram().getTypeChecker()), ...(transformers.before ?? [])],
      after: [...(transformers.after ?? []), guardAwaits],
    });
  return builder;
}

/** `{ key }` → `{ key: exports.key }` where an earlier cell declared `key`. */
const spellOutShorthand = (checker) => (context) => (file) => {
  const f = context.factory;
  const fromEarlierCell = (node) =>
    checker
      .getShorthandAssignmentValueSymbol(node)
      ?.declarations?.some((d) => path.basename(d.getSourceFile().fileName) === "__prev__.d.ts");
  const visit = (node) => {
    if (ts.isShorthandPropertyAssignment(node) && fromEarlierCell(node)) {
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

/** `await x` → `await __tslab__.guard(x)`: see `guard` in notebook.cjs. */
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

/**
 * The converters as tslab's executor wants them. `currentCell()` gives `{ name, source }` of the cell being
 * run; `remember(name, source, maps, lines)` keeps what tracebacks need.
 */
function createConverters(currentCell, remember) {
  const node = createConverter({ isJS: false, isBrowser: false });
  const convert = (previous, source) => {
    lastMaps = [];
    const out = node.convert(previous, source);
    if (out.diagnostics.length > 0) throw new CompileError(out.diagnostics, source, currentCell().name);
    if (!out.output) return out;
    const { name } = currentCell();
    // The line break keeps columns true behind the prefix that the executor puts before the output.
    remember(name, source, lastMaps, out.output.split("\n").length + 1);
    const output = `"use strict";\n${out.output}\n//# sourceURL=${name}`;
    return { ...out, output, hasToplevelAwait: hasTopLevelAwait(source) };
  };
  return { node: { ...node, convert }, browser: node, close: () => node.close() };
}

module.exports = { createConverters, root, typescript: ts.version };
