import { check, checkOptions, expected, refusal, words } from "../../tensor";
import { cutSpecial, eachText, specialPattern } from "./special";
import { type TokenSink, VocabularyTokenizer } from "./tokenizer";

export interface CharTokenizerOptions {
  /** Tokens that are no characters, e.g. `["<bos>", "<eos>"]`; they take the first ids. */
  specialTokens?: readonly string[];
  /** The special token that stands for a character never seen in training. Without one, such a character is an error. */
  unkToken?: string;
}

/**
 * One token for each character, in the order of their code points.
 *
 * A character is a Unicode code point: an emoji is one token, not two halves of a surrogate pair, and a letter with
 * a combining accent is two. A lone surrogate is a character like any other, so every text survives the way back.
 */
export class CharTokenizer extends VocabularyTokenizer {
  private readonly unkId: number | undefined;

  /** A tokenizer with exactly these tokens; `tokens[id]`. To learn them from a text, use `CharTokenizer.train`. */
  constructor(tokens: readonly string[], options: CharTokenizerOptions = {}) {
    check("CharTokenizer", "tokens", tokens, "texts");

    checkOptions("CharTokenizer", options, "specialTokens, unkToken", {
      specialTokens: "texts",
      unkToken: "text",
    });
    const { specialTokens = [], unkToken } = options;

    const special = withUnknown(specialTokens, unkToken);
    super(new Map(tokens.map((token, id) => [token, id])), special);
    if (this.vocab.size !== tokens.length) throw refusal("CharTokenizer", "every token must be given once");
    const isChar = (token: string) =>
      token.length > 0 && String.fromCodePoint(token.codePointAt(0)!) === token;
    const odd = tokens.find((token) => !isChar(token) && !this.specialTokens.has(token));
    if (odd !== undefined) {
      throw refusal(
        "CharTokenizer",
        `${JSON.stringify(odd)} is not one character`,
        "name it in specialTokens",
      );
    }
    this.unkId = unkToken === undefined ? undefined : this.tokenToId(unkToken);
  }

  static train(texts: string | Iterable<string>, options: CharTokenizerOptions = {}): CharTokenizer {
    checkOptions("CharTokenizer.train", options, "specialTokens, unkToken", {
      specialTokens: "texts",
      unkToken: "text",
    });

    const special = withUnknown(options.specialTokens ?? [], options.unkToken);
    const pattern = specialPattern(special); // so that "<eos>" in the text adds no "<", "e", ...
    const chars = new Set<string>();
    for (const text of eachText("CharTokenizer.train", texts)) {
      for (const segment of cutSpecial(text, pattern)) {
        if (!segment.special) for (const char of segment.text) chars.add(char);
      }
    }
    for (const token of special) chars.delete(token);
    const sorted = [...chars].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
    return new CharTokenizer([...special, ...sorted], options);
  }

  words(text: string): string[] {
    check("CharTokenizer.words", "text", text, "text");

    return [...text];
  }

  protected encodeSegment(text: string, sink: TokenSink): void {
    let at = 0;
    for (const char of text) {
      if (sink.isFull) return;
      const id = this.vocab.get(char) ?? this.unkId;
      if (id === undefined) throw unknownCharacter(char, sink.origin + at, this.vocabSize);
      sink.push(id, at, at + char.length);
      at += char.length;
    }
  }

  protected join(ids: readonly number[]): string {
    return ids.map((id) => this.idToToken(id)!).join("");
  }
}

const withUnknown = (special: readonly string[], unkToken: string | undefined): readonly string[] =>
  unkToken === undefined || special.includes(unkToken) ? special : [unkToken, ...special];

function unknownCharacter(char: string, at: number, size: number): Error {
  const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  return expected(
    "CharTokenizer.encode",
    "characters seen in training",
    words(`${JSON.stringify(char)} (U+${code}) at position ${at}, which is none of the ${size} tokens`),
    "train on text that has it, or give train an unkToken",
  );
}
