import { gelu, layerNorm, linear, softmax, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";

type Layer = (x: Tensor) => Tensor;

/** The parts of a block, each from (B, T, C) to (B, T, C). */
export interface BlockParts {
  attentionNorm: Layer;
  attention: Layer;
  mlpNorm: Layer;
  mlp: Layer;
}

/**
 * One block of an encoder, x (B, T, C) → (B, T, C): attention, then the MLP, each added to what was there before.
 * With `normFirst` the norm stands in front of each part, x + f(norm(x)); else behind each sum, norm(x + f(x)).
 */
export function encoderBlock(x: Tensor, parts: BlockParts, normFirst = true): Tensor {
  const { attentionNorm, attention, mlpNorm, mlp } = parts;
  // BEGIN SOLUTION
  if (normFirst) {
    x = x.add(attention(attentionNorm(x)));
    return x.add(mlp(mlpNorm(x)));
  }
  x = attentionNorm(x.add(attention(x)));
  return mlpNorm(x.add(mlp(x)));
  // END SOLUTION
}

/** Parts with fixed random parameters, the same ones every time they are asked for. */
const parts = new Map<string, BlockParts>();
export function partsOf(C: number, seed: number): BlockParts {
  const made = parts.get(`${C} ${seed}`);
  if (made) return made;
  const random = new nd.Generator(seed);
  const weight = () => tensor(random.normal([C, C]).div(Math.sqrt(C)));
  const norm = (): Layer => {
    const [scale, shift] = [tensor(random.uniform([C], { low: 0.5, high: 2 })), tensor(random.normal([C]))];
    return (x) => layerNorm(x, C, { weight: scale, bias: shift });
  };
  const [query, value, up, down] = [weight(), weight(), weight(), weight()];
  const fresh: BlockParts = {
    attentionNorm: norm(),
    attention: (x) => softmax(linear(x, query).matmul(x.transpose())).matmul(linear(x, value)),
    mlpNorm: norm(),
    mlp: (x) => linear(gelu(linear(x, up)), down),
  };
  parts.set(`${C} ${seed}`, fresh);
  return fresh;
}

const sizes = { B: 2, T: 7, C: 6 };
const inputs = seeded(encoderBlock, sizes, ({ B, T, C }, random, seed) => [
  tensor(random.normal([B, T, C])),
  partsOf(C, seed),
]);
export const either = seeded(encoderBlock, sizes, ({ B, T, C }, random, seed) => [
  tensor(random.normal([B, T, C])),
  partsOf(C, seed),
  seed % 2 === 0,
]);

/** Parts so simple that one can follow them on paper. */
const simple: BlockParts = {
  attentionNorm: (x) => x.mul(10),
  attention: (x) => x.add(1),
  mlpNorm: (x) => x.mul(2),
  mlp: (x) => x.mul(3),
};
/** Parts that say nothing. */
const silent: BlockParts = { ...partsOf(6, 50), attention: (x) => x.mul(0), mlp: (x) => x.mul(0) };

export const encoderBlockExercise = exercise(encoderBlock, {
  id: "encoderBlock",
  title: { en: "An encoder block", ru: "Блок энкодера" },
  minutes: 12,
  forbids: ["TransformerBlock", "Encoder"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(encoderBlock, {
      points: 1,
      name: { en: "norm first, by hand", ru: "норма впереди, на бумаге" },
      args: () => [tensor([[[1, 2]]]), simple],
      expected: [[[84, 161]]],
      because: {
        en: "here the norm of attention is ×10, attention +1, the norm of the MLP ×2 and the MLP ×3: 1 + (1 · 10 + 1) = 12, and 12 + 12 · 2 · 3 = 84",
        ru: "здесь норма внимания — ×10, внимание — +1, норма MLP — ×2, а MLP — ×3: 1 + (1 · 10 + 1) = 12, и 12 + 12 · 2 · 3 = 84",
      },
    }),
    checks.byHand(encoderBlock, {
      points: 1,
      name: { en: "norm last, by hand", ru: "норма в конце, на бумаге" },
      args: () => [tensor([[[1, 2]]]), simple, false],
      expected: [[[240, 400]]],
      because: {
        en: "with the same parts, norm(x + f(x)) twice: (1 + (1 + 1)) · 10 = 30, and (30 + 30 · 3) · 2 = 240",
        ru: "с теми же частями дважды norm(x + f(x)): (1 + (1 + 1)) · 10 = 30, и (30 + 30 · 3) · 2 = 240",
      },
    }),
    checks.random(inputs, { points: 1, name: { en: "the default", ru: "по умолчанию" } }),
    checks.random(either, {
      points: 1,
      times: 4,
      name: { en: "norm first or last", ru: "норма впереди или в конце" },
    }),
    checks.invariant(
      encoderBlock,
      { en: "parts that say nothing leave x alone", ru: "молчащие части не меняют x" },
      {
        points: 1,
        examples: [() => [tensor([[[3, -1, 4, 1, -5, 9]]]), silent, true]],
        broken(fn, random) {
          const x = tensor(random.normal([2, 3, 6]));
          const off = fn(x, silent, true).data.sub(x.data).abs().max().item();
          if (off === 0) return null;
          return {
            en: `attention and MLP gave zeros, so x should have come out as it went in; it differs by ${off.toPrecision(3)}`,
            ru: `внимание и MLP дали нули, и x должен был пройти без изменений; разность ${off.toPrecision(3)}`,
          };
        },
      },
    ),
    checks.gradient(encoderBlock, either, { points: 1, names: ["x"], out: (y) => y }),
  ],
  mutants: [
    {
      name: "nothing is added",
      says: {
        en: "the results replace x: add each of them to what was there before",
        ru: "результаты заменяют x: прибавляйте каждый к тому, что было раньше",
      },
      fn: (x, { attentionNorm, attention, mlpNorm, mlp }, normFirst = true) =>
        normFirst ? mlp(mlpNorm(attention(attentionNorm(x)))) : mlpNorm(mlp(attentionNorm(attention(x)))),
    },
    {
      name: "the norm's result is added",
      says: {
        en: "the result is added to norm(x), not to x: what flows past a part must stay untouched",
        ru: "результат прибавлен к norm(x), а не к x: то, что течёт мимо части, должно остаться нетронутым",
      },
      fn: (x, { attentionNorm, attention, mlpNorm, mlp }, normFirst = true) => {
        if (!normFirst)
          return mlpNorm(attentionNorm(x.add(attention(x))).add(mlp(attentionNorm(x.add(attention(x))))));
        x = attentionNorm(x);
        x = mlpNorm(x.add(attention(x)));
        return x.add(mlp(x));
      },
    },
    {
      name: "side by side",
      says: {
        en: "the MLP reads the x from before attention: it must read the sum, so that it can use what attention found",
        ru: "MLP читает x, каким он был до внимания: нужно читать сумму, чтобы использовать найденное вниманием",
      },
      fn: (x, { attentionNorm, attention, mlpNorm, mlp }, normFirst = true) => {
        if (normFirst) return x.add(attention(attentionNorm(x))).add(mlp(mlpNorm(x)));
        return mlpNorm(attentionNorm(x.add(attention(x))).add(mlp(x)));
      },
    },
    {
      name: "always norm first",
      says: {
        en: "`normFirst` is not looked at: when it is false, the norm stands behind the sum",
        ru: "`normFirst` не учитывается: если он false, норма стоит после суммы",
      },
      fn: (x, parts) => encoderBlock(x, parts, true),
    },
    {
      name: "norm last by default",
      says: {
        en: "without a third argument the norm comes first: the default of `normFirst` is true",
        ru: "без третьего аргумента норма стоит впереди: по умолчанию `normFirst` — true",
      },
      fn: (x, parts, normFirst = false) => encoderBlock(x, parts, normFirst),
    },
    {
      name: "one norm for both",
      says: {
        en: "both parts use the norm of attention: the MLP has its own, `mlpNorm`",
        ru: "обе части используют норму внимания, а у MLP своя, `mlpNorm`",
      },
      fn: (x, parts, normFirst) => encoderBlock(x, { ...parts, mlpNorm: parts.attentionNorm }, normFirst),
    },
    {
      name: "norm inside, when it should stand behind",
      says: {
        en: "with the norm last, it is the sum that is normed, norm(x + f(x)), not the part alone, x + norm(f(x))",
        ru: "когда норма в конце, нормируется сумма, norm(x + f(x)), а не одна часть, x + norm(f(x))",
      },
      fn: (x, parts, normFirst = true) => {
        if (normFirst) return encoderBlock(x, parts);
        x = x.add(parts.attentionNorm(parts.attention(x)));
        return x.add(parts.mlpNorm(parts.mlp(x)));
      },
    },
    {
      name: "the MLP comes first",
      says: {
        en: "the MLP comes before attention: first tokens exchange, then each thinks about it",
        ru: "MLP стоит до внимания: сначала токены обмениваются, потом каждый обдумывает",
      },
      fn: (x, { attentionNorm, attention, mlpNorm, mlp }, normFirst) =>
        encoderBlock(
          x,
          { attentionNorm: mlpNorm, attention: mlp, mlpNorm: attentionNorm, mlp: attention },
          normFirst,
        ),
    },
  ],
  variants: [
    {
      name: "one step for both parts",
      fn: (x, { attentionNorm, attention, mlpNorm, mlp }, normFirst = true) => {
        const step = (norm: Layer, part: Layer) => (x: Tensor) =>
          normFirst ? part(norm(x)).add(x) : norm(part(x).add(x));
        return [step(attentionNorm, attention), step(mlpNorm, mlp)].reduce((x, layer) => layer(x), x);
      },
    },
    {
      name: "in one expression",
      fn: (x, { attentionNorm, attention, mlpNorm, mlp }, normFirst = true) => {
        if (!normFirst) {
          const middle = attentionNorm(attention(x).add(x));
          return mlpNorm(middle.add(mlp(middle)));
        }
        const found = attention(attentionNorm(x));
        return x.add(found.add(mlp(mlpNorm(x.add(found)))));
      },
    },
  ],
});
