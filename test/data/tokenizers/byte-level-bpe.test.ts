import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteLevelBPE } from "../../../src/data";
import { BYTE_ALPHABET, BYTE_CHARS, GPT2_SPLIT } from "../../../src/data/tokenizers/byte-level";
import { expectSameAs, parityCases, parityFile } from "./parity";

/** Any text at all: whole code points of every plane, joined emoji, combining marks, and lone surrogates. */
const nasty = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(
        "👩‍👩‍👧",
        "e\u0301",
        "\ufeff",
        "\u0085",
        "\0",
        "don't",
        "  \n\t ",
        "<|endoftext|>",
        "\ud83d",
        "\udc00",
      ),
    ),
  )
  .map((parts) => parts.join(""));

/** What UTF-8 makes of a text: lone surrogates become U+FFFD. */
const wellFormed = (text: string): string => Buffer.from(text, "utf8").toString("utf8");

describe("the byte-level alphabet", () => {
  it("is GPT-2's", () => {
    expect(BYTE_CHARS[0x20]).toBe("Ġ");
    expect(BYTE_CHARS[0x0a]).toBe("Ċ");
    expect(BYTE_CHARS[0xad]).toBe("Ń");
    expect(BYTE_CHARS[0x41]).toBe("A");
    expect(new Set(BYTE_CHARS).size).toBe(256);
    expect(BYTE_ALPHABET.slice(0, 2)).toEqual(["!", '"']);
  });

  it("splits every text into parts that make it up", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect((text.match(GPT2_SPLIT) ?? []).join("")).toBe(text);
      }),
    );
  });
});

describe("ByteLevelBPE against Hugging Face", () => {
  const bpe = ByteLevelBPE.fromFiles(
    parityFile("bytelevel_bpe/vocab.json"),
    parityFile("bytelevel_bpe/merges.txt"),
  );

  it.each(parityCases("bytelevel_bpe").cases.map((c, i) => [`${i} ${c.tag}`, c] as const))(
    "%s",
    (_, reference) => {
      expectSameAs(reference, bpe);
    },
  );

  it("gives every text back", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(bpe.decode(bpe.encode(text))).toBe(wellFormed(text));
        expect(bpe.tokenize(text).map(({ id }) => id)).toEqual(bpe.encode(text));
      }),
    );
  });

  it("decodes any ids, broken UTF-8 included", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(499)), (ids) => {
        expect(typeof bpe.decode(ids)).toBe("string");
      }),
    );
    const euro = bpe.encode("€");
    expect(bpe.decode(euro)).toBe("€");
    expect(bpe.decode(euro.slice(0, -1))).toBe("\ufffd");
    expect(bpe.decode([...euro.slice(0, -1), ...bpe.encode("a")])).toBe("\ufffda");
  });
});

describe("ByteLevelBPE with GPT-2's own vocabulary", () => {
  const require = createRequire(import.meta.url);
  const folder = join(require.resolve("gpt-3-encoder"), "..");
  const gpt2 = ByteLevelBPE.fromFiles(join(folder, "encoder.json"), join(folder, "vocab.bpe"));

  it("knows the ids everyone knows", () => {
    expect(gpt2.vocabSize).toBe(50257);
    expect(gpt2.encode("Hello world")).toEqual([15496, 995]);
    expect(gpt2.encode("Hello, I'm a language model,")).toEqual([15496, 11, 314, 1101, 257, 3303, 2746, 11]);
    expect(gpt2.encode("<|endoftext|>")).toEqual([50256]);
    expect(gpt2.decode([15496, 995])).toBe("Hello world");
  });

  it("agrees with the package's own encoder", () => {
    const { encode } = require("gpt-3-encoder") as { encode: (text: string) => number[] };
    // Where \s means the same in JavaScript and in the original.
    const text = fc.string({ unit: fc.constantFrom(..." \nabcdeEths'0129.,-$éжひ😀") });
    fc.assert(
      fc.property(text, (sample) => {
        expect(gpt2.encode(sample)).toEqual(encode(sample));
      }),
    );
  });
});

describe("ByteLevelBPE.train", () => {
  const texts = ["low lower lowest", "new newer newest 123 1234 low new", "日本語 日本 😀😀"];

  it("fills the vocabulary, special tokens first", () => {
    const bpe = ByteLevelBPE.train(texts, { vocabSize: 270, specialTokens: ["<|endoftext|>"] });
    expect(bpe.vocabSize).toBe(270);
    expect(bpe.tokenToId("<|endoftext|>")).toBe(0);
    expect(bpe.idToToken(1)).toBe("!");
    expect(bpe.merges.pairs[0]).toEqual(["e", "w"]); // 4 times, as "l o", "n e", "o w" and "w e"
  });

  it("is deterministic and stops at minFrequency", () => {
    const train = (minFrequency: number) => ByteLevelBPE.train(texts, { vocabSize: 400, minFrequency });
    expect([...train(1).vocab]).toEqual([...train(1).vocab]);
    expect(train(2).vocabSize).toBeLessThan(train(1).vocabSize);
    expect(train(1000).vocabSize).toBe(256);
  });

  it("gives back what it never saw", () => {
    const bpe = ByteLevelBPE.train(texts, { vocabSize: 300 });
    fc.assert(
      fc.property(nasty, (text) => {
        expect(bpe.decode(bpe.encode(text))).toBe(wellFormed(text));
      }),
    );
  });

  it("does not learn from special tokens", () => {
    const text = "<|endoftext|>".repeat(50);
    const bpe = ByteLevelBPE.train(text, { vocabSize: 300, specialTokens: ["<|endoftext|>"] });
    expect(bpe.merges.pairs).toEqual([]);
    expect(bpe.encode(text)).toEqual(new Array(50).fill(0));
  });

  it("wants room for the bytes", () => {
    expect(() => ByteLevelBPE.train("a", { vocabSize: 256, specialTokens: ["<s>"] })).toThrow(
      "expected a vocabSize of at least 257 (256 bytes and 1 special tokens), got 256",
    );
  });
});

describe("ByteLevelBPE files", () => {
  it("saves what it loads, and leaves no half-written file", () => {
    const folder = mkdtempSync(join(tmpdir(), "bpe-"));
    try {
      const bpe = ByteLevelBPE.train("7 77 777 __proto__ \u2028 low lower", {
        vocabSize: 280,
        specialTokens: ["<|endoftext|>"],
      });
      bpe.save(join(folder, "new"));
      bpe.save(join(folder, "new"));
      expect(readdirSync(join(folder, "new")).sort()).toEqual(["merges.txt", "vocab.json"]);
      const again = ByteLevelBPE.fromFiles(join(folder, "new/vocab.json"), join(folder, "new/merges.txt"));
      expect([...again.vocab].sort((a, b) => a[1] - b[1])).toEqual([...bpe.vocab]);
      expect(again.merges.pairs).toEqual(bpe.merges.pairs);
      expect([...again.specialTokens]).toEqual([["<|endoftext|>", 0]]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("prints Hugging Face's merges.txt byte for byte", () => {
    const folder = mkdtempSync(join(tmpdir(), "bpe-"));
    try {
      const merges = parityFile("bytelevel_bpe/merges.txt");
      ByteLevelBPE.fromFiles(parityFile("bytelevel_bpe/vocab.json"), merges).save(folder);
      expect(readFileSync(join(folder, "merges.txt"), "utf8")).toBe(readFileSync(merges, "utf8"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("says what is wrong", () => {
    const vocab = new Map(BYTE_ALPHABET.map((char, id) => [char, id]));
    expect(() => new ByteLevelBPE(vocab, [["a", "b"]])).toThrow(
      'needs the token "ab", which the vocabulary does not have',
    );
    expect(() => new ByteLevelBPE(vocab, [], { specialTokens: ["<s>"] })).toThrow(
      'special token "<s>" is not in the vocabulary',
    );
    expect(
      () =>
        new ByteLevelBPE(
          new Map([
            ["a", 0],
            ["b", 0],
          ]),
          [],
        ),
    ).toThrow('"a" and "b" have the same id 0');
    expect(() => new ByteLevelBPE(new Map([["a", 0.5]]), [])).toThrow("expected ids 0, 1, 2, ..., got 0.5");
    expect(() => new ByteLevelBPE(new Map([["a", 0]]), []).encode("b")).toThrow(
      'no token for byte 0x62 ("b")',
    );
  });
});
