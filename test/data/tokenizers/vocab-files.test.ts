import { describe, expect, it } from "vitest";
import {
  parseMerges,
  parseVocab,
  parseVocabLines,
  printMerges,
  printVocab,
} from "../../../src/data/tokenizers/vocab-files";

describe("vocabulary files", () => {
  it("keep the order of ids where an object would not", () => {
    const vocab = new Map([
      ["b", 0],
      ["7", 1],
      ["__proto__", 2],
      ['"\u2028', 3],
    ]);
    expect(printVocab(vocab).startsWith('{"b":0,"7":1')).toBe(true);
    expect(new Map(parseVocab(printVocab(vocab)))).toEqual(vocab);
  });

  it("read merges with and without a version line, and a merge of #", () => {
    const merges: [string, string][] = [
      ["#", "#version"],
      ["a", "b"],
    ];
    expect(parseMerges(printMerges(merges))).toEqual(merges);
    expect(parseMerges("a b\r\nab c\r\n")).toEqual([
      ["a", "b"],
      ["ab", "c"],
    ]);
  });

  it("say where they are wrong", () => {
    expect(() => parseMerges("#version: 0.2\na b c\n", "my.txt")).toThrow(
      "my.txt, line 2: expected two tokens",
    );
    expect(() => parseMerges("a \n")).toThrow('got "a "');
    expect(() => parseVocab("[1]")).toThrow("vocab.json: expected an object from tokens to ids");
    expect(() => parseVocab('{"a":"b"}')).toThrow('expected a number as the id of "a"');
    expect(() => parseVocab("<html>")).toThrow('expected JSON, got "<html>"');
    expect(() => parseVocabLines("a\nb\na\n")).toThrow('expected every token once, got "a" twice');
  });
});
