/** The texts in a cell's code: comments, and strings that a reader is shown. */
import ts from "typescript";

/**
 * `text` as a translator reads it; `wanted`: a reader sees it for certain, so that its Russian is missed.
 * @typedef {{ text: string, kind: "comments" | "doc" | "string", start: number, end: number, wanted: boolean, quote: string, indent: string }} Piece
 */

/** What a student must find as it stands, and words to tools. */
const FIXED = /^(BEGIN SOLUTION|END SOLUTION|YOUR CODE HERE|biome-ignore|@ts-)/;
/** Options whose value is shown whatever it is. */
const SHOWN = /^(title|xTitle|yTitle|zTitle|caption|note|heading|subtitle)$/;
const HAS_WORD = /\p{L}{2}/u;
const HAS_WORDS = /\p{L}\S*\s+\S*\p{L}/u;

/** The texts of a piece of code, in order. @param {string} code @returns {Piece[]} */
export function piecesOf(code) {
  const source = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, true);
  return [...commentsOf(code, source), ...stringsOf(code, source)].sort((a, b) => a.start - b.start);
}

/** The texts of a lecture's code that a reader sees for certain. @param {readonly string[]} codes */
export const shownIn = (codes) =>
  new Set(codes.flatMap((code) => piecesOf(code).flatMap(({ text, wanted }) => (wanted ? [text] : []))));

/**
 * The code with these texts in place of its own; those that are not in the map stay. A text in `shown` is replaced only
 * where a reader sees it: "output" below a picture, not where it is the name of a layer.
 * @param {string} code
 * @param {ReadonlyMap<string, string>} russian
 * @param {ReadonlySet<string>} [shown]
 */
export function withTexts(code, russian, shown = new Set()) {
  let text = code;
  for (const piece of piecesOf(code).reverse()) {
    const said = russian.get(piece.text);
    if (said === undefined || said === "=" || (!piece.wanted && shown.has(piece.text))) continue;
    text = text.slice(0, piece.start) + written(piece, said) + text.slice(piece.end);
  }
  return text;
}

/** @param {Piece} piece @param {string} said */
function written({ kind, quote, indent, start, end }, said) {
  if (kind === "string")
    return quote === "`" ? said : said.replaceAll(new RegExp(`(?<!\\\\)${quote}`, "g"), `\\${quote}`);
  if (kind === "doc") {
    const lines = said.split("\n");
    if (lines.length === 1 && end - start < 200) return `/** ${said} */`;
    return ["/**", ...lines.map((line) => `${indent} *${line ? ` ${line}` : ""}`), `${indent} */`].join("\n");
  }
  return wrapped(said, 97 - indent.length)
    .map((line) => `// ${line}`)
    .join(`\n${indent}`);
}

/** @param {string} text @param {number} width */
function wrapped(text, width) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Comments; `//` lines one under another are one text. @param {string} code @param {ts.SourceFile} source @returns {Piece[]} */
function commentsOf(code, source) {
  /** @type {Piece[]} */
  const found = [];
  for (const { pos: start, end, kind } of commentRanges(code, source)) {
    const lineStart = code.lastIndexOf("\n", start - 1) + 1;
    const before = code.slice(lineStart, start);
    const alone = before.trim() === "";
    const indent = alone ? before : "";
    if (kind === ts.SyntaxKind.MultiLineCommentTrivia) {
      const lines = code
        .slice(start, end)
        .replace(/^\/\*\*?|\*\/$/g, "")
        .split("\n");
      const text = lines
        .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
        .join("\n")
        .trim();
      if (HAS_WORD.test(text) && !FIXED.test(text))
        found.push({ text, kind: "doc", start, end, wanted: true, quote: "", indent });
      continue;
    }
    const text = code.slice(start + 2, end).trim();
    if (FIXED.test(text)) continue;
    const last = found.at(-1);
    const follows =
      alone &&
      last?.kind === "comments" &&
      last.indent === indent &&
      last.quote === "alone" &&
      code.slice(last.end, start) === `\n${indent}`;
    if (follows) Object.assign(last, { text: `${last.text} ${text}`.trim(), end });
    else
      found.push({ text, kind: "comments", start, end, wanted: true, quote: alone ? "alone" : "", indent });
  }
  return found.filter(({ text }) => HAS_WORD.test(text));
}

/** @param {string} code @param {ts.SourceFile} source @returns {ts.CommentRange[]} */
function commentRanges(code, source) {
  /** @type {Map<number, ts.CommentRange>} */
  const ranges = new Map();
  const add = (/** @type {ts.CommentRange[] | undefined} */ list) => {
    for (const range of list ?? []) ranges.set(range.pos, range);
  };
  const isJSDoc = (/** @type {ts.Node} */ { kind }) =>
    kind >= ts.SyntaxKind.FirstJSDocNode && kind <= ts.SyntaxKind.LastJSDocNode;
  const visit = (/** @type {ts.Node} */ node) => {
    add(ts.getLeadingCommentRanges(code, node.getFullStart()));
    add(ts.getTrailingCommentRanges(code, node.end));
    for (const child of node.getChildren(source)) if (!isJSDoc(child)) visit(child);
  };
  visit(source);
  return [...ranges.values()].sort((a, b) => a.pos - b.pos);
}

/** @param {string} code @param {ts.SourceFile} source @returns {Piece[]} */
function stringsOf(code, source) {
  /** @type {Piece[]} */
  const found = [];
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const [start, end] = [node.getStart(source) + 1, node.end - 1];
      const text = code.slice(start, end);
      const { parent } = node;
      const named =
        ts.isPropertyAssignment(parent) && parent.initializer === node ? parent.name.getText(source) : "";
      // Of a template the words between what it computes.
      const words = text.replace(/\$\{[^}]*\}/g, " ");
      const wanted = SHOWN.test(named) ? HAS_WORD.test(words) : HAS_WORDS.test(words);
      if (HAS_WORD.test(words))
        found.push({ text, kind: "string", start, end, wanted, quote: code[start - 1], indent: "" });
      if (ts.isStringLiteralLike(node)) return;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  // Of strings within a template that is one text itself, only the template counts.
  return found.filter(
    (one) => !found.some((other) => other !== one && other.start < one.start && one.end < other.end),
  );
}
