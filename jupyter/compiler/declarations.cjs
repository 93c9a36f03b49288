"use strict";
/** The declarations that cells leave behind, as the text of a .d.ts file. */
const { ts } = require("./converter.cjs");

/** @typedef {import("typescript").Statement} Statement */
/** @typedef {import("typescript").ImportDeclaration} ImportDeclaration */
/** @typedef {import("typescript").BindingName} BindingName */

const parse = (/** @type {string} */ text, name = "cell.d.ts") =>
  ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);

/** Names that the statement declares. @param {Statement} statement @returns {string[]} */
function namesOf(statement) {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap((one) => boundBy(one.name));
  if (ts.isImportDeclaration(statement)) return importsOf(statement).map((one) => one.name.text);
  const { name } = /** @type {{ name?: { text: string } }} */ (/** @type {unknown} */ (statement));
  return name ? [name.text] : [];
}

/** `[a, { b }]` → a, b. @type {(name: BindingName) => string[]} */
const boundBy = (name) =>
  ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((one) => ("name" in one && one.name ? boundBy(one.name) : []));

/** Names that a cell declares, whether TypeScript finds errors in it or not. @param {string} source */
const declaredNames = (source) => parse(source, "cell.ts").statements.flatMap(namesOf);

/** What of an import has a name. @param {ImportDeclaration} statement @returns {{ name: import("typescript").Identifier }[]} */
function importsOf({ importClause }) {
  if (!importClause) return [];
  const { namedBindings } = importClause;
  const named =
    namedBindings && (ts.isNamespaceImport(namedBindings) ? [namedBindings] : namedBindings.elements);
  const { name } = importClause;
  return [...(name ? [{ name }] : []), ...(named ?? [])];
}

const isType = (/** @type {Statement} */ statement) =>
  ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);

/**
 * The text without the names for which `keep` answers no; types are asked for, too.
 * @param {string} text
 * @param {(name: string, statement: Statement) => boolean} keep
 */
function filter(text, keep) {
  const file = parse(text);
  const printer = ts.createPrinter({ newLine: ts.NewLineKind.LineFeed });
  const f = ts.factory;
  const kept = file.statements.flatMap((/** @returns {Statement[]} */ statement) => {
    const wanted = (/** @type {string} */ name) => keep(name, statement);
    if (namesOf(statement).every(wanted)) return [statement];
    if (ts.isVariableStatement(statement)) {
      const { declarationList } = statement;
      const left = declarationList.declarations.filter((one) => wanted(one.name.getText()));
      const list = f.updateVariableDeclarationList(declarationList, left);
      return left.length > 0 ? [f.updateVariableStatement(statement, statement.modifiers, list)] : [];
    }
    if (ts.isImportDeclaration(statement)) return filterImport(statement, wanted);
    return [];
  });
  return kept.map((node) => `${printer.printNode(ts.EmitHint.Unspecified, node, file)}\n`).join("");
}

/**
 * @param {import("typescript").NamedImportBindings} named
 * @param {(name: string) => boolean} wanted
 */
function filterBindings(named, wanted) {
  if (ts.isNamespaceImport(named)) return wanted(named.name.text) ? named : undefined;
  const elements = named.elements.filter((one) => wanted(one.name.text));
  return elements.length > 0 ? ts.factory.updateNamedImports(named, elements) : undefined;
}

/** @param {ImportDeclaration} statement @param {(name: string) => boolean} wanted */
function filterImport(statement, wanted) {
  const f = ts.factory;
  const { importClause: clause } = statement;
  if (!clause) return [];
  const named = clause.namedBindings;
  const bindings = named && filterBindings(named, wanted);
  const name = clause.name && wanted(clause.name.text) && clause.name;
  if (!name && !bindings) return [];
  const left = f.updateImportClause(clause, clause.isTypeOnly, name || undefined, bindings || undefined);
  const { modifiers, moduleSpecifier, assertClause } = statement;
  return [f.updateImportDeclaration(statement, modifiers, left, moduleSpecifier, assertClause)];
}

/**
 * What stands declared after a cell that did not run to its end: of its own names those that got their value, and its
 * types; of the earlier ones those that it has not replaced. `lost` are its names that got none.
 * @param {string} previous
 * @param {string} declarations
 * @param {readonly string[]} assigned
 */
function partial(previous, declarations, assigned) {
  const got = new Set(assigned);
  /** @type {Set<string>} */
  const lost = new Set();
  const own = filter(declarations, (name, statement) => {
    if (isType(statement) || got.has(name)) return true;
    lost.add(name);
    return false;
  });
  const replaced = new Set(parse(own).statements.flatMap(namesOf));
  const earlier = filter(previous, (name) => !replaced.has(name));
  const known = new Set(parse(earlier).statements.flatMap(namesOf));
  return { declarations: own + earlier, lost: [...lost].filter((name) => !known.has(name)) };
}

module.exports = { declaredNames, namesOf, partial };
