import { check } from "../../tensor";

/** One text, or each of several. Throws on anything else. */
export function* eachText(op: string, texts: string | Iterable<string>): Generator<string> {
  if (typeof texts !== "string") check(op, "texts", texts, "iterable");
  for (const text of typeof texts === "string" ? [texts] : texts) {
    check(op, "a text", text, "text");
    yield text;
  }
}

/** A stretch of text that is one special token, or holds none. */
export interface Segment {
  text: string;
  start: number;
  special: boolean;
}

/** Matches any of the tokens; the longest first, so that a token that begins with another one wins over it. */
export function specialPattern(tokens: readonly string[]): RegExp | undefined {
  const longestFirst = [...tokens].sort((a, b) => b.length - a.length);
  const escaped = longestFirst.map((token) => token.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return escaped.length === 0 ? undefined : new RegExp(escaped.join("|"), "g");
}

/** Cut special tokens out of a text; the segments together are the text. */
export function* cutSpecial(text: string, pattern: RegExp | undefined): Generator<Segment> {
  let done = 0;
  for (const { 0: token, index } of pattern === undefined ? [] : text.matchAll(pattern)) {
    if (index > done) yield { text: text.slice(done, index), start: done, special: false };
    yield { text: token, start: index, special: true };
    done = index + token.length;
  }
  if (done < text.length) yield { text: text.slice(done), start: done, special: false };
}
