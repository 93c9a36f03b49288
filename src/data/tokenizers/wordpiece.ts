import { check, checkOptions, expected, readText, refusal, replaceFile } from "../../tensor";
import { BertText, type BertTextOptions, type PlacedWord } from "./bert-text";
import { trainBPE } from "./bpe-train";
import { cutSpecial, eachText, specialPattern } from "./special";
import { checkVocab, type Template, type TokenSink, VocabularyTokenizer } from "./tokenizer";
import { parseVocabLines } from "./vocab-files";

export const BERT_SPECIAL_TOKENS: readonly string[] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/** `[CLS] A [SEP]`, or `[CLS] A [SEP] B [SEP]` with type 1 from B on. */
export const BERT_TEMPLATE: Template = {
  single: [
    { token: "[CLS]", type: 0 },
    { text: 0, type: 0 },
    { token: "[SEP]", type: 0 },
  ],
  pair: [
    { token: "[CLS]", type: 0 },
    { text: 0, type: 0 },
    { token: "[SEP]", type: 0 },
    { text: 1, type: 1 },
    { token: "[SEP]", type: 1 },
  ],
};

export interface WordPieceOptions extends BertTextOptions {
  specialTokens?: readonly string[];
  /** Stands for a word that no pieces spell. Default `[UNK]`. */
  unkToken?: string;
  template?: Template;
  /** Longer words, in code points, are unknown without a try. Default 100. */
  longestWord?: number;
}

export interface WordPieceTrainOptions extends WordPieceOptions {
  /** Tokens in the finished vocabulary. */
  vocabSize: number;
  /** A pair must occur this often to be merged, a character to be in the alphabet. Default 1. */
  minFrequency?: number;
}

/** A piece and the code points of the word that it covers. */
interface Piece {
  id: number;
  from: number;
  to: number;
}

/** Words beyond this many are not remembered. */
const CACHE_SIZE = 1 << 16;

/** What a piece inside a word begins with. */
const PREFIX = "##";

const optionKinds = {
  specialTokens: "texts",
  unkToken: "text",
  template: "object",
  longestWord: "number",
  lowercase: "boolean",
  stripAccents: "boolean",
} as const;

/**
 * BERT's tokenizer: each word becomes the longest piece of the vocabulary that it starts with, then the longest that
 * the rest starts with, and so on: `unaffable` -> `un ##aff ##able`. A word with a rest that no piece spells is `[UNK]`.
 * Wu et al. 2016, https://arxiv.org/abs/1609.08144; Devlin et al. 2018, https://arxiv.org/abs/1810.04805.
 */
export class WordPiece extends VocabularyTokenizer {
  private readonly unkId: number;
  private readonly longestWord: number;
  private readonly text: BertText;
  private readonly cache = new Map<string, readonly Piece[]>();

  constructor(vocab: ReadonlyMap<string, number>, options: WordPieceOptions = {}) {
    check("WordPiece", "vocab", vocab, "map");
    checkOptions("WordPiece", options, "specialTokens, unkToken", optionKinds);

    const {
      specialTokens,
      unkToken = "[UNK]",
      template = BERT_TEMPLATE,
      longestWord = 100,
      ...textOptions
    } = options;
    super(
      checkVocab(vocab),
      specialTokens ?? BERT_SPECIAL_TOKENS.filter((token) => vocab.has(token)),
      template,
    );
    const unkId = vocab.get(unkToken);
    if (unkId === undefined) throw refusal("WordPiece", `the unkToken ${unkToken} is not in the vocabulary`);
    this.unkId = unkId;
    this.longestWord = longestWord;
    this.text = new BertText(textOptions);
  }

  /** Load `vocab.txt`. */
  static fromFile(vocabFile: string, options: WordPieceOptions = {}): WordPiece {
    check("WordPiece.fromFile", "vocabFile", vocabFile, "text");
    checkOptions("WordPiece.fromFile", options, "specialTokens, unkToken", optionKinds);

    return new WordPiece(parseVocabLines(readText(vocabFile), vocabFile), options);
  }

  /**
   * Learn pieces from texts: special tokens, all characters (at the start of a word, then inside one), then the most
   * frequent pairs, as byte-pair encoding does. The same texts give the same vocabulary.
   */
  static train(texts: string | Iterable<string>, options: WordPieceTrainOptions): WordPiece {
    const kinds = { vocabSize: "number", minFrequency: "number", ...optionKinds } as const;
    checkOptions("WordPiece.train", options, "vocabSize, minFrequency", kinds, ["vocabSize"]);

    const { vocabSize, minFrequency = 1, ...rest } = options;
    const special = [...new Set(rest.specialTokens ?? BERT_SPECIAL_TOKENS)];
    const counts = countWords(texts, special, rest);
    const characters = new Map<string, number>();
    for (const [word, count] of counts) {
      for (const symbol of spell(word)) characters.set(symbol, (characters.get(symbol) ?? 0) + count);
    }
    const alphabet = [...characters.keys()].filter((symbol) => characters.get(symbol)! >= minFrequency);
    const inOrder = (symbols: string[]) => symbols.sort((a, b) => (a < b ? -1 : 1));
    const initial = [
      ...special,
      ...inOrder(alphabet.filter((symbol) => !symbol.startsWith(PREFIX))),
      ...inOrder(alphabet.filter((symbol) => symbol.startsWith(PREFIX))),
    ];
    if (!Number.isInteger(vocabSize) || vocabSize < initial.length) {
      throw expected(
        "WordPiece.train",
        `a vocabSize of at least ${initial.length} (${alphabet.length} characters and ${special.length} special tokens)`,
        vocabSize,
        "raise minFrequency to leave rare characters out",
      );
    }
    const known = new Set(initial);
    const words = new Map([...counts].filter(([word]) => spell(word).every((symbol) => known.has(symbol))));
    const join = (left: string, right: string) => left + right.slice(PREFIX.length);
    const { tokens } = trainBPE(words, { initial, vocabSize, minFrequency, symbols: spell, join });
    return new WordPiece(new Map(tokens.map((token, id) => [token, id])), {
      ...rest,
      specialTokens: special,
    });
  }

  /** Write `vocab.txt`; a reader never sees half a file. */
  save(vocabFile: string): void {
    check("WordPiece.save", "vocabFile", vocabFile, "text");

    const tokens = Array.from({ length: this.vocabSize }, (_, id) => this.idToToken(id) ?? `[unused${id}]`);
    replaceFile(vocabFile, [tokens.map((token) => `${token}\n`).join("")]);
  }

  override normalize(text: string): string {
    check("WordPiece.normalize", "text", text, "text");

    return this.text.normalize(text);
  }

  words(text: string): string[] {
    check("WordPiece.words", "text", text, "text");

    return this.text.words(text).map(({ chars }) => chars.join(""));
  }

  protected encodeSegment(text: string, sink: TokenSink): void {
    for (const word of this.text.words(text)) {
      if (sink.isFull) return;
      this.encodeWord(word, sink);
    }
  }

  private encodeWord({ chars, starts, ends }: PlacedWord, sink: TokenSink): void {
    const word = chars.join("");
    let pieces = this.cache.get(word);
    if (pieces === undefined) {
      pieces = this.piecesOf(chars);
      if (this.cache.size < CACHE_SIZE) this.cache.set(word, pieces);
    }
    for (const { id, from, to } of pieces) sink.push(id, starts[from]!, ends[to - 1]!);
  }

  private piecesOf(chars: readonly string[]): Piece[] {
    const unknown = [{ id: this.unkId, from: 0, to: chars.length }];
    if (chars.length > this.longestWord) return unknown;
    const pieces: Piece[] = [];
    for (let from = 0; from < chars.length; from = pieces.at(-1)!.to) {
      const longest = this.longestPiece(chars, from);
      if (longest === undefined) return unknown;
      pieces.push(longest);
    }
    return pieces;
  }

  private longestPiece(chars: readonly string[], from: number): Piece | undefined {
    for (let to = chars.length; to > from; to--) {
      const id = this.vocab.get((from > 0 ? PREFIX : "") + chars.slice(from, to).join(""));
      if (id !== undefined) return { id, from, to };
    }
    return undefined;
  }

  /** Pieces joined, words set apart, and the spaces before punctuation and inside contractions taken back. */
  protected join(ids: readonly number[]): string {
    return ids
      .map((id, i) => {
        const token = this.idToToken(id)!;
        if (i === 0) return cleanUp(token);
        return cleanUp(token.startsWith(PREFIX) ? token.slice(PREFIX.length) : ` ${token}`);
      })
      .join("");
  }
}

/** Hugging Face's `clean_up_tokenization`, token by token as its decoder does it. */
function cleanUp(token: string): string {
  const pairs = [" .", " ?", " !", " ,", " ' ", " n't", " 'm", " do not", " 's", " 've", " 're"] as const;
  const tidy = [".", "?", "!", ",", "'", "n't", "'m", " don't", "'s", "'ve", "'re"] as const;
  return pairs.reduce((text, from, i) => text.replaceAll(from, tidy[i]!), token);
}

/** `word` -> `w ##o ##r ##d`. */
const spell = (word: string): string[] => [...word].map((char, i) => (i === 0 ? char : PREFIX + char));

function countWords(
  texts: string | Iterable<string>,
  special: readonly string[],
  options: BertTextOptions,
): Map<string, number> {
  const pattern = specialPattern(special);
  const bert = new BertText(options);
  const counts = new Map<string, number>();
  for (const text of eachText("WordPiece.train", texts)) {
    for (const segment of cutSpecial(text, pattern)) {
      if (segment.special) continue;
      for (const { chars } of bert.words(segment.text)) {
        const word = chars.join("");
        counts.set(word, (counts.get(word) ?? 0) + 1);
      }
    }
  }
  return counts;
}
