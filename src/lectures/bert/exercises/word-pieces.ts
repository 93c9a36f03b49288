import { checks, exercise } from "../../../grading";
import type { Generator } from "../../../tensor";

/**
 * A word as pieces of the vocabulary, as BERT cuts it: the longest piece that the word starts with, then the longest that
 * the rest starts with, and so on. A piece inside a word is written with `##` in front: "playing" → "play", "##ing".
 * A word that cannot be cut to its end in this way is one "[UNK]".
 */
export function wordPieces(word: string, vocabulary: readonly string[]): string[] {
  // BEGIN SOLUTION
  const pieces: string[] = [];
  for (let start = 0; start < word.length; ) {
    const mark = start === 0 ? "" : "##";
    let end = word.length;
    while (end > start && !vocabulary.includes(mark + word.slice(start, end))) end--;
    if (end === start) return ["[UNK]"];
    pieces.push(mark + word.slice(start, end));
    start = end;
  }
  return pieces;
  // END SOLUTION
}

const some = (word: string, pieces: string) => (): [string, string[]] => [word, pieces.split(" ")];

/** Words and vocabularies over four letters, in which pieces of every length are frequent. */
export function randomWord(random: Generator): [string, string[]] {
  const below = (high: number) => random.integers([], { high }).item();
  const spell = (length: number) => Array.from({ length }, () => "abcd"[below(4)]).join("");
  const pieces = Array.from({ length: 60 }, () => (below(3) ? "##" : "") + spell(1 + below(3)));
  return [spell(3 + below(6)), pieces];
}

/** The solution with another part in one place. */
function cutter({
  mark = "##",
  first = "",
  shortest = false,
  onUnknown = (_pieces: string[], _rest: string) => ["[UNK]"],
}): typeof wordPieces {
  return (word, vocabulary) => {
    const pieces: string[] = [];
    for (let start = 0; start < word.length; ) {
      const sign = start === 0 ? first : mark;
      const ends = Array.from({ length: word.length - start }, (_, i) => word.length - i);
      if (shortest) ends.reverse();
      const end = ends.find((end) => vocabulary.includes(sign + word.slice(start, end)));
      if (end === undefined) return onUnknown(pieces, word.slice(start));
      pieces.push(sign + word.slice(start, end));
      start = end;
    }
    return pieces;
  };
}

/** Every way to cut the word; the one with the fewest pieces. */
function fewest(word: string, vocabulary: readonly string[], start = 0): string[] | null {
  if (start === word.length) return [];
  const mark = start === 0 ? "" : "##";
  let best: string[] | null = null;
  for (let end = word.length; end > start; end--) {
    if (!vocabulary.includes(mark + word.slice(start, end))) continue;
    const rest = fewest(word, vocabulary, end);
    if (rest && (!best || rest.length + 1 < best.length)) best = [mark + word.slice(start, end), ...rest];
  }
  return best;
}

const greedy = { en: "greedy, and no way back", ru: "жадно и без возврата" };

export const wordPiecesExercise = exercise(wordPieces, {
  id: "wordPieces",
  title: { en: "Words into pieces", ru: "Слова на кусочки" },
  minutes: 15,
  forbids: ["WordPiece"],
  checks: [
    checks.byHand(wordPieces, {
      points: 1,
      args: some("unplayable", "un play unp ##play ##able ##a ##ble ##l ##ay"),
      expected: ["unp", "##l", "##ay", "##able"],
      because: {
        en: "the longest piece at the start is unp, not un; the rest `layable` starts with ##l, then ##ay, then ##able",
        ru: "самый длинный кусочек в начале слова — unp, а не un; остаток `layable` начинается с ##l, затем ##ay, затем ##able",
      },
    }),
    checks.cases(wordPieces, {
      points: 1,
      name: { en: "whole words, and unknown ones", ru: "слова целиком и неизвестные" },
      cases: [
        {
          title: { en: "a word of the vocabulary", ru: "слово из словаря" },
          args: some("play", "p play ##lay"),
        },
        { title: { en: "letters alone", ru: "одни буквы" }, args: some("aab", "a ##a ##b") },
        {
          title: { en: "a rest that no piece spells", ru: "остаток, которого нет" },
          args: some("playx", "play ##s"),
        },
        {
          title: { en: "only ##able, and the word is able", ru: "есть только ##able, а слово able" },
          args: some("able", "##able ##a"),
        },
        {
          title: { en: "only able, after a start", ru: "есть только able, и не в начале" },
          args: some("unable", "un able"),
        },
        { title: { en: "an empty word", ru: "пустое слово" }, args: some("", "a ##a") },
      ],
    }),
    checks.cases(wordPieces, {
      points: 1,
      name: greedy,
      cases: [
        {
          title: { en: "the longest start leads nowhere", ru: "самое длинное начало ведёт в тупик" },
          args: some("abcd", "a abc ##bcd"),
        },
        {
          title: { en: "fewer pieces would do", ru: "хватило бы меньшего числа кусочков" },
          args: some("abcdef", "ab abc ##cdef ##d ##e ##f"),
        },
      ],
    }),
    checks.invariant(
      wordPieces,
      { en: "300 random words", ru: "300 случайных слов" },
      {
        points: 1,
        broken(fn, random) {
          for (let i = 0; i < 300; i++) {
            const [word, vocabulary] = randomWord(random);
            const [got, wanted] = [fn(word, vocabulary), wordPieces(word, vocabulary)];
            if (String(got) !== String(wanted))
              return `"${word}" with ${vocabulary.filter((piece) => word.includes(piece.replace("##", ""))).join(" ")}: expected ${wanted.join(" ")}, got ${String(got)}`;
          }
          return null;
        },
      },
    ),
  ],
  mutants: [
    {
      name: "shortest first",
      says: {
        en: "you take the shortest piece that fits: start with the whole rest of the word and shorten it",
        ru: "вы берёте самый короткий подходящий кусочек: начните со всего остатка слова и укорачивайте его",
      },
      fn: cutter({ shortest: true }),
    },
    {
      name: "no ##",
      says: {
        en: "inside a word pieces are looked up without ##: there `able` and `##able` are different tokens",
        ru: "внутри слова кусочки ищутся без ##, а `able` и `##able` — разные токены",
      },
      fn: cutter({ mark: "" }),
    },
    {
      name: "## at the start too",
      says: {
        en: "the first piece is looked up with ##: it marks what continues a word, and the first piece does not",
        ru: "первый кусочек ищется с ##, а этот знак ставят только перед продолжением слова",
      },
      fn: cutter({ first: "##" }),
    },
    {
      name: "unknown rest",
      says: {
        en: "you keep the pieces found so far and put [UNK] behind them: a word with a rest that no piece spells is one [UNK] as a whole",
        ru: "вы оставляете найденные кусочки и добавляете [UNK]: если остаток слова не складывается, всё слово — один [UNK]",
      },
      fn: cutter({ onUnknown: (pieces) => [...pieces, "[UNK]"] }),
    },
    {
      name: "forgets the rest",
      says: {
        en: "the rest that no piece spells is dropped: two different words would get the same tokens",
        ru: "остаток, который не складывается, просто теряется: разные слова получили бы одинаковые токены",
      },
      fn: cutter({ onUnknown: (pieces) => pieces }),
    },
    {
      name: "searches all cuts",
      says: {
        en: "you look for the best of all cuts: BERT's rule is greedy, it takes the longest piece and never goes back, even if the word then becomes [UNK]",
        ru: "вы ищете лучшее из всех разбиений, а правило BERT жадное: берёт самый длинный кусочек и не возвращается, даже если слово становится [UNK]",
      },
      fn: (word, vocabulary) => fewest(word, vocabulary) ?? ["[UNK]"],
    },
    {
      name: "no ## in the result",
      says: {
        en: "the pieces are right, but they are given without their ##: then `able` the word and `##able` the ending are one token",
        ru: "кусочки верны, но без своих ##: тогда слово `able` и окончание `##able` — один токен",
      },
      fn: (word, vocabulary) => wordPieces(word, vocabulary).map((piece) => piece.replace("##", "")),
    },
    {
      name: "## everywhere in the result",
      says: {
        en: "the first piece is given with ##, which marks what continues a word",
        ru: "первый кусочек выдан с ##, а этот знак ставят только перед продолжением слова",
      },
      fn: (word, vocabulary) =>
        wordPieces(word, vocabulary).map((piece) =>
          piece === "[UNK]" || piece.startsWith("##") ? piece : `##${piece}`,
        ),
    },
    {
      name: "backwards",
      says: {
        en: "the pieces come in the wrong order: put each behind those before it",
        ru: "кусочки идут в обратном порядке: добавляйте каждый в конец",
      },
      fn: (word, vocabulary) => wordPieces(word, vocabulary).reverse(),
    },
  ],
  variants: [
    { name: "looks for the end with find", fn: cutter({}) },
    {
      name: "recursion",
      fn: (word, vocabulary) => {
        const cut = (rest: string, mark: string): string[] | null => {
          if (rest === "") return [];
          for (let end = rest.length; end > 0; end--) {
            if (!vocabulary.includes(mark + rest.slice(0, end))) continue;
            const more = cut(rest.slice(end), "##");
            return more && [mark + rest.slice(0, end), ...more];
          }
          return null;
        };
        return cut(word, "") ?? ["[UNK]"];
      },
    },
    {
      name: "over the vocabulary, longest first",
      fn: (word, vocabulary) => {
        const longestFirst = [...vocabulary].sort(
          (a, b) => b.replace("##", "").length - a.replace("##", "").length,
        );
        const pieces: string[] = [];
        let rest = word;
        while (rest !== "") {
          const fits = (piece: string) =>
            pieces.length === 0
              ? !piece.startsWith("##") && piece !== "" && rest.startsWith(piece)
              : piece.startsWith("##") && piece.length > 2 && rest.startsWith(piece.slice(2));
          const piece = longestFirst.find(fits);
          if (piece === undefined) return ["[UNK]"];
          pieces.push(piece);
          rest = rest.slice(piece.replace("##", "").length);
        }
        return pieces;
      },
    },
  ],
});
