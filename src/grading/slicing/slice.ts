/**
 * What an answer needs of its notebook: from the statement that declares it, to all that this names, and so on, through
 * whatever cells. Statements that change what was taken (`table.set(…)`, a loop that fills a list) come along.
 */
import type ts from "typescript";
import type { House, TypeScript, Unit } from "./units";

/** Functions that the grader's side provides, by exercise: what a notebook gets from `check(exercises.id, …)` or `use(…)`. */
export type Provided = ReadonlyMap<string, { readonly lecture: string }>;

export interface Slice {
  /** By unit, the statements taken. */
  readonly taken: ReadonlyMap<Unit, ReadonlySet<ts.Statement>>;
  /** Those of them that only change what others declare. */
  readonly effects: ReadonlySet<ts.Statement>;
  readonly imports: readonly Import[];
  /** Names under which the answer knows functions of other exercises. */
  readonly uses: ReadonlyMap<string, string>;
  /** Broken cells that declare what the answer needs. */
  readonly broken: readonly Unit[];
  /** Which unit's declaration a name means; null where nothing is declared, or something is provided. */
  resolve(name: string): Unit | null;
}

export interface Import {
  readonly unit: Unit;
  readonly statement: ts.ImportDeclaration;
  readonly name: string;
}

/**
 * @param given the expression that is the answer, in `unit`
 * @param until the number of the cell in which it is checked: what is declared further down counts only where nothing else is
 * @param counts whether a statement that changes what was taken comes along
 */
export function slice(
  house: House,
  { unit: start, given }: { unit: Unit; given: ts.Node },
  until: number,
  provided: Provided,
  counts: (statement: ts.Statement) => boolean = () => true,
): Slice {
  const { ts } = house;
  const taken = new Map<Unit, Set<ts.Statement>>();
  const effects = new Set<ts.Statement>();
  const imports = new Map<string, Import>();
  const uses = new Map<string, string>();
  const broken = new Set<Unit>();
  const variables = new Set<string>();
  const resolved = new Map<string, Unit | null>();
  const resolve = (name: string): Unit | null => {
    let found = resolved.get(name);
    if (found === undefined) {
      found = lastDeclaring(house, name, until);
      resolved.set(name, found);
    }
    return found;
  };

  const open: { unit: Unit; node: ts.Node }[] = [{ unit: start, node: given }];
  const add = (unit: Unit, statement: ts.Statement) => {
    if (taken.get(unit)?.has(statement)) return;
    taken.set(unit, (taken.get(unit) ?? new Set()).add(statement));
    open.push({ unit, node: statement });
  };
  const take = (unit: Unit, name: string) => {
    for (const statement of unit.declared.get(name) ?? []) {
      const use = providedBy(ts, statement, name, provided);
      if (use !== null) uses.set(name, use);
      else if (ts.isImportDeclaration(statement)) {
        imports.set(`${name} ${house.units.indexOf(unit)}`, { unit, statement, name });
      } else {
        if (isChangeable(ts, statement)) variables.add(name);
        add(unit, statement);
      }
    }
  };
  const close = () => {
    for (let next = open.pop(); next; next = open.pop()) {
      const { unit, node } = next;
      for (const { text: name } of house.free(node)) {
        if (unit.declared.has(name)) take(unit, name);
        else {
          const other = resolve(name);
          if (other?.broken) broken.add(other);
          else if (other) take(other, name);
        }
      }
    }
  };
  close();
  for (let known = -1; variables.size !== known; ) {
    known = variables.size;
    for (const unit of house.units) {
      if (unit.given || unit.broken || unit.cell.index > until) continue;
      for (const statement of unit.file.statements) {
        const changed = counts(statement) ? changes(house, statement) : [];
        const isOurs = (name: string) =>
          variables.has(name) && (unit.declared.has(name) ? taken.has(unit) : resolve(name) !== null);
        if (!changed.some(isOurs)) continue;
        effects.add(statement);
        add(unit, statement);
      }
    }
    close();
  }
  return { taken, effects, imports: [...imports.values()], uses, broken: [...broken], resolve };
}

/** The last unit up to that cell which declares the name; else the first below it; else the course's own. */
export function lastDeclaring({ units, ts }: House, name: string, until: number): Unit | null {
  const whole = units.filter((unit) => unit.declared.has(name));
  const own = whole.filter(({ given }) => !given);
  // `let myAnswer: unknown` at the notebook's head only holds a place.
  const real = own.filter((unit) => unit.declared.get(name)!.some((one) => !isPlaceholder(ts, one, name)));
  for (const list of [real, own])
    if (list.length > 0) return list.findLast(({ cell }) => cell.index <= until) ?? list[0];
  const lost = units.find((unit) => !unit.given && unit.broken && namesIn(unit.text).includes(name));
  return lost ?? whole.at(-1) ?? null;
}

/** `let name: unknown` without a value. */
export function isPlaceholder(ts: TypeScript, statement: ts.Statement, name: string): boolean {
  if (!ts.isVariableStatement(statement)) return false;
  const one = statement.declarationList.declarations.find(
    (d) => ts.isIdentifier(d.name) && d.name.text === name,
  );
  return one !== undefined && !one.initializer && one.type?.kind === ts.SyntaxKind.UnknownKeyword;
}

/** Names that a text which cannot be parsed seems to declare at its top. */
export function namesIn(text: string): string[] {
  const opens =
    /^(?:export\s+)?(?:async\s+)?(?:function\s*\*?|const|let|var|class|interface|type|enum)\s+([A-Za-z_$][\w$]*)/gm;
  return [...text.matchAll(opens)].map(([, name]) => name);
}

/** The exercise whose function the statement gives this name: `const attention = check(exercises.attention, …)`, `use("mine")`. */
function providedBy(
  ts: TypeScript,
  statement: ts.Statement,
  name: string,
  provided: Provided,
): string | null {
  if (!ts.isVariableStatement(statement)) return null;
  for (const { name: bound, initializer } of statement.declarationList.declarations) {
    if (!initializer || !ts.isCallExpression(initializer)) continue;
    const called = initializer.expression.getText();
    if (called === "check" && ts.isIdentifier(bound) && bound.text === name) {
      const id = exerciseIn(ts, initializer);
      if (id !== null && provided.has(id)) return id;
    }
    if (called === "use" && ts.isObjectBindingPattern(bound))
      for (const { propertyName, name: own } of bound.elements) {
        const id = propertyName && ts.isIdentifier(propertyName) ? propertyName.text : name;
        if (ts.isIdentifier(own) && own.text === name && provided.has(id)) return id;
      }
  }
  return null;
}

/** `attention` of `check(exercises.attention, …)`. */
export function exerciseIn(ts: TypeScript, { arguments: [exercise] }: ts.CallExpression): string | null {
  if (!exercise) return null;
  if (ts.isPropertyAccessExpression(exercise)) return exercise.name.text;
  const isField =
    ts.isElementAccessExpression(exercise) && ts.isStringLiteralLike(exercise.argumentExpression);
  return isField ? (exercise.argumentExpression as ts.StringLiteralLike).text : null;
}

/** Whether what it declares may be changed by other statements: not a type. */
const isChangeable = (ts: TypeScript, statement: ts.Statement): boolean =>
  ts.isVariableStatement(statement) ||
  ts.isClassDeclaration(statement) ||
  ts.isFunctionDeclaration(statement);

/** Methods that leave what they are called on as it is. */
const HARMLESS = new Set(
  "at concat entries every filter find findIndex findLast flat flatMap forEach get has includes indexOf join keys map reduce slice some toString values".split(
    " ",
  ),
);

/** Names whose values a statement at a cell's top may change; none of a declaration. */
function changes(house: House, statement: ts.Statement): string[] {
  const { ts } = house;
  if (!isAction(ts, statement)) return [];
  const found = new Set<string>();
  const note = (node: ts.Expression) => {
    const root = rootOf(ts, node);
    if (root) found.add(root.text);
    // `[mine] = …`, `({ mine } = …)`
    if (ts.isArrayLiteralExpression(node) || ts.isObjectLiteralExpression(node))
      for (const { text } of house.free(node)) found.add(text);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && isAssignment(ts, node.operatorToken.kind)) note(node.left);
    if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
      if (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken)
        note(node.operand);
    }
    if (ts.isDeleteExpression(node)) note(node.expression);
    if (ts.isCallExpression(node)) {
      const called = node.expression;
      if (ts.isPropertyAccessExpression(called)) {
        if (!HARMLESS.has(called.name.text)) note(called.expression);
        if (called.expression.getText() === "Object") for (const one of node.arguments) note(one);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(statement);
  return [...found];
}

const isAction = (ts: TypeScript, statement: ts.Statement): boolean =>
  ts.isExpressionStatement(statement) ||
  ts.isIterationStatement(statement, false) ||
  ts.isIfStatement(statement) ||
  ts.isTryStatement(statement) ||
  ts.isSwitchStatement(statement) ||
  ts.isBlock(statement);

const isAssignment = (ts: TypeScript, kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;

/** `table` of `table.rows[3].cells`. */
function rootOf(ts: TypeScript, node: ts.Expression): ts.Identifier | null {
  let one = node;
  while (
    ts.isPropertyAccessExpression(one) ||
    ts.isElementAccessExpression(one) ||
    ts.isNonNullExpression(one) ||
    ts.isParenthesizedExpression(one) ||
    ts.isAsExpression(one)
  )
    one = one.expression;
  return ts.isIdentifier(one) ? one : null;
}
