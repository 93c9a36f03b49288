/** An answer and what it needs, as one TypeScript module, and where each part of it stood in the notebook. */
import type ts from "typescript";
import type { Import, Provided, Slice } from "./slice";
import { boundBy, type House, namesOf, type Unit } from "./units";

export interface Module {
  readonly text: string;
  /** The imports with which it begins. */
  readonly imports: string;
  /** Parts of the text that are the student's, in order. */
  readonly segments: readonly Segment[];
  /** Whether something is awaited outside of any function. */
  readonly awaits: boolean;
}

export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly unit: Unit;
  /** The line of the cell on which the part begins, from 0. */
  readonly line: number;
}

/** @param name the answer's: the module exports it */
export function moduleOf(house: House, sliced: Slice, name: string, provided: Provided): Module {
  const { ts, units } = house;
  const renamed = renames(house, sliced);
  const nameIn = (unit: Unit, one: string) => renamed.get(unit)?.get(one) ?? one;

  const segments: Segment[] = [];
  let [text, awaits] = ["", false];
  const imports = importLines(ts, sliced.imports, nameIn)
    .map((line) => `${line}\n`)
    .join("");
  text += imports;
  for (const [alias, id] of sliced.uses) {
    const { lecture } = provided.get(id)!;
    text += `declare const ${id}: typeof import("gradschool/lectures/${lecture}").exercises.${id}.solution;\n`;
    if (alias !== id) text += `const ${alias} = ${id};\n`;
  }
  for (const unit of units) {
    const statements = [...(sliced.taken.get(unit) ?? [])].sort((a, b) => a.pos - b.pos);
    for (const statement of statements) {
      awaits ||= isAwaiting(ts, statement);
      const isEffect = sliced.effects.has(statement);
      // What goes wrong in such a statement ends its own cell in a notebook, and not what was declared before.
      if (isEffect) text += "try {\n";
      const from = statement.getStart(undefined, true);
      const start = text.length;
      text += edited(house, unit, statement, renamed.get(unit));
      const { line } = unit.file.getLineAndCharacterOfPosition(from);
      segments.push({ start, end: text.length, unit, line: unit.line + line });
      text += isEffect ? "\n} catch {}\n" : "\n";
    }
  }
  text += `export { ${name} };\n`;
  return { text, imports, segments, awaits };
}

/** Where two cells declare one name, and both are needed: new names for all but the one that the name means to others. */
function renames(
  { ts, units }: House,
  { taken, imports, resolve, uses }: Slice,
): Map<Unit, Map<string, string>> {
  const declaring = new Map<string, Set<Unit>>();
  const note = (name: string, unit: Unit) =>
    declaring.set(name, (declaring.get(name) ?? new Set()).add(unit));
  for (const [unit, statements] of taken)
    for (const statement of statements) for (const name of namesOf(ts, statement)) note(name, unit);
  const sources = new Map<string, Set<string>>();
  for (const { name, unit, statement } of imports) {
    note(name, unit);
    sources.set(name, (sources.get(name) ?? new Set()).add(keyOf(ts, statement, name)));
  }
  const renamed = new Map<Unit, Map<string, string>>();
  for (const [name, all] of declaring) {
    const isOneImport = sources.get(name)?.size === 1 && [...all].every((unit) => isImported(ts, unit, name));
    if (all.size + (uses.has(name) ? 1 : 0) < 2 || isOneImport) continue;
    const meant = uses.has(name) ? null : (resolve(name) ?? [...all].at(-1));
    for (const unit of all)
      if (unit !== meant)
        renamed.set(unit, (renamed.get(unit) ?? new Map()).set(name, `${name}_${units.indexOf(unit)}`));
  }
  return renamed;
}

const isImported = (ts: House["ts"], unit: Unit, name: string): boolean =>
  unit.declared.get(name)!.every((one) => ts.isImportDeclaration(one));

/** The statement's text with its doc comment, some names exchanged. */
function edited(
  house: House,
  unit: Unit,
  statement: ts.Statement,
  names?: ReadonlyMap<string, string>,
): string {
  const { ts } = house;
  const from = statement.getStart(undefined, true);
  const text = unit.file.text.slice(from, statement.end);
  if (!names) return text;
  const spots = new Map<number, ts.Identifier>();
  for (const one of house.free(statement)) if (names.has(one.text)) spots.set(one.getStart(), one);
  for (const one of declaredIdentifiers(ts, statement))
    if (names.has(one.text)) spots.set(one.getStart(), one);
  let result = "";
  let at = from;
  for (const [start, one] of [...spots].sort(([a], [b]) => a - b)) {
    const name = names.get(one.text)!;
    const isShort = ts.isShorthandPropertyAssignment(one.parent);
    // `const { size } = …` at a cell's top: the field keeps its name.
    const isField = ts.isBindingElement(one.parent) && !one.parent.propertyName && isInObject(ts, one.parent);
    result += unit.file.text.slice(at, start) + (isShort || isField ? `${one.text}: ${name}` : name);
    at = one.end;
  }
  return result + unit.file.text.slice(at, statement.end);
}

const isInObject = (ts: House["ts"], { parent, dotDotDotToken }: ts.BindingElement): boolean =>
  ts.isObjectBindingPattern(parent) && !dotDotDotToken;

function declaredIdentifiers(ts: House["ts"], statement: ts.Statement): ts.Identifier[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => boundBy(ts, name));
  const { name } = statement as unknown as { name?: ts.Node };
  return name && ts.isIdentifier(name) ? [name] : [];
}

/** One line for each module, and for each import that can share none. */
function importLines(
  ts: House["ts"],
  imports: readonly Import[],
  nameIn: (unit: Unit, name: string) => string,
): string[] {
  const alone = new Set<string>();
  const named = new Map<string, Set<string>>();
  for (const { unit, statement, name } of imports) {
    const { what, shared, from } = importOf(ts, statement, name, nameIn(unit, name));
    if (shared) named.set(from, (named.get(from) ?? new Set()).add(what));
    else alone.add(`import ${what} from ${from};`);
  }
  // (One cell may import as a type what another imports whole.)
  const whole = (all: Set<string>) =>
    [...all].filter((what) => !all.has(what.replace(/^type /, "")) || !/^type /.test(what));
  return [
    ...alone,
    ...[...named].map(([from, all]) => `import { ${whole(all).sort().join(", ")} } from ${from};`),
  ];
}

/** What brings this name alone. */
function importOf(ts: House["ts"], statement: ts.ImportDeclaration, name: string, local: string) {
  const clause = statement.importClause!;
  const from = statement.moduleSpecifier.getText();
  const type = clause.isTypeOnly ? "type " : "";
  if (clause.name?.text === name) return { what: type + local, shared: false, from };
  const bindings = clause.namedBindings!;
  if (ts.isNamespaceImport(bindings)) return { what: `${type}* as ${local}`, shared: false, from };
  const one = bindings.elements.find((element) => element.name.text === name)!;
  const exported = (one.propertyName ?? one.name).text;
  const prefix = type || (one.isTypeOnly ? "type " : "");
  return { what: `${prefix}${exported === local ? local : `${exported} as ${local}`}`, shared: true, from };
}

const keyOf = (ts: House["ts"], statement: ts.ImportDeclaration, name: string): string => {
  const { what, from } = importOf(ts, statement, name, name);
  return `${what.replace(/^type /, "")} ${from}`;
};

function isAwaiting(ts: House["ts"], statement: ts.Statement): boolean {
  const waits = (node: ts.Node): boolean => {
    if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) return false;
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined))
      return true;
    return ts.forEachChild(node, waits) ?? false;
  };
  return waits(statement);
}
