"use strict";
/** Lines of a cell with a mark below, as the compiler's errors and the tracebacks of running cells show them. */

const { dim, red } = require("./style.cjs");

/** The lines around `line` (from one) with a caret, or a run of them, below it. @param {string} source @param {number} line @param {number} column */
function codeFrame(source, line, column, length = 1) {
  const lines = source.split("\n");
  const first = Math.max(1, line - 2);
  const width = String(line).length;
  const shown = [];
  for (let n = first; n <= line && n <= lines.length; n++)
    shown.push(`${n === line ? red(">") : " "} ${dim(`${String(n).padStart(width)} |`)} ${lines[n - 1]}`);
  const carets = "^".repeat(Math.max(1, Math.min(length, (lines[line - 1] ?? "").length - column + 1)));
  shown.push(`  ${" ".repeat(width)} ${dim("|")} ${" ".repeat(column - 1)}${red(carets)}`);
  return shown.join("\n");
}

module.exports = { codeFrame };
