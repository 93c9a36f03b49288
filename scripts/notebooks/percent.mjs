/**
 * The percent format: TypeScript in which a comment line `// %%` starts a cell.
 *
 *     // %%                        code
 *     // %% [markdown]             prose: every line is a comment
 *     // %% [markdown] lang=ru     the same prose in Russian; it stands behind the English
 *     // %% exercise: attention    the exercise of that id; the code below stands in for it while types are checked
 *
 * What comes before the first cell is a note to authors.
 */

/** @typedef {{ kind: "code" } | { kind: "exercise", id: string } | { kind: "markdown", lang: string }} Header */
/** @typedef {Header & { text: string, line: number }} SourceCell */

/** The cells of a text in percent format. @param {string} text @returns {SourceCell[]} */
export function parsePercent(text, file = "notebook source") {
  /** @type {(Header & { lines: string[], line: number })[]} */
  const cells = [];
  text.split("\n").forEach((line, i) => {
    const header = /^\/\/ %%(.*)$/.exec(line);
    if (header) cells.push({ ...parseHeader(header[1].trim(), `${file}:${i + 1}`), lines: [], line: i + 1 });
    else cells.at(-1)?.lines.push(line);
  });
  return cells.map(({ lines, ...cell }) => {
    const body =
      cell.kind === "markdown"
        ? lines.map((line, i) => uncomment(line, `${file}:${cell.line + i + 1}`))
        : lines;
    return { ...cell, text: body.join("\n").trim() };
  });
}

/** @param {string} header @param {string} where @returns {Header} */
function parseHeader(header, where) {
  if (header === "") return { kind: "code" };
  const exercise = /^exercise: (\w+)$/.exec(header);
  if (exercise) return { kind: "exercise", id: exercise[1] };
  const markdown = /^\[markdown\](?: lang=(en|ru))?$/.exec(header);
  if (markdown) return { kind: "markdown", lang: markdown[1] ?? "en" };
  throw new Error(
    `${where}: expected "// %%", "// %% [markdown]" or "// %% exercise: id", got "// %% ${header}"`,
  );
}

/** @param {string} line @param {string} where */
function uncomment(line, where) {
  if (line.trim() === "" || line === "//") return "";
  if (line.startsWith("// ")) return line.slice(3);
  throw new Error(`${where}: expected every line of a markdown cell to start with "// ", got "${line}"`);
}

/**
 * The cells for readers of one language: prose that has no text in it stays English.
 * @param {readonly SourceCell[]} cells
 * @param {string} language
 */
export function inLanguage(cells, language) {
  return cells.filter((cell, i) => {
    if (cell.kind !== "markdown") return true;
    if (cell.lang !== "en") return cell.lang === language;
    const next = cells[i + 1];
    return language === "en" || next?.kind !== "markdown" || next.lang !== language;
  });
}
