import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WordPiece } from "../../../src/data";
import { expectSameAs, parityCases, parityFile } from "./parity";

describe("WordPiece against Hugging Face", () => {
  const wordpiece = WordPiece.fromFile(parityFile("wordpiece/vocab.txt"));
  const singles = parityCases("wordpiece").cases.filter((c) => c.pair === undefined);
  it.each(singles.map((c, i) => [`${i} ${c.tag}`, c] as const))("%s", (_, reference) => {
    expectSameAs(reference, wordpiece);
  });

  it("has the reference's size", () => {
    expect(wordpiece.vocabSize).toBe(420);
  });
});

describe("WordPiece", () => {
  const pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "!", "学"];
  const wordpiece = new WordPiece(new Map(pieces.map((token, id) => [token, id])));
  const spell = (text: string) => wordpiece.tokenize(text).map(({ token }) => token);

  it("takes the longest piece, or knows nothing of the word", () => {
    expect(spell("Un\u00e1ffable!学学")).toEqual(["un", "##aff", "##able", "!", "学", "学"]);
    expect(spell("unaffably")).toEqual(["[UNK]"]);
    expect(wordpiece.encode("un")).toEqual([2, 5, 3]);
    expect(wordpiece.encode("un", { addSpecialTokens: false })).toEqual([5]);
    expect(wordpiece.decode([2, 5, 6, 7, 8, 3], { skipSpecialTokens: true })).toBe("unaffable!");
  });

  it("keeps case and accents for a cased model", () => {
    const vocab = new Map(["[UNK]", "[CLS]", "[SEP]", "\u00c9a"].map((token, id) => [token, id]));
    expect(new WordPiece(vocab, { lowercase: false }).encode("\u00c9a \u00e9a")).toEqual([1, 3, 0, 2]);
  });

  it("places every token within the text, in order", () => {
    const reference = WordPiece.fromFile(parityFile("wordpiece/vocab.txt"));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })), (text) => {
        const tokens = reference.tokenize(`${text}\ud83d`);
        tokens.forEach(({ start, end }, i) => {
          expect(end).toBeGreaterThan(start);
          expect(start).toBeGreaterThanOrEqual(tokens[i - 1]?.start ?? 0);
          expect(end).toBeLessThanOrEqual(text.length + 1);
        });
      }),
    );
  });

  it("stops reading where it is told to", () => {
    expect(wordpiece.tokenize("un un unaffable un", { readAtMost: 4 }).length).toBe(5);
    expect(wordpiece.tokenize("un un un", { readAtMost: 0 })).toEqual([]);
  });
});

describe("WordPiece.train", () => {
  const texts = ["low lower lowest Low", "new newer newest [SEP] low"];

  it("starts from special tokens and characters and merges the frequent", () => {
    const trained = WordPiece.train(texts, { vocabSize: 30 });
    const tokens = [...trained.vocab.keys()];
    expect(tokens.slice(0, 7)).toEqual(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "l", "n"]);
    expect(tokens.slice(7, 13)).toEqual(["##e", "##o", "##r", "##s", "##t", "##w"]);
    expect(trained.tokenToId("low")).toBeDefined();
    expect(trained.decode(trained.encode("lower newest", { addSpecialTokens: false }))).toBe("lower newest");
    expect([...WordPiece.train(texts, { vocabSize: 30 }).vocab]).toEqual([...trained.vocab]);
  });

  it("leaves rare characters out, and the words that hold them", () => {
    const trained = WordPiece.train(["aa aa aa", "az"], { vocabSize: 9, minFrequency: 2 });
    expect([...trained.vocab.keys()].slice(5)).toEqual(["a", "##a", "aa"]);
    expect(trained.encode("az")).toEqual([2, 1, 3]);
  });

  it("says what is too small", () => {
    expect(() => WordPiece.train(texts, { vocabSize: 12 })).toThrow(
      "expected a vocabSize of at least 13 (8 characters and 5 special tokens), got 12",
    );
    expect(() => new WordPiece(new Map([["a", 0]]))).toThrow("the unkToken [UNK] is not in the vocabulary");
  });

  it("saves what it loads", () => {
    const folder = mkdtempSync(join(tmpdir(), "wordpiece-"));
    try {
      const trained = WordPiece.train(texts, { vocabSize: 30 });
      trained.save(join(folder, "vocab.txt"));
      expect(readdirSync(folder)).toEqual(["vocab.txt"]);
      expect([...WordPiece.fromFile(join(folder, "vocab.txt")).vocab]).toEqual([...trained.vocab]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
