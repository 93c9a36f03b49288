import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";

/** What was written so far, and ln p of it all. `ids` has no bos; when it is finished it ends with eos. */
export interface Hypothesis {
  ids: number[];
  logProb: number;
}

/**
 * The likeliest continuations that a beam finds, best first. `next` takes beginnings (each bos and the ids so far) and
 * gives for each the log-probabilities of all tokens, (beginnings, V).
 *
 * In every step each open hypothesis is continued with every token; of these and of the finished ones the `beams` best
 * go on. It ends when all are finished, or after `maxLength` steps.
 */
export function beamSearch(
  next: (beginnings: number[][]) => nd.NDArray,
  { bos, eos, beams = 3, maxLength = 20 }: { bos: number; eos: number; beams?: number; maxLength?: number },
): Hypothesis[] {
  // BEGIN SOLUTION
  const isDone = ({ ids }: Hypothesis) => ids.at(-1) === eos;
  let hypotheses: Hypothesis[] = [{ ids: [], logProb: 0 }];
  for (let step = 0; step < maxLength && !hypotheses.every(isDone); step++) {
    const open = hypotheses.filter((one) => !isDone(one));
    const table = next(open.map(({ ids }) => [bos, ...ids])).toArray() as number[][];
    const longer = open.flatMap(({ ids, logProb }, i) =>
      table[i].map((logP, id) => ({ ids: [...ids, id], logProb: logProb + logP })),
    );
    hypotheses = [...hypotheses.filter(isDone), ...longer]
      .sort((a, b) => b.logProb - a.logProb)
      .slice(0, beams);
  }
  return hypotheses;
  // END SOLUTION
}

type Next = Parameters<typeof beamSearch>[0];

/** Probabilities after each beginning, written on paper; tokens are 0 (eos), 1, 2, and bos is 9. */
const tree: Readonly<Record<string, readonly number[]>> = {
  "9": [0.1, 0.5, 0.4],
  "9,1": [0.36, 0.34, 0.3],
  "9,2": [0.85, 0.1, 0.05],
};
const onPaper: Next = (beginnings) =>
  nd.array(beginnings.map((ids) => (tree[ids.join()] ?? [0.8, 0.15, 0.05]).map(Math.log)));

/** Language models of V tokens whose probabilities depend on the last two; the same one every time it is asked for. */
const models = new Map<string, Next>();
export function languageModel(V: number, seed: number): Next {
  const made = models.get(`${V} ${seed}`);
  if (made) return made;
  const table = new nd.Generator(seed)
    .normal([V + 2, V + 1, V])
    .mul(1.5)
    .logSoftmax();
  const fresh: Next = (beginnings) =>
    nd.stack(beginnings.map((ids) => table.select(0, ids.at(-2) ?? V + 1).select(0, ids.at(-1)!)));
  models.set(`${V} ${seed}`, fresh);
  return fresh;
}

const inputs = seeded(beamSearch, { V: 7 }, ({ V }, random, seed) => [
  languageModel(V, random.integers([], { high: 2 ** 20 }).item()),
  [
    { bos: V, eos: 3 },
    { bos: V, eos: 0, beams: 5, maxLength: 6 },
    { bos: V, eos: 6, beams: 2, maxLength: 11 },
  ][seed % 3],
]);

type BeamSearch = typeof beamSearch;
interface Parts {
  score(before: number, logP: number, length: number): number;
  isDone(ids: number[], eos: number): boolean;
  keepsDone: boolean;
  best(candidates: Hypothesis[], beams: number): Hypothesis[];
  begin(ids: number[], bos: number): number[];
  steps(maxLength: number): number;
}

const byScore = (candidates: Hypothesis[]) => candidates.sort((a, b) => b.logProb - a.logProb);

/** The solution with another part in one place. */
function built(parts: Partial<Parts>): BeamSearch {
  const {
    score = (before, logP) => before + logP,
    isDone = (ids, eos) => ids.at(-1) === eos,
    keepsDone = true,
    best = (candidates, beams) => byScore(candidates).slice(0, beams),
    begin = (ids, bos) => [bos, ...ids],
    steps = (maxLength) => maxLength,
  } = parts;
  return (next, { bos, eos, beams = 3, maxLength = 20 }) => {
    let hypotheses: Hypothesis[] = [{ ids: [], logProb: 0 }];
    for (let step = 0; step < steps(maxLength); step++) {
      const open = hypotheses.filter(({ ids }) => !isDone(ids, eos));
      if (open.length === 0) break;
      const table = next(open.map(({ ids }) => begin(ids, bos))).toArray() as number[][];
      const longer = open.flatMap(({ ids, logProb }, i) =>
        table[i].map((logP, id) => ({ ids: [...ids, id], logProb: score(logProb, logP, ids.length) })),
      );
      const done = keepsDone ? hypotheses.filter(({ ids }) => isDone(ids, eos)) : [];
      hypotheses = best([...done, ...longer], beams);
    }
    return hypotheses;
  };
}

/** The solution, with what it reports of each hypothesis changed at the end. */
const scored =
  (logProb: (logProb: number, ids: number[]) => number): BeamSearch =>
  (next, options) =>
    beamSearch(next, options).map((one) => ({ ids: one.ids, logProb: logProb(one.logProb, one.ids) }));

export const beamSearchExercise = exercise(beamSearch, {
  id: "beamSearch",
  title: { en: "Beam search", ru: "Лучевой поиск" },
  minutes: 25,
  forbids: [],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(beamSearch, {
      points: 2,
      args: () => [onPaper, { bos: 9, eos: 0, beams: 2, maxLength: 2 }],
      expected: [
        { ids: [2, 0], logProb: Math.log(0.4 * 0.85) },
        { ids: [1, 0], logProb: Math.log(0.5 * 0.36) },
      ],
      because: {
        en: "first 1 (0.5) and 2 (0.4) stay; then 2 0 has 0.4 · 0.85 = 0.34, 1 0 has 0.5 · 0.36 = 0.18, and all others have less. Who only follows the likeliest token ends with 1 0",
        ru: "сначала остаются 1 (0,5) и 2 (0,4); потом у 2 0 вероятность 0,4 · 0,85 = 0,34, у 1 0 — 0,5 · 0,36 = 0,18, у остальных меньше. Кто идёт только за самым вероятным токеном, приходит к 1 0",
      },
    }),
    checks.cases(beamSearch, {
      points: 1,
      name: { en: "beams and lengths", ru: "ширина и длина" },
      cases: [
        {
          title: { en: "one beam: greedy", ru: "один луч: жадный поиск" },
          args: () => [languageModel(7, 20), { bos: 7, eos: 2, beams: 1, maxLength: 9 }],
        },
        {
          title: { en: "three beams, the default", ru: "три луча, по умолчанию" },
          args: () => [languageModel(7, 21), { bos: 7, eos: 2, maxLength: 5 }],
        },
        {
          title: { en: "maxLength 1", ru: "maxLength равен 1" },
          args: () => [languageModel(7, 22), { bos: 7, eos: 2, beams: 4, maxLength: 1 }],
        },
        {
          title: { en: "more beams than candidates", ru: "лучей больше, чем кандидатов" },
          args: () => [onPaper, { bos: 9, eos: 0, beams: 50, maxLength: 2 }],
        },
      ],
    }),
    checks.random(inputs, { points: 2, times: 6 }),
    checks.invariant(
      beamSearch,
      { en: "a wide beam finds the best of all", ru: "широкий луч находит лучшее из всех" },
      {
        points: 1,
        examples: [() => [languageModel(5, 30), { bos: 5, eos: 4, beams: 200, maxLength: 3 }]],
        broken(fn) {
          for (const seed of [30, 31]) {
            const next = languageModel(5, seed);
            const best = everything(next, [], 0).sort((a, b) => b.logProb - a.logProb)[0];
            const [found] = fn(next, { bos: 5, eos: 4, beams: 200, maxLength: 3 });
            if (found?.ids.join() === best.ids.join() && Math.abs(found.logProb - best.logProb) < 1e-4)
              continue;
            const got = found
              ? `[${found.ids.join(", ")}] with ln p = ${found.logProb.toFixed(3)}`
              : "nothing";
            return {
              en: `of all texts of up to 3 tokens, [${best.ids.join(", ")}] is the likeliest, ln p = ${best.logProb.toFixed(3)}; with 200 beams came ${got}`,
              ru: `из всех текстов длиной до 3 токенов вероятнее всего [${best.ids.join(", ")}], ln p = ${best.logProb.toFixed(3)}; при 200 лучах найдено: ${got}`,
            };
          }
          return null;
        },
      },
    ),
  ],
  mutants: [
    {
      name: "greedy",
      says: {
        en: "only the best hypothesis goes on, whatever `beams` is: that is greedy search",
        ru: "дальше идёт только лучшая гипотеза, каким бы ни был `beams`: это жадный поиск",
      },
      fn: built({ best: (candidates) => byScore(candidates).slice(0, 1) }),
    },
    {
      name: "only the last step counts",
      says: {
        en: "a hypothesis is judged by its last token alone: add the logarithms of all its tokens",
        ru: "гипотеза оценивается по одному последнему токену: складывайте логарифмы всех её токенов",
      },
      fn: built({ score: (_, logP) => logP }),
    },
    {
      name: "probabilities in place of logarithms",
      says: {
        en: "probabilities were added: along a text they are multiplied, so their *logarithms* are added",
        ru: "сложены вероятности, а вдоль текста они перемножаются, поэтому складываются *логарифмы*",
      },
      fn: built({ score: (before, logP) => before + Math.exp(logP) }),
    },
    {
      name: "the worst stay",
      says: {
        en: "the worst hypotheses stay: sort by logProb from large to small, (a, b) => b.logProb - a.logProb",
        ru: "остаются худшие гипотезы: сортируйте по logProb от большего к меньшему, (a, b) => b.logProb - a.logProb",
      },
      fn: built({ best: (candidates, beams) => byScore(candidates).reverse().slice(0, beams) }),
    },
    {
      name: "finished ones are lost",
      says: {
        en: "hypotheses that are finished drop out of the beam: they stay as they are and compete with the longer ones",
        ru: "законченные гипотезы выпадают из луча, а должны оставаться как есть и соревноваться с более длинными",
      },
      fn: built({ keepsDone: false }),
    },
    {
      name: "goes on after eos",
      says: {
        en: "a hypothesis is continued behind its eos: what ends with eos is finished",
        ru: "гипотеза продолжается после eos, а то, что кончается на eos, закончено",
      },
      fn: built({ isDone: () => false }),
    },
    {
      name: "one child for each",
      says: {
        en: "each hypothesis is continued with its likeliest token alone: two good ones may share their beginning, so compare all tokens of all",
        ru: "каждая гипотеза продолжена только своим самым вероятным токеном: у двух хороших может быть общее начало, сравнивайте все токены всех",
      },
      fn: built({
        best: (candidates, beams) => {
          const seen = new Set<string>();
          const first = byScore(candidates).filter(({ ids }) => {
            const beginning = ids.slice(0, -1).join();
            if (ids.length > 1 && seen.has(beginning)) return false;
            seen.add(beginning);
            return true;
          });
          return first.slice(0, beams);
        },
      }),
    },
    {
      name: "no bos",
      says: {
        en: "`next` was given a beginning without bos: every beginning is [bos, ...ids]",
        ru: "`next` получила начало без bos: каждое начало — это [bos, ...ids]",
      },
      fn: built({ begin: (ids, bos) => (ids.length > 0 ? ids : [bos]) }),
    },
    {
      name: "one step too many",
      says: {
        en: "there is one step too many: `maxLength` steps, so `step < maxLength`",
        ru: "на один шаг больше, чем нужно: шагов `maxLength`, то есть `step < maxLength`",
      },
      fn: built({ steps: (maxLength) => maxLength + 1 }),
    },
    {
      name: "mean in place of sum",
      says: {
        en: "logProb is a mean over the tokens: here it is the sum, ln p of the whole text",
        ru: "logProb — среднее по токенам, а здесь нужна сумма, ln p всего текста",
      },
      fn: built({ score: (before, logP, length) => (before * length + logP) / (length + 1) }),
    },
    {
      name: "a probability",
      says: {
        en: "`logProb` holds a probability: the task asks for its logarithm, which is what the loop adds up",
        ru: "в `logProb` стоит вероятность, а нужен её логарифм: именно его складывает цикл",
      },
      fn: scored((logProb) => Math.exp(logProb)),
    },
    {
      name: "a cost",
      says: {
        en: "`logProb` has the wrong sign: a logarithm of a probability is never above 0",
        ru: "у `logProb` неверный знак: логарифм вероятности не бывает больше 0",
      },
      fn: scored((logProb) => -logProb),
    },
    {
      name: "divided by the length at the end",
      says: {
        en: "`logProb` is divided by the number of tokens at the end: here it is ln p of the whole text, the plain sum",
        ru: "`logProb` в конце поделена на число токенов, а здесь это ln p всего текста, просто сумма",
      },
      fn: scored((logProb, { length }) => logProb / length),
    },
    {
      name: "sorted by the mean",
      says: {
        en: "hypotheses are compared by their mean per token, as many programs do: here it is the sum that counts",
        ru: "гипотезы сравниваются по среднему на токен, как во многих программах, а здесь считается сумма",
      },
      fn: built({
        best: (candidates, beams) =>
          candidates.sort((a, b) => b.logProb / b.ids.length - a.logProb / a.ids.length).slice(0, beams),
      }),
    },
  ],
  variants: [
    {
      name: "each beam apart, sorted in place",
      fn: (next, { bos, eos, beams = 3, maxLength = 20 }) => {
        let open: Hypothesis[] = [{ ids: [], logProb: 0 }];
        let done: Hypothesis[] = [];
        for (let step = 0; step < maxLength; step++) {
          if (open.length === 0) break;
          const all = [...done];
          for (const { ids, logProb } of open) {
            const logP = next([[bos].concat(ids)]).flatten();
            for (let id = 0; id < logP.size; id++)
              all.push({ logProb: logP.get([id]) + logProb, ids: ids.concat(id) });
          }
          all.sort((a, b) => Math.sign(b.logProb - a.logProb));
          all.length = Math.min(all.length, beams);
          done = all.filter(({ ids }) => ids[ids.length - 1] === eos);
          open = all.filter(({ ids }) => ids[ids.length - 1] !== eos);
        }
        return byScore([...open, ...done]);
      },
    },
    {
      name: "only the best tokens of each are looked at",
      // No more than `beams` continuations of one hypothesis can be among the `beams` best.
      fn: (next, { bos, eos, beams = 3, maxLength = 20 }) => {
        const end = (ids: number[]) => ids.length > 0 && ids[ids.length - 1] === eos;
        let all: Hypothesis[] = [{ ids: [], logProb: 0 }];
        for (let left = maxLength; left > 0; left--) {
          const open = all.filter(({ ids }) => !end(ids));
          if (open.length === 0) return all;
          const table = next(open.map(({ ids }) => [bos, ...ids]));
          const best = table.topk(Math.min(beams, table.shape[1]));
          const longer = open.flatMap(({ ids, logProb }, i) =>
            Array.from(best.indices.select(0, i).flat(), (id, k) => ({
              ids: [...ids, id],
              logProb: logProb + best.values.get([i, k]),
            })),
          );
          all = byScore(all.filter(({ ids }) => end(ids)).concat(longer)).slice(0, beams);
        }
        return all;
      },
    },
  ],
});

/** All texts of up to three tokens, finished with token 4 or cut off. */
function everything(next: Next, ids: number[], logProb: number): Hypothesis[] {
  if (ids.length === 3 || ids.at(-1) === 4) return [{ ids, logProb }];
  const logP = next([[5, ...ids]]).flatten();
  return Array.from(logP.flat()).flatMap((one, id) => everything(next, [...ids, id], logProb + one));
}
