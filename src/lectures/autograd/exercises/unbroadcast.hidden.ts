import { checks } from "../../../grading";
import * as nd from "../../../tensor";
import { unbroadcast } from "./unbroadcast";

const make = (seed: number, shape: number[]) => new nd.Generator(seed).normal(shape, { dtype: "float64" });

export const hidden = [
  checks.cases(unbroadcast, {
    name: { en: "equal sizes, several ones", ru: "равные размеры, несколько единиц" },
    points: 1,
    cases: [
      { title: "(4, 4, 4) → (4, 1)", args: () => [make(91, [4, 4, 4]), [4, 1]] },
      { title: "(6, 4, 6) → (1, 4, 1)", args: () => [make(92, [6, 4, 6]), [1, 4, 1]] },
      { title: "(3, 1, 4) → (1, 1, 1)", args: () => [make(93, [3, 1, 4]), [1, 1, 1]] },
    ],
  }),
  checks.cases(unbroadcast, {
    name: { en: "without axes, and transposed", ru: "без осей и транспонированный" },
    points: 1,
    cases: [
      { title: "() → ()", args: () => [nd.array(4.5), []] },
      { title: "(8, 6) transposed → (8)", args: () => [make(94, [8, 6]).transpose(), [8]] },
    ],
  }),
];
