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
