import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { bagOfWords } from "./bag-of-words";

const inputs = seeded(bagOfWords, { V: 53, C: 6, B: 11, T: 13 }, ({ V, C, B, T }, random) => [
  tensor(random.normal([V, C], { std: 9 })),
  random.integers([B, T], { high: V }),
  random.uniform([B, T]).lt(0.6).to("int32"),
]);

export const hidden = [
  checks.random(inputs, { points: 1, name: { en: "masks with holes", ru: "маски с дырами" }, times: 4 }),
  checks.invariant(
    bagOfWords,
    { en: "the order of the words changes nothing", ru: "порядок слов ничего не меняет" },
    {
      points: 1,
      broken(fn, random) {
        const table = tensor(random.normal([12, 5]));
        const ids = random.integers([3, 8], { high: 12 });
        const mask = random.uniform([3, 8]).lt(0.7).to("int32");
        const order = random.permutation(8);
        const one = fn(table, ids, mask).data;
        const other = fn(table, ids.indexSelect(1, order), mask.indexSelect(1, order)).data;
        return one.sub(other).abs().max().item() < 1e-5
          ? null
          : {
              en: "the same words in another order have another vector",
              ru: "у тех же слов в другом порядке другой вектор",
            };
      },
    },
  ),
];
