"use strict";
/** Help while typing: what stands under the cursor (Shift+Tab), and what may come next (Tab). */

/** @typedef {readonly { kind: string, text: string }[]} Parts of a text, as TypeScript gives them */
/** @typedef {{ name: string, text?: Parts }} Tag of a docstring */
/**
 * What tslab's converter knows.
 * @typedef {object} Converter
 * @property {(declarations: string, source: string, position: number) => { displayParts?: Parts, documentation?: Parts, tags?: Tag[] } | null} inspect
 * @property {(declarations: string, source: string, position: number) => { start: number, end: number, candidates: string[] }} complete
 */

/**
 * The signature, the docstring and its tags as Markdown and as plain text; null where there is nothing to say.
 * @param {Converter} converter
 * @param {string} declarations
 * @param {string} source
 * @param {number} position
 */
function inspect(converter, declarations, source, position) {
  for (const at of [position, calleeBefore(source, position)]) {
    if (at === null) continue;
    const info = converter.inspect(declarations, source, at);
    const signature = textOf(info?.displayParts)
      .replace(/^\(alias\) /, "")
      .replace(/\nimport [^\n]*$/, "");
    if (!info || !signature || (signature === "any" && !info.documentation)) continue;
    const markdown = [`\`\`\`typescript\n${signature}\n\`\`\``, linked(info.documentation, true)];
    const plain = [signature, linked(info.documentation, false)];
    for (const tag of info.tags ?? []) {
      if (tag.name === "internal") continue;
      markdown.push(tagText(tag, true));
      plain.push(tagText(tag, false));
    }
    const joined = (/** @type {readonly string[]} */ parts) => parts.filter(Boolean).join("\n\n");
    return { "text/markdown": joined(markdown), "text/plain": joined(plain) };
  }
  return null;
}

const textOf = (/** @type {Parts | undefined} */ parts) => (parts ?? []).map((part) => part.text).join("");

/** The text with `{@link name}` resolved to the name. In a docstring the lines of a paragraph belong together. */
function linked(/** @type {Parts | undefined} */ parts, /** @type {boolean} */ markdown) {
  const quoted = (/** @type {string} */ name) => (markdown ? `\`${name.trim()}\`` : name.trim());
  const text = (parts ?? [])
    .map(({ kind, text }, i, all) => {
      if (kind === "link") return ""; // the braces around it
      if (kind === "linkName" && all[i + 1]?.kind === "linkText") return ""; // which says it in other words
      if (kind === "linkName" || kind === "linkText") return quoted(text.replace(/^\s*\|/, ""));
      return text;
    })
    .join("");
  const quote = (
    /** @type {string} */ _,
    /** @type {string} */ target,
    /** @type {string | undefined} */ said,
  ) => quoted(said ?? target);
  return text.replace(/\{@(?:link|linkcode|linkplain) ([^}|\s]+)(?:[|\s]+([^}]*))?\}/g, quote).trim();
}

function tagText(/** @type {Tag} */ { name, text }, /** @type {boolean} */ markdown) {
  const [strong, code] = markdown ? ["**", "`"] : ["", ""];
  if (name === "param" || name === "template" || name === "property") {
    const parameter = (text ?? []).find((part) =>
      /parameterName|propertyName|typeParameterName/.test(part.kind),
    );
    const said = linked(
      (text ?? []).filter((part) => part !== parameter),
      markdown,
    ).replace(/^[-–—]\s*/, "");
    return `${code}${parameter?.text ?? ""}${code}${said ? `: ${said}` : ""}`.trim();
  }
  const said = linked(text, markdown);
  const block =
    name === "example" && !said.includes("```") && markdown ? `\n\`\`\`typescript\n${said}\n\`\`\`` : said;
  return `${strong}${name}**`.slice(0, strong ? undefined : -2) + (said ? ` ${block}` : "");
}

/** Inside the parentheses of a call, closed or not yet: the position of what is called. @param {string} source @param {number} position */
function calleeBefore(source, position) {
  let depth = 0;
  for (let at = position - 1; at >= 0; at--) {
    if (")]}".includes(source[at])) depth++;
    else if ("([{".includes(source[at]) && depth-- === 0) {
      depth = 0;
      const [, name] = source[at] === "(" ? (/([\w$]+)\s*$/.exec(source.slice(0, at)) ?? []) : [];
      if (name && !/^(if|for|while|switch|catch|return)$/.test(name)) return source.lastIndexOf(name, at);
    }
  }
  return null;
}

/**
 * `{ start, end, matches }`: nothing that is meant for the inside of the library, the kernel or Node.
 * @param {Converter} converter
 * @param {string} declarations
 * @param {string} source
 * @param {number} position
 */
function complete(converter, declarations, source, position) {
  const { start, end, candidates } = converter.complete(declarations, source, position);
  // Who begins a name with an underscore wants one.
  const asked = source.startsWith("_", start) && start < position;
  const matches = [...new Set(candidates)].filter((name) => asked || !hidden.test(name));
  return { start, end, matches };
}

/** Names by convention internal, and those of the wrapping around a compiled cell. */
const hidden = /^(_|#|tsLastExpr)|^(exports|module)$/;

module.exports = { complete, inspect };
