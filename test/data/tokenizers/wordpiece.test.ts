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
