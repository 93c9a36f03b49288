import { check, checkOptions, expected } from "../tensor";

export type NumberLanguage = "en" | "ru";

const MOST = 999_999;

const ENGLISH = {
  small:
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
      " ",
    ),
  tens: "twenty thirty forty fifty sixty seventy eighty ninety".split(" "),
};

const RUSSIAN = {
  small:
    "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать".split(
      " ",
    ),
  tens: "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split(" "),
  hundreds: "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split(" "),
};

/**
 * A whole number from 0 to 999,999 in words, as it is read aloud: `numberWords(247)` is "two hundred forty-seven",
 * `numberWords(2_001, { language: "ru" })` is "две тысячи один". English is American (no "and"); in Russian a single
 * thousand is said in full ("одна тысяча").
 */
export function numberWords(n: number, options: { language?: NumberLanguage } = {}): string {
  check("numberWords", "n", n, "count");
  checkOptions("numberWords", options, 'language: "ru"', { language: ["en", "ru"] });
  const { language = "en" } = options;
  if (n > MOST) throw expected("numberWords", `a number up to ${MOST}`, n);
  const [thousands, rest] = [Math.floor(n / 1000), n % 1000];
  if (language === "en") {
    const words = [...(thousands > 0 ? [englishBelow1000(thousands), "thousand"] : [])];
    if (rest > 0 || n === 0) words.push(englishBelow1000(rest));
    return words.join(" ");
  }
  const words = thousands > 0 ? [russianBelow1000(thousands, true), thousandForm(thousands)] : [];
  if (rest > 0 || n === 0) words.push(russianBelow1000(rest, false));
  return words.join(" ");
}

/** 1 to 999, and 0 as "zero". */
function englishBelow1000(n: number): string {
  const { small, tens } = ENGLISH;
  const words = n >= 100 ? [`${small[Math.floor(n / 100)]} hundred`] : [];
  const rest = n % 100;
  if (rest >= 20) words.push(tens[Math.floor(rest / 10) - 2] + (rest % 10 > 0 ? `-${small[rest % 10]}` : ""));
  else if (rest > 0 || n === 0) words.push(small[rest]);
  return words.join(" ");
}

/** 1 to 999, and 0 as "ноль". Of thousands, 1 and 2 are feminine: "одна", "две". */
function russianBelow1000(n: number, feminine: boolean): string {
  const { small, tens, hundreds } = RUSSIAN;
  const words = n >= 100 ? [hundreds[Math.floor(n / 100) - 1]] : [];
  const rest = n % 100;
  if (rest >= 20) words.push(tens[Math.floor(rest / 10) - 2]);
  const last = rest >= 20 ? rest % 10 : rest;
  if (last > 0 || n === 0) words.push((feminine && { 1: "одна", 2: "две" }[last]) || small[last]);
  return words.join(" ");
}

/** "тысяча" after 1, 21, …; "тысячи" after 2 to 4, 22 to 24, …; "тысяч" after all others, 11 to 14 among them. */
function thousandForm(n: number): string {
  const [tens, last] = [n % 100, n % 10];
  if (tens >= 11 && tens <= 14) return "тысяч";
  if (last === 1) return "тысяча";
  return last >= 2 && last <= 4 ? "тысячи" : "тысяч";
}
