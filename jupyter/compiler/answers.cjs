"use strict";
/**
 * What a cell puts before a check, as a text that stands alone: `check(exercises.id, mine)` is found in the cell, and of
 * all cells those declarations are taken that `mine` needs, its imports too. Written to a file, they are a module that
 * another notebook can load.
 */
const { ts } = require("./converter.cjs");
const { namesOf } = require("./declarations.cjs");

/** @typedef {import("typescript").Node} Node */
/** @typedef {import("typescript").Statement} Statement */
/** What brings one name in. @typedef {{ what: string, named: boolean, from: string }} Import */

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
  const house = [...cells, { source, names: null }].map(({ source, names }) => new Cell(source, names));
  /** @type {Record<string, Answer>} */
  const found = {};
  for (const { id, given } of house.at(-1)?.checks() ?? []) {
    const text = standalone(house, given);
    if (text === null || text.length > longest) continue;
    found[id] = { source: text, javascript: translated(text) };
  }
  return found;
}

/** A cell's text, with what TypeScript knows of its names. */
class Cell {
  /** @param {string} source @param {readonly string[] | null} names */
  constructor(source, names) {
    /** @type {import("typescript").Program | null} */
    this.program = null;
    this.source = source;
    this.names = names && new Set(names);
  }

  /** Only cells that are asked are looked at. */
  get file() {
    if (!this.program) {
      // (A text without import or export would be a script, whose names are the whole world's.)
      const name = "cell.ts";
      const file = ts.createSourceFile(name, `${this.source}\nexport {};`, ts.ScriptTarget.ES2022, true);
      /** @type {import("typescript").CompilerHost} */
      const host = {
        getSourceFile: (/** @type {string} */ wanted) => (wanted === name ? file : undefined),
        ...{
          getCanonicalFileName: (/** @type {string} */ one) => one,
          getCurrentDirectory: () => "",
          getNewLine: () => "\n",
        },
        ...{ useCaseSensitiveFileNames: () => true, getDefaultLibFileName: () => "", writeFile() {} },
        ...{ fileExists: (/** @type {string} */ one) => one === name, readFile: () => undefined },
      };
      const options = { noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ES2022 };
      this.program = ts.createProgram([name], options, host);
    }
    return /** @type {import("typescript").SourceFile} */ (this.program.getSourceFile("cell.ts"));
  }

  /** The statements at the cell's top that declare the name. @param {string} name */
  declarationsOf(name) {
    return this.file.statements.filter((one) => namesOf(one).includes(name));
  }

  *checks() {
    /** @type {import("typescript").CallExpression[]} */
    const calls = [];
    const visit = (/** @type {Node} */ node) => {
      if (ts.isCallExpression(node) && node.expression.getText() === "check" && node.arguments.length >= 2)
        calls.push(node);
      ts.forEachChild(node, visit);
    };
    visit(this.file);
    for (const {
      arguments: [exercise, given],
    } of calls) {
      if (!exercise || !given) continue;
      if (ts.isPropertyAccessExpression(exercise)) yield { id: exercise.name.text, given };
      else if (ts.isElementAccessExpression(exercise) && ts.isStringLiteralLike(exercise.argumentExpression))
        yield { id: exercise.argumentExpression.text, given };
    }
  }

  /** Names in the node that come from outside of it and are not declared within. @param {Node} node @returns {Set<string>} */
  freeNames(node) {
    const checker = /** @type {import("typescript").Program} */ (this.program).getTypeChecker();
    /** @type {Set<string>} */
    const free = new Set();
    const visit = (/** @type {Node} */ one) => {
      if (ts.isIdentifier(one) && isReference(one) && !declaredWithin(node, one, checker)) free.add(one.text);
      ts.forEachChild(one, visit);
    };
    visit(node);
    return free;
  }
}

/** Whether the identifier stands for a variable or a type, and is not the name of a field. @param {import("typescript").Identifier} node */
function isReference(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isPropertySignature(parent)) return false;
  if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) return parent.initializer === node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  if (ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent) || ts.isAccessor(parent))
    return parent.name !== node;
  return (
    !ts.isImportSpecifier(parent) && !ts.isLabeledStatement(parent) && !ts.isBreakOrContinueStatement(parent)
  );
}

/** @param {Node} node @param {import("typescript").Identifier} identifier @param {import("typescript").TypeChecker} checker */
function declaredWithin(node, identifier, checker) {
  const { parent } = identifier;
  const symbol = ts.isShorthandPropertyAssignment(parent)
    ? checker.getShorthandAssignmentValueSymbol(parent)
    : checker.getSymbolAtLocation(identifier);
  // (A function's own name counts as coming from outside: it may be declared more than once.)
  const inside = (/** @type {Node} */ one) => one !== node && one.pos >= node.pos && one.end <= node.end;
  return symbol?.declarations?.some(inside) ?? false;
}

/** All that the expression, which stands in the last cell, needs, and it as the default export; null if it cannot be had. @param {readonly Cell[]} house @param {import("typescript").Expression} given */
function standalone(house, given) {
  const last = house.length - 1;
  /** Statements by cell: number → set. @type {Map<number, Set<Statement>>} */
  const taken = new Map();
  /** @type {Map<string, Import>} */
  const imports = new Map();
  /** @type {{ cell: number, node: Node }[]} */
  const open = [{ cell: last, node: given }];
  const at = (/** @type {number} */ cell) => /** @type {Cell} */ (house[cell]);
  const take = (/** @type {number} */ cell, /** @type {string} */ name) => {
    for (const statement of at(cell).declarationsOf(name)) {
      if (ts.isImportDeclaration(statement)) imports.set(name, importOf(statement, name));
      else if (!taken.get(cell)?.has(statement)) {
        taken.set(cell, (taken.get(cell) ?? new Set()).add(statement));
        open.push({ cell, node: statement });
      }
    }
  };
  for (let next = open.pop(); next; next = open.pop()) {
    const { cell, node } = next;
    for (const name of at(cell).freeNames(node)) {
      // A cell's own names first; those of other cells mean what the last of them has made of it.
      if (at(cell).declarationsOf(name).length > 0) take(cell, name);
      else {
        const other = house.findLastIndex(({ names }) => names?.has(name));
        if (other >= 0) take(other, name);
      }
    }
  }
  const parts = [...taken]
    .sort(([a], [b]) => a - b)
    .flatMap(([, statements]) => [...statements].sort((a, b) => a.pos - b.pos).map(textOf));
  const name = ts.isIdentifier(given) ? given.text : null;
  // Nothing declares it: then there is nothing to keep.
  if (name && parts.length === 0 && !imports.has(name)) return null;
  const all = [importsText([...imports.values()]), ...parts, `export default ${given.getText()};`];
  return `${all.filter(Boolean).join("\n\n")}\n`;
}

/** The statement with its doc comment, whatever line ends its cell has. */
const textOf = (/** @type {Statement} */ statement) =>
  statement
    .getSourceFile()
    .text.slice(statement.getStart(undefined, true), statement.end)
    .replaceAll("\r\n", "\n");

/** What brings this name alone. @param {import("typescript").ImportDeclaration} statement @param {string} name @returns {Import} */
function importOf({ importClause, moduleSpecifier }, name) {
  const from = moduleSpecifier.getText();
  const clause = /** @type {import("typescript").ImportClause} */ (importClause); // it brings a name
  const type = clause.isTypeOnly ? "type " : "";
  if (clause.name?.text === name) return { what: type + name, named: false, from };
  const { namedBindings } = clause;
  if (!namedBindings || ts.isNamespaceImport(namedBindings))
    return { what: `${type}* as ${name}`, named: false, from };
  const element = namedBindings.elements.find((one) => one.name.text === name);
  return { what: type + element?.getText(), named: true, from };
}

/** One line for each module, and for each import that can share none. @param {readonly Import[]} imports */
function importsText(imports) {
  /** @type {Map<string, string[]>} */
  const named = new Map();
  for (const { what, from } of imports.filter(({ named }) => named))
    named.set(from, [...(named.get(from) ?? []), what]);
  return [
    ...imports.filter(({ named }) => !named).map(({ what, from }) => `import ${what} from ${from};`),
    ...[...named].map(([from, names]) => `import { ${names.sort().join(", ")} } from ${from};`),
  ].join("\n");
}

const translated = (/** @type {string} */ text) =>
  ts.transpileModule(text, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  }).outputText;

module.exports = { answersIn };
