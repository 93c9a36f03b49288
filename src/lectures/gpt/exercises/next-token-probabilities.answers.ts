import type { Mutant, Variant } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import type { nextTokenProbabilities } from "./next-token-probabilities";

type Probabilities = typeof nextTokenProbabilities;

const normalised = (p: NDArray) => p.div(p.sum());

/** Tokens below the k-th largest set to 0. */
function keepK(p: NDArray, k: number): NDArray {
  if (k >= p.size) return p;
  return p.maskedFill(p.lt(p.topk(k).values.min().item()), 0);
}

const sortedDown = (p: NDArray) => p.sort(-1, { descending: true }).values;
/** How many of the tokens, sorted, come before `topP` is reached. */
const countBefore = (sorted: NDArray, topP: number): number =>
  sorted.cumsum(-1).sub(sorted).lt(topP).sum().item();

/** Tokens below the last that is needed for `topP` set to 0. */
function keepP(p: NDArray, topP: number, count = countBefore): NDArray {
  if (topP >= 1) return p;
  const sorted = sortedDown(p);
  const stay = Math.min(Math.max(count(sorted, topP), 1), p.size);
  return p.maskedFill(p.lt(sorted.get([stay - 1])), 0);
}

interface Parts {
  heat(logits: NDArray, temperature: number): NDArray;
  k(p: NDArray, topK: number): NDArray;
  p(p: NDArray, topP: number): NDArray;
}

/** The solution with another part in one place. */
function probabilities(parts: Partial<Parts>): Probabilities {
  const {
    heat = (logits, temperature) => logits.div(temperature).softmax(),
    k = (p, topK) => normalised(keepK(p, topK)),
    p = (x, topP) => normalised(keepP(x, topP)),
  } = parts;
  return (logits, { temperature = 1, topK = logits.size, topP = 1 }) =>
    p(k(heat(logits, temperature), topK), topP);
}

const counting = (count: typeof countBefore) =>
  probabilities({ p: (x, topP) => normalised(keepP(x, topP, count)) });

/** Wrong, and how students are told. */
export const mutants: readonly Mutant<Probabilities>[] = [
  {
    name: "temperature after the softmax",
    says: {
      en: "the temperature divides the probabilities, and the sum takes it out again: divide the logits by it, before the softmax",
      ru: "на температуру поделены вероятности, и деление на сумму её тут же сокращает: делите на неё логиты, до softmax",
    },
    fn: probabilities({ heat: (logits, temperature) => normalised(logits.softmax().div(temperature)) }),
  },
  {
    name: "temperature after the softmax, sum left as it is",
    says: {
      en: "the temperature divides the probabilities, which then do not sum to 1: divide the logits by it, before the softmax",
      ru: "на температуру поделены вероятности, и их сумма уже не равна 1: делите на неё логиты, до softmax",
    },
    fn: (logits, { temperature = 1, topK = logits.size, topP = 1 }) => {
      const p = logits.softmax().div(temperature);
      const k = topK < p.size ? normalised(keepK(p, topK)) : p;
      return topP < 1 ? normalised(keepP(k, topP)) : k;
    },
  },
  {
    name: "multiplied by the temperature",
    says: {
      en: "the logits are multiplied by the temperature: hot and cold are exchanged",
      ru: "логиты умножены на температуру: горячее и холодное поменялись местами",
    },
    fn: probabilities({ heat: (logits, temperature) => logits.mul(temperature).softmax() }),
  },
  {
    name: "no softmax",
    says: {
      en: "the logits are not made probabilities: softmax is missing",
      ru: "логиты не превращены в вероятности: не хватает softmax",
    },
    fn: probabilities({ heat: (logits, temperature) => logits.div(temperature) }),
  },
  {
    name: "own softmax without the largest taken off",
    says: {
      en: "exp() of a number above 88 is Infinity, and Infinity / Infinity is NaN: use x.softmax(), or subtract the largest score first",
      ru: "exp() числа больше 88 — это Infinity, а Infinity / Infinity — это NaN: возьмите x.softmax() или сначала вычтите наибольшую оценку",
    },
    fn: probabilities({ heat: (logits, temperature) => normalised(logits.div(temperature).exp()) }),
  },
  {
    name: "top-k keeps one more",
    says: { en: "top-k keeps k + 1 tokens", ru: "top-k оставляет k + 1 токенов" },
    fn: probabilities({ k: (p, topK) => normalised(keepK(p, topK + 1)) }),
  },
  {
    name: "top-k keeps one less",
    says: {
      en: "top-k keeps k − 1 tokens: the k-th itself must stay, so drop what is smaller (lt), not what is as small (le)",
      ru: "top-k оставляет k − 1 токенов: сам k-й должен остаться, поэтому убирайте то, что меньше (lt), а не то, что меньше или равно (le)",
    },
    fn: probabilities({
      k: (p, topK) =>
        topK < p.size ? normalised(p.maskedFill(p.le(p.topk(topK).values.min().item()), 0)) : p,
    }),
  },
  {
    name: "top-k drops equals",
    says: {
      en: "where tokens at the line are equally likely, top-k drops them all: k at least must stay",
      ru: "если у черты стоят равновероятные токены, top-k выбрасывает их все, а остаться должно не меньше k",
    },
    fn: probabilities({
      k: (p, topK) => {
        if (topK >= p.size) return p;
        const next = p
          .topk(topK + 1)
          .values.min()
          .item();
        return normalised(p.maskedFill(p.le(next), 0));
      },
    }),
  },
  {
    name: "top-k from the unlikely end",
    says: {
      en: "top-k keeps the least likely tokens: sort from large to small, { descending: true }, or use topk",
      ru: "top-k оставляет наименее вероятные токены: сортируйте от больших к малым, { descending: true }, или возьмите topk",
    },
    fn: probabilities({
      k: (p, topK) => {
        if (topK >= p.size) return p;
        return normalised(p.maskedFill(p.gt(p.sort().values.get([topK - 1])), 0));
      },
    }),
  },
  {
    name: "top-k has no effect",
    says: {
      en: "topK has no effect: maskedFill gives a new array, so write p = p.maskedFill(…)",
      ru: "topK ни на что не влияет: maskedFill возвращает новый массив, поэтому пишите p = p.maskedFill(…)",
    },
    fn: probabilities({ k: (p) => p }),
  },
  {
    name: "top-k larger than the vocabulary",
    says: {
      en: "topk(k) takes no k above the number of tokens: ask topK < p.size first, or take Math.min(topK, p.size)",
      ru: "topk(k) не принимает k больше числа токенов: сначала проверьте topK < p.size или возьмите Math.min(topK, p.size)",
    },
    fn: probabilities({
      k: (p, topK) => normalised(p.maskedFill(p.lt(p.topk(topK).values.min().item()), 0)),
    }),
  },
  {
    name: "top-k gives the sorted values",
    says: {
      en: "what topk() gives are the values alone, in order: every probability must stand at its token's place, so mask p instead",
      ru: "topk() возвращает одни значения по порядку, а каждая вероятность должна стоять на месте своего токена: маскируйте сам p",
    },
    fn: (logits, { temperature = 1, topK = logits.size, topP = 1 }) => {
      const p = logits.div(temperature).softmax();
      const best = normalised(topK < p.size ? p.topk(topK).values : p);
      return normalised(keepP(best, topP));
    },
  },
  {
    name: "top-k with logits of zero",
    says: {
      en: "a logit of 0 still gets a share, because exp(0) = 1: set probabilities to 0, or logits to -Infinity",
      ru: "логит 0 всё-таки получает свою долю, потому что exp(0) = 1: обнуляйте вероятности или ставьте логитам -Infinity",
    },
    fn: (logits, { temperature = 1, topK = logits.size, topP = 1 }) => {
      const scores = logits.div(temperature);
      const smallest = scores.topk(Math.min(topK, scores.size)).values.min().item();
      return probabilities({})(scores.maskedFill(scores.lt(smallest), 0), { topP });
    },
  },
  {
    name: "top-p drops the token that crosses",
    says: {
      en: "top-p drops the token that crosses the line: what is kept does not reach p",
      ru: "top-p выбрасывает токен, который переступил черту: оставшиеся не набирают p",
    },
    fn: counting((sorted, topP) => sorted.cumsum(-1).le(topP).sum().item()),
  },
  {
    name: "top-p drops the token that crosses, and then all",
    says: {
      en: "top-p drops the token that crosses the line, and where the first one crosses, everything: 0 / 0 is NaN. One token always stays",
      ru: "top-p выбрасывает токен, который переступил черту, а если это первый же, то всё: 0 / 0 — это NaN. Один токен остаётся всегда",
    },
    fn: probabilities({
      p: (p, topP) => {
        if (topP >= 1) return p;
        const sorted = sortedDown(p);
        const stay = sorted.cumsum(-1).le(topP).sum().item();
        return normalised(stay > 0 ? p.maskedFill(p.lt(sorted.get([stay - 1])), 0) : p.mul(0));
      },
    }),
  },
  {
    name: "top-p keeps one more",
    says: {
      en: "top-p keeps one token too many: sorted[count] is the first that goes, sorted[count − 1] the last that stays",
      ru: "top-p оставляет на токен больше: sorted[count] — первый, который уходит, sorted[count − 1] — последний, который остаётся",
    },
    fn: counting((sorted, topP) => countBefore(sorted, topP) + 1),
  },
  {
    name: "top-p goes on at exactly p",
    says: {
      en: "the first reaches 0.5 exactly, and that is enough",
      ru: "первый набирает ровно 0.5, и этого достаточно",
    },
    fn: counting((sorted, topP) => sorted.cumsum(-1).sub(sorted).le(topP).sum().item()),
  },
  {
    name: "top-p from the unlikely end",
    says: {
      en: "top-p collects from the least likely token on: sort from large to small, { descending: true }",
      ru: "top-p набирает с наименее вероятного токена: сортируйте от больших к малым, { descending: true }",
    },
    fn: probabilities({
      p: (p, topP) => {
        if (topP >= 1) return p;
        const sorted = p.sort().values;
        return normalised(p.maskedFill(p.gt(sorted.get([countBefore(sorted, topP) - 1])), 0));
      },
    }),
  },
  {
    name: "top-p without sorting",
    says: {
      en: "top-p adds up the tokens in the order in which they stand: sort them first, from large to small",
      ru: "top-p складывает токены в том порядке, в котором они стоят: сначала отсортируйте их от больших к малым",
    },
    fn: probabilities({
      p: (p, topP) => {
        if (topP >= 1) return p;
        return normalised(p.maskedFill(p.cumsum(-1).sub(p).lt(topP).logicalNot(), 0));
      },
    }),
  },
  {
    name: "top-p gives the sorted probabilities",
    says: {
      en: "the probabilities come out sorted: every one must stand at its token's place, so mask p, not the sorted copy",
      ru: "вероятности получаются отсортированными, а каждая должна стоять на месте своего токена: маскируйте p, а не отсортированную копию",
    },
    fn: probabilities({
      p: (p, topP) => {
        if (topP >= 1) return p;
        const sorted = sortedDown(p);
        return normalised(sorted.maskedFill(sorted.cumsum(-1).sub(sorted).lt(topP).logicalNot(), 0));
      },
    }),
  },
  {
    name: "top-p as a threshold",
    says: {
      en: "topP is compared with single probabilities: it is the sum of the most likely ones that must reach it (cumsum)",
      ru: "topP сравнивается с отдельными вероятностями, а набрать его должна сумма самых вероятных (cumsum)",
    },
    fn: probabilities({ p: (p, topP) => (topP < 1 ? normalised(p.maskedFill(p.lt(topP), 0)) : p) }),
  },
  {
    name: "top-p has no effect",
    says: {
      en: "topP has no effect: maskedFill gives a new array, so write p = p.maskedFill(…)",
      ru: "topP ни на что не влияет: maskedFill возвращает новый массив, поэтому пишите p = p.maskedFill(…)",
    },
    fn: probabilities({ p: (p) => p }),
  },
  {
    name: "not normalised in between",
    says: {
      en: "topP looks at the probabilities from before topK: first topK, divided by its sum, then topP on what that gives",
      ru: "topP смотрит на вероятности, которые были до topK: сначала topK с делением на сумму, потом topP на том, что получилось",
    },
    fn: probabilities({ k: keepK }),
  },
  {
    name: "either top-k or top-p",
    says: {
      en: "where topK is given, topP is forgotten: two `if`s, not `if … else`",
      ru: "если задан topK, забыт topP: нужны два `if`, а не `if … else`",
    },
    fn: (logits, { temperature, topK = logits.size, topP }) =>
      topK < logits.size
        ? probabilities({})(logits, { temperature, topK })
        : probabilities({})(logits, { temperature, topP }),
  },
  {
    name: "not normalised",
    says: {
      en: "what stays does not sum to 1: divide by the sum after each step",
      ru: "сумма того, что осталось, не равна 1: делите на сумму после каждого шага",
    },
    fn: probabilities({ k: keepK, p: (p, topP) => keepP(p, topP) }),
  },
  {
    name: "softmax of probabilities",
    says: {
      en: "what stays goes through a second softmax, which levels it: divide by the sum instead",
      ru: "оставшееся проходит через второй softmax, а он всё выравнивает: вместо этого делите на сумму",
    },
    fn: probabilities({
      k: (p, topK) => {
        const kept = keepK(p, topK);
        return topK < p.size ? kept.maskedFill(kept.eq(0), Number.NEGATIVE_INFINITY).softmax() : p;
      },
      p: (p, topP) => {
        const kept = keepP(p, topP);
        return topP < 1 ? kept.maskedFill(kept.eq(0), Number.NEGATIVE_INFINITY).softmax() : p;
      },
    }),
  },
  {
    name: "no defaults",
    says: {
      en: "an option that is left out is undefined: give each a default, as in { temperature = 1, topK = logits.size, topP = 1 }",
      ru: "не указанная опция равна undefined: задайте каждой значение по умолчанию, например { temperature = 1, topK = logits.size, topP = 1 }",
    },
    fn: (logits, { temperature, topK, topP }) =>
      probabilities({
        heat: (x) => x.div(temperature!).softmax(),
        k: (p) => normalised(p.maskedFill(p.lt(p.topk(topK!).values.min().item()), 0)),
      })(logits, { topP }),
  },
  {
    name: "logits changed in place",
    says: {
      en: "the logits of the caller are changed: compute with a new array, logits.div(temperature)",
      ru: "изменены чужие логиты: считайте с новым массивом, logits.div(temperature)",
    },
    fn: (logits, { temperature = 1, ...rest }) => {
      logits.assign(logits.div(temperature));
      return probabilities({})(logits, rest);
    },
  },
];

/** Right, written in other ways. */
export const variants: readonly Variant<Probabilities>[] = [
  {
    name: "on logits, with -Infinity and a softmax after each step",
    fn: (logits, { temperature = 1, topK = logits.size, topP = 1 }) => {
      let scores = logits.div(temperature);
      const k = Math.min(topK, scores.size);
      scores = scores.maskedFill(scores.lt(scores.topk(k).values.get([k - 1])), Number.NEGATIVE_INFINITY);
      const p = scores.softmax();
      if (topP >= 1) return p;
      return scores.maskedFill(keepP(p, topP).eq(0), Number.NEGATIVE_INFINITY).softmax();
    },
  },
  {
    name: "a list of tokens, sorted, and loops",
    fn: (logits, { temperature = 1, topK = logits.size, topP = 1 }) => {
      const scores = Array.from(logits.flat(), (x) => x / temperature);
      const highest = Math.max(...scores);
      const powers = scores.map((x) => Math.exp(x - highest));
      const order = powers.map((_, i) => i).sort((a, b) => powers[b] - powers[a]);
      const best = order.slice(0, topK);
      const mass = best.reduce((sum, i) => sum + powers[i], 0);
      const p = new Array<number>(scores.length).fill(0);
      let sum = 0;
      for (const i of best) {
        p[i] = powers[i] / mass;
        sum += p[i];
        if (sum >= topP) break;
      }
      return nd.array(p.map((x) => x / sum));
    },
  },
  {
    name: "in float64, from the unlikely end, back by indices",
    fn: (logits, { temperature = 1, topK = logits.size, topP = 1 }) => {
      const p = logits.to("float64").div(temperature).softmax();
      const { values, indices } = p.sort();
      const place = nd.arange(0, p.size);
      const best = normalised(values.maskedFill(place.lt(p.size - topK), 0));
      const spare = best
        .cumsum(-1)
        .le(1 - topP + 1e-12)
        .logicalAnd(place.ne(p.size - 1));
      const kept = topP < 1 ? normalised(best.maskedFill(spare, 0)) : best;
      return nd.zeros([p.size], { dtype: "float64" }).scatterAdd(0, indices, kept).to("float32");
    },
  },
  {
    name: "returned early where nothing is to be done",
    fn: (logits, { temperature = 1, topK, topP }) => {
      const p = logits.mul(1 / temperature).softmax();
      if (topK === undefined && topP === undefined) return p;
      const best = topK === undefined || topK >= p.size ? p : normalised(keepK(p, topK));
      return topP === undefined || topP === 1 ? best : normalised(keepP(best, topP));
    },
  },
];
