import { expect, test } from "vitest";
import { readEmojiNames } from "../../src/data";

test("names of one symbol in two languages", () => {
  const names = readEmojiNames();
  expect(names).toHaveLength(1966);
  expect(names.find(({ symbol }) => symbol === "🦛")).toEqual({
    symbol: "🦛",
    en: "hippopotamus",
    ru: "гиппопотам",
    keywordsEn: ["animal", "hippo", "hippopotamus"],
    keywordsRu: ["бегемот", "гиппопотам", "животное"],
  });
  expect(new Set(names.map(({ symbol }) => symbol)).size).toBe(names.length);
  for (const { en, ru } of names) {
    expect(en.trim()).not.toBe("");
    expect(ru.trim()).not.toBe("");
  }
});

test("a reader may change what it is given", () => {
  readEmojiNames()[0].keywordsEn.push("mine");
  expect(readEmojiNames()[0].keywordsEn).not.toContain("mine");
});
