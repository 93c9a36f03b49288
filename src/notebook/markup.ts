import { check } from "../tensor";

/** Writing XML and HTML as text, with everything that comes from outside escaped. */

/** Characters that XML 1.0 forbids even when escaped: control characters, lone surrogates, non-characters. */
const forbidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to find.
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** `text` made safe for element content and quoted attributes, in XML, in HTML and in the labels of Plotly alike. */
export function escapeMarkup(text: string): string {
  check("escapeMarkup", "text", text, "text");

  return text
    .replace(forbidden, "\ufffd")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&#34;")
    .replace(/'/g, "&#39;");
}

/** Markup that is already escaped; strings that are not go through `text` first. */
export type Markup = { readonly markup: string };

/** Attributes of an element; `undefined` leaves one out, numbers are rounded to 1/100. */
export type Attributes = Record<string, string | number | undefined>;

/** `content` as markup: special characters escaped. */
export const text = (content: string): Markup => ({ markup: escapeMarkup(content) });

type Child = Markup | string;

/** What stands in an element. However many there are go in as a list: a call has room for so many arguments. */
type Children = (Child | readonly Child[])[];

/** `<name attributes>children</name>`; children that are strings are escaped. */
export function element(name: string, attributes: Attributes = {}, ...children: Children): Markup {
  let open = name;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    const shown = typeof value === "number" ? String(Math.round(value * 100) / 100) : escapeMarkup(value);
    open += ` ${key}="${shown}"`;
  }
  if (children.length === 0) return { markup: `<${open}/>` };
  return { markup: `<${open}>${joinMarkup(children)}</${name}>` };
}

/** Children one after the other, without an element around them. */
export const fragment = (...children: Children): Markup => ({ markup: joinMarkup(children) });

function joinMarkup(children: Children): string {
  return children
    .flat()
    .map((child) => (typeof child === "string" ? escapeMarkup(child) : child.markup))
    .join("");
}

/** A value for a `<script>`: JSON in which nothing can close the script or open a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, "\\u003c")
    .replace(/\u2028/g, "\\u2028")
    .replace(/\u2029/g, "\\u2029");
}
