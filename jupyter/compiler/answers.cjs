"use strict";
/**
 * What a cell puts before a check, as a text that stands alone: `check(exercises.id, mine)` is found in the cell, and of
 * all cells those declarations are taken that `mine` needs, its imports too. Written to a file, they are a module that
 * another notebook can load.
 */
const { createRequire } = require("node:module");
const path = require("node:path");
const packages = require("../packages.cjs");
const { ts } = require("./converter.cjs");

const ours = createRequire(__filename);

/** A longer text is no answer: something like a table of numbers has come along. */
const longest = 200_000;

/**
 * `{ [id]: { source, javascript } }` of the exercises that the cell checks.
 * @param {string} source the cell's text
 * @param {readonly { source: string, names: readonly string[] | null }[]} cells the texts of earlier cells, oldest first, each with the names that it was the last to declare
 * @returns {Record<string, Answer> | undefined}
 */
function answersIn(source, cells) {
  if (!/\bcheck\s*\(/.test(source)) return undefined;
  /** @type {typeof import("../../src/grading/slicing")} */
  const slicing = ours(path.join(packages.root, "dist", "grading", "slicing", "index.js"));
  const all = [...cells.map((cell) => cell.source), source];
  const house = new slicing.House(
    ts,
    all.map((text, index) => ({ index, type: "code", ids: [], text: text.replaceAll("\r\n", "\n") })),
    [],
  );
  const last = house.units.at(-1);
  /** @type {Record<string, Answer>} */
  const found = {};
  for (const { id, given } of last ? checksIn(last.file, slicing) : []) {
    const text = standalone(house, /** @type {NonNullable<typeof last>} */ (last), given, slicing);
    if (text === null || text.length > longest) continue;
    found[id] = { source: text, javascript: translated(text) };
  }
  return found;
}

/**
 * The expressions that a cell gives to checks, by their exercises.
 * @param {import("typescript").SourceFile} file @param {typeof import("../../src/grading/slicing")} slicing
 */
function* checksIn(file, { exerciseIn }) {
  /** @type {import("typescript").CallExpression[]} */
  const calls = [];
  const visit = (/** @type {import("typescript").Node} */ node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === "check") calls.push(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  for (const call of calls) {
    const [id, given] = [exerciseIn(ts, call), call.arguments[1]];
    if (id !== null && given) yield { id, given };
  }
}

/**
 * All that the expression needs, and it as the default export; null if nothing declares it.
 * @param {import("../../src/grading/slicing").House} house @param {import("../../src/grading/slicing").Unit} unit
 * @param {import("typescript").Expression} given @param {typeof import("../../src/grading/slicing")} slicing
 */
function standalone(house, unit, given, { slice, moduleOf }) {
  const nobody = new Map();
  const needed = slice(house, { unit, given }, unit.cell.index, nobody, isBrief);
  const { text, imports, segments } = moduleOf(house, needed, "answer", nobody);
  if (ts.isIdentifier(given) && segments.length === 0 && imports === "") return null;
  const parts = segments.map(({ start, end }) => text.slice(start, end));
  const all = [imports.trimEnd(), ...parts, `export default ${given.getText()};`];
  return `${all.filter(Boolean).join("\n\n")}\n`;
}

/** `mine = …`, `table.push(…)`: no loops, which may train something, and nothing that waits. @param {import("typescript").Statement} statement */
const isBrief = (statement) => ts.isExpressionStatement(statement) && !/\bawait\b/.test(statement.getText());

const translated = (/** @type {string} */ text) =>
  ts.transpileModule(text, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  }).outputText;

module.exports = { answersIn };
