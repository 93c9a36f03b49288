/** Looks in a folder for what students must not get: solutions, and the checks that only the grader asks. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { inRoot } from "../steps.mjs";

/** A text that must not be found. `what`: what it is, in words. @typedef {{ what: string, text: string }} Secret */
/** @typedef {{ file: string, what: string }} Leak */

/** As it is compared: without comments, blanks, types' traces such as `!`, and the kind of quotes. @param {string} text */
const essence = (text) =>
  text
    .replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/g, "")
    .replace(/["'`]/g, '"')
    .replace(/\(0,\s*\w+\.(\w+)\)/g, "$1")
    .replace(/\b\w+_\d+\.(?=\w)/g, "")
    .replace(/[\s;,!]+/g, "");

/** Shorter texts stand in any program: `return x.sum()`. */
const SHORTEST = 24;

/** @param {string} file @returns {string[]} */
const filesBelow = (file) =>
  statSync(file).isDirectory()
    ? readdirSync(file).flatMap((name) => filesBelow(path.join(file, name)))
    : [file];

/** What stands between the delimiters of the exercises, and the statements and words of the hidden checks. @returns {Secret[]} */
export function secrets() {
  const files = filesBelow(inRoot("src", "lectures")).filter((file) =>
    /[\\/]exercises[\\/].*\.ts$/.test(file),
  );
  return files.flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const name = path.relative(inRoot("src", "lectures"), file).replaceAll("\\", "/");
    const texts = file.endsWith(".hidden.ts") ? statements(text) : solutions(text);
    return texts.flatMap((one) => {
      const what = file.endsWith(".hidden.ts") ? `a hidden check, ${name}` : `a solution, ${name}`;
      return [...new Set([essence(one), essence(compiled(one))])]
        .filter((text) => text.length >= SHORTEST)
        .map((text) => ({ what, text }));
    });
  });
}

/** @param {string} text */
const solutions = (text) =>
  [...text.matchAll(/BEGIN SOLUTION[^\n]*\n([\s\S]*?)\n[^\n]*END SOLUTION/g)].map(([, body]) => body);

/** The statements at the top but imports, and the checks one by one. @param {string} text */
function statements(text) {
  const source = ts.createSourceFile("hidden.ts", text, ts.ScriptTarget.ES2022, true);
  /** @type {ts.Node[]} */
  const found = source.statements.filter((one) => !ts.isImportDeclaration(one));
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isCallExpression(node) && /^checks\.\w+$/.test(node.expression.getText())) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.map((node) => node.getText());
}

/** @param {string} text */
const compiled = (text) =>
  ts
    .transpileModule(`function body() {\n${text}\n}`, { compilerOptions: { target: ts.ScriptTarget.ES2022 } })
    .outputText.replace(/^function body\(\) \{/, "")
    .replace(/\}\s*$/, "");

/**
 * Where in the folder one of them stands, in files of any kind; sources in source maps and the cells of notebooks are read
 * as the texts that they are. `except` says what of a notebook's cells is meant to be there.
 * @param {string} folder @param {readonly Secret[]} wanted
 * @param {{ except?: (cell: { id?: string }) => boolean }} [options]
 * @returns {Leak[]}
 */
export function scan(folder, wanted, { except = () => false } = {}) {
  return filesBelow(folder)
    .filter((file) => !/[\\/](node_modules|\.venv)[\\/]/.test(path.relative(folder, file)))
    .flatMap((file) => {
      const name = path.relative(folder, file).replaceAll("\\", "/");
      if (/\.hidden\./.test(name)) return [{ file: name, what: "a file of hidden checks" }];
      const found = essence(textIn(file, except));
      return wanted.filter(({ text }) => found.includes(text)).map(({ what }) => ({ file: name, what }));
    });
}

/** @param {string} file @param {(cell: { id?: string }) => boolean} except */
function textIn(file, except) {
  const text = readFileSync(file, "latin1").includes("\0")
    ? readFileSync(file, "latin1")
    : readFileSync(file, "utf8");
  const parts = [text];
  if (file.endsWith(".ipynb")) {
    /** @type {import("../notebooks/ipynb.mjs").Cell[]} */
    const cells = JSON.parse(text).cells;
    return cells
      .filter((cell) => !except(cell))
      .map(({ source }) => (typeof source === "string" ? source : source.join("")))
      .join("\n");
  }
  if (file.endsWith(".map")) parts.push(...(JSON.parse(text).sourcesContent ?? []));
  return parts.join("\n");
}
