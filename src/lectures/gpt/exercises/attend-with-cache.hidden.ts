import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { Generator } from "../../../tensor";
import { attendWithCache, type Past } from "./attend-with-cache";

const inputs = seeded(attendWithCache, { B: 3, P: 9, S: 2, D: 10, E: 5 }, ({ B, P, S, D, E }, random) => {
  const make = (T: number, C: number) => tensor(random.normal([B, T, C], { std: 2 }));
  return [make(S, D), make(S, D), make(S, E), { key: make(P, D), value: make(P, E) }];
});

export const hidden = [
  checks.random(
    { ...inputs, make: (seed) => inputs.make(seed + 50) },
    { points: 1, name: { en: "other sizes", ru: "другие размеры" } },
  ),
  checks.invariant(
    attendWithCache,
    { en: "seven tokens, one at a time", ru: "семь токенов по одному" },
    {
      points: 1,
      broken(fn) {
        const random = new Generator(8);
        const [q, k, v] = [6, 6, 4].map((C) => tensor(random.normal([2, 7, C])));
        const whole = attendWithCache(q, k, v, null);
        let past: Past | null = null;
        for (let t = 0; t < 7; t++) {
          const [a, b, c] = [q, k, v].map((x) => x.narrow(1, t, 1));
          const step: ReturnType<typeof attendWithCache> = fn(a, b, c, past);
          const off = step.output.data
            .sub(whole.output.data.narrow(1, t, 1))
            .abs()
            .max()
            .item();
          if (!(off < 1e-5))
            return {
              en: `token ${t + 1} differs from reading the text at once`,
              ru: `токен ${t + 1} отличается от того, что даёт чтение всего текста сразу`,
            };
          past = step.past;
        }
        return past?.key.shape[1] === 7
          ? null
          : {
              en: "after seven tokens the cache does not hold seven keys",
              ru: "после семи токенов в кэше не семь ключей",
            };
      },
    },
  ),
];
