import { logSoftmax, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { Generator, type NDArray } from "../../../tensor";

/**
 * The loss of masked words: the mean of −ln p(label) over the places whose label is not −100, and over no others.
 * logits (B, T, V), labels (B, T) → one number. Without any label it is 0.
 */
export function maskedLoss(logits: Tensor, labels: NDArray): Tensor {
  const V = logits.shape.at(-1)!;
  // BEGIN SOLUTION
  const rows = logits.reshape([-1, V]);
  const places = labels.flatten().ne(-100).nonzero().squeeze(1);
  if (places.size === 0) return logits.sum().mul(0);
  const wanted = labels.flatten().indexSelect(0, places);
  const given = logSoftmax(rows.indexSelect(0, places)).gather(1, wanted.unsqueeze(1));
  return given.mean().neg();
  // END SOLUTION
}

/** Two to nine labels in B · T places: another number in every call. */
function labelled(B: number, T: number, V: number, random: Generator, count: number): NDArray {
  const labels = new Int32Array(B * T).fill(-100);
  for (const place of random
    .permutation(B * T)
    .flat()
    .slice(0, count))
    labels[place] = random.integers([], { high: V }).item();
  return nd.array(labels, { dtype: "int32" }).reshape([B, T]);
}

const inputs = seeded(maskedLoss, { B: 3, T: 7, V: 11 }, ({ B, T, V }, random, seed) => [
  tensor(random.normal([B, T, V], { std: 3 })),
  labelled(B, T, V, random, 2 + 3 * seed),
]);
const few = seeded(maskedLoss, { B: 2, T: 5, V: 3 }, ({ B, T, V }, random) => [
  tensor(random.normal([B, T, V])),
  labelled(B, T, V, random, 4),
]);

const huge = (): [Tensor, NDArray] => [
  tensor([
    [
      [1000, 0, -1000],
      [0, 1000, 1001],
      [5, 6, 7],
    ],
  ]),
  nd.array([[1, 1, -100]], { dtype: "int32" }), // of the first, p is 0 in float32, and −ln p = 1000
];

interface Parts {
  /** One number for each place; labels of −100 stand for word 0 here. */
  given?: (logits: Tensor, words: NDArray) => Tensor;
  mean?: (given: Tensor, isAsked: NDArray, labels: NDArray) => Tensor;
}

/** The solution over all places, with another part in one place. */
const loss =
  ({
    given = (logits, words) => logSoftmax(logits).gather(-1, words.unsqueeze(-1)).squeeze(-1),
    mean = (given, isAsked) => given.mul(tensor(isAsked)).sum().div(Math.max(1, isAsked.sum().item())),
  }: Parts): typeof maskedLoss =>
  (logits, labels) => {
    const isAsked = labels.ne(-100);
    const words = labels.maskedFill(isAsked.logicalNot(), 0);
    return mean(given(logits, words), isAsked.to(logits.dtype), labels).neg();
  };

export const maskedLossExercise = exercise(maskedLoss, {
  id: "maskedLoss",
  title: { en: "The loss of the hidden words", ru: "Лосс на спрятанных словах" },
  minutes: 15,
  forbids: ["crossEntropy", "nllLoss"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(maskedLoss, {
      points: 1,
      args: () => [
        tensor([
          [
            [0, 0, 0, 0, 0],
            [Math.log(12), 0, 0, 0, 0],
            [50, 0, 0, 0, 0],
          ],
        ]),
        nd.array([[3, 0, -100]], { dtype: "int32" }),
      ],
      expected: (Math.log(5) + Math.log(16 / 12)) / 2,
      because: {
        en: "the first place gives each of 5 words 1/5, the second gives its word 12/16, the third is not asked: (ln 5 + ln 16/12) / 2",
        ru: "первое место даёт каждому из 5 слов 1/5, второе даёт своему слову 12/16, третье не спрашивают: (ln 5 + ln 16/12) / 2",
      },
    }),
    checks.cases(maskedLoss, {
      points: 1,
      name: { en: "large scores, and nothing hidden", ru: "большие оценки и ничего не спрятано" },
      cases: [
        { title: { en: "scores of a thousand", ru: "оценки порядка тысячи" }, args: huge },
        {
          title: { en: "no label at all", ru: "ни одной метки" },
          args: () => [tensor(new Generator(1).normal([2, 3, 5])), labelled(2, 3, 5, new Generator(1), 0)],
        },
      ],
    }),
    checks.random(inputs, { points: 2, times: 3 }),
    checks.gradient(maskedLoss, few, { points: 1, names: ["logits"], out: (loss) => loss }),
  ],
  mutants: [
    {
      name: "divided by all places",
      says: {
        en: "the sum is divided by all B · T places: divide by the number of labels, or a batch with few holes counts little",
        ru: "сумма делится на все B · T мест: делите на число меток, иначе батч с малым числом дыр весит мало",
      },
      fn: loss({ mean: (given, isAsked) => given.mul(tensor(isAsked)).sum().div(isAsked.size) }),
    },
    {
      name: "loss over all places",
      says: {
        en: "places without a label count too, as if word 0 were wanted there: leave them out",
        ru: "места без метки тоже учитываются, как будто там нужно слово 0: исключите их",
      },
      fn: loss({ mean: (given) => given.mean() }),
    },
    {
      name: "sum instead of mean",
      says: {
        en: "this is the sum over the hidden words; the mean is wanted",
        ru: "это сумма по спрятанным словам, а нужно среднее",
      },
      fn: loss({ mean: (given, isAsked) => given.mul(tensor(isAsked)).sum() }),
    },
    {
      name: "mean of row means",
      says: {
        en: "you take the mean in every row, then over rows: a row with one hole would weigh as much as one with five. Take one mean over all holes",
        ru: "вы усредняете по строкам, а потом строки: строка с одной дырой весит как строка с пятью. Нужно одно среднее по всем дырам",
      },
      fn: loss({
        mean: (given, isAsked) => {
          const counts = isAsked.sum(1);
          const rows = given
            .mul(tensor(isAsked))
            .sum(1)
            .div(tensor(counts.clamp(1, Infinity)));
          return rows.sum().div(Math.max(1, counts.gt(0).sum().item()));
        },
      }),
    },
    {
      name: "probabilities for logarithms",
      says: {
        en: "the mean probability, not the mean logarithm: −ln p is the surprise",
        ru: "это средняя вероятность, а не средний логарифм: удивление — это −ln p",
      },
      fn: loss({
        given: (logits, words) => logSoftmax(logits).exp().gather(-1, words.unsqueeze(-1)).squeeze(-1),
      }),
    },
    {
      name: "logarithm after the mean",
      says: {
        en: "the logarithm of the mean probability; take the logarithm of each, then the mean",
        ru: "это логарифм средней вероятности; логарифм нужен от каждой, а потом среднее",
      },
      fn: loss({
        given: (logits, words) => logSoftmax(logits).exp().gather(-1, words.unsqueeze(-1)).squeeze(-1),
        mean: (given, isAsked) =>
          isAsked.any().item()
            ? given.mul(tensor(isAsked)).sum().div(isAsked.sum().item()).log()
            : given.sum().mul(0),
      }),
    },
    {
      name: "softmax without its largest score taken off",
      says: {
        en: "e to a score of a thousand is infinite: use logSoftmax, which takes off the largest score first",
        ru: "e в степени тысяча — бесконечность: используйте logSoftmax, он сначала вычитает наибольшую оценку",
      },
      fn: loss({
        given: (logits, words) => {
          const powers = logits.exp();
          return powers
            .div(powers.sum(-1, { keepDims: true }))
            .gather(-1, words.unsqueeze(-1))
            .squeeze(-1)
            .log();
        },
      }),
    },
    {
      name: "NaN without labels",
      says: {
        en: "without any label you divide 0 by 0: the answer is 0, for a batch in which nothing was hidden",
        ru: "без меток вы делите 0 на 0: для батча, где ничего не спрятано, ответ 0",
      },
      fn: loss({ mean: (given, isAsked) => given.mul(tensor(isAsked)).sum().div(isAsked.sum().item()) }),
    },
    {
      name: "softmax, then log",
      says: {
        en: "the logarithm is taken of a probability that has become 0, and −ln 0 is infinite: logSoftmax never goes by way of it",
        ru: "логарифм берётся от вероятности, которая уже стала нулём, а −ln 0 бесконечен: logSoftmax обходится без неё",
      },
      fn: loss({
        given: (logits, words) => logits.softmax().log().gather(-1, words.unsqueeze(-1)).squeeze(-1),
      }),
    },
    {
      name: "not negated",
      says: {
        en: "the sign is missing: ln p is negative, and the loss is −ln p",
        ru: "потерян знак: ln p отрицателен, а лосс — это −ln p",
      },
      fn: (logits, labels) => maskedLoss(logits, labels).neg(),
    },
  ],
  variants: [
    { name: "all places, the others weighed with 0", fn: loss({}) },
    {
      name: "one place after another",
      fn: (logits, labels) => {
        const [B, T] = labels.shape;
        let sum = logits.sum().mul(0);
        let count = 0;
        for (let b = 0; b < B; b++)
          for (let t = 0; t < T; t++) {
            const label = labels.get([b, t]);
            if (label === -100) continue;
            sum = sum.sub(logSoftmax(logits.select(0, b).select(0, t)).select(0, label));
            count++;
          }
        return sum.div(Math.max(count, 1));
      },
    },
  ],
});
