import { Tensor } from "../autograd";
import { say } from "../notebook";
import {
  array,
  check,
  checkOptions,
  fromStorage,
  isA,
  isList,
  NDArray,
  type Nested,
  readable,
  type Shape,
  sameShape,
  showShape,
} from "../tensor";
import { reshaped, transformed } from "./causes";
import { describe, isThenable, showNumber } from "./describe";
import { type Failure, failure } from "./failure";
import { isEndless, isRecord } from "./inputs";
import { FLOAT32_TOLERANCE, near, type Tolerance } from "./tolerance";

/** What to call a result in a sentence: itself, its field, or its entry. */
const named = (path: string): string =>
  path.startsWith("[") ? `result${path}` : path || say({ en: "the result", ru: "результат" });

/** Where `got` is not built as `expected`: another kind of value, a missing field, another shape. */
export function compareStructure(got: unknown, expected: unknown, path = ""): Failure | null {
  if (isA(expected, Tensor) || isA(expected, NDArray)) {
    const tensorWanted = isA(expected, Tensor);
    if (!(isA(got, Tensor) || isA(got, NDArray))) return wrongKind(got, expected, path);
    if (isA(got, Tensor) !== tensorWanted) {
      const cause = tensorWanted
        ? {
            en: "an NDArray does not remember where it came from, so no gradient could flow; stay with Tensors and leave `.data` alone",
            ru: "NDArray не помнит, откуда он взялся, и градиент через него не пройдёт; работайте с Tensor и не трогайте `.data`",
          }
        : {
            en: "the task works on plain numbers; take `.data` of the Tensor",
            ru: "задание работает с обычными числами; возьмите у Tensor поле `.data`",
          };
      return { ...wrongKind(got, expected, path), cause: say(cause) };
    }
    return compareShape(got.shape, expected.shape, path);
  }
  if (isList(expected)) {
    if (!isList(got)) return wrongKind(got, expected, path);
    if (got.length !== expected.length) return wrongLength(got, expected, path);
    if (numeric(expected)) return numeric(got) ? null : wrongKind(got, expected, path);
    return first(expected, (entry, i) => compareStructure(got[i], entry, `${path}[${i}]`));
  }
  if (isRecord(expected)) return compareFields(got, expected, path, compareStructure);
  if (typeof got === typeof expected && (got === null) === (expected === null)) return null;
  return wrongKind(got, expected, path);
}

function wrongLength(got: readonly unknown[], expected: readonly unknown[], path: string): Failure {
  const [what, came, wanted] = [named(path), got.length, expected.length];
  return failure(
    say({
      en: `${what} has length ${came}, expected ${wanted}`,
      ru: `${what}: длина ${came}, ожидалась ${wanted}`,
    }),
  );
}

function wrongKind(got: unknown, expected: unknown, path: string): Failure {
  const [what, came, wanted] = [named(path), describe(got), describe(expected)];
  const message = {
    en: `${what} is ${came}, expected ${wanted}`,
    ru: `${what}: ${came}, ожидалось: ${wanted}`,
  };
  return failure(say(message), [], oddity(got, path));
}

/** What a beginner has overlooked, where a result is no value at all. */
function oddity(got: unknown, path: string): string | null {
  if (got === undefined && !path)
    return say({ en: "is there a `return`?", ru: "есть ли в функции `return`?" });
  if (isThenable(got))
    return say({
      en: "the function is `async`; write it without",
      ru: "функция объявлена как `async`; уберите это слово",
    });
  if (isGenerator(got))
    return say({
      en: "`function*` only promises to compute; write `function`, and `return`",
      ru: "`function*` лишь обещает вычислить; пишите `function` и `return`",
    });
  return null;
}

const isGenerator = (got: unknown): boolean =>
  readable((x) => Object.prototype.toString.call(x) === "[object Generator]", got);

/** What has not been computed yet, and so has no fields. */
const isPromised = (got: unknown): boolean => isThenable(got) || isGenerator(got);

function compareShape(got: Shape, expected: Shape, path: string): Failure | null {
  if (sameShape(got, expected)) return null;
  const [what, came, wanted] = [named(path), showShape(got), showShape(expected)];
  const message = {
    en: `${what} has shape ${came}, expected ${wanted}`,
    ru: `${what}: форма ${came}, ожидалась ${wanted}`,
  };
  return failure(say(message), [], reshaped(got, expected));
}

type Comparison = (got: unknown, expected: unknown, path: string) => Failure | null;

function compareFields(got: unknown, expected: Record<string, unknown>, path: string, compare: Comparison) {
  if (typeof got !== "object" || got === null || isPromised(got)) return wrongKind(got, expected, path);
  return first(Object.entries(expected), ([key, field]) => {
    const at = path ? `${path}.${key}` : key;
    if (!(key in got)) {
      const [what, came] = [named(path), describe(got)];
      return failure(
        say({
          en: `${what} has no field "${key}", it is ${came}`,
          ru: `${what}: нет поля "${key}", это ${came}`,
        }),
      );
    }
    return compare((got as Record<string, unknown>)[key], field, at);
  });
}

/** Where `got`, built as `expected`, holds another dtype, or NaN or ∞ where `expected` is finite. */
export function compareTypes(got: unknown, expected: unknown, path = ""): Failure | null {
  const [g, e] = [numeric(got), numeric(expected)];
  if (!g || !e) {
    if (isList(expected) && isList(got))
      return first(expected, (entry, i) => compareTypes(got[i], entry, `${path}[${i}]`));
    return isRecord(expected) ? compareFields(got, expected, path, compareTypes) : null;
  }
  const typed = isA(expected, Tensor) || isA(expected, NDArray);
  if (typed && g.dtype !== e.dtype)
    return failure(
      say({
        en: `${named(path)} has dtype ${g.dtype}, expected ${e.dtype}`,
        ru: `${named(path)}: dtype ${g.dtype}, ожидался ${e.dtype}`,
      }),
      [],
      e.dtype === "int32" || e.dtype === "bool"
        ? say({
            en: `numbers become float32 unless you say otherwise, where an array is made: { dtype: "${e.dtype}" }; or at the end: .to("${e.dtype}")`,
            ru: `числа становятся float32, если не сказать иначе, там, где создаётся массив: { dtype: "${e.dtype}" }; или в конце: .to("${e.dtype}")`,
          })
        : null,
    );
  if (!allFinite(e) || allFinite(g)) return null;
  const values = g.flat();
  const at = values.findIndex((x) => !Number.isFinite(x));
  const count = values.filter((x) => !Number.isFinite(x)).length;
  const [where, came] = [place(path, g.shape, at), showNumber(values[at])];
  return failure(
    say({
      en: `${where} is ${came}, expected a finite number`,
      ru: `${where}: ${came}, ожидалось конечное число`,
    }),
    [
      say({
        en: `${count} of ${g.size} values are not finite`,
        ru: `не конечны ${count} из ${g.size} значений`,
      }),
    ],
  );
}

/** Where the numbers (and strings) of `got` differ from `expected`. Containers need not agree, contents must. */
export function compareValues(
  got: unknown,
  expected: unknown,
  options: CompareOptions = {},
  path = "",
): Failure | null {
  check("compareValues", "path", path, "text");
  checkOptions("compareValues", options, "tolerance, sizes", { tolerance: "object", sizes: "map" });
  const { tolerance = FLOAT32_TOLERANCE, sizes = NO_SIZES } = options;

  const e = numeric(expected);
  if (e) {
    const g = numeric(got);
    if (!g) return wrongKind(got, expected, path);
    return compareShape(g.shape, e.shape, path) ?? compareNumbers(g, e, path, tolerance, sizes);
  }
  const deeper = (g: unknown, x: unknown, at: string) => compareValues(g, x, { tolerance, sizes }, at);
  if (isRecord(expected)) return compareFields(got, expected, path, deeper);
  if (isList(expected)) {
    if (!isList(got)) return wrongKind(got, expected, path);
    if (got.length !== expected.length) return wrongLength(got, expected, path);
    return first(expected, (entry, i) => deeper(got[i], entry, `${path}[${i}]`));
  }
  return Object.is(got, expected) ? null : wrongKind(got, expected, path);
}

export interface CompareOptions {
  readonly tolerance?: Tolerance;
  /** Axis letter → size, to name a factor such as √D. */
  readonly sizes?: ReadonlyMap<string, number>;
}

const NO_SIZES: ReadonlyMap<string, number> = new Map();

function compareNumbers(
  got: NDArray,
  expected: NDArray,
  path: string,
  tolerance: Tolerance,
  sizes: ReadonlyMap<string, number>,
): Failure | null {
  const [g, e] = [got.flat(), expected.flat()];
  let [wrong, where, largest] = [0, -1, 0];
  for (let i = 0; i < e.length; i++) {
    if (near(g[i], e[i], tolerance)) continue;
    if (wrong++ === 0) where = i;
    largest = Math.max(largest, Math.abs(g[i] - e[i]));
  }
  if (wrong === 0) return null;
  const show =
    expected.dtype === "bool" && got.dtype === "bool" ? (x: number) => String(x !== 0) : showNumber;
  const [at, came, wanted] = [place(path, expected.shape, where), show(g[where]), show(e[where])];
  const message = say({
    en: `${at} is ${came}, expected ${wanted}`,
    ru: `${at}: ${came}, ожидалось ${wanted}`,
  });
  if (e.length === 1) return failure(message, [], transformed(got, expected, tolerance, sizes));
  const right = e.length - wrong;
  const percent = Math.floor((100 * right) / e.length);
  const difference =
    Number.isFinite(largest) && largest > 0
      ? say({
          en: `; the largest difference is ${showNumber(largest)}`,
          ru: `; наибольшее отличие ${showNumber(largest)}`,
        })
      : "";
  const howMuch = `${say({
    en: `${right} of ${e.length} values are right (${percent} %)`,
    ru: `верны ${right} из ${e.length} значений (${percent} %)`,
  })}${difference}`;
  return failure(message, [howMuch], transformed(got, expected, tolerance, sizes));
}

/** `weights[0, 2]`: the element at `position` in row-major order. */
function place(path: string, shape: Shape, position: number): string {
  if (shape.length === 0) return named(path);
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = position; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return `${path ? named(path) : "result"}[${index.join(", ")}]`;
}

/** The numbers in a tensor, array, typed array, single number, or list of such with one shape; null for all else. */
export function numeric(value: unknown): NDArray | null {
  if (isA(value, Tensor)) return value.data;
  if (isA(value, NDArray)) return value;
  if (isA(value, Float32Array) || isA(value, Float64Array)) return fromStorage(value);
  if (isA(value, Int32Array)) return fromStorage(value);
  if (isA(value, Uint8Array)) return fromStorage(Int32Array.from(value));
  if (typeof value !== "number" && typeof value !== "boolean" && !isList(value)) return null;
  if (isList(value) && isEndless(value)) return null;
  try {
    return array(nested(value), typeof value === "boolean" ? {} : { dtype: "float64" });
  } catch {
    return null; // ragged, or with something in it that is no number
  }
}

/** Lists may hold arrays. */
function nested(value: unknown): Nested {
  if (isList(value)) return value.map(nested);
  if (typeof value !== "object") return value as Nested;
  const array = numeric(value);
  if (!array) throw new TypeError("an object without numbers"); // numeric() answers null
  return array.toArray();
}

const allFinite = (x: NDArray): boolean => x.flat().every((value) => Number.isFinite(value));

/** The first failure that `look` finds. */
function first<T>(list: readonly T[], look: (entry: T, i: number) => Failure | null): Failure | null {
  for (let i = 0; i < list.length; i++) {
    const found = look(list[i], i);
    if (found) return found;
  }
  return null;
}
