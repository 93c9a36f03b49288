import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { cosineMatrix } from "./cosine-matrix";

const inputs = seeded(cosineMatrix, { N: 9, M: 11, D: 23 }, ({ N, M, D }, random) => [
  tensor(random.normal([N, D], { std: 50, mean: 10 })),
  tensor(random.normal([D, M], { std: 1e-3 }).transpose()),
]);

export const hidden = [
  checks.random(inputs, { points: 1, name: { en: "wider rows", ru: "строки пошире" }, times: 4 }),
  checks.invariant(
    cosineMatrix,
    { en: "the length of a vector changes nothing", ru: "длина вектора ничего не меняет" },
    {
      points: 1,
      broken(fn, random) {
        const [a, b] = [random.normal([4, 6]), random.normal([3, 6])];
        const grown = a.mul(random.uniform([4, 1], { low: 0.5, high: 40 }));
        const change = fn(tensor(a), tensor(b))
          .data.sub(fn(tensor(grown), tensor(b)).data)
          .abs()
          .max()
          .item();
        const own = fn(tensor(a), tensor(a)).data.get([2, 2]);
        if (change > 1e-5)
          return { en: "a longer vector has other cosines", ru: "у удлинённого вектора другие косинусы" };
        return Math.abs(own - 1) < 1e-5
          ? null
          : { en: "a vector's cosine with itself is not 1", ru: "косинус вектора с самим собой не равен 1" };
      },
    },
  ),
];
