import { crossEntropy, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import { arange } from "../../../tensor";

/**
 * CLIP's loss. logits (B, B): row i holds the scores of picture i with all texts, and text i is its own. The mean of two
 * cross-entropies: every picture should find its text among the texts, and every text its picture among the pictures.
 */
export function symmetricLoss(logits: Tensor): Tensor {
  // BEGIN SOLUTION
  const labels = arange(0, logits.shape[0]);
  const pictures = crossEntropy(logits, labels);
  const texts = crossEntropy(logits.transpose(), labels);
  return pictures.add(texts).div(2);
  // END SOLUTION
}

const inputs = seeded(symmetricLoss, { B: 6 }, ({ B }, random, seed) => {
  const logits = random.normal([B, B], { std: 3 });
  return [tensor(seed % 2 ? logits.transpose() : logits)];
});

/** log softmax of the right ones along an axis, (B). */
const rightOnes = (logits: Tensor, axis: number) => {
  const B = logits.shape[0];
  return logits
    .logSoftmax(axis)
    .flatten()
    .indexSelect(0, arange(0, B).mul(B + 1));
};

export const symmetricLossExercise = exercise(symmetricLoss, {
  id: "symmetricLoss",
  title: { en: "The symmetric loss", ru: "Симметричный лосс" },
  minutes: 15,
  forbids: ["clipLoss", "contrastiveLoss"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(symmetricLoss, {
      points: 1,
      args: () => [
        tensor([
          [Math.log(3), Math.log(1)],
          [Math.log(5), Math.log(2)],
        ]),
      ],
      expected: -(Math.log(3 / 4) + Math.log(2 / 7) + Math.log(3 / 8) + Math.log(2 / 3)) / 4,
      because: {
        en: "as weights the rows are 3 : 1 and 5 : 2, so pictures find their texts with 3/4 and 2/7; the columns are 3 : 5 and 1 : 2, so texts find their pictures with 3/8 and 2/3",
        ru: "как веса строки — это 3 : 1 и 5 : 2, то есть изображения находят свои тексты с вероятностями 3/4 и 2/7; столбцы — 3 : 5 и 1 : 2, то есть тексты находят свои изображения с 3/8 и 2/3",
      },
    }),
    checks.cases(symmetricLoss, {
      points: 1,
      name: { en: "edges", ru: "крайние случаи" },
      cases: [
        {
          title: { en: "all scores alike: ln B", ru: "все оценки одинаковы: ln B" },
          args: () => [inputs.make(1)[0].mul(0)],
        },
        { title: { en: "a batch of one", ru: "батч из одного" }, args: () => [tensor([[4]])] },
        {
          title: { en: "huge scores", ru: "огромные оценки" },
          args: () => [inputs.make(2)[0].mul(300)],
        },
        {
          title: { en: "all found with certainty", ru: "всё найдено наверняка" },
          args: () => [
            tensor([
              [90, 0, 0],
              [0, 90, 0],
              [0, 0, 90],
            ]),
          ],
        },
      ],
    }),
    checks.random(inputs, { points: 1, times: 4 }),
    checks.gradient(symmetricLoss, inputs, { points: 1, names: ["logits"], out: (loss) => loss }),
  ],
  mutants: [
    {
      name: "pictures alone",
      says: {
        en: "only the rows are asked: pictures find their texts, but nobody asks whether texts find their pictures",
        ru: "спрошены только строки: изображения ищут свои тексты, но никто не спрашивает, находят ли тексты свои изображения",
      },
      fn: (logits) => rightOnes(logits, 1).mean().neg(),
    },
    {
      name: "texts alone",
      says: {
        en: "only the columns are asked: the rows belong to the loss, too",
        ru: "спрошены только столбцы, а строки тоже входят в лосс",
      },
      fn: (logits) => rightOnes(logits, 0).mean().neg(),
    },
    {
      name: "sum",
      says: {
        en: "the two losses are added; halve the sum, so that B pictures that know nothing still cost ln B",
        ru: "две функции потерь сложены; разделите сумму пополам, чтобы ничего не знающая модель по-прежнему платила ln B",
      },
      fn: (logits) => rightOnes(logits, 0).add(rightOnes(logits, 1)).mean().neg(),
    },
    {
      name: "sum over the batch",
      says: {
        en: "this is the sum over the batch: take the mean, or the step grows with the batch",
        ru: "это сумма по батчу: возьмите среднее, иначе шаг растёт вместе с батчем",
      },
      fn: (logits) => rightOnes(logits, 0).add(rightOnes(logits, 1)).sum().div(-2),
    },
    {
      name: "one softmax over all",
      says: {
        en: "one softmax runs over the whole matrix: every row is a question of its own, and so is every column",
        ru: "один softmax взят по всей матрице, а каждая строка — отдельный вопрос, и каждый столбец тоже",
      },
      fn: (logits) => {
        const B = logits.shape[0];
        return logits
          .flatten()
          .logSoftmax(0)
          .indexSelect(0, arange(0, B).mul(B + 1))
          .mean()
          .neg();
      },
    },
    {
      name: "logarithm of a softmax",
      says: {
        en: "a softmax and then a logarithm: where a probability rounds to 0 that is infinite. crossEntropy and logSoftmax take both in one",
        ru: "softmax, а потом логарифм: там, где вероятность округлилась до 0, выходит бесконечность. crossEntropy и logSoftmax берут оба сразу",
      },
      fn: (logits) => {
        const B = logits.shape[0];
        const right = (axis: number) =>
          logits
            .softmax(axis)
            .log()
            .flatten()
            .indexSelect(0, arange(0, B).mul(B + 1));
        return right(0).add(right(1)).mean().div(-2);
      },
    },
    {
      name: "softmax twice",
      says: {
        en: "the softmax is taken twice: crossEntropy wants logits, and takes it itself",
        ru: "softmax взят дважды: crossEntropy ждёт логиты и берёт его сама",
      },
      fn: (logits) =>
        rightOnes(logits.softmax(1), 1)
          .add(rightOnes(logits.softmax(0), 0))
          .mean()
          .div(-2),
    },
    {
      name: "no minus",
      says: {
        en: "the sign is missing: the loss is minus the logarithm of the right one's probability",
        ru: "нет минуса: лосс — это минус логарифм вероятности верного",
      },
      fn: (logits) => rightOnes(logits, 1).add(rightOnes(logits, 0)).mean().div(2),
    },
    {
      name: "divided by B again",
      says: {
        en: "crossEntropy gives a mean over the batch already: dividing by B once more makes the loss too small",
        ru: "crossEntropy уже даёт среднее по батчу: ещё одно деление на B делает лосс слишком маленьким",
      },
      fn: (logits) =>
        rightOnes(logits, 1)
          .add(rightOnes(logits, 0))
          .mean()
          .div(-2 * logits.shape[0]),
    },
    {
      name: "text 0 for all",
      says: {
        en: "every picture is told that text 0 is its own: the labels are 0, 1, …, B − 1",
        ru: "каждому изображению указан текст 0: метки — это 0, 1, …, B − 1",
      },
      fn: (logits) =>
        logits.logSoftmax(1).select(1, 0).mean().add(logits.logSoftmax(0).select(0, 0).mean()).div(-2),
    },
  ],
  variants: [
    {
      name: "from log-probabilities on the diagonal",
      fn: (logits) => rightOnes(logits, 1).add(rightOnes(logits, 0)).mean().div(-2),
    },
    {
      name: "logsumexp minus the diagonal",
      fn: (logits) => {
        const B = logits.shape[0];
        const right = logits.flatten().indexSelect(0, arange(0, B).mul(B + 1));
        return logits.logsumexp(1).add(logits.logsumexp(0)).div(2).sub(right).mean();
      },
    },
  ],
});
