import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { prefixMask } from "./prefix-mask";

/** A dialogue: four words, a picture of `P` patches, words, and the same picture's number never again. */
const dialogue = seeded(prefixMask, { B: 2, P: 5, T: 23 }, ({ B, P, T }, random) => {
  const starts = random.integers([B], { low: 1, high: T - 2 * P - 1 }).flat();
  const rows = Array.from(starts, (start) =>
    Array.from({ length: T }, (_, t) => {
      if (t >= start && t < start + P) return 4;
      return t >= T - P ? 2 : 0;
    }),
  );
  return [nd.array(rows, { dtype: "int32" })];
});

export const hidden = [
  checks.random(dialogue, { points: 1, name: { en: "a longer row", ru: "строка подлиннее" } }),
  checks.cases(prefixMask, {
    points: 1,
    name: {
      en: "pictures of one patch, and large numbers",
      ru: "картинки из одного патча и большие номера",
    },
    cases: [
      {
        title: { en: "every patch a picture of its own", ru: "каждый патч — отдельная картинка" },
        args: () => [nd.array([[5, 4, 3, 2, 1, 0]], { dtype: "int32" })],
      },
      {
        title: { en: "a picture that is the row's end", ru: "картинка в конце строки" },
        args: () => [nd.array([[0, 0, 1000, 1000, 1000]], { dtype: "int32" })],
      },
    ],
  }),
];
