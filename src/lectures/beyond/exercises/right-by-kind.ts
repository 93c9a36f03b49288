import { checks, exercise, seeded } from "../../../grading";
import type { Generator } from "../../../tensor";

/** A question of some kind, what is right, and what a model said. */
export interface Reply {
  readonly kind: string;
  readonly answer: string;
  readonly said: string;
}

export interface Scores {
  /** Of each kind, the share of right answers, 0 to 1. */
  readonly byKind: Readonly<Record<string, number>>;
  /** The mean over the kinds: each counts as much as any other. */
  readonly mean: number;
}

/**
 * Exact match: an answer is right if it is the right one, word for word. Capitals, blanks around it and how many stand between
 * its words do not count.
 */
export function rightByKind(replies: readonly Reply[]): Scores {
  // BEGIN SOLUTION
  const plain = (text: string) => text.trim().toLowerCase().split(/\s+/).join(" ");
  const kinds = [...new Set(replies.map(({ kind }) => kind))];
  const byKind: Record<string, number> = {};
  for (const kind of kinds) {
    const asked = replies.filter((reply) => reply.kind === kind);
    const right = asked.filter(({ said, answer }) => plain(said) === plain(answer));
    byKind[kind] = right.length / asked.length;
  }
  const sum = Object.values(byKind).reduce((total, share) => total + share, 0);
  return { byKind, mean: sum / kinds.length };
  // END SOLUTION
}

const WORDS = ["a", "red", "taxi", "two", "buses", "night"];
const KINDS = ["count", "kind", "colour", "time"];

/** Replies of kinds of which each comes another number of times; about half are right, some but for capitals and blanks. */
export function replies(count: number, random: Generator): Reply[] {
  const chances = random.uniform([count, 8]).toArray() as number[][];
  return chances.map(([a, b, c, d, e, f, g, h]) => {
    const pick = (chance: number) => WORDS[Math.floor(chance * WORDS.length)];
    const answer = b < 0.5 ? pick(c) : `${pick(c)} ${pick(d)}`;
    const wrong =
      e < 0.4 ? `${answer} ${pick(f)}` : answer.split(" ")[0] === answer ? pick(f) : answer.split(" ")[0];
    const said = g < 0.5 ? answer : wrong;
    const styled = h < 0.15 ? said.toUpperCase() : h < 0.3 ? `  ${said.replace(" ", "   ")} ` : said;
    return { kind: KINDS[Math.floor(KINDS.length * a ** 2)], answer, said: styled };
  });
}

const inputs = seeded(rightByKind, { N: 67 }, ({ N }, random) => [replies(N, random)]);

const plain = (text: string): string => text.trim().toLowerCase().split(/\s+/).join(" ");

/** The solution, with another part in one place. */
const scored =
  ({
    isRight = ({ said, answer }: Reply) => plain(said) === plain(answer),
    share = (right: number, asked: number, _all: number) => right / asked,
    mean = (byKind: Record<string, number>, _right: number, _all: number) => {
      const shares = Object.values(byKind);
      return shares.reduce((sum, one) => sum + one, 0) / shares.length;
    },
  }): typeof rightByKind =>
  (all) => {
    const counts: Record<string, { right: number; asked: number }> = {};
    let rights = 0;
    for (const reply of all) {
      counts[reply.kind] ??= { right: 0, asked: 0 };
      const right = isRight(reply) ? 1 : 0;
      counts[reply.kind].asked++;
      counts[reply.kind].right += right;
      rights += right;
    }
    const byKind = Object.fromEntries(
      Object.entries(counts).map(([kind, { right, asked }]) => [kind, share(right, asked, all.length)]),
    );
    return { byKind, mean: mean(byKind, rights, all.length) };
  };

export const rightByKindExercise = exercise(rightByKind, {
  id: "rightByKind",
  title: { en: "Exact match, by kind of question", ru: "Точное совпадение по видам вопросов" },
  minutes: 12,
  forbids: [],
  checks: [
    checks.shape(inputs),
    checks.byHand(rightByKind, {
      points: 1,
      args: () => [
        [
          { kind: "count", answer: "two", said: "two" },
          { kind: "count", answer: "one", said: "two" },
          { kind: "count", answer: "two", said: "two" },
          { kind: "count", answer: "three", said: "two" },
          { kind: "count", answer: "one", said: "one" },
          { kind: "time", answer: "night", said: "day" },
        ],
      ],
      expected: { byKind: { count: 0.6, time: 0 }, mean: 0.3 },
      because: {
        en: "3 of 5 counts are right and 0 of 1 times; the mean of 0.6 and 0 is 0.3, though 3 of all 6 answers are right",
        ru: "верны 3 из 5 ответов о количестве и 0 из 1 о времени; среднее 0.6 и 0 равно 0.3, хотя из всех 6 ответов верны 3",
      },
    }),
    checks.cases(rightByKind, {
      points: 1,
      name: { en: "what counts as the same answer", ru: "какие ответы считаются одинаковыми" },
      cases: [
        {
          title: { en: "capitals and blanks", ru: "заглавные буквы и пробелы" },
          args: () => [
            [
              { kind: "a", answer: "police car", said: "  Police   CAR " },
              { kind: "a", answer: "Police car", said: "police car" },
              { kind: "a", answer: "police car", said: "policecar" },
            ],
          ],
        },
        {
          title: {
            en: "a word too many, a word too few, nothing",
            ru: "лишнее слово, недостающее слово, пустой ответ",
          },
          args: () => [
            [
              { kind: "b", answer: "red car", said: "a red car" },
              { kind: "b", answer: "red car", said: "red" },
              { kind: "b", answer: "red car", said: "" },
              { kind: "b", answer: "red car", said: "car red" },
              { kind: "c", answer: "red car", said: "red car" },
            ],
          ],
        },
      ],
    }),
    checks.random(inputs, { points: 2 }),
  ],
  mutants: [
    {
      name: "mean over the answers",
      says: {
        en: "the mean goes over all answers, so a kind that is asked often outweighs the others: take the mean of the kinds' shares",
        ru: "среднее взято по всем ответам, и вид, о котором спрашивают чаще, перевешивает: усредните доли по видам",
      },
      fn: scored({ mean: (_, right, all) => right / all }),
    },
    {
      name: "share of all",
      says: {
        en: "a kind's right answers are divided by the number of all questions: divide by how often that kind was asked",
        ru: "верные ответы вида делятся на число всех вопросов: делите на число вопросов этого вида",
      },
      fn: scored({ share: (right, _, all) => right / all }),
    },
    {
      name: "contained",
      says: {
        en: "an answer with a word too many passes: the right answer must be all that was said, not a part of it",
        ru: "проходит ответ с лишним словом: верный ответ должен быть всем сказанным, а не его частью",
      },
      fn: scored({ isRight: ({ said, answer }) => plain(said).includes(plain(answer)) }),
    },
    {
      name: "first word",
      says: {
        en: "only the first words are compared: `police car` and `police station` are not the same",
        ru: "сравниваются только первые слова: `police car` и `police station` — не одно и то же",
      },
      fn: scored({
        isRight: ({ said, answer }) => plain(said).split(" ")[0] === plain(answer).split(" ")[0],
      }),
    },
    {
      name: "letter for letter",
      says: {
        en: "capitals and blanks count as mistakes: bring both texts into one form first (trim, toLowerCase, one blank between words)",
        ru: "заглавные буквы и пробелы считаются ошибками: сначала приведите оба текста к одному виду (trim, toLowerCase, один пробел между словами)",
      },
      fn: scored({ isRight: ({ said, answer }) => said === answer }),
    },
    {
      name: "only one side in plain form",
      says: {
        en: "only what was said is brought into plain form: the right answer may have capitals as well",
        ru: "к простому виду приведено только сказанное: заглавные буквы могут быть и в верном ответе",
      },
      fn: scored({ isRight: ({ said, answer }) => plain(said) === answer }),
    },
    {
      name: "in percent",
      says: {
        en: "these are percent; shares from 0 to 1 are wanted",
        ru: "это проценты, а нужны доли от 0 до 1",
      },
      fn: scored({ share: (right, asked) => (100 * right) / asked }),
    },
    {
      name: "wrong ones",
      says: { en: "this is the share of wrong answers", ru: "это доля неверных ответов" },
      fn: scored({ isRight: ({ said, answer }) => plain(said) !== plain(answer) }),
    },
    {
      name: "blanks between words",
      says: {
        en: "two blanks between words count as a mistake: split at /\\s+/, and join the words by one blank",
        ru: "два пробела между словами засчитаны как ошибка: разбейте текст по /\\s+/ и соедините слова одним пробелом",
      },
      fn: scored({
        isRight: ({ said, answer }) => said.trim().toLowerCase() === answer.trim().toLowerCase(),
      }),
    },
    {
      name: "capitals",
      says: {
        en: "capitals count as mistakes: toLowerCase on both sides",
        ru: "заглавные буквы засчитаны как ошибка: toLowerCase с обеих сторон",
      },
      fn: scored({
        isRight: ({ said, answer }) =>
          said.trim().split(/\s+/).join(" ") === answer.trim().split(/\s+/).join(" "),
      }),
    },
    {
      name: "no blanks at all",
      says: {
        en: "`policecar` passes for `police car`: join the words by one blank, not by nothing",
        ru: "`policecar` проходит за `police car`: соединяйте слова одним пробелом, а не пустой строкой",
      },
      fn: scored({
        isRight: ({ said, answer }) => plain(said).replaceAll(" ", "") === plain(answer).replaceAll(" ", ""),
      }),
    },
    {
      name: "how it begins",
      says: {
        en: "an answer that only begins with the right one passes: compare the whole texts with ===",
        ru: "проходит ответ, который лишь начинается с верного: сравнивайте тексты целиком, через ===",
      },
      fn: scored({ isRight: ({ said, answer }) => plain(said).startsWith(plain(answer)) }),
    },
  ],
  variants: [
    { name: "counted in one pass", fn: scored({}) },
    {
      name: "words one by one",
      fn: (all) => {
        const words = (text: string) => text.toLowerCase().match(/\S+/g) ?? [];
        const byKind: Record<string, number> = {};
        for (const { kind } of all) {
          const asked = all.filter((reply) => reply.kind === kind);
          let right = 0;
          for (const { said, answer } of asked) {
            const [a, b] = [words(said), words(answer)];
            if (a.length === b.length && a.every((word, i) => word === b[i])) right++;
          }
          byKind[kind] = right / asked.length;
        }
        const shares = Object.values(byKind);
        let sum = 0;
        for (const one of shares) sum += one;
        return { byKind, mean: sum / shares.length };
      },
    },
  ],
});
