import type ts from "typescript";

/** (Versions differ; what is used of it is the same in all.) */
export type TypeScript = typeof import("typescript");

/** A notebook's cell as it is looked at here. */
export interface Cell {
  /** Its place in the notebook, from 0. */
  readonly index: number;
  readonly type: "code" | "markdown" | "raw";
  /** The ids it goes by: its own, and the one under which nbgrader knows it. */
  readonly ids: readonly string[];
  /** Lines end in `\n`. */
  readonly text: string;
}

/** A cell's text as TypeScript sees it; of a cell with syntax errors, the parts that can be read apart from one another. */
export interface Unit {
  readonly cell: Cell;
  /** The line of the cell on which the text begins, from 0. */
  readonly line: number;
  readonly text: string;
  readonly file: ts.SourceFile;
  /** What the parser stumbles over first; then nothing of the unit is used. */
  readonly broken: { readonly message: string; readonly line: number } | null;
  /** Statements at its top by the names that they declare. */
  readonly declared: ReadonlyMap<string, readonly ts.Statement[]>;
  /** It comes from the notebook as the course gave it: the student has deleted that cell. */
  readonly given: boolean;
}

/** All cells of a notebook, with what TypeScript knows of their names: each is a module of its own. */
export class House {
  readonly units: readonly Unit[];
  private readonly checker: ts.TypeChecker;

  constructor(
    readonly ts: TypeScript,
    cells: readonly Cell[],
    given: readonly Cell[],
  ) {
    const parts = [
      ...given.flatMap((cell) => partsOf(ts, cell).map((part) => ({ ...part, given: true }))),
      ...cells.flatMap((cell) => partsOf(ts, cell).map((part) => ({ ...part, given: false }))),
    ];
    const files = new Map<string, ts.SourceFile>();
    this.units = parts.map((part, i) => {
      const file = parse(ts, part.broken ? "" : part.text, `unit-${i}.ts`);
      files.set(file.fileName, file);
      return { ...part, file, declared: part.broken ? new Map() : declarationsIn(ts, file) };
    });
    const host: ts.CompilerHost = {
      getSourceFile: (name) => files.get(name),
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => "",
      getNewLine: () => "\n",
      useCaseSensitiveFileNames: () => true,
      getDefaultLibFileName: () => "",
      writeFile() {},
      fileExists: (name) => files.has(name),
      readFile: () => undefined,
    };
    const options = { noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ES2022 };
    this.checker = ts.createProgram([...files.keys()], options, host).getTypeChecker();
  }

  /** Identifiers in the node that stand for something declared outside of it. */
  free(node: ts.Node): ts.Identifier[] {
    const found: ts.Identifier[] = [];
    const visit = (one: ts.Node): void => {
      if (this.ts.isIdentifier(one) && isReference(this.ts, one) && !this.isWithin(node, one))
        found.push(one);
      this.ts.forEachChild(one, visit);
    };
    visit(node);
    return found;
  }

  /** Whether what the identifier stands for is declared within the node. (A function's own name is not.) */
  private isWithin(node: ts.Node, identifier: ts.Identifier): boolean {
    const symbol = this.ts.isShorthandPropertyAssignment(identifier.parent)
      ? this.checker.getShorthandAssignmentValueSymbol(identifier.parent)
      : this.checker.getSymbolAtLocation(identifier);
    const inside = (one: ts.Node) => one !== node && one.pos >= node.pos && one.end <= node.end;
    return symbol?.declarations?.some((one) => inside(one) && !isTop(this.ts, one)) ?? false;
  }
}

/** Whether a declaration stands at the top of its file. */
function isTop(ts: TypeScript, declaration: ts.Node): boolean {
  let node = declaration;
  while (
    ts.isBindingElement(node) ||
    ts.isObjectBindingPattern(node) ||
    ts.isArrayBindingPattern(node) ||
    ts.isVariableDeclaration(node) ||
    ts.isVariableDeclarationList(node)
  )
    node = node.parent;
  return node.parent !== undefined && ts.isSourceFile(node.parent);
}

/** (A text without import or export would be a script, whose names are the whole world's.) */
const parse = (ts: TypeScript, text: string, name: string): ts.SourceFile =>
  ts.createSourceFile(name, `${text}\nexport {};`, ts.ScriptTarget.ES2022, true);

type Part = Pick<Unit, "cell" | "line" | "text" | "broken">;

/** The cell as a whole; where it cannot be parsed, its declarations one by one: those beside the broken one still count. */
function partsOf(ts: TypeScript, cell: Cell): Part[] {
  const whole = { cell, line: 0, text: cell.text, broken: brokenness(ts, cell.text) };
  if (!whole.broken) return [whole];
  const lines = cell.text.split("\n");
  const starts = [0];
  lines.forEach((line, i) => {
    const opens =
      /^(\/\*\*|(export\s+|declare\s+)*(async\s+function|function|const|let|var|class|interface|type|enum|import)\b)/;
    // A doc comment belongs to what stands below it.
    if (i > 0 && opens.test(line) && !isBelowComment(lines, i)) starts.push(i);
  });
  if (starts.length === 1) return [whole];
  return starts.map((line, i) => {
    const text = lines.slice(line, starts[i + 1]).join("\n");
    return { cell, line, text, broken: brokenness(ts, text) };
  });
}

const isBelowComment = (lines: readonly string[], i: number): boolean => /\*\/\s*$/.test(lines[i - 1]);

/** A cell is not so long, and code is not so deep; what looks at it calls itself as deep as it goes. */
const [LONGEST, DEEPEST] = [500_000, 400];

/** How deep the code is nested. */
function depthOf(ts: TypeScript, file: ts.SourceFile): number {
  let level: ts.Node[] = [file];
  for (let depth = 0; ; depth++) {
    const next: ts.Node[] = [];
    for (const node of level) ts.forEachChild(node, (child) => void next.push(child));
    if (next.length === 0 || depth > DEEPEST) return depth;
    level = next;
  }
}

function brokenness(ts: TypeScript, text: string): Unit["broken"] {
  if (text.length > LONGEST) return { message: `it has ${text.length} characters`, line: 0 };
  try {
    const file = parse(ts, text, "cell.ts");
    // (TypeScript keeps what its parser found in the file, and shows it nowhere else without a program.)
    if (depthOf(ts, file) > DEEPEST) return { message: "it is nested too deeply to be looked at", line: 0 };
    const [first] = (file as unknown as { parseDiagnostics: readonly ts.Diagnostic[] }).parseDiagnostics;
    if (!first) return null;
    const { line } = file.getLineAndCharacterOfPosition(Math.min(first.start ?? 0, text.length));
    return { message: ts.flattenDiagnosticMessageText(first.messageText, " "), line };
  } catch (error) {
    return { message: `it cannot be parsed (${(error as Error).message})`, line: 0 };
  }
}

function declarationsIn(ts: TypeScript, file: ts.SourceFile): Map<string, ts.Statement[]> {
  const found = new Map<string, ts.Statement[]>();
  for (const statement of file.statements)
    for (const name of namesOf(ts, statement)) found.set(name, [...(found.get(name) ?? []), statement]);
  return found;
}

/** Names that the statement declares. */
export function namesOf(ts: TypeScript, statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) =>
      boundBy(ts, name).map(({ text }) => text),
    );
  if (ts.isImportDeclaration(statement)) {
    const { name, namedBindings: named } = statement.importClause ?? {};
    const bound = named ? (ts.isNamespaceImport(named) ? [named] : named.elements) : [];
    return [...(name ? [name.text] : []), ...bound.map((one) => one.name.text)];
  }
  const { name } = statement as unknown as { name?: ts.Node };
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

/** `[a, { b }]` → a, b. */
export const boundBy = (ts: TypeScript, name: ts.BindingName): ts.Identifier[] =>
  ts.isIdentifier(name)
    ? [name]
    : name.elements.flatMap((one) => (ts.isBindingElement(one) ? boundBy(ts, one.name) : []));

/** Whether the identifier stands for a variable or a type, and is not the name of a field. */
function isReference(ts: TypeScript, node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) return parent.initializer === node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  if (ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent) || ts.isAccessor(parent))
    return parent.name !== node;
  return !(
    ts.isPropertySignature(parent) ||
    ts.isNamedTupleMember(parent) ||
    ts.isEnumMember(parent) ||
    ts.isMetaProperty(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent)
  );
}
