/** From the cells of a source to those of a notebook. */
import { exerciseSource, studentName } from "./exercise-source.mjs";
import { answerCell, checkCell, code, markdown, notebook, taskCell } from "./ipynb.mjs";
import { inLanguage } from "./percent.mjs";

/**
 * The notebook of one lecture. `exercises` are its exercises by id, `folder` is where their functions stand;
 * `solved` puts the solutions where students find holes.
 */
export function expand(source, { name, exercises, folder, solved, language = "en" }) {
  const asked = [];
  const cells = inLanguage(source, language).flatMap((cell) => {
    if (cell.kind === "markdown") return [markdown(cell.text)];
    if (cell.kind === "code") return [code(withStudents(cell.text, Object.keys(exercises)))];
    const exercise = exercises[cell.id];
    if (!exercise)
      throw new Error(`${name}: there is no exercise ${cell.id}, only ${Object.keys(exercises).join(", ")}`);
    asked.push(cell.id);
    return exerciseCells(exercise, { name, folder, solved, language, number: asked.length });
  });
  const forgotten = Object.keys(exercises).filter((id) => !asked.includes(id));
  if (forgotten.length > 0) throw new Error(`${name}: the notebook leaves out ${forgotten.join(", ")}`);
  return notebook(cells);
}

function exerciseCells(exercise, { name, folder, solved, language, number }) {
  const { id, points } = exercise;
  const { solution, hole } = exerciseSource(folder, id);
  return [
    markdown(task(exercise, { name, number, solved, language }), taskCell(id)),
    code(solved ? solution : hole, answerCell(id)),
    code(checkSource(id), checkCell(id, points)),
  ];
}

/** The last line makes the points the cell's result, a number: that is where nbgrader looks for partial credit. */
const checkSource = (id) =>
  `const ${id} = check(exercises.${id}, ${studentName(id)});\ncheck.points(exercises.${id})`;

function task({ title, prose, points, minutes, hints }, { name, number, solved, language }) {
  const say = (text) => (typeof text === "string" ? text : (text[language] ?? text.en));
  const help = hints.help.map(({ when, look }) => `- **${say(when)}**: ${say(look)}`).join("\n");
  const where = solved
    ? "It stands in the next cell, between the two comments."
    : `It stands in [solutions/${name}.ipynb](solutions/${name}.ipynb), under the same title. You learn most if you run your own first, even one that is wrong.`;
  return [
    `### ✏️ Exercise ${number}: ${say(title)}`,
    `*${points} point${points === 1 ? "" : "s"}, about ${minutes} minutes*`,
    say(prose),
    details("Hint 1: the plan", say(hints.pseudocode)),
    details("Hint 2: when something goes wrong", help),
    details("Hint 3: the solution", where),
  ].join("\n\n");
}

const details = (summary, content) => `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;

/**
 * The cell that imports `check` also imports what the holes throw, and declares the student's functions: one whose cell
 * does not compile is then undefined, which its check can tell, instead of a name that no cell knows.
 */
const withStudents = (text, ids) =>
  /import \{ check,.*\} from "gradschool";/.test(text)
    ? `${text.replace("import { check,", "import { check, NotImplemented,")}\n\n${declared(ids.map(studentName))}`
    : text;

const declared = (names) =>
  `// Yours to write, one exercise each. Until then:\nlet ${names.join(": unknown, ")}: unknown;`;
