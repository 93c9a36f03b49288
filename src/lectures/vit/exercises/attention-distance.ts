import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";

/**
 * How far each head looks, in pixels: weights (H, 1 + N, 1 + N), token 0 the class token, N = S·S patches row by row, each
 * P pixels wide, → (H). For every patch the distances between the middles of patches are averaged by its weights over patches
 * (made to sum to 1 without the class token), then the mean over patches is taken.
 */
export function attentionDistance(weights: nd.NDArray, P: number): nd.NDArray {
  const N = weights.shape[1] - 1;
  const S = Math.round(Math.sqrt(N));
  // BEGIN SOLUTION
  const place = nd.arange(0, N);
  const [row, column] = [place.div(S).floor(), place.remainder(S)];
  const apart = (x: nd.NDArray) => x.unsqueeze(1).sub(x.unsqueeze(0));
  const distances = apart(row).pow(2).add(apart(column).pow(2)).sqrt().mul(P); // (N, N)
  const patches = weights.narrow(1, 1, N).narrow(2, 1, N);
  const shares = patches.div(patches.sum(-1, { keepDims: true }));
  return shares.mul(distances).sum(-1).mean(-1);
  // END SOLUTION
}

const inputs = seeded(attentionDistance, { H: 3, S: 4, P: 7 }, ({ H, S, P }, random, seed) => [
  seed % 2
    ? random
        .normal([1 + S * S, H, 1 + S * S], { std: 2 })
        .transpose(0, 1)
        .softmax(-1)
    : random.normal([H, 1 + S * S, 1 + S * S], { std: 2 }).softmax(-1),
  P,
]);

type Distance = typeof attentionDistance;
interface Parts {
  between?: (rows: number, columns: number) => number;
  unit?: (P: number) => number;
  isShare?: boolean;
  skip?: number;
  finish?: (far: number[], weights: nd.NDArray) => number;
}

/** Number by number, with another part in one place. */
const measured =
  ({
    between = Math.hypot,
    unit = (P) => P,
    isShare = true,
    skip = 1,
    finish = (far) => far.reduce((a, b) => a + b, 0) / far.length,
  }: Parts): Distance =>
  (weights, P) => {
    const [H, T] = weights.shape;
    const N = T - 1;
    const S = Math.round(Math.sqrt(N));
    const far = (h: number, i: number) => {
      let [sum, all] = [0, 0];
      for (let j = 0; j < N; j++) {
        const weight = weights.get([h, i + skip, j + skip]);
        sum += weight * between(Math.floor(i / S) - Math.floor(j / S), (i % S) - (j % S)) * unit(P);
        all += weight;
      }
      return isShare ? sum / all : sum;
    };
    return nd.array(
      Array.from({ length: H }, (_, h) =>
        finish(
          Array.from({ length: N }, (_, i) => far(h, i)),
          weights.select(0, h),
        ),
      ),
    );
  };

export const attentionDistanceExercise = exercise(attentionDistance, {
  id: "attentionDistance",
  title: { en: "How far does a head look?", ru: "Как далеко смотрит голова?" },
  minutes: 15,
  forbids: [],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(attentionDistance, {
      points: 1,
      args: () => [
        nd.array([
          [
            [1, 0, 0, 0, 0],
            [0.5, 0.5, 0, 0, 0],
            [0.2, 0.4, 0, 0, 0.4],
            [0, 0, 1, 0, 0],
            [0.75, 0, 0, 0.25, 0],
          ],
        ]),
        10,
      ],
      expected: [(0 + 10 + 10 * Math.SQRT2 + 10) / 4],
      because: {
        en: "four patches in a square of 2 × 2. The first looks at itself, 0; the second at its left and lower neighbours, 10 pixels both; the third at the second, across, 10·√2; the fourth at the third, 10, whatever it gives the class token",
        ru: "четыре патча в квадрате 2 × 2. Первый смотрит на себя, 0; второй — на левого и нижнего соседей, оба в 10 пикселях; третий — на второй, по диагонали, 10·√2; четвёртый — на третий, 10, сколько бы он ни отдавал токену класса",
      },
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(
      attentionDistance,
      {
        en: "twice as large patches are twice as far apart",
        ru: "вдвое большие патчи вдвое дальше друг от друга",
      },
      {
        points: 1,
        examples: [() => [inputs.make(5)[0], 3]],
        broken(fn, random) {
          const weights = random.normal([2, 10, 10]).softmax(-1);
          const [near, far] = [fn(weights, 3), fn(weights, 6)];
          const apart = near.mul(2).sub(far).abs().max().item();
          return apart < 1e-4
            ? null
            : {
                en: `patches of 3 pixels give ${near.get([0]).toFixed(3)}, of 6 pixels ${far.get([0]).toFixed(3)}`,
                ru: `патчи по 3 пикселя дают ${near.get([0]).toFixed(3)}, по 6 пикселей — ${far.get([0]).toFixed(3)}`,
              };
        },
      },
    ),
  ],
  mutants: [
    {
      name: "in patches",
      says: {
        en: "the distance is counted in patches: times P gives pixels",
        ru: "расстояние посчитано в патчах: умножьте на P, чтобы получить пиксели",
      },
      fn: measured({ unit: () => 1 }),
    },
    {
      name: "along the streets",
      says: {
        en: "rows and columns apart were added, as one walks in a city: the straight way is the root of the sum of squares",
        ru: "разности строк и столбцов сложены, как при ходьбе по улицам, а прямой путь — корень из суммы квадратов",
      },
      fn: measured({ between: (rows, columns) => Math.abs(rows) + Math.abs(columns) }),
    },
    {
      name: "no root",
      says: {
        en: "these are squares of distances: the root is missing",
        ru: "это квадраты расстояний: не хватает корня",
      },
      fn: measured({ between: (rows, columns) => rows ** 2 + columns ** 2 }),
    },
    {
      name: "weights as they are",
      says: {
        en: "what goes to the class token is missing in the mean: the weights over patches must be divided by their sum",
        ru: "то, что ушло токену класса, занижает среднее: веса по патчам нужно поделить на их сумму",
      },
      fn: measured({ isShare: false }),
    },
    {
      name: "one token off",
      says: {
        en: "the class token was taken for the first patch: leave out row and column 0, not the last",
        ru: "токен класса принят за первый патч: отбросьте строку и столбец 0, а не последние",
      },
      fn: measured({ skip: 0 }),
    },
    {
      name: "sum over patches",
      says: {
        en: "this is the sum over the patches that look: take their mean",
        ru: "это сумма по смотрящим патчам, а нужно среднее",
      },
      fn: measured({ finish: (far) => far.reduce((a, b) => a + b, 0) }),
    },
    {
      name: "mean over both",
      says: {
        en: "the mean was taken over the patches that are looked at, too: their shares sum to 1, so sum there",
        ru: "среднее взято и по тем патчам, на которые смотрят: их доли дают в сумме 1, поэтому там нужна сумма",
      },
      fn: (weights, P) => measured({})(weights, P).div(weights.shape[1] - 1),
    },
    {
      name: "root of the mean square",
      says: {
        en: "the root was taken after the mean: first the root of each distance, then their mean",
        ru: "корень взят после среднего: сначала корень для каждого расстояния, потом среднее",
      },
      fn: (weights, P) => {
        const squares = measured({ between: (rows, columns) => rows ** 2 + columns ** 2, unit: () => 1 });
        return squares(weights, P).sqrt().mul(P);
      },
    },
    {
      name: "shares of all together",
      says: {
        en: "the weights were divided by one sum over all patches: each patch that looks has shares of its own, which sum to 1 over its row",
        ru: "веса поделены на одну сумму по всем патчам, а у каждого смотрящего патча свои доли: они дают в сумме 1 в его строке",
      },
      fn: (weights, P) => {
        const N = weights.shape[1] - 1;
        const rows = weights.narrow(1, 1, N).narrow(2, 1, N).sum(-1); // (H, N)
        const far = measured({ isShare: false })(weights, P);
        return far.div(rows.mean(-1));
      },
    },
    {
      name: "who is looked at",
      says: {
        en: "rows and columns of the weights are exchanged: row i says where patch i looks, so its row is made to sum to 1",
        ru: "строки и столбцы весов переставлены: строка i говорит, куда смотрит патч i, поэтому в сумме 1 должна давать строка",
      },
      fn: (weights, P) => measured({})(weights.transpose(), P),
    },
    {
      name: "rows not rounded down",
      says: {
        en: "a row is i / S rounded down: without floor the patches of a row stand on a slope",
        ru: "строка — это i / S, округлённое вниз: без floor патчи одной строки стоят наискосок",
      },
      fn: (weights, P) => {
        const S = Math.round(Math.sqrt(weights.shape[1] - 1));
        return measured({ between: (rows, columns) => Math.hypot(rows + columns / S, columns) })(weights, P);
      },
    },
    {
      name: "in squares of pixels",
      says: {
        en: "the distance was multiplied by P²: a patch is P pixels wide",
        ru: "расстояние умножено на P²: ширина патча — P пикселей",
      },
      fn: measured({ unit: (P) => P * P }),
    },
    {
      name: "all patches alike",
      says: {
        en: "the weights were left out: this is the mean of all distances, whatever the head looks at",
        ru: "веса не учтены: это среднее всех расстояний, куда бы голова ни смотрела",
      },
      fn: (weights, P) => measured({})(weights.mul(0).add(1), P),
    },
    {
      name: "places in one row",
      says: {
        en: "the patches were laid out in one line: number i stands in row ⌊i / S⌋ and column i mod S",
        ru: "патчи выстроены в одну линию: номер i стоит в строке ⌊i / S⌋ и столбце i mod S",
      },
      fn: (weights, P) => {
        const S = Math.round(Math.sqrt(weights.shape[1] - 1));
        return measured({ between: (rows, columns) => Math.abs(rows * S + columns) })(weights, P);
      },
    },
  ],
  variants: [
    { name: "number by number", fn: measured({}) },
    {
      name: "head by head, as products with the distances of a row",
      fn: (weights, P) => {
        const [H, T] = weights.shape;
        const S = Math.round(Math.sqrt(T - 1));
        const row = (i: number) =>
          Array.from({ length: T - 1 }, (_, j) =>
            Math.hypot(Math.floor(i / S) - Math.floor(j / S), (i % S) - (j % S)),
          );
        const distances = nd.array(Array.from({ length: T - 1 }, (_, i) => row(i))).mul(P);
        return nd.stack(
          Array.from({ length: H }, (_, h) => {
            const patches = weights.select(0, h).slice("1:", "1:");
            return patches.mul(distances).sum(1).div(patches.sum(1)).mean();
          }),
        );
      },
    },
  ],
});
