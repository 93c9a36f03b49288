/**
 * Likely causes: undo one well-known slip on what came, and see whether what was expected appears.
 * Each cause is a sentence for the student; the first that explains everything is told.
 */
import { type Localized, say } from "../notebook";
import type { NDArray, Shape } from "../tensor";
import { showNumber } from "./describe";
import { near, type Tolerance } from "./tolerance";

/** Why an error with this message was thrown, or null. */
export function raised(message: string): string | null {
  if (message.startsWith("RangeError: Maximum call stack size exceeded"))
    return say({ en: "does it call itself without end?", ru: "не вызывает ли она сама себя без конца?" });
  const [, left, right] = /shapes \((.*?)\) and \((.*?)\) do not broadcast/.exec(message) ?? [];
  if (left === undefined) return null;
  const [shorter, longer] = [left, right]
    .map((shape) => shape.match(/\d+/g) ?? [])
    .sort((a, b) => a.length - b.length);
  return shorter.length + 1 === longer.length && longer.slice(0, -1).join() === shorter.join()
    ? say({
        en: "the last axis of the one is missing in the other: { keepDims: true } keeps the axis that is summed, unsqueeze(-1) adds one",
        ru: "у одного нет последней оси другого: { keepDims: true } сохраняет ось, по которой суммируют, unsqueeze(-1) её добавляет",
      })
    : null;
}

/** Why one shape came instead of another, or null. */
export function reshaped(got: Shape, expected: Shape): string | null {
  const sorted = (shape: Shape) => [...shape].sort((a, b) => a - b).join();
  const without1 = (shape: Shape) => shape.filter((n) => n !== 1).join();
  if (got.length === expected.length && sorted(got) === sorted(expected))
    return say({
      en: "two axes are swapped: look for a missing or extra transpose()",
      ru: "две оси переставлены: ищите недостающий или лишний transpose()",
    });
  if (without1(got) === without1(expected))
    return got.length > expected.length
      ? say({
          en: "an axis of size 1 is left over: squeeze() it, or leave keepDims away",
          ru: "осталась лишняя ось размера 1: уберите её squeeze() или не просите keepDims",
        })
      : say({
          en: "an axis of size 1 is missing: keepDims or unsqueeze() keeps it",
          ru: "не хватает оси размера 1: её сохраняет keepDims или добавляет unsqueeze()",
        });
  const off = got.flatMap((n, axis) => (n === expected[axis] ? [] : [axis]));
  if (got.length === expected.length && off.length === 1) {
    const difference = got[off[0]] - expected[off[0]];
    if (Math.abs(difference) === 1)
      return say({
        en: `axis ${off[0]} is one too ${difference > 0 ? "long" : "short"}: count again where it starts and ends`,
        ru: `ось ${off[0]} на единицу ${difference > 0 ? "длиннее" : "короче"}, чем нужно: пересчитайте, где она начинается и кончается`,
      });
  }
  if (got.length + 1 === expected.length && sameEnd(got, expected))
    return say({ en: "the batch axis was lost", ru: "потеряна ось батча" });
  return null;
}

const sameEnd = (got: Shape, expected: Shape) => got.join() === expected.slice(1).join();

/** Why these numbers came instead of those (shapes are equal), or null. */
export function transformed(
  got: NDArray,
  expected: NDArray,
  tolerance: Tolerance,
  sizes: ReadonlyMap<string, number>,
): string | null {
  const [g, e] = [got.to("float64"), expected.to("float64")];
  const same = (a: NDArray, b: NDArray) => {
    const [x, y] = [a.flat(), b.flat()];
    return x.length > 0 && x.every((value, i) => near(value, y[i], tolerance));
  };
  if (expected.dtype === "bool" && same(g.neg().add(1), e))
    return say({
      en: "true and false are exchanged: what should be blocked is let through",
      ru: "true и false поменялись местами: что должно быть закрыто, пропускается",
    });
  // Two values can agree by accident after almost any change; from here on more are asked for.
  if (distinct(e.flat()) < 3) return null;
  for (const { says, undo } of REARRANGED) {
    const undone = undo(g);
    if (undone && same(undone, e)) return say(says);
  }
  for (let axis = g.ndim - 1; axis >= 0; axis--) {
    const n = g.shape[axis];
    if (same(g.flip(axis), e))
      return say({ en: `axis ${axis} runs backwards`, ru: `ось ${axis} идёт в обратную сторону` });
    if (n < 4) continue;
    const behind = same(g.narrow(axis, 1, n - 1), e.narrow(axis, 0, n - 1));
    const ahead = same(g.narrow(axis, 0, n - 1), e.narrow(axis, 1, n - 1));
    if (behind || ahead)
      return say({
        en: `along axis ${axis} everything is shifted by one, ${behind ? "one place too late" : "one place too early"}`,
        ru: `вдоль оси ${axis} всё сдвинуто на единицу: на одно место ${behind ? "позже" : "раньше"}, чем нужно`,
      });
  }
  if (g.ndim > 0) {
    for (const { says, redo } of NORMALISED) if (same(redo(g), e)) return say(says);
  }
  return scaled(g, e, tolerance, sizes);
}

const REARRANGED: readonly { says: Localized; undo(g: NDArray): NDArray | null }[] = [
  {
    says: { en: "every sign is the wrong way round", ru: "у всех значений обратный знак" },
    undo: (g) => g.neg(),
  },
  {
    says: {
      en: "rows and columns are exchanged: look for a missing or extra transpose(), or for two indices in each other's place",
      ru: "строки и столбцы поменялись местами: ищите недостающий или лишний transpose() или два перепутанных индекса",
    },
    undo: (g) => (g.ndim >= 2 && g.shape.at(-1) === g.shape.at(-2) ? g.transpose() : null),
  },
  {
    says: { en: "this is the logarithm of what is wanted", ru: "это логарифм того, что нужно" },
    undo: (g) => g.exp(),
  },
  {
    says: { en: "the logarithm of this is what is wanted", ru: "нужен логарифм этого" },
    undo: (g) => g.log(),
  },
  {
    says: { en: "this is the square root of what is wanted", ru: "это квадратный корень из того, что нужно" },
    undo: (g) => g.square(),
  },
  {
    says: { en: "this is the square of what is wanted", ru: "это квадрат того, что нужно" },
    undo: (g) => g.sqrt(),
  },
];

const NORMALISED: readonly { says: Localized; redo(g: NDArray): NDArray }[] = [
  {
    says: {
      en: "these are scores: a softmax over the last axis is missing",
      ru: "это оценки: не хватает softmax по последней оси",
    },
    redo: (g) => {
      const powers = g.sub(g.max(-1, { keepDims: true })).exp();
      return powers.div(powers.sum(-1, { keepDims: true }));
    },
  },
  {
    says: {
      en: "the proportions are right, but rows do not sum to 1: divide by their sum",
      ru: "соотношения верны, но суммы строк не равны 1: разделите на сумму",
    },
    redo: (g) => g.div(g.sum(-1, { keepDims: true })),
  },
];

/** One factor, or one addend, between all values. */
function scaled(
  g: NDArray,
  e: NDArray,
  tolerance: Tolerance,
  sizes: ReadonlyMap<string, number>,
): string | null {
  const [x, y] = [g.flat(), e.flat()];
  let largest = 0;
  for (let i = 1; i < y.length; i++) if (Math.abs(y[i]) > Math.abs(y[largest])) largest = i;
  const factor = x[largest] / y[largest];
  if (
    Number.isFinite(factor) &&
    factor !== 0 &&
    x.every((value, i) => near(value / factor, y[i], tolerance))
  ) {
    const name = nameFactor(factor, sizes);
    return say({
      en: `every value is ${showNumber(factor)} times what is wanted${name ? `, which is ${name}: did you scale?` : ""}`,
      ru: `все значения — это нужные, умноженные на ${showNumber(factor)}${name ? `, а это ${name}: не забыт ли масштаб?` : ""}`,
    });
  }
  const addend = x[0] - y[0];
  if (Number.isFinite(addend) && x.every((value, i) => near(value - addend, y[i], tolerance)))
    return say({
      en: `every value is ${showNumber(Math.abs(addend))} too ${addend > 0 ? "large" : "small"}`,
      ru: `все значения на ${showNumber(Math.abs(addend))} ${addend > 0 ? "больше" : "меньше"} нужных`,
    });
  return null;
}

/** `√D`, `1/B`, ... for the axis whose size makes that factor. */
function nameFactor(factor: number, sizes: ReadonlyMap<string, number>): string | null {
  for (const [axis, size] of sizes) {
    const names: [number, string][] = [
      [Math.sqrt(size), `√${axis}`],
      [1 / Math.sqrt(size), `1/√${axis}`],
      [size, axis],
      [1 / size, `1/${axis}`],
    ];
    const hit = names.find(([value]) => Math.abs(factor / value - 1) < 1e-3);
    if (hit) return `${hit[1]} (${axis} = ${size})`;
  }
  return null;
}

function distinct(values: ArrayLike<number>): number {
  const seen = new Set<number>();
  for (let i = 0; i < values.length && seen.size < 3; i++) seen.add(values[i]);
  return seen.size;
}
