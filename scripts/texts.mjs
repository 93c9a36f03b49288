/**
 * `npm run texts`: what of the lectures has no Russian yet, or Russian of another English than there is now.
 *
 *     npm run texts                    every lecture whose translation has begun; ends with 1 if something is missing
 *     npm run texts -- gpt             one lecture
 *     npm run texts -- gpt --write     besides, src/lectures/gpt/gpt.ru.md in the order of the source, with a place for each
 *                                      text that is missing; what is there stays
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import ts from "typescript";
import { loadTypeScript } from "./load-typescript.mjs";
import { exerciseSource } from "./notebooks/exercise-source.mjs";
import { shortName } from "./notebooks/files.mjs";
import { parsePercent } from "./notebooks/percent.mjs";
import { hashOf, keyOf, readRussian, russianFile } from "./notebooks/russian.mjs";
import { piecesOf } from "./notebooks/strings.mjs";
import { bold, dim, green, inRoot, isMain, Problem, report, writeWhole, yellow } from "./steps.mjs";

/** @typedef {import("./notebooks/percent.mjs").SourceCell} SourceCell */
/** @typedef {import("./notebooks/russian.mjs").Russian} Russian */
/** @typedef {import("./notebooks/russian.mjs").Entry} Entry */
/** @typedef {{ text: string, wanted: boolean, where: string }} Piece */

/** The first words of a text. @param {string} text */
export function label(text) {
  const line = text.split("\n").find((one) => one.trim()) ?? "";
  return (line.length > 60 ? `${line.slice(0, 59)}…` : line).replaceAll("--", "–");
}

/**
 * For each cell of prose its Russian, however old; and the entries that belong to none. One whose cell has changed stands
 * between the same neighbours as the cell.
 * @param {readonly SourceCell[]} cells
 * @param {readonly Entry[]} entries
 */
export function matched(cells, entries) {
  const prose = cells.filter((cell) => keyOf(cell) !== null);
  /** @type {Map<SourceCell, Entry>} */
  const found = new Map();
  const open = new Set(entries);
  /** @param {SourceCell} cell @param {Entry | undefined} entry */
  const take = (cell, entry) => {
    if (!entry || found.has(cell)) return;
    found.set(cell, entry);
    open.delete(entry);
  };
  for (const cell of prose) {
    const [key, hash] = [keyOf(cell), hashOf(cell.text)];
    const named = key !== "cell";
    take(
      cell,
      [...open].find((one) => one.key === key && (named || one.hash === hash || one.at === hash)),
    );
  }
  prose.forEach((cell, i) => {
    if (found.has(cell)) return;
    const [before, after] = [
      found.get(prose[i - 1]),
      prose
        .slice(i + 1)
        .map((one) => found.get(one))
        .find(Boolean),
    ];
    const from = before ? entries.indexOf(before) + 1 : 0;
    const to = after ? entries.indexOf(after) : entries.length;
    take(
      cell,
      entries.slice(from, to).find((one) => open.has(one) && one.key === "cell"),
    );
  });
  return { prose, found, lost: [...open] };
}

/** The texts in the code of a lecture's cells, once each. @param {readonly SourceCell[]} cells @param {string} name @returns {Piece[]} */
function codePieces(cells, name) {
  /** @type {Map<string, Piece>} */
  const all = new Map();
  const add = (/** @type {string} */ code, /** @type {string} */ where) => {
    for (const { text, wanted } of piecesOf(code)) {
      const before = all.get(text);
      all.set(text, { text, where: before?.where ?? where, wanted: wanted || (before?.wanted ?? false) });
    }
  };
  for (const cell of cells) {
    if (cell.kind === "code") add(cell.text, `${name}.nb.ts:${cell.line}`);
    if (cell.kind === "exercise") {
      const id = /** @type {string} */ (Reflect.get(cell, "id"));
      add(exerciseSource(inRoot("src", "lectures", name), id).solution, `the solution of ${id}`);
    }
  }
  return [...all.values()];
}

/** What is missing or stale. @param {string} name @param {readonly SourceCell[]} cells @param {Russian} russian @returns {string[]} */
export function complaints(name, cells, russian) {
  const { prose, found, lost } = matched(cells, russian.entries);
  const told = prose.flatMap((cell) => {
    const where = `${name}.nb.ts:${cell.line} "${label(cell.text)}"`;
    const entry = found.get(cell);
    if (!entry?.text) return [`${where} has no Russian`];
    const stale = entry.hash !== hashOf(cell.text);
    return stale ? [`${where} has changed since ${name}.ru.md:${entry.line} was written`] : [];
  });
  const unused = lost.map(({ line }) => `${name}.ru.md:${line} belongs to no cell any more`);
  const pieces = codePieces(cells, name);
  const missing = pieces
    .filter(({ text, wanted }) => wanted && !russian.strings.get(text))
    .map(({ text, where }) => `${where}: the string or comment "${label(text)}" has no Russian`);
  const gone = [...russian.strings.keys()].filter((english) => !pieces.some(({ text }) => text === english));
  return [
    ...told,
    ...unused,
    ...missing,
    ...gone.map(
      (english) => `${name}.ru.md: no cell holds the string or comment "${label(english)}" any more`,
    ),
    ...pieces.flatMap(({ text }) => otherValues(text, russian.strings.get(text))),
  ];
}

/** A template must compute in Russian what it computes in English; strings within it are texts, too. @param {string} english @param {string | undefined} russian */
function otherValues(english, russian) {
  if (!russian || russian === "=") return [];
  const [a, b] = [valuesOf(english), valuesOf(russian)];
  return `${a}` === `${b}`
    ? []
    : [`"${label(english)}" computes ${a.join(", ")}, its Russian ${b.join(", ") || "nothing"}`];
}

/** What a template computes, as code without the strings in it. @param {string} text */
function valuesOf(text) {
  const source = ts.createSourceFile("text.ts", `\`${text}\``, ts.ScriptTarget.ES2022, true);
  /** @type {string[]} */
  const values = [];
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isTemplateSpan(node)) values.push(codeIn(node.expression));
    else ts.forEachChild(node, visit);
  };
  /** @param {ts.Node} node @returns {string} */
  const codeIn = (node) => {
    if (ts.isTemplateLiteralToken(node) || ts.isStringLiteral(node)) return '""';
    const children = node.getChildren(source);
    return children.length > 0 ? children.map(codeIn).join("") : node.getText(source);
  };
  visit(source);
  return values.map((value) => `\${${value}}`).sort();
}

/** The file in the order of the source, with a place for what is missing. @param {string} name @param {readonly SourceCell[]} cells @param {Russian} russian */
export function rewritten(name, cells, russian) {
  const { prose, found, lost } = matched(cells, russian.entries);
  const parts = [
    russian.head ||
      `# ${name}, in Russian\n\nThe form of this file: scripts/notebooks/russian.mjs. What is missing: npm run texts -- ${name}`,
  ];
  for (const cell of prose) {
    const [hash, entry] = [hashOf(cell.text), found.get(cell)];
    const was = entry?.text && entry.hash !== hash ? ` was ${entry.hash}` : "";
    parts.push(
      `<!-- ${keyOf(cell)} ${hash}${was}: ${label(cell.text)} -->`,
      ...(entry?.text ? [entry.text] : []),
    );
  }
  for (const { key, hash, text } of lost)
    if (text) parts.push(`<!-- ${key} ${hash}: belongs to no cell any more -->`, text);
  parts.push("<!-- strings -->");
  const pieces = codePieces(cells, name);
  const known = new Set(pieces.map(({ text }) => text));
  const shown = pieces
    .filter(({ text, wanted }) => wanted || russian.strings.has(text))
    .map(({ text }) => text);
  for (const english of [...shown, ...[...russian.strings.keys()].filter((one) => !known.has(one))]) {
    parts.push(
      english
        .split("\n")
        .map((line) => (line ? `> ${line}` : ">"))
        .join("\n"),
    );
    const said = russian.strings.get(english);
    if (said) parts.push(said);
  }
  return `${parts.join("\n\n")}\n`;
}

/** Texts of the exercises without Russian. @param {import("../src/grading").Exercise<any>} exercise @returns {string[]} */
function exerciseComplaints({ id, title, checks, mutants }) {
  const english = (/** @type {unknown} */ text) =>
    typeof text === "string" || !Reflect.get(/** @type {object} */ (text), "ru");
  return [
    ...(english(title) ? [`exercise ${id}: its title has no Russian`] : []),
    ...checks
      .filter(({ title }) => title && english(title))
      .map(({ name }) => `exercise ${id}: check "${name}" has no Russian`),
    ...mutants
      .filter(({ says }) => english(says))
      .map(({ name }) => `exercise ${id}: what mutant "${name}" says has no Russian`),
  ];
}

/** @param {readonly string[]} args */
async function main(args) {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { write: { type: "boolean" } },
    allowPositionals: true,
  });
  const { course } = await loadTypeScript("./src/lectures/course.ts");
  const written = course
    .map((/** @type {{ name: string }} */ { name }) => name)
    .filter((/** @type {string} */ name) => existsSync(inRoot("src", "lectures", name, `${name}.nb.ts`)));
  const asked = positionals.map(shortName).map((name) => (name === "start-here" ? "start" : name));
  const unknown = asked.find((name) => !written.includes(name));
  if (unknown) throw new Problem(`There is no lecture ${unknown}.`, `Lectures: ${written.join(", ")}.`);
  let wrong = 0;
  for (const name of asked.length > 0 ? asked : written) {
    const cells = parsePercent(
      readFileSync(inRoot("src", "lectures", name, `${name}.nb.ts`), "utf8"),
      `${name}.nb.ts`,
    );
    const russian = readRussian(name);
    if (!russian && asked.length === 0) {
      console.log(`${yellow("–")} ${bold(name)} ${dim("has no Russian yet")}`);
      continue;
    }
    const known = russian ?? { head: "", entries: [], strings: new Map() };
    if (values.write) {
      writeWhole(russianFile(name), rewritten(name, cells, known));
      console.log(`  wrote ${path.relative(inRoot(), russianFile(name)).replaceAll("\\", "/")}`);
    }
    const { exercises = {} } = await loadTypeScript(`./src/lectures/${name}/index.ts`);
    const found = [
      ...complaints(name, cells, readRussian(name) ?? known),
      ...Object.values(exercises).flatMap((exercise) => exerciseComplaints(/** @type {any} */ (exercise))),
    ];
    if (found.length > 0) wrong++;
    const mark = found.length > 0 ? yellow("–") : green("✓");
    console.log(
      `${mark} ${bold(name)} ${found.length > 0 ? `${found.length} texts missing or stale` : "is complete in Russian"}`,
    );
    for (const one of found) console.log(`    ${one}`);
  }
  return wrong > 0 ? 1 : 0;
}

if (isMain(import.meta.url))
  main(process.argv.slice(2)).then(
    (code) => process.exit(code),
    (error) => process.exit(report(error)),
  );
