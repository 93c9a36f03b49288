import { check, checkAll, checkOptions, expected } from "../tensor";
import { type BrownDocument, type BrownOptions, type BrownSentence, readBrown } from "./brown";

/** The corpus as it would be printed: documents one after another, paragraphs separated by an empty line. */
export function brownText(options: BrownOptions = {}): string {
  checkOptions("brownText", options, "genres, limit", { genres: "list", limit: "number" });

  return readBrown(options).map(documentText).join("\n\n");
}

/** A document as it would be printed: words, spaces and quotes where a reader expects them. */
export function documentText(document: BrownDocument): string {
  check("documentText", "document", document, "object");
  check("documentText", "document.sentences", document.sentences, "objects");

  const paragraphs: BrownSentence[][] = [];
  for (const sentence of document.sentences) {
    const { tokens, tags } = sentence;
    checkAll("documentText", { tokens: [tokens, "texts"], tags: [tags, "texts"] });
    if (tags.length !== tokens.length)
      throw expected("documentText", `${tokens.length} tags, one for each token`, tags);
    if (sentence.startsParagraph || paragraphs.length === 0) paragraphs.push([]);
    paragraphs.at(-1)!.push(sentence);
  }
  return paragraphs.map(paragraphText).join("\n\n");
}

/** No space before these. */
const CLINGS_LEFT = new Set([",", ".", ";", ":", "?", "!", ")", "]", "''", "%"]);
/** No space after these. */
const CLINGS_RIGHT = new Set(["(", "[", "``", "$"]);
/** The corpus prints these twice: "Really ? ?". */
const DOUBLED = new Set([";", "?", "!"]);

function paragraphText(sentences: readonly BrownSentence[]): string {
  let text = "";
  let space = ""; // what comes before the next token
  let closing = 0; // quotes that end the text so far
  let insideSingle = false; // a lone ' opens a quotation, and the next one closes it
  let isPhrase = false; // the quotation is a part of a sentence: it began with a small letter
  for (const { tokens, tags } of sentences) {
    tokens.forEach((token, i) => {
      const previous = tokens[i - 1];
      if (DOUBLED.has(token) && token === previous) return;
      const isSingle = token === "'";
      const endsSingle = isSingle && (insideSingle || CLINGS_LEFT.has(tokens[i + 1] ?? "."));
      const opens = CLINGS_RIGHT.has(token) || (isSingle && !endsSingle);
      const closes = CLINGS_LEFT.has(token) || endsSingle;
      const joins = tags[i]!.startsWith("in") && /^[-:/]$/.test(token); // "B. - O.", "1 : 512", "counts / minute"
      if (isSingle) insideSingle = !endsSingle;
      if (previous === "``") isPhrase = /^[a-z]/.test(token);

      if (closing > 0 && movesInside(token, isPhrase)) {
        text = withStop(text.slice(0, -closing), token) + text.slice(-closing);
      } else if (token === ".") {
        text = withStop(text, token);
      } else {
        text += (closes || joins ? "" : space) + printed(token);
        closing = closes && (isSingle || token === "''") ? closing + 1 : 0;
      }
      space = opens || joins ? "" : " ";
    });
  }
  return text;
}

/** The corpus puts every stop behind the quotes, `"Why" ?`; American print puts it inside, unless they hold a mere phrase. */
const movesInside = (token: string, isPhrase: boolean): boolean =>
  token === "." || token === "," || ((token === "?" || token === "!") && !isPhrase);

/** A sentence that ends in "Jr." gets no second full stop. */
const withStop = (text: string, stop: string): string =>
  /[?!]$/.test(text) || (stop === "." && text.endsWith(".")) ? text : text + stop;

/** Typewriter quotes: `` and '' are ", also behind a number, where they are inches. */
const printed = (token: string): string => token.replace(/``|''/g, '"');
