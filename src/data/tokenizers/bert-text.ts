/**
 * How BERT prepares text for WordPiece (Devlin et al. 2018, https://arxiv.org/abs/1810.04805): clean it, set Chinese
 * characters apart, lower-case and strip accents, then split at spaces and punctuation.
 */

export interface BertTextOptions {
  /** Lower-case. Default true: "uncased" models. */
  lowercase?: boolean;
  /** Remove accents. Default: if lower-cased. */
  stripAccents?: boolean;
}

/** A word as the model sees it; `starts[i]` and `ends[i]` are where its i-th code point stood in the text. */
export interface PlacedWord {
  chars: string[];
  starts: number[];
  ends: number[];
}

/** Control, format, surrogate and private characters are dropped; tab and line breaks count as spaces. */
const isDropped = (char: string): boolean =>
  char === "\0" || char === "\ufffd" || (/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u.test(char) && !/[\t\n\r]/.test(char));

/** The blocks of Chinese characters; each one is a word by itself. Japanese kana and Korean hangul are not among them. */
const CJK =
  /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/u;

const IS_SPACE = /[\p{White_Space}]/u;
/** Unicode punctuation, and every ASCII sign that is neither letter nor digit, such as $ and ^. */
const IS_PUNCTUATION = /[\p{P}!-/:-@[-`{-~]/u;

/** What becomes of one character: nothing, or its normal form in parts, each a space, a sign or a part of a word. */
interface Prepared {
  parts: readonly { char: string; kind: "space" | "sign" | "letter" }[];
  isCjk: boolean;
}

/** The words of a text: runs without space; punctuation and Chinese characters one by one. */
export class BertText {
  private readonly lowercase: boolean;
  private readonly stripAccents: boolean;
  private readonly known = new Map<string, Prepared>();

  constructor({ lowercase = true, stripAccents = lowercase }: BertTextOptions = {}) {
    this.lowercase = lowercase;
    this.stripAccents = stripAccents;
  }

  /** The text after cleaning: spaces plain, Chinese characters apart, then as the options say. */
  normalize(text: string): string {
    return Array.from(text, (char) => {
      const { parts, isCjk } = this.prepared(char);
      const normal = parts.map((part) => (part.kind === "space" ? " " : part.char)).join("");
      return isCjk ? ` ${normal} ` : normal;
    }).join("");
  }

  words(text: string): PlacedWord[] {
    const words: PlacedWord[] = [];
    let word: PlacedWord | undefined;
    let at = 0;
    for (const char of text) {
      const start = at;
      at += char.length;
      const { parts, isCjk } = this.prepared(char);
      if (isCjk) word = undefined;
      for (const part of parts) {
        if (part.kind === "space") {
          word = undefined;
          continue;
        }
        if (word === undefined || part.kind === "sign") {
          word = { chars: [], starts: [], ends: [] };
          words.push(word);
        }
        word.chars.push(part.char);
        word.starts.push(start);
        word.ends.push(at);
        if (part.kind === "sign") word = undefined;
      }
      if (isCjk) word = undefined;
    }
    return words;
  }

  /** Asking Unicode is slow, and texts have few different characters. */
  private prepared(char: string): Prepared {
    let prepared = this.known.get(char);
    if (prepared === undefined) {
      const normal = isDropped(char) ? [] : [...this.normalizeChar(char)];
      const parts = normal.map((c) => ({
        char: c,
        kind: IS_SPACE.test(c)
          ? ("space" as const)
          : IS_PUNCTUATION.test(c)
            ? ("sign" as const)
            : ("letter" as const),
      }));
      prepared = { parts, isCjk: CJK.test(char) };
      this.known.set(char, prepared);
    }
    return prepared;
  }

  /** Character by character, so that a final sigma stays an ordinary one. */
  private normalizeChar(char: string): string {
    const bare = this.stripAccents ? char.normalize("NFD").replace(/\p{Mn}/gu, "") : char;
    return this.lowercase ? [...bare].map((c) => c.toLowerCase()).join("") : bare;
  }
}
