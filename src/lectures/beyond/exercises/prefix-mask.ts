import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/**
 * Who may look at whom in rows of text with pictures among it. `pictures` (B, T), int32: 0 for a token of text, k for a
 * patch of picture number k. Position i may look at position j if j comes no later than i, or if both belong to one
 * picture. (B, T) → (B, T, T), bool: [b, i, j] is true where i may look at j.
 */
export function prefixMask(pictures: NDArray): NDArray {
  // BEGIN SOLUTION
  const T = pictures.shape[1];
  const past = nd.ones([T, T], { dtype: "bool" }).tril();
  const [who, whom] = [pictures.unsqueeze(2), pictures.unsqueeze(1)];
  const samePicture = who.eq(whom).logicalAnd(who.ne(0));
  return past.logicalOr(samePicture);
  // END SOLUTION
}

const int32 = (rows: number[][]): NDArray => nd.array(rows, { dtype: "int32" });

/** Rows of runs: pictures of one to four patches, a third of the runs text. Every second time as a transposed view. */
function rowsOf(B: number, T: number, random: nd.Generator, seed: number): NDArray {
  const rows = Array.from({ length: B }, () => {
    const row: number[] = [];
    let picture = 0;
    while (row.length < T) {
      const [length, kind] = random.integers([2], { low: 1, high: 5 }).flat();
      row.push(...Array.from({ length }, () => (kind < 2 ? 0 : picture + 1)));
      if (kind >= 2) picture++;
    }
    return row.slice(0, T);
  });
  const all = int32(rows);
  return seed % 2 === 0 ? all : all.transpose().clone().transpose();
}

const inputs = seeded(prefixMask, { B: 3, T: 11 }, ({ B, T }, random, seed) => [rowsOf(B, T, random, seed)]);

/** The past, and what `more` opens of the pairs; `who` (B, T, 1) and `whom` (B, 1, T) are the pictures' numbers. */
const opened =
  (more: (who: NDArray, whom: NDArray, past: NDArray) => NDArray): typeof prefixMask =>
  (pictures) => {
    const T = pictures.shape[1];
    const past = nd.ones([T, T], { dtype: "bool" }).tril();
    return more(pictures.unsqueeze(2), pictures.unsqueeze(1), past);
  };

export const prefixMaskExercise = exercise(prefixMask, {
  id: "prefixMask",
  title: {
    en: "Pictures see each other, text looks back",
    ru: "Картинка видит себя целиком, текст смотрит назад",
  },
  minutes: 12,
  forbids: ["causalMask"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(prefixMask, {
      points: 1,
      args: () => [int32([[1, 1, 0, 0]])],
      expected: [
        [
          [true, true, false, false],
          [true, true, false, false],
          [true, true, true, false],
          [true, true, true, true],
        ],
      ],
      because: {
        en: "two patches and two words: the patches see each other, in both directions; each word sees the patches, the words before it and itself",
        ru: "два патча и два слова: патчи видят друг друга в обе стороны; слово видит патчи, слова перед ним и себя",
      },
      picture: true,
    }),
    checks.cases(prefixMask, {
      points: 1,
      name: { en: "where pictures stand", ru: "где стоят картинки" },
      picture: true,
      cases: [
        {
          title: { en: "text alone: nothing but the past", ru: "только текст: одно прошлое" },
          args: () => [int32([[0, 0, 0, 0, 0]])],
        },
        {
          title: { en: "a picture alone: everything", ru: "только картинка: всё" },
          args: () => [int32([[7, 7, 7]])],
        },
        {
          title: { en: "two pictures, one right behind the other", ru: "две картинки, одна сразу за другой" },
          args: () => [int32([[1, 1, 2, 2, 2]])],
        },
        {
          title: { en: "a picture in the middle of a text", ru: "картинка посреди текста" },
          args: () => [int32([[0, 0, 3, 3, 3, 0, 0]])],
        },
      ],
    }),
    checks.random(inputs, { points: 2, picture: true }),
  ],
  mutants: [
    {
      name: "causal alone",
      says: {
        en: "this is the mask of a text: a patch does not see the patches behind it. Open the pairs of one picture too",
        ru: "это маска текста: патч не видит патчи после себя. Откройте и пары внутри одной картинки",
      },
      fn: opened((who, whom, past) => past.logicalOr(who.eq(whom).logicalAnd(nothing(who)))),
    },
    {
      name: "text counts as one picture",
      says: {
        en: "0 equals 0, so your words see the words after them, where their answers stand: a pair of 0 is no picture",
        ru: "0 равен 0, и слова видят слова после себя, а там стоят ответы: пара нулей — это не картинка",
      },
      fn: opened((who, whom, past) => past.logicalOr(who.eq(whom))),
    },
    {
      name: "all pictures are one",
      says: {
        en: "patches see those of a later picture: ask whether the numbers are equal, not only whether neither is 0",
        ru: "патчи видят и более позднюю картинку: спросите, равны ли номера, а не только отличны ли они от 0",
      },
      fn: opened((who, whom, past) => past.logicalOr(who.ne(0).logicalAnd(whom.ne(0)))),
    },
    {
      name: "every picture is open to all",
      says: {
        en: "words see pictures that come after them: a column of a picture is open to its own patches and to who stands behind it",
        ru: "слова видят картинки, которые стоят после них: столбец картинки открыт её патчам и тем, кто стоит за ней",
      },
      fn: opened((who, whom, past) => past.logicalOr(whom.ne(0).logicalOr(nothing(who)))),
    },
    {
      name: "past and picture, both",
      says: {
        en: "only pairs that are in the past and in one picture are open: either of the two is enough, logicalOr",
        ru: "открыты только пары и из прошлого, и из одной картинки сразу: достаточно одного из двух, logicalOr",
      },
      fn: opened((who, whom, past) => past.logicalAnd(who.eq(whom).logicalAnd(who.ne(0)))),
    },
    {
      name: "pictures see themselves alone",
      says: {
        en: "a picture does not see the text before it: it should look back like everyone, and see itself whole besides",
        ru: "картинка не видит текст перед собой: она, как все, смотрит назад и вдобавок видит себя целиком",
      },
      fn: opened((who, whom, past) =>
        past.logicalAnd(who.eq(0).logicalOr(nothing(whom))).logicalOr(who.eq(whom).logicalAnd(who.ne(0))),
      ),
    },
    {
      name: "looks forward",
      says: {
        en: "everyone sees what comes after, not what came before: row i is who looks, so j ≤ i is the lower triangle, tril",
        ru: "все видят то, что после, а не то, что до: строка i — кто смотрит, и j ≤ i — это нижний треугольник, tril",
      },
      fn: opened((who, whom, past) => past.transpose().logicalOr(who.eq(whom).logicalAnd(who.ne(0)))),
    },
    {
      name: "inverted",
      says: {
        en: "true and false have changed places: true is where one may look",
        ru: "истина и ложь поменялись местами: true — там, где смотреть можно",
      },
      fn: (pictures) => prefixMask(pictures).logicalNot(),
    },
    {
      name: "oneself excluded",
      says: {
        en: "words do not see themselves: j ≤ i includes i, tril(0), not tril(-1)",
        ru: "слова не видят самих себя: j ≤ i включает i, то есть tril(0), а не tril(-1)",
      },
      fn: opened((who, whom, past) => past.tril(-1).logicalOr(who.eq(whom).logicalAnd(who.ne(0)))),
    },
    {
      name: "as many columns as there are patches",
      says: {
        en: "the first columns are open to all, as many as a row has patches: a picture need not stand in front, ask of each pair whether it is one picture",
        ru: "для всех открыты первые столбцы, столько, сколько в строке патчей: картинка не обязана стоять впереди, спросите о каждой паре, одна ли это картинка",
      },
      fn: (pictures) => {
        const T = pictures.shape[1];
        const count = pictures.ne(0).to("int32").sum(1).unsqueeze(1).unsqueeze(2);
        return nd
          .arange(0, T)
          .lt(count)
          .logicalOr(nd.ones([T, T], { dtype: "bool" }).tril());
      },
    },
    {
      name: "the first row for all",
      says: {
        en: "every row of the batch has the mask of the first one: each row has pictures of its own, keep the batch axis",
        ru: "у всех строк батча маска первой строки: в каждой строке свои картинки, сохраните ось батча",
      },
      fn: (pictures) => {
        const mask = prefixMask(pictures);
        return mask.narrow(0, 0, 1).expand(mask.shape).clone();
      },
    },
  ],
  variants: [
    {
      name: "pair by pair",
      fn: (pictures) => {
        const [B, T] = pictures.shape;
        const mask = nd.zeros([B, T, T], { dtype: "bool" });
        for (let b = 0; b < B; b++)
          for (let i = 0; i < T; i++)
            for (let j = 0; j < T; j++) {
              const mine = pictures.get([b, i]);
              if (j <= i || (mine > 0 && mine === pictures.get([b, j]))) mask.set([b, i, j], 1);
            }
        return mask;
      },
    },
    {
      name: "words get numbers of their own, so that no two of them are equal",
      fn: (pictures) => {
        const T = pictures.shape[1];
        const places = nd.arange(0, T);
        const own = nd.where(pictures.eq(0), places.add(1).neg(), pictures);
        return own.unsqueeze(2).eq(own.unsqueeze(1)).logicalOr(places.unsqueeze(1).ge(places));
      },
    },
  ],
});

/** False everywhere, in the shape of x. */
function nothing(x: NDArray): NDArray {
  return x.ne(x);
}
