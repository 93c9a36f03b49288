import { expect, test } from "vitest";
import { numberWords } from "../../src/data";

test.each([
  [0, "zero", "ноль"],
  [1, "one", "один"],
  [10, "ten", "десять"],
  [11, "eleven", "одиннадцать"],
  [19, "nineteen", "девятнадцать"],
  [20, "twenty", "двадцать"],
  [40, "forty", "сорок"],
  [99, "ninety-nine", "девяносто девять"],
  [100, "one hundred", "сто"],
  [101, "one hundred one", "сто один"],
  [112, "one hundred twelve", "сто двенадцать"],
  [247, "two hundred forty-seven", "двести сорок семь"],
  [300, "three hundred", "триста"],
  [500, "five hundred", "пятьсот"],
  [999, "nine hundred ninety-nine", "девятьсот девяносто девять"],
  [1000, "one thousand", "одна тысяча"],
  [1001, "one thousand one", "одна тысяча один"],
  [2002, "two thousand two", "две тысячи два"],
  [5010, "five thousand ten", "пять тысяч десять"],
  [11_000, "eleven thousand", "одиннадцать тысяч"],
  [12_012, "twelve thousand twelve", "двенадцать тысяч двенадцать"],
  [14_100, "fourteen thousand one hundred", "четырнадцать тысяч сто"],
  [20_000, "twenty thousand", "двадцать тысяч"],
  [21_021, "twenty-one thousand twenty-one", "двадцать одна тысяча двадцать один"],
  [34_000, "thirty-four thousand", "тридцать четыре тысячи"],
  [100_000, "one hundred thousand", "сто тысяч"],
  [111_111, "one hundred eleven thousand one hundred eleven", "сто одиннадцать тысяч сто одиннадцать"],
  [201_040, "two hundred one thousand forty", "двести одна тысяча сорок"],
  [
    622_222,
    "six hundred twenty-two thousand two hundred twenty-two",
    "шестьсот двадцать две тысячи двести двадцать два",
  ],
  [
    999_999,
    "nine hundred ninety-nine thousand nine hundred ninety-nine",
    "девятьсот девяносто девять тысяч девятьсот девяносто девять",
  ],
])("%d in words", (n, en, ru) => {
  expect(numberWords(n)).toBe(en);
  expect(numberWords(n, { language: "en" })).toBe(en);
  expect(numberWords(n, { language: "ru" })).toBe(ru);
});

test("no two numbers share their words", () => {
  const numbers = [...Array(2000).keys(), ...Array.from({ length: 998 }, (_, i) => 2000 + i * 1000 + i)];
  for (const language of ["en", "ru"] as const) {
    expect(new Set(numbers.map((n) => numberWords(n, { language }))).size).toBe(numbers.length);
  }
});

test("says what it cannot say", () => {
  expect(() => numberWords(1_000_000)).toThrow("numberWords: expected a number up to 999999, got 1000000");
  for (const n of [-1, 1.5, Number.NaN])
    expect(() => numberWords(n)).toThrow("numberWords: expected n to be");
  expect(() => numberWords(1, { language: "de" as "en" })).toThrow("language");
});
