"use strict";
/** Help while typing: what stands under the cursor (Shift+Tab), and what may come next (Tab). */

/** The signature, the docstring and its tags as Markdown and as plain text; null where there is nothing to say. */
function inspect(converter, declarations, source, position) {
  for (const at of [position, calleeBefore(source, position)]) {
    if (at === null) continue;
    const info = converter.inspect(declarations, source, at);
    const signature = textOf(info?.displayParts)
      .replace(/^\(alias\) /, "")
      .replace(/\nimport [^\n]*$/, "");
    if (!signature || (signature === "any" && !info.documentation)) continue;
    const markdown = [`\`\`\`typescript\n${signature}\n\`\`\``, linked(info.documentation, true)];
    const plain = [signature, linked(info.documentation, false)];
    for (const tag of info.tags ?? []) {
      if (tag.name === "internal") continue;
      markdown.push(tagText(tag, true));
      plain.push(tagText(tag, false));
    }
    const joined = (parts) => parts.filter(Boolean).join("\n\n");
    return { "text/markdown": joined(markdown), "text/plain": joined(plain) };
  }
  return null;
}

const textOf = (parts) => (parts ?? []).map((part) => part.text).join("");

/** The text with `{@link name}` resolved to the name. In a docstring the lines of a paragraph belong together. */
function linked(parts, markdown) {
  const quoted = (name) => (markdown ? `\`${name.trim()}\`` : name.trim());
  const text = (parts ?? [])
    .map(({ kind, text }, i, all) => {
      if (kind === "link") return ""; // the braces around it
      if (kind === "linkName" && all[i + 1]?.kind === "linkText") return ""; // which says it in other words
      if (kind === "linkName" || kind === "linkText") return quoted(text.replace(/^\s*\|/, ""));
      return text;
    })
    .join("");
  const quote = (_, target, said) => quoted(said ?? target);
  return text.replace(/\{@(?:link|linkcode|linkplain) ([^}|\s]+)(?:[|\s]+([^}]*))?\}/g, quote).trim();
}

function tagText({ name, text }, markdown) {
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

/** Inside the parentheses of a call, closed or not yet: the position of what is called. */
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

/** `{ start, end, matches }`: nothing that is meant for the inside of the library, the kernel or Node. */
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
