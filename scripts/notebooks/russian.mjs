/**
 * The Russian of a lecture: a Markdown file `NAME.ru.md` beside its source. What comes before the first comment is a note
 * to translators.
 *
 *     <!-- cell 1f3a9c20: # GPT: say what comes next -->        the text of a cell, by the hash of the English that it
 *     # GPT: что дальше?                                        translates; what follows the colon is there to be found
 *
 *     <!-- task: causalAttention 77ab10c4 -->                   one of an exercise
 *
 *     <!-- strings -->                                          comments and strings in the cells' code, by their English
 *
 *     > Attention of random vectors
 *
 *     Внимание случайных векторов                               `=`: it stays as it is
 *
 * A text whose English has changed since is not used. `npm run texts` lists what is missing or stale.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { inRoot } from "../steps.mjs";
import { shownIn, withTexts } from "./strings.mjs";

/** @typedef {import("./percent.mjs").SourceCell} SourceCell */
/**
 * `key`: `cell`, or `task: id`. `hash`: of the English that it translates; `at`: of the cell that it stands for, another one
 * once that has changed.
 * @typedef {{ key: string, hash: string, at: string, text: string, line: number }} Entry
 */
/** @typedef {{ head: string, entries: Entry[], strings: Map<string, string> }} Russian */

/** @param {string} name */
export const russianFile = (name) => inRoot("src", "lectures", name, `${name}.ru.md`);

/** The Russian of a lecture; null where nobody has begun. @param {string} name @returns {Russian | null} */
export const readRussian = (name) =>
  existsSync(russianFile(name))
    ? parseRussian(readFileSync(russianFile(name), "utf8"), `${name}.ru.md`)
    : null;

/** @param {string} english */
export const hashOf = (english) => createHash("sha256").update(english).digest("hex").slice(0, 8);

/** What a cell of prose is called in the file; null for code. @param {SourceCell} cell */
export function keyOf(cell) {
  if (cell.kind === "code" || cell.kind === "exercise") return null;
  return cell.kind === "markdown" ? "cell" : `${cell.kind}: ${Reflect.get(cell, "id")}`;
}

const HEADER =
  /^<!-- (?:(cell|(?:task|plan|help|after): \w+) ([0-9a-f]{8})( was [0-9a-f]{8})?(?::.*)?|strings) -->$/;

/** @param {string} text @param {string} [file] @returns {Russian} */
export function parseRussian(text, file = "texts") {
  /** @type {Entry[]} */
  const entries = [];
  /** @type {string[]} */
  const head = [];
  /** @type {string[]} */
  const strings = [];
  let lines = head;
  const bodies = new Map();
  for (const [i, line] of text.replaceAll("\r\n", "\n").split("\n").entries()) {
    const header = HEADER.exec(line);
    if (!header && /^<!-- (cell|task|plan|help|after|strings)\b/.test(line))
      throw new Error(
        `${file}:${i + 1}: expected <!-- cell HASH: … -->, <!-- task: id HASH --> or <!-- strings -->, got ${line}`,
      );
    if (!header) lines.push(line);
    else if (!header[1]) lines = strings;
    else {
      const [, key, hash, was] = header;
      const entry = { key, hash: was?.slice(" was ".length) ?? hash, at: hash, text: "", line: i + 1 };
      entries.push(entry);
      lines = [];
      bodies.set(entry, lines);
    }
  }
  for (const [entry, body] of bodies) entry.text = body.join("\n").trim();
  return { head: head.join("\n").trim(), entries, strings: pairsOf(strings) };
}

/** Quoted English, and what stands below it. @param {readonly string[]} lines */
function pairsOf(lines) {
  /** @type {Map<string, string>} */
  const pairs = new Map();
  /** @type {string[]} */
  let english = [];
  /** @type {string[]} */
  let said = [];
  const close = () => {
    if (english.length > 0) pairs.set(english.join("\n"), said.join("\n").trim());
    [english, said] = [[], []];
  };
  for (const line of lines) {
    const quoted = /^>(?: (.*))?$/.exec(line);
    if (quoted && said.some((one) => one !== "")) close();
    if (quoted && said.length === 0) english.push(quoted[1] ?? "");
    else if (quoted) {
      close();
      english.push(quoted[1] ?? "");
    } else if (english.length > 0) said.push(line);
  }
  close();
  return pairs;
}

/** The cells as a Russian reader gets them: what has no text of its own stays English. @param {readonly SourceCell[]} cells @param {Russian} russian */
export function inRussian(cells, { entries, strings }) {
  const texts = new Map(
    entries.filter(({ text }) => text).map(({ key, hash, text }) => [`${key} ${hash}`, text]),
  );
  const said = toUse(strings);
  const shown = shownIn(cells.flatMap(({ kind, text }) => (kind === "code" ? [text] : [])));
  return cells.map((cell) => {
    const key = keyOf(cell);
    if (key === null) return { ...cell, text: withTexts(cell.text, said, shown) };
    return { ...cell, text: texts.get(`${key} ${hashOf(cell.text)}`) ?? cell.text };
  });
}

/** Those strings that have a text. @param {ReadonlyMap<string, string>} strings */
export const toUse = (strings) => new Map([...strings].filter(([, text]) => text !== ""));
