import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { trainBPE } from "../../../src/data/tokenizers/bpe-train";
import { Merges } from "../../../src/data/tokenizers/merges";

const letters = ["a", "b", "c", "d"];
const join = (left: string, right: string) => left + right;

/** Byte-pair encoding as the paper writes it: count everything again for every merge. */
function naive(
  words: ReadonlyMap<string, number>,
  initial: readonly string[],
  vocabSize: number,
  minFrequency: number,
) {
  const tokens = [...initial];
  const merges: [string, string][] = [];
  const spelled = [...words].map(([word, count]) => ({ symbols: [...word], count }));
  while (tokens.length < vocabSize) {
    const counts = new Map<string, { pair: [string, string]; count: number }>();
    for (const { symbols, count } of spelled) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        const pair: [string, string] = [symbols[i]!, symbols[i + 1]!];
        const key = pair.join(" ");
        counts.set(key, { pair, count: (counts.get(key)?.count ?? 0) + count });
      }
    }
    const rank = ({ pair: [left, right] }: { pair: [string, string] }) =>
      tokens.indexOf(left) * 1000 + tokens.indexOf(right);
    const [best] = [...counts.values()].sort((a, b) => b.count - a.count || rank(a) - rank(b));
    if (best === undefined || best.count < minFrequency) break;
    const token = join(...best.pair);
    if (!merges.some((merge) => merge.join(" ") === best.pair.join(" "))) merges.push(best.pair);
    if (!tokens.includes(token)) tokens.push(token);
    for (const word of spelled) {
      const out: string[] = [];
      for (let i = 0; i < word.symbols.length; i++) {
        const hit = word.symbols[i] === best.pair[0] && word.symbols[i + 1] === best.pair[1];
        out.push(hit ? token : word.symbols[i]!);
        if (hit) i++;
      }
      word.symbols = out;
    }
  }
  return { tokens, merges };
}

describe("trainBPE", () => {
  it("learns what the paper's loop learns", () => {
    const word = fc
      .array(fc.constantFrom(...letters), { minLength: 1, maxLength: 9 })
      .map((list) => list.join(""));
    const corpus = fc.array(fc.tuple(word, fc.integer({ min: 1, max: 5 })), { maxLength: 12 });
    fc.assert(
      fc.property(
        corpus,
        fc.integer({ min: 4, max: 25 }),
        fc.integer({ min: 1, max: 4 }),
        (entries, vocabSize, minFrequency) => {
          const words = new Map(entries);
          const symbols = (text: string) => [...text];
          const got = trainBPE(words, { initial: letters, vocabSize, minFrequency, symbols, join });
          expect(got).toEqual(naive(words, letters, vocabSize, minFrequency));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("reproduces the paper's example", () => {
    // Sennrich et al., algorithm 1; equal counts go to the smaller ids.
    const words = new Map([
      ["low_", 5],
      ["lower_", 2],
      ["newest_", 6],
      ["widest_", 3],
    ]);
    const initial = [..."_deilnorstw"];
    const { merges } = trainBPE(words, {
      initial,
      vocabSize: 16,
      minFrequency: 1,
      symbols: (w) => [...w],
      join,
    });
    expect(merges).toEqual([
      ["e", "s"],
      ["t", "_"],
      ["es", "t_"],
      ["l", "o"],
      ["lo", "w"],
    ]);
  });
});

describe("Merges", () => {
  const vocab = new Map(["a", "b", "ab", "aba", "aa"].map((token, id) => [token, id]));

  it("merges the lowest rank first and from the left", () => {
    const merges = new Merges(
      [
        ["a", "b"],
        ["ab", "a"],
        ["a", "a"],
      ],
      vocab,
    );
    const encode = (text: string) =>
      merges.apply([...text].map((c) => vocab.get(c)!)).map((id) => [...vocab.keys()][id]);
    expect(encode("aab")).toEqual(["a", "ab"]);
    expect(encode("ababa")).toEqual(["ab", "aba"]); // both "ab" merge before any "aba"
    expect(encode("aaaaa")).toEqual(["aa", "aa", "a"]);
    expect(encode("")).toEqual([]);
  });

  it("takes a long word in its stride", () => {
    const merges = new Merges([["a", "a"]], vocab);
    expect(merges.apply(new Array(200_001).fill(0)).length).toBe(100_001);
  });

  it("names a merge whose token is missing", () => {
    expect(() => new Merges([["b", "a"]], vocab)).toThrow('merge 0 ("b" "a") needs the token "ba"');
  });
});
