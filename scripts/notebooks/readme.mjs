/** The README's table of lectures, made of the course's own. */

const BEGIN = "<!-- lectures: written by scripts/generate-notebooks.mjs -->";
const END = "<!-- end of lectures -->";

/**
 * @typedef {{ lecture: import("../../src/lectures/course").Lecture, exercises: readonly { points: number }[] | null }} Row
 *   `exercises`: null where the lecture is not written yet
 */

/** @param {import("../../src/notebook").Localized} text */
const english = (text) => (typeof text === "string" ? text : text.en);

/** @param {Row} row */
function line({ lecture, exercises }) {
  const { notebook, title, minutes, youWrite, data } = lecture;
  const number = notebook.slice(0, 2);
  if (!exercises) return `| ${number} | ${english(title)} | being written | | | |`;
  const links = `[open](notebooks/${notebook}.ipynb), [solved](notebooks/solutions/${notebook}.ipynb)`;
  const points = exercises.reduce((sum, exercise) => sum + exercise.points, 0);
  const count = `${exercises.length} exercise${exercises.length === 1 ? "" : "s"}`;
  const work = `${english(youWrite)} (${count}, ${points} points)`;
  return `| ${number} | ${english(title)} | ${links} | ${minutes} min | ${work} | ${english(data)} |`;
}

/**
 * The README with its table as it should be. Throws where the two marks around it are missing.
 * @param {string} readme
 * @param {readonly Row[]} rows
 */
export function withLectureTable(readme, rows) {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`README.md: expected a line "${BEGIN}" and, below, a line "${END}"`);
  const table = [
    "| | lecture | notebook | time | what you write | data |",
    "|---|---|---|---|---|---|",
    ...rows.map(line),
  ];
  return `${readme.slice(0, begin)}${BEGIN}\n${table.join("\n")}\n${readme.slice(end)}`;
}
