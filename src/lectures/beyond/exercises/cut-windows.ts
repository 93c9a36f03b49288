import { stack, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";

/**
 * Swin's windows: the picture is pushed up and to the left by `shift` places, what leaves on one side comes in on the
 * other, and then it is cut into windows of w × w places, row by row. x (B, H, W, C), H and W divisible by w
 * → (B · windows, w, w, C): all windows of the first picture, then those of the second.
 */
export function cutWindows(x: Tensor, w: number, shift = 0): Tensor {
  // BEGIN SOLUTION
  const [B, H, W, C] = x.shape;
  const pushed = x.roll([-shift, -shift], [1, 2]);
  return pushed
    .reshape([B, H / w, w, W / w, w, C])
    .permute([0, 1, 3, 2, 4, 5])
    .reshape([-1, w, w, C]);
  // END SOLUTION
}

/** Places that tell where they are: 10 · row + column. */
const numbered = (H: number, W: number): Tensor =>
  tensor(Array.from({ length: H }, (_, i) => Array.from({ length: W }, (_, j) => [10 * i + j]))).unsqueeze(0);

const inputs = seeded(cutWindows, { B: 2, H: 6, W: 9, C: 5 }, ({ B, H, W, C }, random, seed) => [
  tensor(seed % 2 ? random.normal([B, C, H, W]).permute([0, 2, 3, 1]) : random.normal([B, H, W, C])),
  3,
  seed % 3,
]);
const small = seeded(cutWindows, { H: 4, W: 6, C: 3 }, ({ H, W, C }, random) => [
  tensor(random.normal([1, H, W, C])),
  2,
  1,
]);

interface Parts {
  by?: (shift: number) => [number, number];
  order?: number[];
  fold?: (x: Tensor, w: number) => Tensor;
}

/** The solution with another part in one place. */
const cut =
  ({ by = (shift) => [-shift, -shift], order = [0, 1, 3, 2, 4, 5], fold }: Parts): typeof cutWindows =>
  (x, w, shift = 0) => {
    const pushed = x.roll(by(shift), [1, 2]);
    if (fold) return fold(pushed, w);
    const [B, H, W, C] = x.shape;
    return pushed
      .reshape([B, H / w, w, W / w, w, C])
      .permute(order)
      .reshape([-1, w, w, C]);
  };

export const cutWindowsExercise = exercise(cutWindows, {
  id: "cutWindows",
  title: { en: "Shifted windows", ru: "Сдвинутые окна" },
  minutes: 12,
  forbids: ["windowPartition"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(cutWindows, {
      points: 1,
      args: () => [numbered(2, 4), 2, 0],
      expected: [
        [
          [[0], [1]],
          [[10], [11]],
        ],
        [
          [[2], [3]],
          [[12], [13]],
        ],
      ],
      because: {
        en: "places are numbered 10 · row + column: the first window holds rows 0 and 1 of columns 0 and 1, the second of columns 2 and 3",
        ru: "место обозначено числом 10 · строка + столбец: в первом окне строки 0 и 1 столбцов 0 и 1, во втором — столбцов 2 и 3",
      },
    }),
    checks.cases(cutWindows, {
      points: 1,
      name: { en: "the shift", ru: "сдвиг" },
      cases: [
        {
          title: {
            en: "by one: what was above and left comes in below and right",
            ru: "на одно место: верх и левый край появляются снизу и справа",
          },
          args: () => [numbered(4, 4), 2, 1],
        },
        {
          title: { en: "left out: no shift", ru: "не указан: сдвига нет" },
          args: () => [numbered(4, 6), 2],
        },
        {
          title: { en: "by two, windows of three", ru: "на два, окна по три" },
          args: () => [numbered(6, 3), 3, 2],
        },
        {
          title: { en: "one window is the whole picture", ru: "одно окно на всю картинку" },
          args: () => [numbered(3, 3), 3, 1],
        },
      ],
    }),
    checks.random(inputs, { points: 1, times: 4 }),
    checks.gradient(cutWindows, small, { points: 1, names: ["x"], out: (windows) => windows }),
  ],
  mutants: [
    {
      name: "pushed the other way",
      says: {
        en: "the picture moved down and to the right: a roll by −shift brings row `shift` to the top",
        ru: "картинка уехала вниз и вправо: наверх строку `shift` приводит сдвиг на −shift",
      },
      fn: cut({ by: (shift) => [shift, shift] }),
    },
    {
      name: "never pushed",
      says: {
        en: "`shift` changes nothing: roll rows and columns before you cut",
        ru: "`shift` ни на что не влияет: прокрутите строки и столбцы до разрезания",
      },
      fn: cut({ by: () => [0, 0] }),
    },
    {
      name: "only the rows",
      says: {
        en: "rows are pushed, columns are not: roll along both axes, 1 and 2",
        ru: "строки сдвинуты, столбцы нет: прокрутите обе оси, 1 и 2",
      },
      fn: cut({ by: (shift) => [-shift, 0] }),
    },
    {
      name: "no permutation",
      says: {
        en: "a reshape alone keeps the order of the numbers, and cuts strips of rows, not squares: between the two reshapes, bring both window axes behind both counting axes",
        ru: "одна перемена формы не меняет порядок чисел и режет полосы, а не квадраты: между двумя reshape переставьте обе оси окна за обе оси счёта",
      },
      fn: cut({ fold: (x, w) => x.reshape([-1, w, w, x.shape[3]]) }),
    },
    {
      name: "column by column",
      says: {
        en: "the windows are the right ones, but they come column by column: count along a row of windows first",
        ru: "окна верные, но идут по столбцам: сначала считайте вдоль ряда окон",
      },
      fn: cut({ order: [0, 3, 1, 2, 4, 5] }),
    },
    {
      name: "windows transposed",
      says: {
        en: "inside every window rows and columns have changed places: the row within the window comes first",
        ru: "внутри каждого окна строки и столбцы поменялись местами: сначала строка внутри окна",
      },
      fn: cut({ order: [0, 1, 3, 4, 2, 5] }),
    },
    {
      name: "pictures mixed",
      says: {
        en: "the first windows of all pictures come first: keep the batch axis in front, all windows of one picture together",
        ru: "сначала идут первые окна всех картинок: оставьте ось батча первой, чтобы окна одной картинки шли подряд",
      },
      fn: cut({ order: [1, 3, 0, 2, 4, 5] }),
    },
    {
      name: "always half a window",
      says: {
        en: "the picture is pushed by half a window whatever `shift` says: push it by `shift`",
        ru: "картинка сдвигается на полокна, что бы ни значил `shift`: сдвигайте на `shift`",
      },
      fn: (x, w, shift = 0) => cut({})(x, w, shift === 0 ? 0 : Math.floor(w / 2)),
    },
    {
      name: "rolled inside the windows",
      says: {
        en: "every window was rolled by itself, after the cut: push the picture first, then cut",
        ru: "каждое окно прокручено само по себе, после разрезания: сначала сдвиг картинки, потом окна",
      },
      fn: (x, w, shift = 0) => cut({})(x, w).roll([-shift, -shift], [1, 2]),
    },
    {
      name: "only the columns",
      says: {
        en: "columns are pushed, rows are not: roll along both axes, 1 and 2",
        ru: "столбцы сдвинуты, строки нет: прокрутите обе оси, 1 и 2",
      },
      fn: cut({ by: (shift) => [0, -shift] }),
    },
  ],
  variants: [
    {
      name: "window by window",
      fn: (x, w, shift = 0) => {
        const [B, H, W] = x.shape;
        const pushed = x.roll([-shift, -shift], [1, 2]);
        const windows: Tensor[] = [];
        for (let b = 0; b < B; b++)
          for (let i = 0; i < H; i += w)
            for (let j = 0; j < W; j += w) windows.push(pushed.select(0, b).narrow(0, i, w).narrow(1, j, w));
        return stack(windows);
      },
    },
    {
      name: "rows first, then columns",
      fn: (x, w, shift = 0) => {
        const [B, H, W, C] = x.shape;
        const strips = x
          .roll(-shift, 1)
          .roll(-shift, 2)
          .reshape([(B * H) / w, w, W, C]);
        return strips
          .reshape([(B * H) / w, w, W / w, w, C])
          .permute([0, 2, 1, 3, 4])
          .reshape([-1, w, w, C]);
      },
    },
  ],
});
