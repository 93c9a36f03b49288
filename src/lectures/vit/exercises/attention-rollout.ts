import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";

/**
 * How much of each input token is in each output token, over all layers: attentions (L, H, T, T), first layer first, → (T, T), row i
 * what output i is made of. A layer is the mean of its heads, half of it; the other half is what goes round the attention.
 */
export function attentionRollout(attentions: nd.NDArray): nd.NDArray {
  const [L, , T] = attentions.shape;
  // BEGIN SOLUTION
  let flow = nd.eye(T);
  for (let layer = 0; layer < L; layer++) {
    const mixed = attentions.select(0, layer).mean(0).add(nd.eye(T)).div(2);
    flow = mixed.matmul(flow);
  }
  return flow;
  // END SOLUTION
}

const inputs = seeded(attentionRollout, { L: 3, H: 2, T: 5 }, ({ L, H, T }, random, seed) => [
  seed % 2
    ? random.normal([T, L, H, T], { std: 2 }).permute([1, 2, 0, 3]).softmax(-1)
    : random.normal([L, H, T, T], { std: 2 }).softmax(-1),
]);

type Rollout = typeof attentionRollout;
interface Parts {
  heads?: (layer: nd.NDArray) => nd.NDArray;
  mix?: (mean: nd.NDArray, one: nd.NDArray) => nd.NDArray;
  join?: (layer: nd.NDArray, flow: nd.NDArray) => nd.NDArray;
}

/** The solution with another part in one place. */
const rollout =
  ({
    heads = (layer) => layer.mean(0),
    mix = (mean, one) => mean.add(one).div(2),
    join = (layer, flow) => layer.matmul(flow),
  }: Parts): Rollout =>
  (attentions) => {
    const [L, , T] = attentions.shape;
    const one = nd.eye(T);
    return Array.from({ length: L }, (_, layer) => mix(heads(attentions.select(0, layer)), one)).reduce(
      (flow, layer) => join(layer, flow),
      one,
    );
  };

export const attentionRolloutExercise = exercise(attentionRollout, {
  id: "attentionRollout",
  title: { en: "Attention through all layers", ru: "Внимание сквозь все слои" },
  minutes: 12,
  forbids: [],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(attentionRollout, {
      points: 1,
      args: () => [
        nd.array([
          [
            [
              [0, 1],
              [0, 1],
            ],
            [
              [1, 0],
              [1, 0],
            ],
          ],
          [
            [
              [0, 1],
              [1, 0],
            ],
            [
              [0, 1],
              [1, 0],
            ],
          ],
        ]),
      ],
      expected: [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
      because: {
        en: "the mean of the first layer is ½ everywhere, with the way round it (¾ ¼, ¼ ¾); the second layer exchanges the tokens, with the way round it ½ everywhere; their product is ½ everywhere",
        ru: "среднее первого слоя всюду ½, с обходным путём это (¾ ¼, ¼ ¾); второй слой меняет токены местами, с обходным путём это всюду ½; их произведение всюду ½",
      },
    }),
    checks.cases(attentionRollout, {
      points: 1,
      name: { en: "extremes", ru: "крайние случаи" },
      cases: [
        {
          title: { en: "one layer, one head", ru: "один слой, одна голова" },
          args: () => [inputs.make(2)[0].slice(":1", ":1")],
        },
        {
          title: {
            en: "everyone looks at token 2, in the last layer alone",
            ru: "все смотрят на токен 2, но только в последнем слое",
          },
          args: () => {
            const one = nd.eye(5);
            const at2 = nd.zeros([5, 5]);
            at2.slice(":", 2).fill(1);
            return [nd.stack([one, one, at2]).unsqueeze(1)];
          },
        },
      ],
    }),
    checks.random(inputs, { points: 1, picture: true }),
    checks.invariant(
      attentionRollout,
      { en: "each output is made of parts that sum to 1", ru: "доли каждого выхода дают в сумме 1" },
      {
        points: 1,
        examples: [() => inputs.make(20)],
        broken(fn, random) {
          const sums = fn(random.normal([6, 3, 7, 7], { std: 3 }).softmax(-1)).sum(-1);
          const apart = sums.sub(1).abs().max().item();
          return apart < 1e-4
            ? null
            : {
                en: `with 6 layers a row sums to ${sums.get([0]).toFixed(3)}, not to 1`,
                ru: `при 6 слоях сумма строки равна ${sums.get([0]).toFixed(3)}, а не 1`,
              };
        },
      },
    ),
  ],
  mutants: [
    {
      name: "no way round",
      says: {
        en: "the way round the attention is missing: what a token was goes on beside it, ½ attention + ½ identity",
        ru: "нет обходного пути: то, чем токен был, идёт дальше мимо внимания, ½ внимания + ½ единичной матрицы",
      },
      fn: rollout({ mix: (mean) => mean }),
    },
    {
      name: "layers in the wrong order",
      says: {
        en: "the layers were multiplied in the wrong order: the last one stands on the left, last · … · first",
        ru: "слои перемножены не в том порядке: последний стоит слева, последний · … · первый",
      },
      fn: rollout({ join: (layer, flow) => flow.matmul(layer) }),
    },
    {
      name: "not halved",
      says: {
        en: "attention and identity were added and not halved: every layer doubles the sums of rows",
        ru: "внимание и единичная матрица сложены, но не поделены пополам: каждый слой удваивает суммы строк",
      },
      fn: rollout({ mix: (mean, one) => mean.add(one) }),
    },
    {
      name: "the strongest head",
      says: {
        en: "the largest head was taken in place of their mean: rows no longer sum to 1",
        ru: "взята наибольшая голова вместо среднего: строки больше не дают в сумме 1",
      },
      fn: rollout({ heads: (layer) => layer.max(0) }),
    },
    {
      name: "sum of the heads",
      says: {
        en: "the heads were added up: take their mean, or rows sum to more than 1",
        ru: "головы сложены: возьмите среднее, иначе строки дают в сумме больше 1",
      },
      fn: rollout({ heads: (layer) => layer.sum(0) }),
    },
    {
      name: "the last layer alone",
      says: {
        en: "this is the last layer alone: what it looks at was mixed by the layers before",
        ru: "это только последний слой, а то, на что он смотрит, уже перемешано предыдущими слоями",
      },
      fn: rollout({ join: (layer) => layer }),
    },
    {
      name: "number by number",
      says: {
        en: "the layers were multiplied number by number: it must be a product of matrices",
        ru: "слои перемножены поэлементно, а нужно произведение матриц",
      },
      fn: (attentions) => {
        const [L, , T] = attentions.shape;
        let flow = nd.ones([T, T]);
        for (let layer = 0; layer < L; layer++)
          flow = flow.mul(attentions.select(0, layer).mean(0).add(nd.eye(T)).div(2));
        return flow;
      },
    },
    {
      name: "mean of the layers",
      says: {
        en: "the layers were averaged: each one looks at what the layers before have mixed, so it is their product",
        ru: "слои усреднены, а каждый смотрит на то, что уже перемешали прежние, поэтому нужно их произведение",
      },
      fn: (attentions) => {
        const T = attentions.shape[2];
        return attentions.mean([0, 1]).add(nd.eye(T)).div(2);
      },
    },
    {
      name: "each head by itself",
      says: {
        en: "each head was followed through all layers by itself, and the mean taken at the end: the heads meet after every layer, so take their mean there",
        ru: "каждая голова прослежена сквозь все слои отдельно, а среднее взято в конце: головы встречаются после каждого слоя, там и нужно среднее",
      },
      fn: (attentions) => {
        const H = attentions.shape[1];
        return nd.stack(Array.from({ length: H }, (_, h) => rollout({})(attentions.narrow(1, h, 1)))).mean(0);
      },
    },
    {
      name: "the way round once, at the end",
      says: {
        en: "the way round was mixed in once, at the end: every layer has its own, ½ attention + ½ identity",
        ru: "обходной путь добавлен один раз, в конце, а он есть у каждого слоя: ½ внимания + ½ единичной матрицы",
      },
      fn: (attentions) =>
        rollout({ mix: (mean) => mean })(attentions)
          .add(nd.eye(attentions.shape[2]))
          .div(2),
    },
    {
      name: "the first layer left out",
      says: {
        en: "one layer is missing, the first: L layers give a product of L matrices",
        ru: "не хватает одного слоя, первого: L слоёв дают произведение L матриц",
      },
      fn: (attentions) => {
        const [L, , T] = attentions.shape;
        return L === 1 ? nd.eye(T) : rollout({})(attentions.narrow(0, 1, L - 1));
      },
    },
    {
      name: "columns as rows",
      says: {
        en: "the result is transposed: row i says what output i is made of",
        ru: "результат транспонирован: строка i говорит, из чего состоит выход i",
      },
      fn: (attentions) => rollout({})(attentions).transpose(),
    },
  ],
  variants: [
    {
      name: "all layers mixed at once, then multiplied from the last down",
      fn: (attentions) => {
        const [L, , T] = attentions.shape;
        const mixed = attentions.mean(1).mul(0.5).add(nd.eye(T).mul(0.5));
        let flow = mixed.select(0, L - 1);
        for (let layer = L - 2; layer >= 0; layer--) flow = flow.matmul(mixed.select(0, layer));
        return flow;
      },
    },
    {
      name: "number by number",
      fn: (attentions) => {
        const [L, H, T] = attentions.shape;
        let flow: number[][] = Array.from({ length: T }, (_, i) =>
          Array.from({ length: T }, (_, j) => (i === j ? 1 : 0)),
        );
        for (let layer = 0; layer < L; layer++)
          flow = flow.map((row, i) =>
            row.map((_, j) => {
              let sum = 0.5 * flow[i][j];
              for (let k = 0; k < T; k++)
                for (let h = 0; h < H; h++) sum += (0.5 / H) * attentions.get([layer, h, i, k]) * flow[k][j];
              return sum;
            }),
          );
        return nd.array(flow);
      },
    },
  ],
});
