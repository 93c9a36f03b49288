import { brief, duplicateKey, expected, expectedKind, quoted, words } from "../../tensor";

/** The text formats in which vocabularies are published. */

/** What a JSON text holds. Throws on a text that is none, and on a key that stands there twice. */
export function parseJson(text: string, name: string): unknown {
  if (typeof text !== "string") throw expectedKind(name, "the text of a file", text);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw expected(name, "JSON", words(`${quoted(text, 40)}: ${(error as Error).message}`));
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) throw expected(name, "every key once", words(`${quoted(twice)} twice`));
  return parsed;
}

/** `vocab.json`: one object, token -> id. */
export function parseVocab(text: string, name = "vocab.json"): Map<string, number> {
  const parsed = parseJson(text, name);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw expected(name, "an object from tokens to ids", words(brief(parsed)));
  return new Map(
    Object.entries(parsed).map(([token, id]) => {
      if (typeof id !== "number")
        throw expected(name, `a number as the id of ${quoted(token)}`, words(brief(id)));
      return [token, id];
    }),
  );
}

/** Written by hand because an object would move tokens such as "7" to the front. */
export function printVocab(vocab: ReadonlyMap<string, number>): string {
  const byId = [...vocab].sort((a, b) => a[1] - b[1]);
  return `{${byId.map(([token, id]) => `${JSON.stringify(token)}:${id}`).join(",")}}`;
}

/** `merges.txt`: a `#version` line, then one pair a line. */
export function parseMerges(text: string, name = "merges.txt"): [string, string][] {
  const merges: [string, string][] = [];
  text.split("\n").forEach((raw, index) => {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line === "" || (index === 0 && line.startsWith("#version"))) return;
    merges.push(parseMerge(line, `${name}, line ${index + 1}`));
  });
  return merges;
}

/** "left right". */
export function parseMerge(line: string, where: string): [string, string] {
  const parts = line.split(" ");
  if (parts.length !== 2 || parts.includes("")) {
    throw expected(where, "two tokens with a space between them", words(quoted(line)));
  }
  return [parts[0]!, parts[1]!];
}

export const printMerges = (merges: readonly (readonly [string, string])[]): string =>
  `#version: 0.2\n${merges.map(([left, right]) => `${left} ${right}\n`).join("")}`;

/** `vocab.txt`: one token a line, its id is the number of the line. */
export function parseVocabLines(text: string, name = "vocab.txt"): Map<string, number> {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  const vocab = new Map(lines.map((token, id) => [token, id]));
  if (vocab.size !== lines.length) {
    const twice = lines.find((token, id) => vocab.get(token) !== id);
    throw expected(name, "every token once", words(`${quoted(twice ?? "")} twice`));
  }
  return vocab;
}
