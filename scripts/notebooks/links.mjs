/** The way from one notebook to the next. */

/** @typedef {import("../../src/lectures/course").Lecture} Lecture */

/**
 * A line with links to the lecture before and the one after, and to the start; empty for a single lecture.
 * @param {readonly Lecture[]} written the lectures that have a notebook, in order
 * @param {string} name
 * @param {"en" | "ru"} language
 */
export function links(written, name, language) {
  const at = written.findIndex((lecture) => lecture.name === name);
  const [before, after, start] = [written[at - 1], written[at + 1], written[0]];
  return [
    ...(before ? [link(before, language, "← ", "")] : []),
    ...(start?.number === 0 && at > 1 ? [link(start, language, "", "")] : []),
    ...(after ? [link(after, language, "", " →")] : []),
  ].join(" · ");
}

/** @param {Lecture} lecture @param {"en" | "ru"} language @param {string} before @param {string} after */
function link({ number, title, notebook }, language, before, after) {
  const text = typeof title === "string" ? title : (title[language] ?? title.en);
  return `[${before}${String(number).padStart(2, "0")} ${text}${after}](${notebook}.ipynb)`;
}
