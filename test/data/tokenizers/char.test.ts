import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CharTokenizer } from "../../../src/data";

describe("CharTokenizer", () => {
  it("numbers characters by code point, special tokens first", () => {
    const chars = CharTokenizer.train("banana 😀", { specialTokens: ["<bos>", "<eos>"] });
    expect(chars.vocabSize).toBe(7);
    expect(chars.encode("ab😀<eos>")).toEqual([3, 4, 6, 1]);
    expect(chars.idToToken(6)).toBe("😀");
    expect(chars.decode([0, 3, 1])).toBe("<bos>a<eos>");
    expect(chars.decode([0, 3, 1], { skipSpecialTokens: true })).toBe("a");
  });

  it("learns nothing from special tokens in the text", () => {
    const chars = CharTokenizer.train(["a<eos>", "b"], { specialTokens: ["<eos>"] });
    expect([...chars.vocab.keys()]).toEqual(["<eos>", "a", "b"]);
  });

  it("prefers the longer of two special tokens that begin alike", () => {
    const chars = CharTokenizer.train("x", { specialTokens: ["<s", "<s>"] });
    expect(chars.encode("<s>x<s")).toEqual([1, 2, 0]);
  });

  it("gives back every text it was trained on, lone surrogates included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (a, b) => {
        const text = `${a}${b}\ud83d \udc00`;
        const chars = CharTokenizer.train(text);
        expect(chars.decode(chars.encode(text))).toBe(text);
        expect(chars.encode(text).length).toBe([...text].length);
        for (const { token, start, end } of chars.tokenize(text)) expect(text.slice(start, end)).toBe(token);
      }),
    );
  });

  it("does not depend on the order of the texts", () => {
    expect([...CharTokenizer.train(["cab", "d"]).vocab]).toEqual([
      ...CharTokenizer.train(["d", "bca"]).vocab,
    ]);
  });

  it("names an unknown character, or takes the unk token", () => {
    expect(() => CharTokenizer.train("abc").encode("ab\u00e9")).toThrow(
      'CharTokenizer.encode: expected characters seen in training, got "\u00e9" (U+00E9) at position 2',
    );
    const chars = CharTokenizer.train("abc", { unkToken: "?" });
    expect(chars.encode("a\u00e9")).toEqual([1, 0]);
    expect(chars.decode([1, 0])).toBe("a?");
  });

  it("says what is wrong with an id, a text, a token", () => {
    const chars = CharTokenizer.train("abc");
    expect(() => chars.decode([3])).toThrow(
      "decode: expected ids below 3, the size of the vocabulary, got 3",
    );
    expect(() => chars.decode([-1])).toThrow("got -1");
    expect(() => chars.encode(5 as unknown as string)).toThrow("encode: expected a string, got number");
    expect(() => chars.encode(["a"] as unknown as string)).toThrow("use encodeBatch");
    expect(() => new CharTokenizer(["a", "bc"])).toThrow(
      '"bc" is not one character; name it in specialTokens',
    );
    expect(() => new CharTokenizer(["a", "a"])).toThrow("every token must be given once");
  });

  it("takes a text as it is, and every character for a word", () => {
    const chars = CharTokenizer.train("añ😀");
    expect(chars.normalize("A ñ😀")).toBe("A ñ😀");
    expect(chars.words("A ñ😀")).toEqual(["A", " ", "ñ", "😀"]);
  });
});
