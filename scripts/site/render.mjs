/** A notebook as a piece of a page: prose, formulas, highlighted code, and what the cells have shown. */
import katexPlugin from "@vscode/markdown-it-katex";
import hljs from "highlight.js/lib/core";
import typescript from "highlight.js/lib/languages/typescript";
import MarkdownIt from "markdown-it";
import { textOf } from "../notebooks/ipynb.mjs";

/** @import { Notebook } from "../notebooks/ipynb.mjs" */
/** @typedef {{ id: string, level: number, title: string, text: string }} Section a heading, and the text below it */
/** @typedef {{ html: string, sections: Section[] }} Rendered */
/** @typedef {{ cut: string }} Words what the page itself says, in its language */

hljs.registerLanguage("typescript", typescript);

/** @param {string} code */
const highlighted = (code) =>
  `<pre class="code"><code>${hljs.highlight(code, { language: "typescript" }).value}</code></pre>`;

const markdownIt = new MarkdownIt({
  html: true,
  typographer: false,
  highlight: (code, language) => (/^(ts|typescript|js)$/.test(language) ? highlighted(code) : ""),
});
// A package of the older kind: its function is the default export of its default export.
/** Text in HTML. */
export const { escapeHtml } = markdownIt.utils;

markdownIt.use(/** @type {any} */ (katexPlugin).default ?? katexPlugin, {
  throwOnError: true,
  strict: false,
});
// Wide tables scroll by themselves.
markdownIt.renderer.rules.table_open = () => '<div class="wide"><table>';
markdownIt.renderer.rules.table_close = () => "</table></div>";

/** The address of a heading on its page: its words. @param {string} title @param {Set<string>} taken */
function anchor(title, taken) {
  const base =
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, "") || "part";
  let id = base;
  for (let i = 2; taken.has(id); i++) id = `${base}-${i}`;
  taken.add(id);
  return id;
}

/** A link to a notebook is one to its page. @param {string} href */
const toPage = (href) => href.replace(/^(?:\.\/)?([\w-]+)\.ipynb(#.*)?$/, "$1.html$2");

/**
 * Prose; its headings get anchors, and are added to `sections`.
 * @param {string} text
 * @param {Section[]} sections
 * @param {Set<string>} taken
 */
export function prose(text, sections = [], taken = new Set()) {
  const tokens = markdownIt.parse(text, {});
  tokens.forEach((token, i) => {
    if (token.type === "heading_open") {
      const title = tokens[i + 1].content.replace(/[`*$\\]/g, "");
      const id = anchor(title, taken);
      token.attrSet("id", id);
      sections.push({ id, level: Number(token.tag.slice(1)), title, text: "" });
    }
    const last = sections.at(-1);
    const isHeading = tokens[i - 1]?.type === "heading_open";
    for (const child of token.children ?? []) {
      const href = child.attrGet("href");
      if (href) child.attrSet("href", toPage(String(href)));
      if (last && !isHeading && child.type === "text") last.text += `${child.content} `;
    }
  });
  return markdownIt.renderer.render(tokens, markdownIt.options, {});
}

/** What a cell has shown. @param {any} output @param {Words} words */
function shown(output, words) {
  if (output.output_type === "stream")
    return `<pre class="printed">${escapeHtml(limited(joined(output.text), words))}</pre>`;
  if (output.output_type === "error")
    return `<pre class="printed failed">${escapeHtml(plain(output.traceback.join("\n")))}</pre>`;
  const { "text/html": html, "text/markdown": markdown, "text/plain": text } = output.data ?? {};
  if (html) return joined(html);
  if (markdown) return `<div class="prose">${prose(joined(markdown))}</div>`;
  const { "image/svg+xml": svg, "image/png": png } = output.data ?? {};
  const alt = `alt="${escapeHtml(joined(text ?? ""))}"`;
  if (svg) return `<img src="data:image/svg+xml,${encodeURIComponent(joined(svg))}" ${alt}>`;
  if (png) return `<img src="data:image/png;base64,${joined(png).trim()}" ${alt}>`;
  return text ? `<pre class="printed">${escapeHtml(plain(limited(joined(text), words)))}</pre>` : "";
}

/** @param {string | string[]} text */
const joined = (text) => (Array.isArray(text) ? text.join("") : text);
// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal begin with one.
const plain = (/** @type {string} */ text) => text.replace(/\u001b\[[\d;]*m/g, "");

/** @param {string} text @param {Words} words */
function limited(text, words) {
  const lines = text.split("\n");
  return lines.length <= 60 ? text : `${lines.slice(0, 60).join("\n")}\n… ${words.cut} (${lines.length})`;
}

/**
 * A whole notebook. `holes`: what a student gets in place of the solution, by the cell's id.
 * @param {Notebook} nb
 * @param {{ holes?: ReadonlyMap<string, string>, words: Words }} options
 * @returns {Rendered}
 */
export function render(nb, { holes = new Map(), words }) {
  /** @type {Section[]} */
  const sections = [];
  const taken = new Set();
  const html = nb.cells.map((cell) => {
    const text = textOf(cell);
    if (cell.cell_type === "markdown") return `<div class="prose">${prose(text, sections, taken)}</div>`;
    const code = highlighted(holes.get(cell.id) ?? text);
    const outputs = (cell.outputs ?? []).map((output) => shown(output, words)).filter(Boolean);
    const below = outputs.map((output) => `<div class="output">${output}</div>`).join("\n");
    return `<div class="cell">${code}${below}</div>`;
  });
  return { html: html.join("\n"), sections };
}
