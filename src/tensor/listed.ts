/** What comes from outside, in an error message: never more of it than a reader wants. */

/** `a, b, c, … and 1,234 more`: at most `most` of the items. */
export function listed(items: readonly unknown[], { most = 8, separator = ", " } = {}): string {
  const shown = items.slice(0, most);
  const rest = items.length - shown.length;
  if (rest > 0) shown.push(`… and ${rest.toLocaleString("en-US")} more`);
  return shown.join(separator);
}

/** A text in quotes, its end left out beyond `length` characters. */
export const quoted = (text: string, length = 60): string =>
  text.length <= length ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, length))}…`;

/** Any parsed JSON as JSON, but short and of no more than three levels: `[1, {"a": "b"}, … and 4 more]`. */
export function brief(value: unknown, levels = 3): string {
  try {
    return inBrief(value, levels);
  } catch {
    return "what cannot be read";
  }
}

function inBrief(value: unknown, levels: number): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null) return String(value);
  const isMany = Array.isArray(value);
  if (levels === 0) return isMany ? "[…]" : "{…}";
  const items = isMany
    ? value.slice(0, 8).map((item) => brief(item, levels - 1))
    : Object.keys(value)
        .slice(0, 8)
        .map((key) => `${quoted(key)}: ${brief((value as Record<string, unknown>)[key], levels - 1)}`);
  const count = isMany ? value.length : Object.keys(value).length;
  if (count > 8) items.push(`… and ${(count - 8).toLocaleString("en-US")} more`);
  return isMany ? `[${items.join(", ")}]` : `{${items.join(", ")}}`;
}
