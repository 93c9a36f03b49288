import { checks, exercise, seeded } from "../../../grading";
import type { Generator } from "../../../tensor";

/** How many tokens each modality has in the one vocabulary: first all of the text's, then the pictures', then the sounds'. */
export interface Sizes {
  readonly text: number;
  readonly picture: number;
  readonly sound: number;
}

/** Tokens in a row that go to one decoder. */
export interface Segment {
  readonly modality: "text" | "picture" | "sound";
  /** Counted from 0 within the modality. */
  readonly codes: readonly number[];
}

/**
 * What a model of several modalities has written, cut where the modality changes. Tokens 0 … text − 1 are words, the next
 * `picture` tokens are the codes of pictures, the next `sound` tokens those of sounds.
 */
export function routeTokens(ids: readonly number[], sizes: Sizes): Segment[] {
  const { text, picture } = sizes;
  // BEGIN SOLUTION
  const segments: { modality: Segment["modality"]; codes: number[] }[] = [];
  for (const id of ids) {
    const isText = id < text;
    const isPicture = !isText && id < text + picture;
    const modality = isText ? "text" : isPicture ? "picture" : "sound";
    const first = isText ? 0 : isPicture ? text : text + picture;
    const last = segments.at(-1);
    if (last?.modality === modality) last.codes.push(id - first);
    else segments.push({ modality, codes: [id - first] });
  }
  return segments;
  // END SOLUTION
}

/** Runs of one to five tokens, the first and the last of each modality among them. */
export function written(count: number, sizes: Sizes, random: Generator): number[] {
  const starts = [0, sizes.text, sizes.text + sizes.picture];
  const spans = [sizes.text, sizes.picture, sizes.sound];
  const ids: number[] = [];
  while (ids.length < count) {
    const [which, length] = random.integers([2], { high: 5 }).flat();
    const chances = random.uniform([length + 1]).flat();
    for (const chance of chances) {
      const edge =
        chance < 0.15 ? 0 : chance > 0.85 ? spans[which % 3] - 1 : Math.floor(chance * spans[which % 3]);
      ids.push(starts[which % 3] + edge);
    }
  }
  return ids.slice(0, count);
}

const SIZES: Sizes = { text: 23, picture: 11, sound: 7 };
const inputs = seeded(routeTokens, { N: 43 }, ({ N }, random) => [written(N, SIZES, random), SIZES]);

type Modality = Segment["modality"];

/** The solution, with another part in one place. */
const routed =
  ({
    modalityOf = (id: number, { text, picture }: Sizes): Modality =>
      id < text ? "text" : id < text + picture ? "picture" : "sound",
    firstOf = (modality: Modality, { text, picture }: Sizes): number =>
      modality === "text" ? 0 : modality === "picture" ? text : text + picture,
    isNew = (modality: Modality, before: Modality | undefined) => modality !== before,
  }): typeof routeTokens =>
  (ids, sizes) => {
    const segments: { modality: Modality; codes: number[] }[] = [];
    for (const id of ids) {
      const modality = modalityOf(id, sizes);
      if (isNew(modality, segments.at(-1)?.modality)) segments.push({ modality, codes: [] });
      segments.at(-1)!.codes.push(id - firstOf(modality, sizes));
    }
    return segments;
  };

export const routeTokensExercise = exercise(routeTokens, {
  id: "routeTokens",
  title: { en: "Each token to its decoder", ru: "Каждый токен — своему декодеру" },
  minutes: 12,
  forbids: [],
  checks: [
    checks.shape(inputs),
    checks.byHand(routeTokens, {
      points: 1,
      args: () => [[3, 0, 12, 10, 25, 1], { text: 10, picture: 15, sound: 5 }],
      expected: [
        { modality: "text", codes: [3, 0] },
        { modality: "picture", codes: [2, 0] },
        { modality: "sound", codes: [0] },
        { modality: "text", codes: [1] },
      ],
      because: {
        en: "words are 0 to 9, pictures 10 to 24, sounds 25 to 29: 12 is code 2 of pictures, 25 is code 0 of sounds",
        ru: "слова — это 0…9, картинки — 10…24, звуки — 25…29: 12 — код 2 картинок, 25 — код 0 звуков",
      },
    }),
    checks.cases(routeTokens, {
      points: 1,
      name: { en: "borders", ru: "границы" },
      cases: [
        { title: { en: "nothing was written", ru: "ничего не написано" }, args: () => [[], SIZES] },
        {
          title: {
            en: "the first and the last token of each modality",
            ru: "первый и последний токен каждой модальности",
          },
          args: () => [[0, 22, 23, 33, 34, 40], SIZES],
        },
        { title: { en: "a sound alone", ru: "только звук" }, args: () => [[36, 36, 35], SIZES] },
        {
          title: { en: "more sounds than pictures", ru: "звуков больше, чем картинок" },
          args: () => [[4, 9, 30, 5, 8], { text: 5, picture: 3, sound: 29 }],
        },
      ],
    }),
    checks.random(inputs, { points: 2 }),
  ],
  mutants: [
    {
      name: "not counted from 0",
      says: {
        en: "the codes are tokens of the large vocabulary: subtract where their modality begins",
        ru: "коды остались токенами общего словаря: вычтите начало их модальности",
      },
      fn: routed({ firstOf: () => 0 }),
    },
    {
      name: "sounds begin where pictures do",
      says: {
        en: "sounds stand behind the pictures: subtract text + picture from them, not text alone",
        ru: "звуки стоят за картинками: вычитайте text + picture, а не только text",
      },
      fn: routed({ firstOf: (modality, { text }) => (modality === "text" ? 0 : text) }),
    },
    {
      name: "counted from 1",
      says: {
        en: "the codes are one too large: the first token behind a border is code 0 of its modality",
        ru: "коды на единицу больше: первый токен за границей — это код 0 своей модальности",
      },
      fn: routed({
        firstOf: (modality, { text, picture }) =>
          modality === "text" ? 0 : (modality === "picture" ? text : text + picture) - 1,
      }),
    },
    {
      name: "one too late",
      says: {
        en: "the first token behind a border is counted before it: text ends before `text`, so < and not ≤",
        ru: "первый токен за границей отнесён к тому, что до неё: текст кончается перед `text`, то есть <, а не ≤",
      },
      fn: routed({
        modalityOf: (id, { text, picture }) =>
          id <= text ? "text" : id <= text + picture ? "picture" : "sound",
      }),
    },
    {
      name: "picture is an end, not a number",
      says: {
        en: "`picture` is how many tokens pictures have, not where they end: they end at text + picture",
        ru: "`picture` — это число токенов картинок, а не место, где они кончаются: кончаются они на text + picture",
      },
      fn: routed({
        modalityOf: (id, { text, picture }) =>
          id < text ? "text" : id < Math.max(text, picture) ? "picture" : "sound",
      }),
    },
    {
      name: "every token a segment",
      says: {
        en: "every token is a segment of its own: a picture must come to its decoder whole",
        ru: "каждый токен стал отдельным отрезком: картинка должна прийти к декодеру целиком",
      },
      fn: routed({ isNew: () => true }),
    },
    {
      name: "gathered by modality",
      says: {
        en: "all words come together, all pictures, all sounds: the order is lost. Begin a new segment where the modality changes",
        ru: "собраны вместе все слова, все картинки, все звуки: порядок потерян. Начинайте новый отрезок там, где модальность меняется",
      },
      fn: (ids, sizes) => {
        const all = routed({})(ids, sizes);
        return (["text", "picture", "sound"] as const).flatMap((modality) => {
          const codes = all.filter((one) => one.modality === modality).flatMap((one) => one.codes);
          return codes.length > 0 ? [{ modality, codes }] : [];
        });
      },
    },
    {
      name: "the last one is lost",
      says: {
        en: "the last segment is missing: it ends with the list, not with a change",
        ru: "нет последнего отрезка: он кончается вместе со списком, а не сменой модальности",
      },
      fn: (ids, sizes) => routed({})(ids, sizes).slice(0, -1),
    },
  ],
  variants: [
    { name: "modality and start in functions of their own", fn: routed({}) },
    {
      name: "cut at the places where the modality changes",
      fn: (ids, { text, picture, sound }) => {
        const borders = [0, text, text + picture, text + picture + sound];
        const names = ["text", "picture", "sound"] as const;
        const which = ids.map((id) => names.findIndex((_, i) => id >= borders[i] && id < borders[i + 1]));
        const starts = [...ids.keys()].filter((i) => i === 0 || which[i] !== which[i - 1]);
        return starts.map((start, i) => ({
          modality: names[which[start]],
          codes: ids.slice(start, starts[i + 1] ?? ids.length).map((id) => id - borders[which[start]]),
        }));
      },
    },
  ],
});
