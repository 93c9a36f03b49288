import { Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

export interface Quantized {
  /** (N), int32: the row of the codebook that is nearest to each vector. */
  readonly codes: NDArray;
  /** (N, D): those rows, with the gradient handed straight to the vectors. */
  readonly quantized: Tensor;
  /** What draws codebook and vectors together. */
  readonly loss: Tensor;
}

/**
 * Vectors (N, D), each replaced by the nearest row of a codebook (K, D), the first of equals; van den Oord et al., "Neural
 * discrete representation learning", 2017:
 *
 * quantized = e in numbers, with ∂quantized/∂vectors = 1;   loss = mean (e − sg[z])² + ¼ mean (sg[e] − z)²
 *
 * for vectors z and their rows e. sg stops the gradient.
 */
export function quantize(vectors: Tensor, codebook: Tensor): Quantized {
  // BEGIN SOLUTION
  const [z, e] = [vectors.data, codebook.data];
  const distances = e.square().sum(1).sub(z.matmul(e.transpose()).mul(2)); // + |z|², the same for all rows
  const codes = distances.argmin(1);
  const chosen = codebook.indexSelect(0, codes);
  const quantized = vectors.add(chosen.sub(vectors).detach());
  const toVectors = chosen.sub(vectors.detach()).square().mean();
  const toCodes = vectors.sub(chosen.detach()).square().mean();
  return { codes, quantized, loss: toVectors.add(toCodes.mul(0.25)) };
  // END SOLUTION
}

const inputs = seeded(quantize, { N: 13, K: 7, D: 3 }, ({ N, K, D }, random, seed) => [
  seed % 2 === 0 ? tensor(random.normal([N, D])) : new Tensor(random.normal([D, N]).transpose()),
  tensor(random.normal([K, D])),
]);

const tie = (): [Tensor, Tensor] => [
  tensor([
    [0, 0],
    [3, 4],
  ]),
  tensor([
    [2, 0],
    [0, 2],
    [3, 4],
    [3, 4],
  ]),
];

interface Parts {
  nearest?(z: NDArray, e: NDArray): NDArray;
  through?(z: Tensor, chosen: Tensor): Tensor;
  loss?(z: Tensor, chosen: Tensor): Tensor;
}

const distance = (z: NDArray, e: NDArray): NDArray => z.unsqueeze(1).sub(e).square().sum(2);
const square = (a: Tensor, b: Tensor): Tensor => a.sub(b).square().mean();

/** The solution, with another part in one place. */
const quantizer =
  ({
    nearest = (z, e) => distance(z, e).argmin(1),
    through = (z, chosen) => z.add(chosen.sub(z).detach()),
    loss = (z, chosen) => square(chosen, z.detach()).add(square(chosen.detach(), z).mul(0.25)),
  }: Parts): typeof quantize =>
  (vectors, codebook) => {
    const codes = nearest(vectors.data, codebook.data);
    const chosen = codebook.indexSelect(0, codes);
    return { codes, quantized: through(vectors, chosen), loss: loss(vectors, chosen) };
  };

const grads = (fn: typeof quantize, random: nd.Generator) => {
  const z = tensor(random.normal([11, 3]), { requiresGrad: true });
  const book = tensor(random.normal([5, 3]), { requiresGrad: true });
  const weights = random.normal([11, 3]);
  const { quantized } = fn(z, book);
  if (quantized.requiresGrad) quantized.mul(weights).sum().backward();
  return { z: z.grad, book: book.grad, weights };
};

export const quantizeExercise = exercise(quantize, {
  id: "quantize",
  title: {
    en: "The nearest code, and a gradient that jumps over it",
    ru: "Ближайший код и градиент, который его перепрыгивает",
  },
  minutes: 20,
  forbids: [],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(quantize, {
      points: 1,
      args: () => [
        tensor([
          [1, 1],
          [4, 0],
        ]),
        tensor([
          [0, 0],
          [3, 1],
          [1, 3],
        ]),
      ],
      expected: {
        codes: [0, 1],
        quantized: [
          [0, 0],
          [3, 1],
        ],
        loss: 1.25,
      },
      because: {
        en: "(1, 1) lies √2 from (0, 0), and 2 from the others; (4, 0) lies √2 from (3, 1). All four differences are ±1, so both means are 1, and the loss is 1 + ¼",
        ru: "(1, 1) лежит в √2 от (0, 0) и в 2 от остальных; (4, 0) лежит в √2 от (3, 1). Все четыре разности равны ±1, оба средних равны 1, лосс 1 + ¼",
      },
    }),
    checks.cases(quantize, {
      points: 1,
      name: { en: "rows that are equally near", ru: "одинаково близкие строки" },
      cases: [{ title: { en: "the first of them counts", ru: "берётся первая из них" }, args: tie }],
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(
      quantize,
      { en: "the gradient jumps over the codebook", ru: "градиент перепрыгивает кодовую книгу" },
      {
        points: 2,
        broken(fn, random) {
          const { z, book, weights } = grads(fn, random);
          if (!z)
            return {
              en: "no gradient of `quantized` reaches the vectors: the choice of a row has none, so put the row's numbers into vectors + (row − vectors), with the bracket detached",
              ru: "градиент `quantized` не доходит до векторов: у выбора строки его нет, поэтому возьмите vectors + (строка − vectors), где скобка отсоединена (detach)",
            };
          const off = z.sub(weights).abs().max().item();
          if (!(off < 1e-5))
            return {
              en: `the gradient of \`quantized\` should come to the vectors unchanged, it differs by ${off.toPrecision(3)}`,
              ru: `градиент \`quantized\` должен прийти к векторам без изменений, а отличается на ${off.toPrecision(3)}`,
            };
          if (book && book.abs().max().item() > 0)
            return {
              en: "`quantized` sends a gradient to the codebook too: its rows learn by `loss` alone, detach the whole bracket",
              ru: "`quantized` шлёт градиент и в кодовую книгу: её строки учатся только через `loss`, отсоедините всю скобку",
            };
          return null;
        },
      },
    ),
    checks.gradient(quantize, inputs, {
      points: 1,
      name: { en: "gradients of the loss", ru: "градиенты лосса" },
      names: ["vectors", "codebook"],
      out: ({ loss }) => loss,
    }),
  ],
  mutants: [
    {
      name: "largest product",
      says: {
        en: "the row with the largest product is not the nearest one: long rows win. Take |e|² − 2 z·e, or subtract and square",
        ru: "строка с наибольшим произведением — не ближайшая: выигрывают длинные. Берите |e|² − 2 z·e или вычитайте и возводите в квадрат",
      },
      fn: quantizer({ nearest: (z, e) => z.matmul(e.transpose()).argmax(1) }),
    },
    {
      name: "farthest",
      says: {
        en: "these are the farthest rows: argmin, not argmax, of the distances",
        ru: "это самые далёкие строки: от расстояний нужен argmin, а не argmax",
      },
      fn: quantizer({ nearest: (z, e) => distance(z, e).argmax(1) }),
    },
    {
      name: "last of equals",
      says: {
        en: "of equally near rows you take the last; argmin takes the first (in a loop: replace only by what is nearer, <)",
        ru: "из одинаково близких строк вы берёте последнюю; argmin берёт первую (в цикле: заменяйте только на более близкую, <)",
      },
      fn: quantizer({
        nearest: (z, e) =>
          distance(z, e)
            .flip(1)
            .argmin(1)
            .neg()
            .add(e.shape[0] - 1),
      }),
    },
    {
      name: "weights exchanged",
      says: {
        en: "the quarter stands at the wrong half: it belongs to the one that moves the vectors",
        ru: "четверть стоит не у той половины: она относится к той, что двигает векторы",
      },
      fn: quantizer({ loss: (z, e) => square(e, z.detach()).mul(0.25).add(square(e.detach(), z)) }),
    },
    {
      name: "no commitment",
      says: {
        en: "only the codebook moves: the second half of the loss is missing, ¼ mean (sg[e] − z)²",
        ru: "движется только кодовая книга: не хватает второй половины лосса, ¼ mean (sg[e] − z)²",
      },
      fn: quantizer({ loss: (z, e) => square(e, z.detach()) }),
    },
    {
      name: "sum of squares",
      says: {
        en: "the loss is a sum over the numbers of a vector; the mean over all N · D differences is wanted",
        ru: "лосс — сумма по числам вектора, а нужно среднее по всем N · D разностям",
      },
      fn: quantizer({
        loss: (z, e) => square(e, z.detach()).add(square(e.detach(), z).mul(0.25)).mul(z.shape[1]),
      }),
    },
    {
      name: "nothing is quantized",
      says: {
        en: "`quantized` are the vectors as they came: in numbers it must be the rows of the codebook",
        ru: "`quantized` — это исходные векторы, а по значениям это должны быть строки кодовой книги",
      },
      fn: quantizer({ through: (z) => z.add(0) }),
    },
    {
      name: "both halves whole",
      says: {
        en: "both halves of the loss count the same: the one that moves the vectors counts a quarter",
        ru: "обе половины лосса весят одинаково: та, что двигает векторы, входит с весом ¼",
      },
      fn: quantizer({ loss: (z, chosen) => square(chosen, z.detach()).add(square(chosen.detach(), z)) }),
    },
  ],
  variants: [
    {
      name: "vector by vector",
      fn: (vectors, codebook) => {
        const [[N, D], K] = [vectors.shape, codebook.shape[0]];
        const codes = Array.from({ length: N }, (_, n) => {
          let [best, least] = [0, Number.POSITIVE_INFINITY];
          for (let k = 0; k < K; k++) {
            let sum = 0;
            for (let d = 0; d < D; d++) sum += (vectors.data.get([n, d]) - codebook.data.get([k, d])) ** 2;
            if (sum < least) [best, least] = [k, sum];
          }
          return best;
        });
        return quantizer({ nearest: () => nd.array(codes, { dtype: "int32" }) })(vectors, codebook);
      },
    },
    {
      name: "rows by a one-hot product, the pieces of the bracket detached one by one",
      fn: (vectors, codebook) => {
        const codes = distance(vectors.data, codebook.data).argmin(1);
        const rows = nd.eye(codebook.shape[0]).indexSelect(0, codes);
        const chosen = tensor(rows).matmul(codebook);
        const quantized = vectors.add(chosen.detach()).sub(vectors.detach());
        const loss = square(chosen, vectors.detach()).add(square(chosen.detach(), vectors).div(4));
        return { codes, quantized, loss };
      },
    },
  ],
});
