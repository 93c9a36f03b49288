"use strict";
/**
 * Errors as a student should read them: the cell's own lines and columns, the frames of the course and of the
 * cell, and none of the kernel's.
 */
const fs = require("node:fs");
const path = require("node:path");
const { SourceMap } = require("node:module");
const { fileURLToPath } = require("node:url");
const { inspect } = require("node:util");

const root = path.resolve(__dirname, "..");
const red = (text) => `\u001b[31m${text}\u001b[39m`;
const bold = (text) => `\u001b[1m${text}\u001b[22m`;
const dim = (text) => `\u001b[2m${text}\u001b[22m`;

/** Name of a cell (the script's sourceURL) -> its text and the maps that lead back to it, newest first. */
const cells = new Map();
/** File of the built library -> its source map, or null. */
const files = new Map();

/** Keep what leads from line 1 to `lines` of the script `name` back to the cell it was made from. */
function remember(name, source, maps, lines) {
  cells.set(name, { source, maps: maps.map((map) => new SourceMap(map)), lines });
}

/** `cell-3` → `cell [3]`. */
const title = (name) => name.replace(/^cell-(\d+)$/, "cell [$1]");

function inCell(name, line, column) {
  const { maps, lines } = cells.get(name);
  if (line > lines) return null; // the call around the cell
  let at = { line: line - 2, column: column - 1 }; // one line for "use strict", one for counting from zero
  for (const map of maps) {
    const entry = map.findEntry(at.line, at.column);
    if (entry.originalLine === undefined) return null;
    at = { line: entry.originalLine, column: entry.originalColumn };
  }
  // The converter puts one line before the cell, so `line` counts from one already.
  return `${title(name)}:${at.line}:${at.column + 1}`;
}

function inFile(file, line, column) {
  if (!files.has(file)) {
    const map = `${file}.map`;
    const ours = file.startsWith(path.join(root, "dist") + path.sep) && fs.existsSync(map);
    files.set(file, ours ? new SourceMap(JSON.parse(fs.readFileSync(map, "utf8"))) : null);
  }
  const entry = files.get(file)?.findEntry(line - 1, column - 1);
  if (entry?.originalSource === undefined) return `${path.relative(root, file)}:${line}:${column}`;
  const source = path.resolve(path.dirname(file), entry.originalSource);
  return `${path.relative(root, source)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

const foreign = /[\\/]node_modules[\\/](tslab|zeromq|@tslab)[\\/]/;

/** Where a call stands, or null for a frame that says nothing to a student. */
function place(site) {
  const name = site.getScriptNameOrSourceURL() ?? site.getFileName();
  if (!name || name.startsWith("node:")) return null;
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  if (cells.has(name)) return inCell(name, line, column);
  const file = name.startsWith("file:") ? fileURLToPath(name) : name;
  if (!path.isAbsolute(file) || file.startsWith(__dirname + path.sep) || foreign.test(file)) return null;
  return inFile(file, line, column);
}

function formatFrame(site) {
  try {
    const where = place(site);
    if (!where) return null;
    const type = site.isToplevel() ? null : site.getTypeName();
    let name = site.getFunctionName();
    if (site.isConstructor()) name = `new ${name ?? "<anonymous>"}`;
    else if (name && type && type !== "Object" && !name.includes(".")) name = `${type}.${name}`;
    const prefix = site.isAsync() ? "async " : "";
    return name ? `    at ${prefix}${name} (${where})` : `    at ${prefix}${where}`;
  } catch {
    return `    at ${site}`; // a frame that cannot be read must not hide the error
  }
}

/** From now on every `error.stack` reads like a traceback of the notebook. */
function install() {
  Error.stackTraceLimit = 50;
  Error.prepareStackTrace = (error, sites) => {
    const frames = sites.map(formatFrame).filter(Boolean);
    if (frames.length > 12) frames.splice(9, frames.length - 11, `    ... ${frames.length - 11} more`);
    return [headline(error), ...frames].join("\n");
  };
}

function headline(error) {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

/** The lines around `line` (from one) with a caret, or a run of them, below it. */
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

/** What TypeScript found in a cell; nothing of the cell has run. */
class CompileError extends Error {
  constructor(diagnostics, source, cellName) {
    const lines = source.split("\n").length;
    // The converter adds an export list below the cell: what it says about that line repeats the cell's own.
    const inside = diagnostics.filter((d) => d.fileName || d.start.line < lines);
    const found = group(inside.length > 0 ? inside : diagnostics);
    super(found[0].messages[0]);
    this.name = found[0].code < 2000 ? "SyntaxError" : "TypeScriptError";
    this.report = report(found, source, title(cellName));
  }
}

/** A chain of explanations arrives as several diagnostics at one place: put it together again. */
function group(diagnostics) {
  const groups = [];
  for (const d of diagnostics) {
    const last = groups.at(-1);
    if (last && last.start.offset === d.start.offset && last.end.offset === d.end.offset)
      last.messages.push(d.messageText);
    else groups.push({ ...d, messages: [d.messageText] });
  }
  return groups;
}

const hints = {
  2304: "If another cell declares it, run that cell first.",
  2307: "Is it installed and built? `npm start -- --check` tells.",
  2323: "Cells share all their declarations: leave out `export`.",
  2451: "A cell cannot declare the same name twice.",
};

function report(found, source, where) {
  const parts = found.slice(0, 5).map((d) => {
    const [line, column] = [d.start.line + 1, d.start.character + 1];
    const length = d.end.line === d.start.line ? d.end.character - d.start.character : source.length;
    const text = d.messages.map((message, depth) => "  ".repeat(depth) + message).join("\n");
    const hint = hints[d.code] ? `\n${dim(hints[d.code])}` : "";
    const frame = d.fileName ? "" : `\n${codeFrame(source, line, column, length)}`;
    return `${d.fileName ?? where}, line ${line}, column ${column}: ${bold(text)} ${dim(`TS${d.code}`)}${frame}${hint}`;
  });
  const left = found.length - parts.length;
  if (left > 0) parts.push(`... and ${left} more`);
  const head = found.length === 1 ? "an error" : `${found.length} errors`;
  return [red(`TypeScript found ${head}, so the cell did not run.`), ...parts];
}

/** The content of Jupyter's `error` message. */
function describe(error) {
  if (error instanceof CompileError)
    return { ename: error.name, evalue: error.message, traceback: error.report };
  if (!isError(error)) {
    const evalue = typeof error === "string" ? error : inspect(error);
    return { ename: "Thrown", evalue, traceback: [`${red("Thrown")}: ${evalue}`] };
  }
  const ename = String(error.name || "Error");
  const evalue = String(error.message);
  const traceback = [`${red(bold(ename))}: ${evalue}`];
  const stack = String(error.stack ?? "");
  const frames = stack.split("\n").filter((line) => /^ {4}(at |\.\.\.)/.test(line));
  const [, number, line, column] = /cell \[(\d+)\]:(\d+):(\d+)/.exec(frames.join("\n")) ?? [];
  const cell = cells.get(`cell-${number}`);
  if (cell) {
    traceback.push(`cell [${number}], line ${line}, column ${column}:`);
    traceback.push(codeFrame(cell.source, Number(line), Number(column)));
  }
  if (frames.length > 0) traceback.push(dim(frames.join("\n")));
  if (error.cause !== undefined) traceback.push("caused by", ...describe(error.cause).traceback);
  for (const inner of (error.errors ?? []).slice?.(0, 5) ?? []) traceback.push(...describe(inner).traceback);
  return { ename, evalue, traceback };
}

const isError = (value) =>
  value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";

module.exports = { CompileError, describe, install, remember, title };
