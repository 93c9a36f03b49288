import { checks, exercise, seeded } from "../../../grading";
import type { Localized } from "../../../notebook";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import { mutants, variants } from "./next-token-probabilities.answers";

/**
 * From the logits (V) of the next token to the probabilities (V) that it is drawn from; temperature > 0.
 *
 * temperature: p = softmax(logits / temperature); below 1 bolder for the likely tokens, above 1 flatter.
 * topK: only the k most likely tokens stay.
 * topP: of these, only the fewest most likely tokens that together reach p (Holtzman et al. 2020).
 *
 * What stays is divided by its sum, after topK and again after topP.
 */
export function nextTokenProbabilities(
  logits: NDArray,
  { temperature = 1, topK = logits.size, topP = 1 }: { temperature?: number; topK?: number; topP?: number },
): NDArray {
  // BEGIN SOLUTION
  let p = logits.div(temperature).softmax();
  if (topK < p.size) {
    const smallest = p.topk(topK).values.min().item();
    p = p.maskedFill(p.lt(smallest), 0);
    p = p.div(p.sum());
  }
  if (topP < 1) {
    const sorted = p.sort(-1, { descending: true }).values;
    const before = sorted.cumsum(-1).sub(sorted); // what the more likely tokens have together
    const smallest = sorted.get([before.lt(topP).sum().item() - 1]);
    p = p.maskedFill(p.lt(smallest), 0);
    p = p.div(p.sum());
  }
  return p;
  // END SOLUTION
}

type Call = Parameters<typeof nextTokenProbabilities>;

interface Knobs {
  temperature?: number;
  topK?: number;
  topP?: number;
}

const knobs: readonly Knobs[] = [
  { temperature: 0.7, topK: 6, topP: 0.8 },
  { temperature: 1.5, topK: 3 },
  { topP: 0.9 },
  { temperature: 0.3, topP: 0.6 },
  { topK: 8, topP: 0.5 },
  { temperature: 2.5, topK: 9, topP: 0.75 },
];

/** Logits as the model hands them over: every second time a row of a larger table. */
const row = (V: number, seed: number, random: nd.Generator): NDArray =>
  seed % 2 === 0 ? random.normal([V], { std: 2 }) : random.normal([3, V], { std: 2 }).select(0, 1);

const inputs = seeded(nextTokenProbabilities, { V: 11 }, ({ V }, random, seed) => [
  row(V, seed, random),
  { ...knobs[seed % knobs.length] },
]);

/** Logits of these probabilities. */
const logitsOf = (probabilities: number[], dtype: nd.DType = "float32") =>
  nd.array(probabilities, { dtype }).log();

/** Nothing asked for, and the knobs at their ends. */
const limits: readonly { title: Localized; V: number; knobs: Knobs }[] = [
  {
    title: { en: "without any option: the softmax of the logits", ru: "без опций: softmax логитов" },
    V: 2000,
    knobs: {},
  },
  { title: { en: "with topK 1", ru: "при topK 1" }, V: 7, knobs: { topK: 1 } },
  {
    title: { en: "with topK as large as the vocabulary", ru: "при topK, равном размеру словаря" },
    V: 7,
    knobs: { topK: 7 },
  },
  {
    title: {
      en: "with topK larger than the vocabulary: all tokens stay",
      ru: "при topK больше словаря: остаются все токены",
    },
    V: 7,
    knobs: { topK: 50 },
  },
  {
    title: { en: "with topP 1: all tokens stay", ru: "при topP 1: остаются все токены" },
    V: 2000,
    knobs: { topP: 1 },
  },
  {
    title: {
      en: "with topP so small that the likeliest token alone is enough",
      ru: "при таком малом topP, что хватает одного самого вероятного токена",
    },
    V: 7,
    knobs: { topP: 0.001 },
  },
  { title: { en: "with topK 1 and topP", ru: "при topK 1 и topP" }, V: 7, knobs: { topK: 1, topP: 0.5 } },
  {
    title: {
      en: "with a tiny temperature: the likeliest token is certain",
      ru: "при крошечной температуре: самый вероятный токен достоверен",
    },
    V: 7,
    knobs: { temperature: 1e-4 },
  },
  {
    title: {
      en: "with a huge temperature: all tokens alike",
      ru: "при огромной температуре: все токены одинаковы",
    },
    V: 7,
    knobs: { temperature: 1e4 },
  },
];

/** What may stay where tokens are equally likely: just enough of them, or all. */
const ties: readonly {
  p: number[];
  knobs: Knobs;
  stay: readonly number[];
  because: { en: string; ru: string };
}[] = [
  {
    p: [0.5, 0.25, 0.25],
    knobs: { topP: 0.5 },
    stay: [1],
    because: {
      en: "the first reaches 0.5 exactly, and that is enough",
      ru: "первый набирает ровно 0.5, и этого достаточно",
    },
  },
  {
    p: [0.4, 0.2, 0.2, 0.2],
    knobs: { topK: 2 },
    stay: [2, 4],
    because: { en: "topK 2 keeps two at least", ru: "topK 2 оставляет не меньше двух" },
  },
  {
    p: [0.4, 0.2, 0.2, 0.2],
    knobs: { topP: 0.5 },
    stay: [2, 4],
    because: {
      en: "0.4 does not reach 0.5, 0.4 + 0.2 does",
      ru: "0.4 не дотягивает до 0.5, а 0.4 + 0.2 дотягивает",
    },
  },
  {
    p: [0.25, 0.25, 0.25, 0.25],
    knobs: { topP: 0.5 },
    stay: [2, 4],
    because: { en: "two of them reach 0.5 exactly", ru: "два из них набирают ровно 0.5" },
  },
  {
    p: [0.25, 0.25, 0.25, 0.25],
    knobs: { topK: 3, topP: 0.9 },
    stay: [3, 4],
    because: { en: "topK 3 keeps three", ru: "topK 3 оставляет три" },
  },
];

export const nextTokenProbabilitiesExercise = exercise(nextTokenProbabilities, {
  id: "nextTokenProbabilities",
  title: { en: "Temperature, top-k and top-p", ru: "Температура, top-k и top-p" },
  minutes: 20,
  forbids: ["keepTopK", "keepTopP", "withTemperature", "sampleToken"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(nextTokenProbabilities, {
      name: { en: "temperature by hand", ru: "температура вручную" },
      points: 1,
      args: () => [logitsOf([0.6, 0.3, 0.1]), { temperature: 0.5 }],
      expected: [36 / 46, 9 / 46, 1 / 46],
      because: {
        en: "logits / 0.5 doubles them, which squares the probabilities: 0.36, 0.09, 0.01, over their sum 0.46",
        ru: "деление логитов на 0.5 удваивает их, то есть возводит вероятности в квадрат: 0.36, 0.09, 0.01, делённые на их сумму 0.46",
      },
    }),
    checks.byHand(nextTokenProbabilities, {
      name: { en: "top-k by hand", ru: "top-k вручную" },
      points: 1,
      args: () => [logitsOf([0.1, 0.5, 0.15, 0.25]), { topK: 2 }],
      expected: [0, 2 / 3, 0, 1 / 3],
      because: {
        en: "0.5 and 0.25 stay; over their sum 0.75 they are 2/3 and 1/3",
        ru: "остаются 0.5 и 0.25; после деления на их сумму 0.75 это 2/3 и 1/3",
      },
    }),
    checks.byHand(nextTokenProbabilities, {
      name: { en: "top-p by hand", ru: "top-p вручную" },
      points: 1,
      args: () => [logitsOf([0.1, 0.5, 0.15, 0.25]), { topP: 0.6 }],
      expected: [0, 2 / 3, 0, 1 / 3],
      because: {
        en: "0.5 alone does not reach 0.6; with 0.25 the line is crossed, so these two stay",
        ru: "0.5 в одиночку не дотягивает до 0.6; с 0.25 черта пройдена, поэтому остаются эти два",
      },
    }),
    checks.cases(nextTokenProbabilities, {
      name: { en: "defaults and limits", ru: "значения по умолчанию и крайние случаи" },
      points: 1,
      cases: [
        {
          title: {
            en: "top-k leaves 0.4, 0.3, 0.2, which over their sum are 4/9, 3/9, 2/9; 4/9 + 3/9 reaches topP 0.75",
            ru: "top-k оставляет 0.4, 0.3, 0.2, после деления на сумму это 4/9, 3/9, 2/9; 4/9 + 3/9 набирает topP 0.75",
          },
          args: () => [logitsOf([0.2, 0.1, 0.4, 0.3]), { topK: 3, topP: 0.75 }],
        },
        ...limits.map(({ title, V, knobs }) => ({
          title,
          args: (): Call => [new nd.Generator(3).normal([V], { std: 2 }), { ...knobs }],
        })),
      ],
    }),
    checks.random(inputs, { points: 1, name: { en: "all three together", ru: "все три вместе" }, times: 6 }),
    checks.invariant(
      nextTokenProbabilities,
      { en: "equally likely tokens, and exactly topP", ru: "равновероятные токены и ровно topP" },
      {
        points: 1,
        examples: ties.map(({ p, knobs }) => () => [logitsOf(p, "float64"), { ...knobs }]),
        broken(fn) {
          for (const { p, knobs, stay, because } of ties) {
            const got = fn(logitsOf(p, "float64"), { ...knobs }).to("float64");
            const en = `the probabilities ${p.join(", ")} with ${showKnobs(knobs, "and")}`;
            const ru = `вероятности ${p.join(", ")}, ${showKnobs(knobs, "и")}`;
            const kept = Array.from(got.flat(), (x) => x > 1e-6);
            const count = kept.filter((yes) => yes).length;
            const expected = (all: string, or: string) =>
              stay.map((n) => (n === p.length ? all : String(n))).join(` ${or} `);
            if (!stay.includes(count))
              return {
                en: `${en}: ${count} stay, expected ${expected("all", "or")}, because ${because.en}`,
                ru: `${ru}: остаётся ${count}, ожидалось ${expected("все", "или")}, потому что ${because.ru}`,
              };
            const sum = p.reduce((all, x, i) => all + (kept[i] ? x : 0), 0);
            const off = p.findIndex((x, i) => Math.abs(got.get([i]) - (kept[i] ? x / sum : 0)) > 1e-4);
            if (off >= 0)
              return {
                en: `${en}: place ${off} is ${got.get([off]).toPrecision(4)}, expected ${p[off]} over the sum ${sum} of what stays`,
                ru: `${ru}: на месте ${off} стоит ${got.get([off]).toPrecision(4)}, ожидалось ${p[off]}, делённое на сумму оставшихся ${sum}`,
              };
          }
          return null;
        },
      },
    ),
  ],
  mutants,
  variants,
});

const showKnobs = (knobs: Knobs, and: string): string =>
  Object.entries(knobs)
    .map(([name, value]) => `${name} ${value}`)
    .join(` ${and} `);
