import { concat, softmax, Tensor, where } from "../../../autograd";
import type { Mutant, Variant } from "../../../grading";
import * as nd from "../../../tensor";
import type { causalAttention } from "./causal-attention";

type Attention = typeof causalAttention;

const sizes = (query: Tensor) => query.shape.slice(-2);
/** (T, T): true where `of` keeps what is true everywhere. */
const blocked = (T: number, of: (all: nd.NDArray) => nd.NDArray) => of(nd.ones([T, T], { dtype: "bool" }));
const future = (T: number) => blocked(T, (all) => all.triu(1));

interface Parts {
  /** What the scores are divided by. */
  scale(query: Tensor, value: Tensor): number;
  scores(query: Tensor, key: Tensor): Tensor;
  /** The scores with the future closed. */
  close(scores: Tensor, T: number): Tensor;
  weigh(scores: Tensor): Tensor;
  mix(weights: Tensor, value: Tensor): Tensor;
}

/** The solution with another part in one place. */
function attention(parts: Partial<Parts>): Attention {
  const {
    scale = (query) => Math.sqrt(query.shape.at(-1)!),
    scores = (query, key) => query.matmul(key.transpose()),
    close = (x, T) => x.maskedFill(future(T), Number.NEGATIVE_INFINITY),
    weigh = (x) => softmax(x),
    mix = (weights, value) => weights.matmul(value),
  } = parts;
  return (query, key, value) => {
    const [T] = sizes(query);
    const weights = weigh(close(scores(query, key).div(scale(query, value)), T));
    return { output: mix(weights, value), weights };
  };
}

const hiding = (of: (all: nd.NDArray) => nd.NDArray) =>
  attention({ close: (x, T) => x.maskedFill(blocked(T, of), Number.NEGATIVE_INFINITY) });
const filledWith = (value: number) => attention({ close: (x, T) => x.maskedFill(future(T), value) });
const scaledBy = (scale: Parts["scale"]) => attention({ scale });

/** Wrong, and how students are told. */
export const mutants: readonly Mutant<Attention>[] = [
  {
    name: "not scaled",
    says: {
      en: "the scores are not divided by √D: the weights come out too sharp",
      ru: "оценки не поделены на √D: веса получаются слишком резкими",
    },
    fn: scaledBy(() => 1),
  },
  {
    name: "divided by D",
    says: { en: "the scores are divided by D, not by √D", ru: "оценки поделены на D, а не на √D" },
    fn: scaledBy((q) => q.shape.at(-1)!),
  },
  {
    name: "D ** 1 / 2",
    says: {
      en: "the scores are divided by D / 2, not by √D: `D ** 1 / 2` is (D ** 1) / 2. Write Math.sqrt(D) or D ** 0.5",
      ru: "оценки поделены на D / 2, а не на √D: `D ** 1 / 2` — это (D ** 1) / 2. Пишите Math.sqrt(D) или D ** 0.5",
    },
    fn: scaledBy((q) => q.shape.at(-1)! ** 1 / 2),
  },
  {
    name: "log2",
    says: {
      en: "the scores are divided by the logarithm log₂ D, not by the root √D",
      ru: "оценки поделены на логарифм log₂ D, а не на корень √D",
    },
    fn: scaledBy((q) => Math.log2(q.shape.at(-1)!)),
  },
  {
    name: "natural logarithm",
    says: {
      en: "the scores are divided by the logarithm ln D, not by the root √D",
      ru: "оценки поделены на логарифм ln D, а не на корень √D",
    },
    fn: scaledBy((q) => Math.log(q.shape.at(-1)!)),
  },
  {
    name: "root of the length",
    says: {
      en: "the scores are divided by √T; it is the size of the vectors that makes them grow: √D",
      ru: "оценки поделены на √T, а растут они из-за размера векторов: √D",
    },
    fn: scaledBy((q) => Math.sqrt(q.shape.at(-2)!)),
  },
  {
    name: "the length",
    says: {
      en: "the scores are divided by T, the number of positions; it is the size of the vectors that makes them grow: √D",
      ru: "оценки поделены на T, число позиций, а растут они из-за размера векторов: √D",
    },
    fn: scaledBy((q) => q.shape.at(-2)!),
  },
  {
    name: "root of the value's size",
    says: {
      en: "the scores are divided by the root of the value's size; scores are made of query and key, whose size is D: √D",
      ru: "оценки поделены на корень из размера value, а составлены они из query и key, размер которых D: √D",
    },
    fn: scaledBy((_, v) => Math.sqrt(v.shape.at(-1)!)),
  },
  {
    name: "number of heads",
    says: {
      en: "the scores are divided by shape[1], the number of heads when there are heads: D is the last axis, shape.at(-1)",
      ru: "оценки поделены на shape[1], а это число голов, если головы есть: D — последняя ось, shape.at(-1)",
    },
    fn: scaledBy((q) => q.shape[1]),
  },
  {
    name: "root of the number of heads",
    says: {
      en: "the scores are divided by √shape[1], which is √H when there are heads: D is the last axis, shape.at(-1)",
      ru: "оценки поделены на √shape[1], а это √H, если головы есть: D — последняя ось, shape.at(-1)",
    },
    fn: scaledBy((q) => Math.sqrt(q.shape[1])),
  },
  {
    name: "multiplied by the root",
    says: { en: "the scores are multiplied by √D, not divided", ru: "оценки умножены на √D, а не поделены" },
    fn: scaledBy((q) => 1 / Math.sqrt(q.shape.at(-1)!)),
  },
  {
    name: "scaled after the softmax",
    says: {
      en: "√D divides the weights, so rows no longer sum to 1: divide the scores, before the softmax",
      ru: "на √D поделены веса, и суммы строк уже не равны 1: делить нужно оценки, до softmax",
    },
    fn: (query, key, value) => {
      const weights = scaledBy(() => 1)(query, key, value).weights.div(Math.sqrt(query.shape.at(-1)!));
      return { output: weights.matmul(value), weights };
    },
  },
  {
    name: "no mask",
    says: {
      en: "there is no mask, or its result is not used (maskedFill gives a new tensor): every position sees the future, where its answer stands",
      ru: "маски нет, или её результат не использован (maskedFill возвращает новый тензор): каждая позиция видит будущее, а там стоит её ответ",
    },
    fn: hiding((all) => all.triu(all.shape[0])),
  },
  {
    name: "mask transposed",
    says: {
      en: "the mask blocks the past instead of the future: column j > row i is the future, that is triu, not tril",
      ru: "маска закрывает прошлое вместо будущего: будущее — это столбец j > строки i, то есть triu, а не tril",
    },
    fn: hiding((all) => all.tril(-1)),
  },
  {
    name: "self excluded",
    says: {
      en: "the mask blocks the diagonal too, so position 0 sees nothing at all: triu(1), not triu(0)",
      ru: "маска закрывает и диагональ, и позиция 0 не видит вообще ничего: triu(1), а не triu(0)",
    },
    fn: hiding((all) => all.triu(0)),
  },
  {
    name: "one step of the future is seen",
    says: {
      en: "every position sees the next one, which is its answer: triu(1), not triu(2)",
      ru: "каждая позиция видит следующую, а это её ответ: triu(1), а не triu(2)",
    },
    fn: hiding((all) => all.triu(2)),
  },
  {
    name: "what may be seen is blocked",
    says: {
      en: "the mask is inverted: maskedFill writes −∞ where the mask is true, so true must mean the future",
      ru: "маска перевёрнута: maskedFill пишет −∞ там, где маска истинна, поэтому истина должна означать будущее",
    },
    fn: hiding((all) => all.tril(0)),
  },
  {
    name: "masked with zero",
    says: {
      en: "a score of 0 is not nothing: exp(0) = 1. Fill with -Infinity, because exp(−∞) = 0",
      ru: "оценка 0 — это ещё не «ничего»: exp(0) = 1. Ставьте -Infinity, потому что exp(−∞) = 0",
    },
    fn: filledWith(0),
  },
  {
    name: "masked with +Infinity",
    says: {
      en: "the future has the score +Infinity, the largest there is: it must be -Infinity",
      ru: "у будущего оценка +Infinity, самая большая из возможных, а должна быть -Infinity",
    },
    fn: filledWith(Number.POSITIVE_INFINITY),
  },
  {
    name: "masked with a number that is not small enough",
    says: {
      en: "-100 is not low enough: where all scores lie lower, the future wins. Fill with -Infinity",
      ru: "-100 недостаточно мало: если все оценки ещё меньше, победит будущее. Ставьте -Infinity",
    },
    fn: filledWith(-100),
  },
  {
    name: "zero times infinity",
    says: {
      en: "the mask is multiplied by Infinity, and 0 · ∞ is NaN: write -Infinity where the mask is true, with maskedFill",
      ru: "маска умножена на бесконечность, а 0 · ∞ — это NaN: ставьте -Infinity там, где маска истинна, через maskedFill",
    },
    fn: attention({ close: (x, T) => x.add(nd.ones([T, T]).triu(1).mul(Number.NEGATIVE_INFINITY)) }),
  },
  {
    name: "masked after the softmax",
    says: {
      en: "the mask comes after the softmax, so rows no longer sum to 1: mask the scores, then softmax",
      ru: "маска стоит после softmax, и суммы строк уже не равны 1: маскируйте оценки, потом берите softmax",
    },
    fn: attention({
      close: (x) => x,
      weigh: (x) => softmax(x).maskedFill(future(x.shape.at(-1)!), 0),
    }),
  },
  {
    name: "masked after the softmax, with -Infinity",
    says: {
      en: "-Infinity stands in the weights themselves: it belongs into the scores, before the softmax",
      ru: "-Infinity стоит в самих весах, а её место в оценках, до softmax",
    },
    fn: attention({
      close: (x) => x,
      weigh: (x) => softmax(x).maskedFill(future(x.shape.at(-1)!), Number.NEGATIVE_INFINITY),
    }),
  },
  {
    name: "no softmax",
    says: {
      en: "the weights are the scores: there is no softmax",
      ru: "веса — это сами оценки: softmax нет",
    },
    fn: attention({ weigh: (x) => x }),
  },
  {
    name: "softmax twice",
    says: {
      en: "there are two softmaxes, one of them too many",
      ru: "softmax взят дважды, один из них лишний",
    },
    fn: attention({ weigh: (x) => softmax(softmax(x)) }),
  },
  {
    name: "softmax over the columns",
    says: {
      en: "the columns sum to 1 instead of the rows: softmax goes over the last axis",
      ru: "сумма 1 получается в столбцах, а не в строках: softmax берётся по последней оси",
    },
    fn: attention({ weigh: (x) => softmax(x, -2) }),
  },
  {
    name: "softmax over axis 0",
    says: {
      en: "the softmax goes over axis 0, the batch when there is one: it must go over the last axis, which is what softmax(x) does",
      ru: "softmax взят по оси 0, а это батч, если он есть: нужна последняя ось, её и берёт softmax(x)",
    },
    fn: attention({ weigh: (x) => softmax(x, 0) }),
  },
  {
    name: "query and key exchanged",
    says: {
      en: "the scores are K Qᵀ, which is the transpose of Q Kᵀ: rows are those who look, so the query comes first",
      ru: "оценки равны K Qᵀ, а это транспонированное Q Kᵀ: строки — те, кто смотрит, поэтому запрос стоит первым",
    },
    fn: attention({ scores: (q, k) => k.matmul(q.transpose()) }),
  },
  {
    name: "output and weights exchanged",
    says: {
      en: "output and weights have changed places in what is returned",
      ru: "в том, что возвращается, output и weights поменялись местами",
    },
    fn: (query, key, value) => {
      const { output, weights } = attention({})(query, key, value);
      return { output: weights, weights: output };
    },
  },
  {
    name: "weights times keys",
    says: {
      en: "the output is made of the keys: the weights mix the values, weights.matmul(value)",
      ru: "выход составлен из ключей, а веса смешивают значения: weights.matmul(value)",
    },
    fn: (query, key, value) => {
      const { weights } = attention({})(query, key, value);
      return { output: weights.matmul(key), weights };
    },
  },
  {
    name: "weights transposed before the values",
    says: {
      en: "the weights are transposed before they meet the values: output = weights V, row by row",
      ru: "веса транспонированы перед умножением на значения: output = weights V, строка за строкой",
    },
    fn: attention({ mix: (w, v) => w.transpose().matmul(v) }),
  },
  {
    name: "left the graph",
    says: {
      en: "query, key and value were all taken out of the Tensors (.data, detach() or noGrad()), so nothing would ever learn. Stay with the methods of Tensor",
      ru: "query, key и value вынуты из тензоров (.data, detach() или noGrad()), и ничто никогда не обучится. Пользуйтесь методами Tensor",
    },
    fn: (query, key, value) => attention({})(query.detach(), key.detach(), value.detach()),
  },
  {
    name: "weights left the graph",
    says: {
      en: "the weights were taken out of the Tensor (.data, detach() or noGrad()), so query and key would never learn. Stay with the methods of Tensor",
      ru: "веса вынуты из тензора (.data, detach() или noGrad()), и query с key никогда не обучатся. Пользуйтесь методами Tensor",
    },
    fn: attention({ weigh: (x) => new Tensor(softmax(x).data) }),
  },
  {
    name: "values left the graph",
    says: {
      en: "the values were taken out of the Tensor (.data, detach() or noGrad()), so they would never learn. Stay with the methods of Tensor",
      ru: "значения вынуты из тензора (.data, detach() или noGrad()) и никогда не обучатся. Пользуйтесь методами Tensor",
    },
    fn: attention({ mix: (w, v) => w.matmul(v.data) }),
  },
];

/** Right, written in other ways. */
export const variants: readonly Variant<Attention>[] = [
  {
    name: "the mask is added, the query scaled first",
    fn: attention({
      scale: () => 1,
      scores: (q, k) => q.mul(q.shape.at(-1)! ** -0.5).matmul(k.transpose()),
      close: (x, T) => x.add(nd.full([T, T], Number.NEGATIVE_INFINITY).triu(1)),
    }),
  },
  {
    name: "a large negative number, where and an own softmax",
    fn: attention({
      close: (x, T) => where(nd.ones([T, T], { dtype: "bool" }).tril(), x, -1e9),
      weigh: (x) => {
        const powers = x.sub(x.max(-1, { keepDims: true })).exp();
        return powers.div(powers.sum(-1, { keepDims: true }));
      },
    }),
  },
  {
    name: "row by row, each with its own past",
    fn: (query, key, value) => {
      const [T, D] = sizes(query);
      const before = query.shape.slice(0, -2).map(() => [0, 0] as const);
      const rows = Array.from({ length: T }, (_, t) => {
        const past = key.narrow(-2, 0, t + 1).transpose();
        const seen = softmax(
          query
            .narrow(-2, t, 1)
            .matmul(past)
            .mul(1 / Math.sqrt(D)),
        );
        return seen.pad([...before, [0, 0], [0, T - t - 1]]);
      });
      const weights = concat(rows, -2);
      return { output: weights.matmul(value), weights };
    },
  },
  {
    name: "in float64",
    fn: (query, key, value) => {
      const [q, k, v] = [query, key, value].map((x) => x.to("float64"));
      const { output, weights } = attention({})(q, k, v);
      return { output: output.to("float32"), weights: weights.to("float32") };
    },
  },
];
