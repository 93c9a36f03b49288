import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";

/**
 * How alike the places of an image are: positions (1 + N, E), row 0 the class token's, → (N, N) with the cosine between the
 * vectors of each two patches, −1 to 1.
 */
export function positionSimilarity(positions: nd.NDArray): nd.NDArray {
  const N = positions.shape[0] - 1;
  // BEGIN SOLUTION
  const places = positions.narrow(0, 1, N);
  const lengths = places.mul(places).sum(1, { keepDims: true }).sqrt();
  const directions = places.div(lengths);
  return directions.matmul(directions.transpose());
  // END SOLUTION
}

const inputs = seeded(positionSimilarity, { N: 9, E: 6 }, ({ N, E }, random, seed) => [
  (seed % 2 ? random.normal([E, 1 + N]).transpose() : random.normal([1 + N, E])).add(0.4),
]);

type Similarity = typeof positionSimilarity;
const of =
  (fn: (places: nd.NDArray) => nd.NDArray): Similarity =>
  (positions) =>
    fn(positions.narrow(0, 1, positions.shape[0] - 1));
const lengthsOf = (places: nd.NDArray) => places.mul(places).sum(1, { keepDims: true }).sqrt();
const cosines = (places: nd.NDArray) => {
  const directions = places.div(lengthsOf(places));
  return directions.matmul(directions.transpose());
};

export const positionSimilarityExercise = exercise(positionSimilarity, {
  id: "positionSimilarity",
  title: { en: "Which places are alike?", ru: "Какие места похожи?" },
  minutes: 8,
  forbids: ["cosineSimilarity", "normalize"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(positionSimilarity, {
      points: 1,
      args: () => [
        nd.array([
          [9, 9],
          [3, 4],
          [8, 6],
          [0, -2],
        ]),
      ],
      expected: [
        [1, 0.96, -0.8],
        [0.96, 1, -0.6],
        [-0.8, -0.6, 1],
      ],
      because: {
        en: "row 0 belongs to the class token. The places (3, 4) and (8, 6) have lengths 5 and 10: (3·8 + 4·6) / 50 = 0.96",
        ru: "строка 0 принадлежит токену класса. Длины векторов (3, 4) и (8, 6) равны 5 и 10: (3·8 + 4·6) / 50 = 0,96",
      },
    }),
    checks.random(inputs, { points: 1, picture: true }),
    checks.invariant(
      positionSimilarity,
      { en: "the lengths of vectors do not matter", ru: "длины векторов не важны" },
      {
        points: 1,
        examples: [() => [inputs.make(8)[0].mul(1e-7)]],
        broken(fn, random) {
          const positions = random.normal([8, 5]);
          const scaled = positions.mul(nd.array([1, 1e-7, 2, 1e3, 5, 0.1, 7, 30]).unsqueeze(1));
          const apart = fn(positions).sub(fn(scaled)).abs().max().item();
          return apart < 1e-4
            ? null
            : {
                en: `each vector was made longer or shorter, and the similarity changed by up to ${apart.toFixed(3)}`,
                ru: `векторы удлинили и укоротили, и сходство изменилось, до ${apart.toFixed(3)}`,
              };
        },
      },
    ),
  ],
  mutants: [
    {
      name: "the class token too",
      says: {
        en: "the class token is among the places: leave out row 0",
        ru: "среди мест оказался токен класса: отбросьте строку 0",
      },
      fn: (positions) => cosines(positions),
    },
    {
      name: "the last place left out",
      says: {
        en: "the last place was left out in place of the class token, which is row 0",
        ru: "вместо токена класса (строка 0) отброшено последнее место",
      },
      fn: (positions) => cosines(positions.narrow(0, 0, positions.shape[0] - 1)),
    },
    {
      name: "products",
      says: {
        en: "these are products, not cosines: divide each vector by its length",
        ru: "это скалярные произведения, а не косинусы: поделите каждый вектор на его длину",
      },
      fn: of((places) => places.matmul(places.transpose())),
    },
    {
      name: "divided by one length",
      says: {
        en: "only one of the two vectors was divided by its length: the diagonal must be 1",
        ru: "на длину поделён только один из двух векторов: на диагонали должны быть единицы",
      },
      fn: of((places) => places.div(lengthsOf(places)).matmul(places.transpose())),
    },
    {
      name: "lengths without a root",
      says: {
        en: "the vectors were divided by the square of their lengths: the root is missing",
        ru: "векторы поделены на квадраты длин: не хватает корня",
      },
      fn: of((places) => {
        const directions = places.div(lengthsOf(places).pow(2));
        return directions.matmul(directions.transpose());
      }),
    },
    {
      name: "correlation",
      says: {
        en: "the mean of each vector was taken away first: that is a correlation, the cosine leaves vectors as they are",
        ru: "из каждого вектора вычтено среднее: это корреляция, а косинус берёт векторы как есть",
      },
      fn: of((places) => cosines(places.sub(places.mean(1, { keepDims: true })))),
    },
    {
      name: "1 − cosine",
      says: {
        en: "this grows with the distance, 1 − cosine: alike places have a similarity of 1",
        ru: "это растёт с расстоянием, 1 − косинус, а у похожих мест сходство равно 1",
      },
      fn: of((places) => cosines(places).neg().add(1)),
    },
    {
      name: "a small number added",
      says: {
        en: "a small number was mixed into the lengths against a division by 0: vectors shorter than it lose their direction. Places are never 0, divide by the length itself",
        ru: "к длинам подмешано малое число, чтобы не делить на 0: векторы короче него теряют направление. Позиции не бывают нулевыми, делите на саму длину",
      },
      fn: of((places) => {
        const directions = places.div(lengthsOf(places).add(1e-8));
        return directions.matmul(directions.transpose());
      }),
    },
    {
      name: "a small number under the root",
      says: {
        en: "a small number stands under the root, beside squares: 1e-12 there is a length of 1e-6, and shorter vectors lose their direction. Divide by the length itself",
        ru: "малое число стоит под корнем, рядом с квадратами: 1e-12 там — это длина 1e-6, и векторы короче теряют направление. Делите на саму длину",
      },
      fn: of((places) => {
        const lengths = places.mul(places).sum(1, { keepDims: true }).add(1e-12).sqrt();
        const directions = places.div(lengths);
        return directions.matmul(directions.transpose());
      }),
    },
    {
      name: "one length for all",
      says: {
        en: "all places were divided by one number, the length of the whole table: sum along the last axis, with keepDims",
        ru: "все места поделены на одно число, длину всей таблицы: суммируйте вдоль последней оси, с keepDims",
      },
      fn: of((places) => {
        const directions = places.div(places.mul(places).sum().sqrt());
        return directions.matmul(directions.transpose());
      }),
    },
    {
      name: "columns normalised",
      says: {
        en: "the columns were brought to length 1, not the rows: a place is a row",
        ru: "к длине 1 приведены столбцы, а не строки: место — это строка",
      },
      fn: of((places) => {
        const directions = places.div(places.mul(places).sum(0, { keepDims: true }).sqrt());
        return directions.matmul(directions.transpose());
      }),
    },
  ],
  variants: [
    {
      name: "products first, then divided by both lengths",
      fn: of((places) => {
        const lengths = lengthsOf(places);
        return places.matmul(places.transpose()).div(lengths).div(lengths.transpose());
      }),
    },
    {
      name: "pair by pair",
      fn: (positions) => {
        const [rows, E] = positions.shape;
        const cosine = (a: number, b: number) => {
          let [product, left, right] = [0, 0, 0];
          for (let e = 0; e < E; e++) {
            const [x, y] = [positions.get([a, e]), positions.get([b, e])];
            product += x * y;
            left += x * x;
            right += y * y;
          }
          return product / Math.sqrt(left * right);
        };
        const places = Array.from({ length: rows - 1 }, (_, i) => i + 1);
        return nd.array(places.map((a) => places.map((b) => cosine(a, b))));
      },
    },
  ],
});
