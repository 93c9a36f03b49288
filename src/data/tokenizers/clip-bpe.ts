import { check, checkOptions, expected, nodeModule, readText, replaceFile } from "../../tensor";
import { trainBPE } from "./bpe-train";
import { BYTE_ALPHABET, bytePlaces, fromByteTokens, GPT2_SPLIT, toByteChars } from "./byte-level";
import { type ClipText, normalizeClipText } from "./clip-text";
import { Merges, WordEncoder } from "./merges";
import { cutSpecial, eachText, specialPattern } from "./special";
import { type Template, type TokenSink, VocabularyTokenizer } from "./tokenizer";
import { parseMerges, parseVocab, printMerges, printVocab } from "./vocab-files";

const START = "<|startoftext|>";
const END = "<|endoftext|>";

export const CLIP_SPECIAL_TOKENS: readonly string[] = [START, END];

/** The last symbol of every word carries this, which is how CLIP knows where words end. */
const WORD_END = "</w>";

export const CLIP_TEMPLATE: Template = {
  single: [
    { token: START, type: 0 },
    { text: 0, type: 0 },
    { token: END, type: 0 },
  ],
  pair: [
    { token: START, type: 0 },
    { text: 0, type: 0 },
    { token: END, type: 0 },
    { token: END, type: 0 },
    { text: 1, type: 0 },
    { token: END, type: 0 },
  ],
};

/** CLIP's splitting: contractions, runs of letters, single digits, runs of anything else; spaces are dropped. */
export const CLIP_SPLIT =
  /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;

/** What Python's `strip` takes off: white space, and the four separators U+001C to U+001F. */
const SPACE = String.raw`[\p{White_Space}\u{1c}-\u{1f}]+`;
const OUTER_SPACE = new RegExp(`^${SPACE}|${SPACE}$`, "gu");

export interface ClipBPETrainOptions {
  /** Tokens in the finished vocabulary: 2 × 256 bytes (inside and at the end of a word), merges, 2 special tokens. */
  vocabSize: number;
  /** A pair must occur this often to be merged. Default 1. */
  minFrequency?: number;
}

/**
 * CLIP's tokenizer: lower-cased text, words without their spaces, bytes merged by rank, `</w>` at the end of a word;
 * `<|startoftext|>` before the text and `<|endoftext|>` after it. Radford et al. 2021, https://arxiv.org/abs/2103.00020,
 * section 2.4. Decoding gives the lower-cased words with one space between them.
 */
export class ClipBPE extends VocabularyTokenizer {
  readonly merges: Merges;
  private readonly encoder: WordEncoder;

  /** From a vocabulary and its merges, in the order in which they were learned. */
  constructor(
    vocab: ReadonlyMap<string, number>,
    merges: readonly (readonly [left: string, right: string])[],
    options: { template?: Template } = {},
  ) {
    check("ClipBPE", "vocab", vocab, "map");
    check("ClipBPE", "merges", merges, "list");
    checkOptions("ClipBPE", options, "template", { template: "object" });
    const { template = CLIP_TEMPLATE } = options;
    super(vocab, [START, END], template);
    this.merges = new Merges(merges, this.vocab);
    const unknown = vocab.get(END)!; // as in CLIP itself
    this.encoder = new WordEncoder(this.merges, (word) =>
      spell(word).map((symbol) => this.vocab.get(symbol) ?? unknown),
    );
  }

  /** Learn merges from texts; the same texts give the same tokenizer. */
  static train(texts: string | Iterable<string>, options: ClipBPETrainOptions): ClipBPE {
    checkOptions(
      "ClipBPE.train",
      options,
      "vocabSize, minFrequency",
      { vocabSize: "number", minFrequency: "number" },
      ["vocabSize"],
    );
    const { vocabSize, minFrequency = 1 } = options;

    const initial = [...BYTE_ALPHABET, ...BYTE_ALPHABET.map((char) => char + WORD_END)];
    const special = [START, END];
    if (!Number.isInteger(vocabSize) || vocabSize < initial.length + special.length) {
      throw expected(
        "ClipBPE.train",
        `a vocabSize of at least ${initial.length + special.length} (2 × 256 bytes and 2 special tokens)`,
        vocabSize,
      );
    }
    const pattern = specialPattern(special);
    const words = new Map<string, number>();
    for (const text of eachText("ClipBPE.train", texts)) {
      for (const segment of cutSpecial(text, pattern)) {
        if (segment.special) continue;
        for (const { word } of splitClip(normalizeClipText(segment.text)))
          words.set(word, (words.get(word) ?? 0) + 1);
      }
    }
    const { tokens, merges } = trainBPE(words, {
      initial,
      vocabSize: vocabSize - special.length,
      minFrequency,
      symbols: spell,
      join: (left, right) => left + right,
    });
    return new ClipBPE(new Map([...tokens, ...special].map((token, id) => [token, id])), merges);
  }

  /** Load `vocab.json` and `merges.txt`. */
  static fromFiles(vocabFile: string, mergesFile: string): ClipBPE {
    check("ClipBPE.fromFiles", "vocabFile", vocabFile, "text");
    check("ClipBPE.fromFiles", "mergesFile", mergesFile, "text");

    const vocab = parseVocab(readText(vocabFile), vocabFile);
    return new ClipBPE(vocab, parseMerges(readText(mergesFile), mergesFile));
  }

  /** Write `vocab.json` and `merges.txt` into a folder; a reader never sees half a file. */
  save(folder: string): void {
    check("ClipBPE.save", "folder", folder, "text");

    const { join } = nodeModule("node:path");
    replaceFile(join(folder, "vocab.json"), [printVocab(this.vocab)]);
    replaceFile(join(folder, "merges.txt"), [printMerges(this.merges.pairs)]);
  }

  override normalize(text: string): string {
    check("ClipBPE.normalize", "text", text, "text");

    return normalizeClipText(text).text;
  }

  /** In the byte-level alphabet. */
  words(text: string): string[] {
    check("ClipBPE.words", "text", text, "text");

    return Array.from(splitClip(normalizeClipText(text)), ({ word }) => toByteChars(word));
  }

  protected encodeSegment(text: string, sink: TokenSink): void {
    const normal = normalizeClipText(text);
    for (const { word, at } of splitClip(normal)) {
      if (sink.isFull) return;
      const places = bytePlaces(word);
      let byte = 0;
      for (const id of this.encoder.encode(word)) {
        const token = this.idToToken(id)!;
        const end = byte + (token.endsWith(WORD_END) ? token.length - WORD_END.length : token.length);
        sink.push(
          id,
          normal.starts[at + places.starts[byte]!]!,
          normal.ends[at + places.ends[end - 1]! - 1]!,
        );
        byte = end;
      }
    }
  }

  protected join(ids: readonly number[]): string {
    const tokens = ids.map((id) => this.idToToken(id)!);
    const text = fromByteTokens(tokens, (token) => this.specialTokens.has(token));
    return text.replaceAll(WORD_END, " ").replace(OUTER_SPACE, "");
  }
}

/** Words of the text with their places; each is split once more as GPT-2 would, as Hugging Face does. */
function* splitClip({ text }: ClipText): Generator<{ word: string; at: number }> {
  for (const { 0: run, index } of text.matchAll(CLIP_SPLIT)) {
    for (const { 0: word, index: within } of run.matchAll(GPT2_SPLIT)) yield { word, at: index + within };
  }
}

/** `cat` -> `c a t</w>`, in the byte-level alphabet. */
function spell(word: string): string[] {
  const symbols = [...toByteChars(word)];
  symbols.push(symbols.pop()! + WORD_END);
  return symbols;
}
