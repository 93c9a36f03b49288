import { check, checkOptions, expected, nodeModule, readText, refusal, replaceFile } from "../../tensor";
import { trainBPE } from "./bpe-train";
import {
  BYTE_ALPHABET,
  BYTE_CHARS,
  bytePlaces,
  fromByteTokens,
  GPT2_SPLIT,
  toByteChars,
  toBytes,
} from "./byte-level";
import { Merges, WordEncoder } from "./merges";
import { cutSpecial, eachText, specialPattern } from "./special";
import { type Template, type TokenSink, VocabularyTokenizer } from "./tokenizer";
import { parseMerges, parseVocab, printMerges, printVocab } from "./vocab-files";

export interface ByteLevelBPETrainOptions {
  /** Tokens in the finished vocabulary: special tokens, 256 bytes, and merges. At least 256. */
  vocabSize: number;
  /** A pair must occur this often to be merged. Default 1: merge until the vocabulary is full. */
  minFrequency?: number;
  /** Tokens that are never split and never learned from, e.g. `["<|endoftext|>"]`; they take the first ids. */
  specialTokens?: readonly string[];
}

/**
 * GPT-2's tokenizer: no normalisation, split by a pattern, then merge bytes by learned rank. Every text can be encoded
 * and comes back unchanged (lone surrogates become U+FFFD).
 * Sennrich et al. 2016, https://arxiv.org/abs/1508.07909; Radford et al. 2019.
 */
export class ByteLevelBPE extends VocabularyTokenizer {
  readonly merges: Merges;
  private readonly encoder: WordEncoder;

  /** From a vocabulary and its merges, in the order in which they were learned. */
  constructor(
    vocab: ReadonlyMap<string, number>,
    merges: readonly (readonly [left: string, right: string])[],
    options: { specialTokens?: readonly string[]; template?: Template } = {},
  ) {
    check("ByteLevelBPE", "vocab", vocab, "map");
    check("ByteLevelBPE", "merges", merges, "list");
    checkOptions("ByteLevelBPE", options, "specialTokens, template", {
      specialTokens: "texts",
      template: "object",
    });
    const { specialTokens = [], template } = options;
    super(vocab, specialTokens, template);
    this.merges = new Merges(merges, this.vocab);
    this.encoder = new WordEncoder(this.merges, (word) => spellBytes(word, this.vocab));
  }

  /**
   * Learn merges from texts. Frequent pairs first, ties by the smaller ids: the result is the same on every run, and
   * the same as that of Hugging Face's `BpeTrainer` with a `ByteLevel` alphabet.
   */
  static train(texts: string | Iterable<string>, options: ByteLevelBPETrainOptions): ByteLevelBPE {
    checkOptions(
      "ByteLevelBPE.train",
      options,
      "vocabSize, minFrequency",
      { vocabSize: "number", minFrequency: "number", specialTokens: "texts" },
      ["vocabSize"],
    );

    const { vocabSize, minFrequency = 1, specialTokens = [] } = options;
    const special = [...new Set(specialTokens)];
    const initial = [...special, ...BYTE_ALPHABET.filter((char) => !special.includes(char))];
    if (!Number.isInteger(vocabSize) || vocabSize < initial.length) {
      throw expected(
        "ByteLevelBPE.train",
        `a vocabSize of at least ${initial.length} (256 bytes and ${special.length} special tokens)`,
        vocabSize,
      );
    }
    const pattern = specialPattern(special);
    const words = new Map<string, number>();
    for (const text of eachText("ByteLevelBPE.train", texts)) {
      for (const segment of cutSpecial(text, pattern)) {
        if (segment.special) continue;
        for (const word of segment.text.match(GPT2_SPLIT) ?? []) words.set(word, (words.get(word) ?? 0) + 1);
      }
    }
    const { tokens, merges } = trainBPE(words, {
      initial,
      vocabSize,
      minFrequency,
      symbols: (word) => [...toByteChars(word)],
      join: (left, right) => left + right,
    });
    const vocab = new Map(tokens.map((token, id) => [token, id]));
    return new ByteLevelBPE(vocab, merges, { specialTokens: special });
  }

  /** Load `vocab.json` and `merges.txt`. Without `specialTokens`, GPT-2's own `<|endoftext|>` is special if it is there. */
  static fromFiles(
    vocabFile: string,
    mergesFile: string,
    options: { specialTokens?: readonly string[] } = {},
  ): ByteLevelBPE {
    check("ByteLevelBPE.fromFiles", "vocabFile", vocabFile, "text");
    check("ByteLevelBPE.fromFiles", "mergesFile", mergesFile, "text");
    checkOptions("ByteLevelBPE.fromFiles", options, "specialTokens", { specialTokens: "texts" });
    const { specialTokens } = options;

    const vocab = parseVocab(readText(vocabFile), vocabFile);
    const merges = parseMerges(readText(mergesFile), mergesFile);
    const special = specialTokens ?? ["<|endoftext|>"].filter((token) => vocab.has(token));
    return new ByteLevelBPE(vocab, merges, { specialTokens: special });
  }

  /** Write `vocab.json` and `merges.txt` into a folder; a reader never sees half a file. */
  save(folder: string): void {
    check("ByteLevelBPE.save", "folder", folder, "text");

    const { join } = nodeModule("node:path");
    replaceFile(join(folder, "vocab.json"), [printVocab(this.vocab)]);
    replaceFile(join(folder, "merges.txt"), [printMerges(this.merges.pairs)]);
  }

  /** In the byte-level alphabet, where a space is `Ġ`. */
  words(text: string): string[] {
    check("ByteLevelBPE.words", "text", text, "text");

    return (text.match(GPT2_SPLIT) ?? []).map(toByteChars);
  }

  protected encodeSegment(text: string, sink: TokenSink): void {
    let at = 0;
    for (const word of text.match(GPT2_SPLIT) ?? []) {
      if (sink.isFull) return;
      const ids = this.encoder.encode(word);
      if (sink.wantsPlaces) this.pushPlaces(ids, word, at, sink);
      else for (const id of ids) sink.push(id, at, at);
      at += word.length;
    }
  }

  protected join(ids: readonly number[]): string {
    const tokens = ids.map((id) => this.idToToken(id)!);
    return fromByteTokens(tokens, (token) => this.specialTokens.has(token));
  }

  private pushPlaces(ids: readonly number[], word: string, at: number, sink: TokenSink): void {
    const { starts, ends } = bytePlaces(word);
    let byte = 0;
    for (const id of ids) {
      const end = byte + this.idToToken(id)!.length; // one character of the alphabet for each byte
      sink.push(id, at + starts[byte]!, at + ends[end - 1]!);
      byte = end;
    }
  }
}

/** The ids of a word's bytes. */
function spellBytes(word: string, vocab: ReadonlyMap<string, number>): number[] {
  return Array.from(toBytes(word), (byte) => {
    const id = vocab.get(BYTE_CHARS[byte]!);
    if (id !== undefined) return id;
    const hex = byte.toString(16).padStart(2, "0");
    throw refusal(
      "ByteLevelBPE.encode",
      `the vocabulary has no token for byte 0x${hex} (${JSON.stringify(BYTE_CHARS[byte])}), needed for ${JSON.stringify(word)}`,
      "a byte-level vocabulary should hold all 256",
    );
  });
}
