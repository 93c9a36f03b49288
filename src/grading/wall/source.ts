import type TypeScript from "typescript";
import { codeOf, uses } from "../forbidden";
import type { Task } from "./mark";

/** The text of each function, class and variable that stands at the top of a student's cells, by its name. */
export type Declarations = Readonly<Record<string, string>>;

/** Those of an answer, and of the student's earlier functions, which go by the ids of their exercises. */
export function declarationsOf(
  ts: typeof TypeScript,
  { code, own }: Pick<Task, "code" | "own">,
): Declarations {
  const found: Record<string, string> = Object.create(null);
  for (const [id, { code: text, name }] of Object.entries(own)) found[id] = declaredIn(ts, text)[name] ?? "";
  return Object.assign(found, declaredIn(ts, code));
}

function declaredIn(ts: typeof TypeScript, code: string): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  const add = (name: string, node: TypeScript.Node) => {
    found[name] = `${found[name] ?? ""}\n${node.getText(file)}`;
  };
  const file = ts.createSourceFile("cells.js", code, ts.ScriptTarget.ES2022, false, ts.ScriptKind.JS);
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      if (statement.name) add(statement.name.text, statement);
    } else if (ts.isVariableStatement(statement)) {
      for (const one of statement.declarationList.declarations)
        for (const name of namesIn(ts, one.name)) add(name, one);
    } else if (ts.isExpressionStatement(statement) && ts.isBinaryExpression(statement.expression)) {
      const { left, right, operatorToken } = statement.expression; // `let f; f = …`
      if (operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isIdentifier(left)) add(left.text, right);
    }
  }
  return found;
}

/** What `const { a, b: [c] } = …` declares. */
function namesIn(ts: typeof TypeScript, name: TypeScript.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((one) => (ts.isBindingElement(one) ? namesIn(ts, one.name) : []));
}

/** As many declarations are read, from the answer on. */
const MOST = 50;

/**
 * The first of `names` that the answer uses, itself or through what else its cells declare: what a notebook reads of functions, read
 * of text, so that no student's code has a say in it. Or null.
 */
export function forbiddenInCells(
  name: string,
  declared: Declarations,
  names: readonly string[],
): string | null {
  const open = [name];
  const read = new Set<string>();
  while (names.length > 0 && open.length > 0 && read.size < MOST) {
    const one = open.pop() as string;
    const text = declared[one];
    if (text === undefined || read.has(one)) continue;
    read.add(one);
    const code = codeOf(text);
    const used = names.find((forbidden) => uses(code, forbidden));
    if (used) return used;
    for (const word of code.match(/[A-Za-z_$][\w$]*/g) ?? []) if (word in declared) open.push(word);
  }
  return null;
}
