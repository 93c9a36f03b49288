import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClipBPE } from "../../../src/data";
import { expectSameAs, parityCases, parityFile } from "./parity";

describe("ClipBPE against Hugging Face", () => {
  const clip = ClipBPE.fromFiles(parityFile("clip_bpe/vocab.json"), parityFile("clip_bpe/merges.txt"));
  it.each(parityCases("clip_bpe").cases.map((c, i) => [`${i} ${c.tag}`, c] as const))(
    "%s",
    (_, reference) => {
      expectSameAs(reference, clip);
    },
  );

  it("has the reference's size", () => {
    expect(clip.vocabSize).toBe(754);
  });
});

describe("ClipBPE.train", () => {
  const texts = ["a photo of a cat", "A PHOTO of a dog", "two photos  of cats 12"];

  it("has the bytes, the bytes at the end of a word, merges, then its two special tokens", () => {
    const clip = ClipBPE.train(texts, { vocabSize: 524 });
    const tokens = [...clip.vocab.keys()];
    expect(tokens.length).toBe(524);
    expect([tokens[0], tokens[256], tokens.at(-2), tokens.at(-1)]).toEqual([
      "!",
      "!</w>",
      "<|startoftext|>",
      "<|endoftext|>",
    ]);
    expect(clip.merges.pairs[0]).toEqual(["h", "o"]); // 3 times, as "o f</w>", "o t" and "p h" are
    expect(clip.encode("")).toEqual([522, 523]);
    expect([...ClipBPE.train(texts, { vocabSize: 524 }).vocab]).toEqual([...clip.vocab]);
  });

  it("gives back lower-cased words with one space between them", () => {
    const clip = ClipBPE.train(texts, { vocabSize: 524 });
    const decode = (text: string) => clip.decode(clip.encode(text), { skipSpecialTokens: true });
    expect(decode("  A  Cat, 12\n😀 dogs ")).toBe("a cat , 1 2 😀 dogs");
    const words = fc.array(fc.string({ unit: fc.constantFrom(..."abcéжひ学"), minLength: 1 }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(words, (list) => {
        expect(decode(list.join("  "))).toBe(list.join(" "));
      }),
    );
  });

  it("reads any text and places its tokens", () => {
    const clip = ClipBPE.train(texts, { vocabSize: 524 });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })), (text) => {
        for (const { start, end } of clip.tokenize(`${text}\udc00`)) {
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(text.length + 1);
        }
      }),
    );
  });

  it("wants room for the bytes", () => {
    expect(() => ClipBPE.train(texts, { vocabSize: 513 })).toThrow("a vocabSize of at least 514");
  });

  it("saves Hugging Face's files", () => {
    const folder = mkdtempSync(join(tmpdir(), "clip-"));
    try {
      ClipBPE.fromFiles(parityFile("clip_bpe/vocab.json"), parityFile("clip_bpe/merges.txt")).save(folder);
      const read = (file: string) => readFileSync(file, "utf8");
      expect(read(join(folder, "merges.txt"))).toBe(read(parityFile("clip_bpe/merges.txt")));
      expect(JSON.parse(read(join(folder, "vocab.json")))).toEqual(
        JSON.parse(read(parityFile("clip_bpe/vocab.json"))),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
