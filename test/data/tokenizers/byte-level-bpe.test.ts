import { describe, expect, it } from "vitest";
import { ByteLevelBPE } from "../../../src/data";
import { expectSameAs, parityCases, parityFile } from "./parity";

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

  it("has the reference's size", () => {
    expect(bpe.vocabSize).toBe(500);
  });
});
