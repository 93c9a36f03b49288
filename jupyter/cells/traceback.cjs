"use strict";
/**
 * Errors as a student should read them: the cell's own lines and columns, the frames of the course and of the
 * cell, and none of the kernel's.
 */
const fs = require("node:fs");
const path = require("node:path");
const { SourceMap } = require("node:module");
const { fileURLToPath } = require("node:url");
const { types } = require("node:util");
const { codeFrame } = require("../code-frame.cjs");
const { bold, dim, red } = require("../style.cjs");
const { ask, shorten, words } = require("./text.cjs");

const root = path.resolve(__dirname, "..", "..");

/** Name of a cell (the script's sourceURL) -> its text and the maps that lead back to it, newest first.
 * @type {Map<string, { source: string, maps: InstanceType<typeof SourceMap>[], lines: number }>}
 */
const sources = new Map();
/** File of the built library -> its source map, or null. @type {Map<string, InstanceType<typeof SourceMap> | null>} */
const files = new Map();

/** Keep what leads from line 1 to `lines` of the script `name` back to the cell it was made from. @param {RunRequest} request */
function remember({ name, source, maps, lines }) {
  sources.set(name, { source, maps: maps.map((map) => new SourceMap(map)), lines });
}

/** `cell-3` → `cell [3]`. */
const title = (/** @type {string} */ name) => name.replace(/^cell-(\d+)$/, "cell [$1]");

/** @param {string} name @param {number} line @param {number} column */
function inCell(name, line, column) {
  const source = sources.get(name);
  if (!source || line > source.lines) return null; // the call around the cell
  let at = { line: line - 2, column: column - 1 }; // one line for "use strict", one for counting from zero
  for (const map of source.maps) {
    const entry = map.findEntry(at.line, at.column);
    if (!("originalLine" in entry)) return null;
    at = { line: entry.originalLine, column: entry.originalColumn };
  }
  // The converter puts one line before the cell, so `line` counts from one already.
  return `${title(name)}:${at.line}:${at.column + 1}`;
}

/** @param {string} file @param {number} line @param {number} column */
function inFile(file, line, column) {
  if (!files.has(file)) {
    const map = `${file}.map`;
    const ours = file.startsWith(path.join(root, "dist") + path.sep) && fs.existsSync(map);
    files.set(file, ours ? new SourceMap(JSON.parse(fs.readFileSync(map, "utf8"))) : null);
  }
  const entry = files.get(file)?.findEntry(line - 1, column - 1);
  if (!entry || !("originalSource" in entry) || entry.originalSource === undefined)
    return `${path.relative(root, file)}:${line}:${column}`;
  const source = path.resolve(path.dirname(file), entry.originalSource);
  return `${path.relative(root, source)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

const own = path.resolve(__dirname, "..") + path.sep;
const foreign = /[\\/]node_modules[\\/](tslab|zeromq|@tslab)[\\/]/;

/** Where a call stands, or null for a frame that says nothing to a student. @param {NodeJS.CallSite} site */
function place(site) {
  const name = site.getScriptNameOrSourceURL() ?? site.getFileName();
  if (!name || name.startsWith("node:")) return null;
  const [line, column] = [site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0];
  if (sources.has(name)) return inCell(name, line, column);
  const file = name.startsWith("file:") ? fileURLToPath(name) : name;
  if (!path.isAbsolute(file) || file.startsWith(own) || foreign.test(file)) return null;
  return inFile(file, line, column);
}

/** @param {NodeJS.CallSite} site */
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

/**
 * From now on every `error.stack` reads like a traceback of the notebook. A cell, or a library, may still set
 * `Error.prepareStackTrace`; one that throws would make every error throw another.
 */
function install() {
  let prepare = ours;
  const careful = (/** @type {unknown} */ error, /** @type {NodeJS.CallSite[]} */ sites) => {
    try {
      return prepare(error, sites);
    } catch {
      return ours(error, sites);
    }
  };
  cells.Error.stackTraceLimit = 50;
  Object.defineProperty(cells.Error, "prepareStackTrace", {
    configurable: true,
    enumerable: true,
    get: () => (prepare === ours ? ours : careful),
    set: (value) => {
      if (value !== careful) prepare = typeof value === "function" ? value : ours;
    },
  });
}

/** @param {unknown} error @param {NodeJS.CallSite[]} sites */
function ours(error, sites) {
  const frames = [];
  for (let i = 0; i < sites.length; i++) frames.push(formatFrame(sites[i]));
  const told = frames.filter(Boolean);
  if (told.length > 12) told.splice(9, told.length - 11, `    ... ${told.length - 11} more`);
  return [headline(error), ...told].join("\n");
}

const errorToString = cells.Error.prototype.toString;

/** @param {unknown} error */
function headline(error) {
  try {
    return Reflect.apply(errorToString, error, []);
  } catch {
    return "Error";
  }
}

/** The reader stopped the cell. Python's name for it: Jupyter's front ends know it. */
class KeyboardInterrupt extends cells.Error {
  /** @override */
  name = "KeyboardInterrupt";
  constructor() {
    super("the cell was stopped");
    interrupts.add(this);
  }
}
const interrupts = new WeakSet();
/** `instanceof` would ask the value, which may be a Proxy. */
const isInterrupt = (/** @type {any} */ error) => interrupts.has(error);

/** The content of Jupyter's `error` message, of whatever was thrown. Asks of it nothing that may not throw. @param {unknown} error */
function describe(error) {
  /** @type {string[]} */
  const traceback = [];
  const { ename, evalue } = report(error, traceback, new Set());
  return { ename, evalue, traceback: traceback.map((part) => shorten(part)) };
}

/** @param {unknown} error @param {string[]} traceback @param {Set<unknown>} seen @returns {{ ename: string, evalue: string }} */
function report(error, traceback, seen) {
  if (!isError(error)) {
    const evalue = words(error);
    traceback.push(`${red("Thrown")}: ${evalue}`);
    return { ename: "Thrown", evalue };
  }
  seen.add(error);
  const ename = words(ask(error, "name") ?? "Error") || "Error";
  const evalue = words(ask(error, "message") ?? "");
  traceback.push(`${red(bold(ename))}: ${evalue}`);
  const frames = framesOf(error);
  const found = cellFrame(frames);
  if (found) {
    const { cell, number, line, column } = found;
    traceback.push(`cell [${number}], line ${line}, column ${column}:`);
    traceback.push(codeFrame(cell.source, line, column));
  }
  if (frames.length > 0) traceback.push(dim(frames.join("\n")));
  const cause = ask(error, "cause");
  const errors = ask(error, "errors");
  const inner = Array.isArray(errors) ? errors.slice(0, 5) : [];
  // A cause may be its own cause, or go on for ever by a getter.
  const further = (/** @type {unknown} */ inner) => !seen.has(inner) && seen.size < 10;
  if (cause !== undefined && further(cause)) {
    traceback.push("caused by");
    report(cause, traceback, seen);
  }
  for (const one of inner) if (further(one)) report(one, traceback, seen);
  return { ename, evalue };
}

/** The lines of the stack that say where. @param {unknown} error */
function framesOf(error) {
  const stack = ask(error, "stack");
  if (typeof stack !== "string") return [];
  return stack.split("\n").filter((line) => /^ {4}(at |\.\.\.)/.test(line));
}

/** The innermost frame in a cell: where its code is shown. @param {readonly string[]} frames */
function cellFrame(frames) {
  const found = /cell \[(\d+)\]:(\d+):(\d+)/.exec(frames.join("\n"));
  const cell = found && sources.get(`cell-${found[1]}`);
  return cell ? { cell, number: found[1], line: Number(found[2]), column: Number(found[3]) } : null;
}

/** The line of that cell at which an error arose, if it tells. @param {string} name @param {unknown} error */
function lineIn(name, error) {
  const frames = isError(error) ? framesOf(error).join("\n") : "";
  const found = new RegExp(`cell \\[${name.slice("cell-".length)}\\]:(\\d+):\\d+(?![\\s\\S]*cell \\[)`).exec(
    frames,
  );
  return found ? Number(found[1]) : null;
}

const isError = (/** @type {unknown} */ value) =>
  types.isNativeError(value) || ask(value, Symbol.toStringTag) === "DOMException";

module.exports = { KeyboardInterrupt, describe, framesOf, install, isInterrupt, lineIn, remember, title };
