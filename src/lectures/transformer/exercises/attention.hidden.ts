import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { attention, masked } from "./attention";

const others = seeded(attention, { T: 11, S: 3, D: 10, E: 5 }, ({ T, S, D, E }, random, seed) => {
  random = random.split(`hidden ${seed}`);
  const [query, key, value] = [random.normal([T, D]), random.normal([S, D]), random.normal([S, E])];
  return [tensor(query.mul(5)), tensor(key), tensor(value)];
});

/** Many queries, few keys; one key alone. */
export const hidden = [
  checks.cases(attention, {
    points: 1,
    name: { en: "a single key", ru: "единственный ключ" },
    cases: [
      {
        title: { en: "one key may be seen", ru: "виден один ключ" },
        args: () => [
          tensor(new nd.Generator(11).normal([3, 6])),
          tensor(new nd.Generator(12).normal([5, 6])),
          tensor(new nd.Generator(13).normal([5, 7])),
          nd.arange(0, 5).eq(3),
        ],
      },
    ],
  }),
  checks.random(others, { points: 1, name: { en: "other sizes", ru: "другие размеры" } }),
  checks.random(
    { ...masked, make: (seed) => masked.make(seed + 100) },
    {
      points: 1,
      name: { en: "other masks", ru: "другие маски" },
      times: 6,
    },
  ),
];
