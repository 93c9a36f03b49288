import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  CharTokenizer,
  type Encoding,
  encodeBatch,
  encodeInput,
  loadTokenizer,
  padEncodings,
  parseTokenizer,
  type TextInput,
} from "../../../src/data";
import { type ParityBatch, type ParityEncoding, parityCases, parityFile } from "./parity";

const STRATEGIES = {
  longest_first: "longestFirst",
  only_first: "onlyFirst",
  only_second: "onlySecond",
} as const;

const show = (encoding: Encoding): ParityEncoding => ({
  ids: encoding.ids,
  type_ids: encoding.typeIds,
  attention_mask: encoding.attentionMask,
  ...(encoding.overflowing.length > 0 && { overflowing: encoding.overflowing.map(show) }),
});

function run(kind: string, { inputs, truncation, padding }: ParityBatch): ParityEncoding[] {
  const tokenizer = loadTokenizer(parityFile(`${kind}/tokenizer.json`));
  const encodings = inputs.map((input) =>
    encodeInput(tokenizer, input as TextInput, {
      ...(truncation && {
        maxLength: truncation.max_length,
        readAtMost: truncation.max_length, // as the version did that made these cases
        stride: truncation.stride ?? 0,
        truncation: STRATEGIES[(truncation.strategy ?? "longest_first") as keyof typeof STRATEGIES],
      }),
    }),
  );
  if (padding === null) return encodings.map(show);
  return padEncodings(tokenizer, encodings, {
    padding: padding.length ?? "longest",
    padToMultipleOf: padding.pad_to_multiple_of ?? 1,
    paddingSide: padding.direction === "left" ? "left" : "right",
    padToken: padding.pad_token,
  }).map(show);
}

describe.each(["wordpiece", "bytelevel_bpe", "clip_bpe"])("%s from its tokenizer.json", (kind) => {
  const { cases, batches } = parityCases(kind);
  const tokenizer = loadTokenizer(parityFile(`${kind}/tokenizer.json`));

  it("encodes texts and pairs with types and masks", () => {
    for (const reference of cases) {
      const { text, pair, tag } = reference;
      const got = encodeInput(tokenizer, pair === undefined ? text : [text, pair]);
      expect(got.ids, tag).toEqual(reference.ids);
      expect(got.typeIds, tag).toEqual(reference.type_ids);
      expect(got.specialTokensMask, tag).toEqual(reference.special_tokens_mask);
    }
  });

  it.each(batches.map((batch, i) => [i, batch] as const))("truncates and pads, batch %i", (_, batch) => {
    expect(run(kind, batch)).toEqual(batch.encodings);
  });
});

describe("encodeBatch", () => {
  const bert = loadTokenizer(parityFile("wordpiece/tokenizer.json"));

  it("pads to the longest text and stacks", () => {
    const { ids, attentionMask, typeIds } = encodeBatch(bert, ["the river", "the"]);
    expect(ids.dtype).toBe("int32");
    expect(ids.toArray()).toEqual([
      [2, 177, 270, 3],
      [2, 177, 3, 0],
    ]);
    expect(attentionMask.toArray()).toEqual([
      [1, 1, 1, 1],
      [1, 1, 1, 0],
    ]);
    expect(typeIds.shape).toEqual([2, 4]);
  });

  it("gives places that cut the original text", () => {
    const [question, passage] = ["Where?", "The small Boat crossed the river."];
    const { tokens } = encodeInput(bert, [question, passage]);
    const boat = tokens.findLast((token) => token?.token === "boat")!;
    expect(passage.slice(boat.start, boat.end)).toBe("Boat");
  });

  it("says what is wrong", () => {
    const chars = CharTokenizer.train("ab");
    expect(() => encodeBatch(bert, [])).toThrow("expected at least one text");
    expect(() => encodeBatch(chars, ["a", "ab"])).toThrow("no token [PAD] or <pad> or <|endoftext|>");
    expect(() => encodeBatch(bert, ["the", "the river"], { padding: 3 })).toThrow("rows of 3 and 4 tokens");
    expect(() => encodeInput(bert, "the river", { maxLength: 1 })).toThrow("no room for the special tokens");
    expect(() => encodeInput(bert, "the river", { maxLength: 3, stride: 1 })).toThrow("a stride from 0 to 0");
    expect(() => encodeInput(bert, ["the", "the river"], { maxLength: 4, truncation: "onlyFirst" })).toThrow(
      "onlyFirst would have to drop 2 tokens of a text with 1",
    );
  });
});

describe("parseTokenizer", () => {
  const text = readFileSync(parityFile("wordpiece/tokenizer.json"), "utf8");
  const json = JSON.parse(text);

  it("refuses what it would get wrong", () => {
    expect(() => parseTokenizer("{")).toThrow("tokenizer.json: expected JSON");
    expect(() => parseTokenizer("{}")).toThrow("is this another JSON file?");
    expect(() => parseTokenizer("null")).toThrow("is this another JSON file?");
    const unigram = { ...json, model: { ...json.model, type: "Unigram" } };
    expect(() => parseTokenizer(JSON.stringify(unigram))).toThrow("a model of type Unigram is not supported");
    expect(() => parseTokenizer(JSON.stringify({ ...json, normalizer: null }))).toThrow(
      "without the BertNormalizer",
    );
  });
});
