"use strict";
/** A mark as the feedback page shows it: what passed, what failed and why; of hidden checks their names alone. */

/** @typedef {import("../../src/grading/wall").ExerciseMark} ExerciseMark */

const path = require("node:path");

const { escapeMarkup } = /** @type {typeof import("../../src/notebook")} */ (
  require(path.resolve(__dirname, "..", "..", "dist", "notebook", "index.js"))
);

const russian = process.env.GRADSCHOOL_LANG === "ru";
const say = (/** @type {string} */ en, /** @type {string} */ ru) => (russian ? ru : en);

/** @param {ExerciseMark} mark */
function lines({ id, earned, points, reason, checks, flags }) {
  const title = `${earned === points ? "✓" : "✗"} ${id}: ${say(`${earned} of ${points} points`, `баллов: ${earned} из ${points}`)}`;
  const parts = checks.map(({ name, passed, points, hidden, reason }) => ({
    text: `${passed ? "✓" : "✗"} ${name}${hidden ? say(" (at grading)", " (при оценивании)") : ""}${points > 0 ? `, ${points}` : ""}`,
    why: passed || hidden ? null : reason,
  }));
  // The mark's own reason is that of its first failure, which is told there.
  const isTold = parts.some(({ why }) => why !== null);
  return { title, reason: isTold ? null : reason, parts, flags };
}

/** The bundle for Jupyter. @param {ExerciseMark} mark */
function shown(mark) {
  const { title, reason, parts, flags } = lines(mark);
  const plain = [
    title,
    ...(reason ? [`  ${reason}`] : []),
    ...parts.flatMap(({ text, why }) => [`  ${text}`, ...(why ? [`      ${why}`] : [])]),
    ...flags.map((flag) => `  ${flag}`),
  ].join("\n");
  const html = [
    `<div style="border-left:4px solid ${mark.earned === mark.points ? "#1a9850" : "#d73027"};padding:4px 12px;line-height:1.5;overflow-wrap:anywhere">`,
    `<div><b>${escaped(title)}</b></div>`,
    ...(reason ? [`<div>${escaped(reason)}</div>`] : []),
    ...parts.map(
      ({ text, why }) =>
        `<div>${escaped(text)}${why ? `<div style="margin-left:24px">${escaped(why)}</div>` : ""}</div>`,
    ),
    ...flags.map((flag) => `<div style="opacity:0.8">${escaped(flag)}</div>`),
    "</div>",
  ].join("");
  return { "text/plain": plain, "text/html": html };
}

/** @param {string} text */
const escaped = (text) => escapeMarkup(text).replaceAll("\n", "<br>");

module.exports = { shown };
