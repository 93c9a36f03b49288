/**
 * The code of an exercise, as it stands in the lecture: the solution is written once, as a function of the
 * exercise's name, and what the student gets is cut from its text.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { studentName } from "./files.mjs";

const BEGIN = "BEGIN SOLUTION";
const END = "END SOLUTION";

export { studentName };

/**
 * `{ solution, hole }`: two texts of the function `id`, found in a lecture's folder, under the student's name.
 * @param {string} folder
 * @param {string} id
 */
export function exerciseSource(folder, id) {
  for (const file of typescriptFiles(folder)) {
    const text = readFileSync(file, "utf8");
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
    const found = source.statements.find((node) => ts.isFunctionDeclaration(node) && node.name?.text === id);
    if (!found) continue;
    const solution = renamed(found, source, id, studentName(id));
    return { solution, hole: withHole(solution, `${path.basename(file)}: ${id}`) };
  }
  throw new Error(`exercise ${id}: expected a function of that name in ${path.basename(folder)}`);
}

/** @param {string} folder @returns {string[]} */
function typescriptFiles(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) return typescriptFiles(full);
      return entry.name.endsWith(".ts") && !entry.name.endsWith(".nb.ts") ? [full] : [];
    })
    .sort();
}

/**
 * The text of a declaration with its doc comment, without `export`, the function under another name.
 * @param {ts.Node} declaration
 * @param {ts.SourceFile} source
 * @param {string} from
 * @param {string} to
 */
function renamed(declaration, source, from, to) {
  const start = declaration.getStart(source, true);
  /** @type {{ at: number, end: number, text: string }[]} */
  const edits = [];
  const visit = (/** @type {ts.Node} */ node) => {
    if (node.kind === ts.SyntaxKind.ExportKeyword && node.parent === declaration)
      edits.push({ at: node.getStart(source), end: node.end + 1, text: "" });
    const isField = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;
    if (ts.isIdentifier(node) && node.text === from && !isField)
      edits.push({ at: node.getStart(source), end: node.end, text: to });
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  let text = source.text.slice(start, declaration.end);
  for (const edit of edits.sort((a, b) => b.at - a.at))
    text = text.slice(0, edit.at - start) + edit.text + text.slice(edit.end - start);
  return text;
}

/** The part between the delimiters replaced by what a student starts from. @param {string} solution @param {string} where */
function withHole(solution, where) {
  const lines = solution.split("\n");
  const begin = lines.findIndex((line) => line.includes(BEGIN));
  const end = lines.findIndex((line) => line.includes(END));
  if (begin < 0 || end < begin)
    throw new Error(`${where}: expected "// ${BEGIN}" and "// ${END}" around the hole`);
  const indent = lines[begin].match(/^\s*/)?.[0];
  const hole = [`${indent}// YOUR CODE HERE`, `${indent}throw new NotImplemented();`];
  return [...lines.slice(0, begin), ...hole, ...lines.slice(end + 1)].join("\n");
}
