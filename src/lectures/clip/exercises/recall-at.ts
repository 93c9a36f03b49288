import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/**
 * Recall at k: the share of questions whose right answer is among the k best. scores (N, M): of N questions with M
 * candidates; targets (N): which candidate is right. It is among the k best if fewer than k others score **higher**.
 */
export function recallAt(scores: NDArray, targets: NDArray, k: number): number {
  // BEGIN SOLUTION
  const right = scores.gather(1, targets.unsqueeze(1)); // (N, 1)
  const better = scores.gt(right).to("int32").sum(1);
  return better.lt(k).to("float32").mean().item();
  // END SOLUTION
}

const inputs = seeded(recallAt, { N: 11, M: 7 }, ({ N, M }, random, seed) => {
  const scores = seed % 2 ? random.normal([M, N]).transpose() : random.normal([N, M]);
  return [seed % 3 ? scores : scores.mul(2).round(), random.integers([N], { high: M }), 1 + (seed % 4)];
});

const int = (list: readonly number[]) => nd.array(list, { dtype: "int32" });
const table = () =>
  nd.array([
    [0.9, 0.1, 0.5, 0.3],
    [0.2, 0.4, 0.8, 0.6],
    [0.7, 0.1, 0.3, 0.2],
  ]);

interface Parts {
  better?: (scores: NDArray, right: NDArray) => NDArray;
  targets?: (targets: NDArray) => NDArray;
  counts?: (better: NDArray, k: number) => NDArray;
}

/** The solution with another part in one place. */
const recall =
  ({
    better = (scores, right) => scores.gt(right),
    targets: asked = (targets) => targets,
    counts = (better, k) => better.lt(k),
  }: Parts): typeof recallAt =>
  (scores, targets, k) => {
    const right = scores.gather(1, asked(targets).unsqueeze(1));
    return counts(better(scores, right).to("int32").sum(1), k).to("float32").mean().item();
  };

export const recallAtExercise = exercise(recallAt, {
  id: "recallAt",
  title: { en: "Recall at k", ru: "Полнота в первых k" },
  minutes: 10,
  forbids: [],
  checks: [
    checks.byHand(recallAt, {
      name: { en: "the best alone", ru: "только лучший" },
      points: 1,
      args: () => [table(), int([0, 3, 3]), 1],
      expected: 1 / 3,
      because: {
        en: "question 0 is answered right, for question 1 candidate 2 is best (3 is second), for question 2 two others are better",
        ru: "на вопрос 0 ответ верен, для вопроса 1 лучший кандидат 2 (3 — второй), для вопроса 2 два других лучше",
      },
    }),
    checks.byHand(recallAt, {
      name: { en: "the best two", ru: "два лучших" },
      points: 1,
      args: () => [table(), int([0, 3, 3]), 2],
      expected: 2 / 3,
      because: {
        en: "among the best two the answers to questions 0 and 1 are found",
        ru: "среди двух лучших есть ответы на вопросы 0 и 1",
      },
    }),
    checks.cases(recallAt, {
      points: 1,
      name: { en: "edges", ru: "крайние случаи" },
      cases: [
        {
          title: { en: "as many as there are candidates", ru: "столько, сколько кандидатов" },
          args: () => [table(), int([1, 1, 1]), 4],
        },
        {
          title: { en: "more than there are candidates", ru: "больше, чем кандидатов" },
          args: () => [table(), int([1, 1, 1]), 10],
        },
        {
          title: {
            en: "others score just as high: they do not push it out",
            ru: "у других столько же очков: они его не вытесняют",
          },
          args: () => [nd.array([[0.5, 0.5, 0.5, 0.2]]), int([2]), 1],
        },
        {
          title: { en: "one higher, two equal", ru: "один выше, двое наравне" },
          args: () => [nd.array([[0.9, 0.5, 0.5, 0.5]]), int([3]), 2],
        },
        {
          title: { en: "nothing is found", ru: "не найдено ничего" },
          args: () => [table(), int([1, 0, 1]), 1],
        },
        {
          title: { en: "negative scores", ru: "отрицательные оценки" },
          args: () => [table().sub(5), int([2, 2, 0]), 2],
        },
        {
          title: { en: "a single question", ru: "единственный вопрос" },
          args: () => [table().narrow(0, 1, 1), int([0]), 3],
        },
      ],
    }),
    checks.random(inputs, { points: 2, times: 12 }),
  ],
  mutants: [
    {
      name: "ties lose",
      says: {
        en: "candidates with the same score push the right one out: only those that score higher count",
        ru: "кандидаты с той же оценкой вытесняют верного: считаются только те, у кого оценка выше",
      },
      fn: recall({ better: (scores, right) => scores.ge(right), counts: (better, k) => better.le(k) }),
    },
    {
      name: "one too many",
      says: {
        en: "k others may be better here: with k = 1 the second place would count, too",
        ru: "лучше могут быть k других: при k = 1 засчиталось бы и второе место",
      },
      fn: recall({ counts: (better, k) => better.le(k) }),
    },
    {
      name: "one too few",
      says: {
        en: "only k − 1 places count: the right one may have up to k − 1 better ones in front of it",
        ru: "засчитываются только k − 1 мест: перед верным может стоять до k − 1 лучших",
      },
      fn: recall({ counts: (better, k) => better.lt(k - 1) }),
    },
    {
      name: "lowest first",
      says: {
        en: "the lowest scores are taken for the best: a cosine is higher where two are more alike",
        ru: "лучшими сочтены самые низкие оценки, а чем больше похожи двое, тем косинус выше",
      },
      fn: recall({ better: (scores, right) => scores.lt(right) }),
    },
    {
      name: "the diagonal",
      says: {
        en: "answer i is taken for question i: `targets` says which candidate is right",
        ru: "на вопрос i верным сочтён ответ i, а какой верен, говорит `targets`",
      },
      fn: recall({ targets: (targets) => nd.arange(0, targets.size).to("int32") }),
    },
    {
      name: "ties by place",
      says: {
        en: "of equal scores the one that stands first wins here, as sorting or topk has it: only those that score higher count",
        ru: "из равных оценок здесь побеждает та, что стоит раньше, как выходит при сортировке или topk: считаются только те, у кого оценка выше",
      },
      fn: (scores, targets, k) => {
        const right = scores.gather(1, targets.unsqueeze(1));
        const stands = nd.arange(0, scores.shape[1]).unsqueeze(0).lt(targets.unsqueeze(1)); // in front of it
        const better = scores.gt(right).logicalOr(scores.eq(right).logicalAnd(stands));
        return better.to("int32").sum(1).lt(k).to("float32").mean().item();
      },
    },
    {
      name: "divided by k",
      says: {
        en: "this is divided by k: how many of the k are right is another measure (precision). Each question is answered or not",
        ru: "это поделено на k: сколько из k верных — другая мера (точность). Каждый вопрос либо отвечен, либо нет",
      },
      fn: (scores, targets, k) => recall({})(scores, targets, k) / k,
    },
    {
      name: "the best alone",
      says: {
        en: "k is not used: only the best one counts here, whatever k is",
        ru: "k не использовано: засчитывается только лучший, каким бы ни было k",
      },
      fn: (scores, targets) => recall({})(scores, targets, 1),
    },
    {
      name: "in percent",
      says: {
        en: "these are percent: a share lies between 0 and 1",
        ru: "это проценты, а доля лежит между 0 и 1",
      },
      fn: (scores, targets, k) => 100 * recall({})(scores, targets, k),
    },
    {
      name: "counted, not shared",
      says: {
        en: "this is how many questions are answered; divide by how many there are",
        ru: "это число отвеченных вопросов; разделите на их количество",
      },
      fn: (scores, targets, k) => recall({})(scores, targets, k) * targets.size,
    },
  ],
  variants: [
    {
      name: "row by row, sorted",
      fn: (scores, targets, k) => {
        let found = 0;
        for (let i = 0; i < scores.shape[0]; i++) {
          const row = Array.from(scores.select(0, i).flat());
          const right = row[targets.get([i])];
          const sorted = row.sort((a, b) => b - a);
          if (sorted.indexOf(right) < k) found++;
        }
        return found / scores.shape[0];
      },
    },
    {
      name: "the k-th best as a line",
      fn: (scores, targets, k) => {
        const line = scores.topk(Math.min(k, scores.shape[1])).values.min(1); // (N)
        const right = scores.gather(1, targets.unsqueeze(1)).squeeze(1);
        return right.ge(line).to("float32").mean().item();
      },
    },
  ],
});
