/** From the cells of a source to those of a notebook. */
import ts from "typescript";
import { exerciseSource, studentName } from "./exercise-source.mjs";
import { answerCell, checkCell, code, markdown, notebook, taskCell } from "./ipynb.mjs";
import { withExercises } from "./percent.mjs";
import { withTexts } from "./strings.mjs";
import { task, words } from "./task.mjs";

/** @typedef {import("../../src/grading").Exercise<any>} Exercise */
/** @typedef {import("./percent.mjs").ExerciseCell} ExerciseCell */
/**
 * `folder`: where the exercises' functions stand. `strings`: what the texts in their code become. `above` and `below`: cells at the two ends, such as links.
 * `hints: false`: nothing that shows a solution stands beside the exercises.
 * @typedef {{ name: string, folder: string, solved: boolean, language?: "en" | "ru", strings?: ReadonlyMap<string, string>, above?: string, below?: string, hints?: boolean }} Place
 */

/**
 * The notebook of one lecture. `exercises` are its exercises by id; `solved` puts the solutions where students find
 * holes.
 * @param {readonly import("./percent.mjs").SourceCell[]} source
 * @param {Place & { exercises: Record<string, Exercise> }} options
 */
export function expand(
  source,
  { name, exercises, folder, solved, language = "en", strings, above, below, hints = true },
) {
  /** @type {string[]} */
  const asked = [];
  let ready = false;
  const cells = withExercises(source, `${name}.nb.ts`).flatMap((cell) => {
    if (cell.kind === "markdown") return [markdown(cell.text)];
    if (cell.kind === "code") {
      const text = ready ? null : withHoleImport(cell.text);
      if (text === null) return [code(cell.text)];
      ready = true;
      return [code(`${text}\n\n${declared(Object.keys(exercises).map(studentName), language)}`)];
    }
    const exercise = exercises[cell.id];
    if (!exercise)
      throw new Error(`${name}: there is no exercise ${cell.id}, only ${Object.keys(exercises).join(", ")}`);
    if (!ready)
      throw new Error(
        `${name}: expected a cell above exercise ${cell.id} with import { check, … } from "gradschool"; NotImplemented, which holes throw, is put beside check`,
      );
    asked.push(cell.id);
    return exerciseCells(exercise, cell, { folder, solved, language, strings, hints, number: asked.length });
  });
  const forgotten = Object.keys(exercises).filter((id) => !asked.includes(id));
  if (forgotten.length > 0) throw new Error(`${name}: the notebook leaves out ${forgotten.join(", ")}`);
  return notebook([
    ...(above ? [markdown(above, { id: "links-above" })] : []),
    ...cells,
    ...(below ? [markdown(below, { id: "links-below" })] : []),
  ]);
}

/**
 * @param {Exercise} exercise
 * @param {ExerciseCell} texts
 * @param {{ folder: string, solved: boolean, language: "en" | "ru", strings?: ReadonlyMap<string, string>, number: number, hints: boolean }} options
 */
function exerciseCells(exercise, texts, { folder, solved, language, strings = new Map(), number, hints }) {
  const { id, points } = exercise;
  const written = exerciseSource(folder, id);
  const [solution, hole] = [written.solution, written.hole].map((text) => withTexts(text, strings));
  return [
    markdown(task(exercise, texts, { number, solution: hints ? solution : null, language }), taskCell(id)),
    code(solved ? solution : hole, answerCell(id)),
    code(checkSource(id), checkCell(id, points)),
    ...(hints ? [markdown(words(language).after(texts.after.text), { id: `${id}-after` })] : []),
  ];
}

/** The last line makes the points the cell's result, a number: that is where nbgrader looks for partial credit. @param {string} id */
const checkSource = (id) =>
  `const ${id} = check(exercises.${id}, ${studentName(id)});\ncheck.points(exercises.${id})`;

/**
 * The holes throw NotImplemented, which nothing in the source needs: it comes with `check`. Null if the cell does not
 * import that.
 * @param {string} text
 */
export function withHoleImport(text) {
  const source = ts.createSourceFile("cell.ts", text, ts.ScriptTarget.ES2022, true);
  for (const node of source.statements) {
    if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) continue;
    const names = node.importClause?.namedBindings;
    if (node.moduleSpecifier.text !== "gradschool" || node.importClause?.isTypeOnly) continue;
    if (!names || !ts.isNamedImports(names)) continue;
    const find = (/** @type {string} */ name) =>
      names.elements.find((one) => one.name.text === name && !one.propertyName && !one.isTypeOnly);
    const check = find("check");
    if (!check) continue;
    return find("NotImplemented")
      ? text
      : `${text.slice(0, check.end)}, NotImplemented${text.slice(check.end)}`;
  }
  return null;
}

/**
 * Declares the student's functions: one whose cell does not compile is then undefined, which its check can tell, instead
 * of a name that no cell knows.
 * @param {readonly string[]} names
 * @param {"en" | "ru"} language
 */
const declared = (names, language) =>
  `// ${words(language).declared}\nlet ${names.join(": unknown, ")}: unknown;`;
