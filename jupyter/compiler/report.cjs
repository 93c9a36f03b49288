"use strict";
/** TypeScript's complaints about a cell as a student should read them: the lines, a mark below, and what to do. */
const { codeFrame } = require("../code-frame.cjs");
const { installCommand, packageOf } = require("../packages.cjs");
const { bold, dim, red } = require("../style.cjs");

/** @typedef {{ line: number, character: number, offset: number }} Place */
/** As tslab gives it. @typedef {{ start: Place, end: Place, messageText: string, code: number, fileName?: string }} Diagnostic */
/** Those at one place. @typedef {Diagnostic & { messages: string[] }} Found */
/** Names that a cell would have declared. @typedef {ReadonlyMap<string, { count: number, ran: boolean, line?: number | null }>} Lost */

/**
 * The content of Jupyter's `error` message for what TypeScript found in a cell; nothing of the cell has run.
 * `lost` knows the names that a cell would have declared if it had run to its end: name → { count, ran, line }.
 * @param {readonly Diagnostic[]} diagnostics
 * @param {string} source
 * @param {number} count
 * @param {Lost} lost
 */
function describeDiagnostics(diagnostics, source, count, lost) {
  const lines = source.split("\n").length;
  // The converter adds an export list below the cell: what it says about that line repeats the cell's own.
  const inside = diagnostics.filter((d) => d.fileName || d.start.line < lines);
  const found = group(inside.length > 0 ? inside : diagnostics);
  return {
    ename: found[0].code < 2000 ? "SyntaxError" : "TypeScriptError",
    evalue: found[0].messages[0],
    traceback: report(found, source, `cell [${count}]`, lost),
  };
}

/** A chain of explanations arrives as several diagnostics at one place: put it together again. @param {readonly Diagnostic[]} diagnostics */
function group(diagnostics) {
  /** @type {Found[]} */
  const groups = [];
  for (const d of diagnostics) {
    const last = groups.at(-1);
    if (last && last.start.offset === d.start.offset && last.end.offset === d.end.offset)
      last.messages.push(d.messageText);
    else groups.push({ ...d, messages: [d.messageText] });
  }
  return groups;
}

/** @type {Readonly<Record<number, string>>} */
const hints = {
  2304: "If another cell declares it, run that cell first.",
  2323: "Cells share all their declarations: leave out `export`.",
  2451: "A cell cannot declare the same name twice.",
};

/** What to do about it; empty where nothing helpful is known. @param {Found} found @param {Lost} lost */
function hintFor({ code, messages }, lost) {
  const [, name] = /'([^']*)'/.exec(messages[0]) ?? [];
  const cell = lost.get(name);
  if (cell && /^(2304|2503|2552|18004)$/.test(`${code}`)) {
    if (!cell.ran)
      return `Cell [${cell.count}] declares it, but did not run: mend its errors, and run it again.`;
    const where = cell.line === null ? "before it got there" : `at line ${cell.line}`;
    return `Cell [${cell.count}] declares it, but stopped ${where}: run that cell again.`;
  }
  if (code !== 2307) return hints[code] ?? "";
  const wanted = packageOf(name ?? "");
  if (name?.startsWith("gradschool")) return "Is it built? `npm start -- --check` tells.";
  return wanted ? `It is not installed. In a terminal: ${installCommand(wanted)}` : "";
}

/** @param {readonly Found[]} found @param {string} source @param {string} where @param {Lost} lost */
function report(found, source, where, lost) {
  const parts = found.slice(0, 5).map((d) => {
    const [line, column] = [d.start.line + 1, d.start.character + 1];
    const length = d.end.line === d.start.line ? d.end.character - d.start.character : source.length;
    const text = d.messages.map((message, depth) => "  ".repeat(depth) + message).join("\n");
    const told = hintFor(d, lost);
    const hint = told ? `\n${dim(told)}` : "";
    const frame = d.fileName ? "" : `\n${codeFrame(source, line, column, length)}`;
    return `${d.fileName ?? where}, line ${line}, column ${column}: ${bold(text)} ${dim(`TS${d.code}`)}${frame}${hint}`;
  });
  const left = found.length - parts.length;
  if (left > 0) parts.push(`... and ${left} more`);
  const head = found.length === 1 ? "an error" : `${found.length} errors`;
  return [red(`TypeScript found ${head}, so the cell did not run.`), ...parts];
}

module.exports = { describeDiagnostics };
