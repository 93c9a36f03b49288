import { concat, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";

/**
 * The way back from windows to the picture: windows (B · windows, w, w, C), as `cutWindows` made them with this `shift`, and
 * the picture's [H, W] → (B, H, W, C), everything where it was.
 */
export function mendWindows(windows: Tensor, [H, W]: readonly number[], shift = 0): Tensor {
  // BEGIN SOLUTION
  const [, w, , C] = windows.shape;
  return windows
    .reshape([-1, H / w, W / w, w, w, C])
    .permute([0, 1, 3, 2, 4, 5])
    .reshape([-1, H, W, C])
    .roll([shift, shift], [1, 2]);
  // END SOLUTION
}

const inputs = seeded(mendWindows, { N: 12, w: 3, C: 5 }, ({ N, w, C }, random, seed) => [
  tensor(seed % 2 ? random.normal([N, C, w, w]).permute([0, 2, 3, 1]) : random.normal([N, w, w, C])),
  [6, 9],
  seed % 3,
]);
const small = seeded(mendWindows, { N: 6, w: 2, C: 3 }, ({ N, w, C }, random) => [
  tensor(random.normal([N, w, w, C])),
  [4, 6],
  1,
]);
/** Windows whose places carry numbers: 100 · window + 10 · row + column. */
const numbered = (N: number, w: number): Tensor =>
  tensor(
    Array.from({ length: N }, (_, n) =>
      Array.from({ length: w }, (_, i) => Array.from({ length: w }, (_, j) => [100 * n + 10 * i + j])),
    ),
  );

interface Parts {
  by?: (shift: number) => [number, number];
  counts?: (rows: number, columns: number) => [number, number];
  order?: number[];
  first?: boolean;
}

/** The solution with another part in one place. */
const mend =
  ({
    by = (shift) => [shift, shift],
    counts = (rows, columns) => [rows, columns],
    order = [0, 1, 3, 2, 4, 5],
    first = false,
  }: Parts): typeof mendWindows =>
  (windows, [H, W], shift = 0) => {
    const [, w, , C] = windows.shape;
    const early = first ? windows.roll(by(shift), [1, 2]) : windows;
    const whole = early
      .reshape([-1, ...counts(H / w, W / w), w, w, C])
      .permute(order)
      .reshape([-1, H, W, C]);
    return first ? whole : whole.roll(by(shift), [1, 2]);
  };

export const mendWindowsExercise = exercise(mendWindows, {
  id: "mendWindows",
  title: { en: "Windows back to a picture", ru: "Из окон снова картинка" },
  minutes: 8,
  forbids: ["windowReverse"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(mendWindows, {
      points: 1,
      args: () => [numbered(2, 2), [2, 4], 0],
      expected: [
        [
          [[0], [1], [100], [101]],
          [[10], [11], [110], [111]],
        ],
      ],
      because: {
        en: "two windows stand side by side: the first row is the first row of window 0, then that of window 1",
        ru: "два окна стоят рядом: первая строка — это первая строка окна 0, затем первая строка окна 1",
      },
    }),
    checks.cases(mendWindows, {
      points: 1,
      name: { en: "shapes and shifts", ru: "формы и сдвиги" },
      cases: [
        {
          title: { en: "shifted back by one", ru: "обратно на одно место" },
          args: () => [numbered(4, 2), [4, 4], 1],
        },
        { title: { en: "no shift given", ru: "сдвиг не указан" }, args: () => [numbered(6, 2), [4, 6]] },
        { title: { en: "a high picture", ru: "высокая картинка" }, args: () => [numbered(6, 2), [6, 4], 1] },
        { title: { en: "two pictures", ru: "две картинки" }, args: () => [numbered(4, 3), [6, 3], 2] },
      ],
    }),
    checks.random(inputs, { points: 1, times: 4 }),
    checks.gradient(mendWindows, small, { points: 1, names: ["windows"], out: (picture) => picture }),
  ],
  mutants: [
    {
      name: "pushed the same way again",
      says: {
        en: "the way back rolls by +shift, down and to the right; a roll by −shift moves everything twice as far",
        ru: "обратно прокручивают на +shift, вниз и вправо; сдвиг на −shift уводит всё вдвое дальше",
      },
      fn: mend({ by: (shift) => [-shift, -shift] }),
    },
    {
      name: "never pushed back",
      says: {
        en: "the windows are put together, but the shift is not undone: roll the picture at the end",
        ru: "окна собраны, но сдвиг не отменён: в конце прокрутите картинку",
      },
      fn: mend({ by: () => [0, 0] }),
    },
    {
      name: "rolled inside the windows",
      says: {
        en: "you rolled every window by itself, before they were put together: first the picture, then the roll",
        ru: "прокручено каждое окно по отдельности, ещё до сборки: сначала картинка, потом сдвиг",
      },
      fn: mend({ first: true }),
    },
    {
      name: "no permutation",
      says: {
        en: "without a permutation the rows of a window follow one another along the picture's row: bring the row within the window behind the row of windows",
        ru: "без перестановки строки окна идут друг за другом вдоль строки картинки: поставьте строку внутри окна сразу за рядом окон",
      },
      fn: mend({ order: [0, 1, 2, 3, 4, 5] }),
    },
    {
      name: "column by column",
      says: {
        en: "the windows are laid column by column: they came row by row, H / w of them counted first",
        ru: "окна уложены по столбцам, а идут они по строкам: сначала считаются H / w рядов",
      },
      fn: mend({ counts: (rows, columns) => [columns, rows], order: [0, 2, 3, 1, 4, 5] }),
    },
    {
      name: "windows transposed",
      says: {
        en: "every window lies on its side: its rows and columns have changed places",
        ru: "каждое окно лежит на боку: его строки и столбцы поменялись местами",
      },
      fn: mend({ order: [0, 1, 4, 2, 3, 5] }),
    },
    {
      name: "only the rows",
      says: {
        en: "rows are pushed back, columns are not: roll along both axes, 1 and 2",
        ru: "строки возвращены на место, столбцы нет: прокрутите обе оси, 1 и 2",
      },
      fn: mend({ by: (shift) => [shift, 0] }),
    },
  ],
  variants: [
    {
      name: "rows of windows joined",
      fn: (windows, [H, W], shift = 0) => {
        const [N, w] = windows.shape;
        const [rows, columns] = [H / w, W / w];
        const pictures: Tensor[] = [];
        for (let start = 0; start < N; start += rows * columns) {
          const strips = Array.from({ length: rows }, (_, i) =>
            concat(
              Array.from({ length: columns }, (_, j) => windows.select(0, start + i * columns + j)),
              1,
            ),
          );
          pictures.push(concat(strips, 0).unsqueeze(0));
        }
        return concat(pictures, 0).roll([shift, shift], [1, 2]);
      },
    },
    {
      name: "one axis after the other",
      fn: (windows, [H, W], shift = 0) => {
        const [N, w, , C] = windows.shape;
        const columns = W / w;
        const strips = windows
          .reshape([N / columns, columns, w, w, C])
          .transpose(1, 2)
          .reshape([N / columns, w, W, C]);
        return strips.reshape([-1, H, W, C]).roll(shift, 2).roll(shift, 1);
      },
    },
  ],
});
