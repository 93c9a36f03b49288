import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";

/**
 * Positions for a larger or smaller image: positions (1 + S·S, E), row 0 the class token's and the others an S × S grid row by row, →
 * (1 + rows·columns, E). Bilinear: the middle of a new cell falls somewhere into the old grid, and takes of the four old
 * middles around it by nearness; outside of the outermost middles nothing changes any more. The class token keeps its own.
 */
export function resizePositions(positions: nd.NDArray, rows: number, columns: number): nd.NDArray {
  const [length, E] = positions.shape;
  const S = Math.round(Math.sqrt(length - 1));
  // BEGIN SOLUTION
  const weights = (count: number) => {
    const table = nd.zeros([count, S]);
    for (let i = 0; i < count; i++) {
      const at = Math.min(Math.max(((i + 0.5) * S) / count - 0.5, 0), S - 1);
      const low = Math.floor(at);
      const high = Math.min(low + 1, S - 1);
      table.set([i, low], table.get([i, low]) + 1 - (at - low));
      table.set([i, high], table.get([i, high]) + (at - low));
    }
    return table; // (count, S): how much of each old line is in the new one
  };
  const grid = positions.narrow(0, 1, S * S).reshape([S, S * E]);
  const down = weights(rows).matmul(grid).reshape([rows, S, E]);
  const across = weights(columns).matmul(down); // (rows, columns, E)
  return nd.concat([positions.narrow(0, 0, 1), across.reshape([rows * columns, E])], 0);
  // END SOLUTION
}

const inputs = seeded(
  resizePositions,
  { S: 4, E: 5, rows: 7, columns: 6 },
  ({ S, E, rows, columns }, random, seed) => [
    seed % 2 ? random.normal([E, 1 + S * S]).transpose() : random.normal([1 + S * S, E]),
    [rows, 3, 9][seed % 3],
    [columns, 11, 2][seed % 3],
  ],
);

type Resize = typeof resizePositions;
interface Parts {
  /** The place in the old grid of S that new line i of `count` is taken from. */
  at?: (i: number, count: number, S: number) => number;
  clamp?: boolean;
  /** 0 to 1 between two old lines → 0 to 1. */
  blend?: (part: number) => number;
  classToken?: (positions: nd.NDArray) => nd.NDArray;
  /** Whether the old grid is read column by column. */
  turned?: boolean;
}

const middle = (i: number, count: number, S: number) => ((i + 0.5) * S) / count - 0.5;

/** Number by number, with another part in one place. */
const resize =
  ({
    at = middle,
    clamp = true,
    blend = (part) => part,
    classToken = (p) => p.narrow(0, 0, 1),
    turned = false,
  }: Parts): Resize =>
  (positions, rows, columns) => {
    const [length, E] = positions.shape;
    const S = Math.round(Math.sqrt(length - 1));
    const old = (y: number, x: number, e: number) => {
      if (!clamp && (y < 0 || x < 0 || y >= S || x >= S)) return 0;
      const [r, c] = [y, x].map((line) => Math.min(Math.max(line, 0), S - 1));
      return positions.get([1 + (turned ? c * S + r : r * S + c), e]);
    };
    const table: number[][] = [];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const [y, x] = [at(row, rows, S), at(column, columns, S)];
        const [top, left] = [Math.floor(y), Math.floor(x)];
        const [down, across] = [blend(y - top), blend(x - left)];
        table.push(
          Array.from(
            { length: E },
            (_, e) =>
              (1 - down) * ((1 - across) * old(top, left, e) + across * old(top, left + 1, e)) +
              down * ((1 - across) * old(top + 1, left, e) + across * old(top + 1, left + 1, e)),
          ),
        );
      }
    return nd.concat([classToken(positions), nd.array(table)], 0);
  };

/** A grid of which each number is its place: 10 · row + column, and minus that. */
const grid = (S: number) =>
  nd.array([
    [100, -100],
    ...Array.from({ length: S * S }, (_, i) => {
      const value = 10 * Math.floor(i / S) + (i % S);
      return [value, -value];
    }),
  ]);

export const resizePositionsExercise = exercise(resizePositions, {
  id: "resizePositions",
  title: { en: "Positions for a larger image", ru: "Позиции для большего изображения" },
  minutes: 15,
  forbids: ["interpolate", "gridSample", "Upsample"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(resizePositions, {
      points: 1,
      args: () => [grid(2), 4, 2],
      expected: [
        [100, -100],
        ...[0, 2.5, 7.5, 10].flatMap((row) => [
          [row, -row],
          [row + 1, -row - 1],
        ]),
      ],
      because: {
        en: "the old rows are 0 and 10. The middles of four new rows lie at (i + ½) · 2/4 − ½ = −¼, ¼, ¾, 1¼ of the old ones: the outer two are kept inside and give 0 and 10, the inner two 2.5 and 7.5. Columns stay",
        ru: "старые строки — 0 и 10. Середины четырёх новых строк лежат на (i + ½) · 2/4 − ½ = −¼, ¼, ¾, 1¼ старых: крайние остаются внутри и дают 0 и 10, средние — 2,5 и 7,5. Столбцы не меняются",
      },
    }),
    checks.cases(resizePositions, {
      points: 1,
      name: { en: "edges", ru: "крайние случаи" },
      cases: [
        {
          title: { en: "the same size: nothing changes", ru: "тот же размер: ничего не меняется" },
          args: () => [grid(3), 3, 3],
        },
        { title: { en: "smaller", ru: "меньше" }, args: () => [grid(6), 4, 3] },
        { title: { en: "one cell", ru: "одна клетка" }, args: () => [grid(4), 1, 1] },
        { title: { en: "wide and low", ru: "широкая и низкая" }, args: () => [grid(3), 2, 11] },
      ],
    }),
    checks.random(inputs, { points: 1, times: 4 }),
    checks.invariant(
      resizePositions,
      { en: "mirrored before or after: the same", ru: "отразить до или после — одно и то же" },
      {
        points: 1,
        examples: [() => [grid(5), 8, 7]],
        broken(fn, random) {
          const positions = random.normal([26, 3]);
          const mirror = (table: nd.NDArray, rows: number, columns: number) =>
            nd.concat([
              table.narrow(0, 0, 1),
              table
                .narrow(0, 1, rows * columns)
                .reshape([rows, columns, 3])
                .flip([0, 1])
                .reshape([rows * columns, 3]),
            ]);
          const apart = fn(mirror(positions, 5, 5), 8, 7)
            .sub(mirror(fn(positions, 8, 7), 8, 7))
            .abs()
            .max()
            .item();
          return apart < 1e-4
            ? null
            : {
                en: `a grid of 5 × 5 turned upside down and resized differs from the resized one turned upside down, by up to ${apart.toFixed(3)}: do both ends count alike?`,
                ru: `сетка 5 × 5, перевёрнутая и потом растянутая, отличается от растянутой и потом перевёрнутой, до ${apart.toFixed(3)}: одинаково ли учтены оба края?`,
              };
        },
      },
    ),
  ],
  mutants: [
    {
      name: "corners upon corners",
      says: {
        en: "the first and last middles were laid upon each other, i (S − 1) / (count − 1): middles of cells lie at (i + ½) · S / count − ½",
        ru: "первые и последние середины совмещены, i (S − 1) / (count − 1), а середины клеток лежат на (i + ½) · S / count − ½",
      },
      fn: resize({ at: (i, count, S) => (count === 1 ? 0 : (i * (S - 1)) / (count - 1)) }),
    },
    {
      name: "without the half",
      says: {
        en: "the place is i · S / count: corners of cells, not their middles; add ½ before, take ½ away after",
        ru: "место взято как i · S / count: это углы клеток, а не середины; прибавьте ½ до и вычтите ½ после",
      },
      fn: resize({ at: (i, count, S) => (i * S) / count }),
    },
    {
      name: "the nearest",
      says: {
        en: "each new place takes the nearest old one: blend the four around it",
        ru: "каждое новое место берёт ближайшее старое, а нужно смешать четыре вокруг него",
      },
      fn: resize({ blend: (part) => (part < 0.5 ? 0 : 1) }),
    },
    {
      name: "black outside",
      says: {
        en: "outside of the grid zeros are mixed in: keep the place between 0 and S − 1",
        ru: "за краем сетки подмешиваются нули: держите место между 0 и S − 1",
      },
      fn: resize({ clamp: false }),
    },
    {
      name: "read column by column",
      says: {
        en: "rows and columns of the old grid are exchanged: the places come row by row",
        ru: "строки и столбцы старой сетки переставлены: места идут по строкам",
      },
      fn: resize({ turned: true }),
    },
    {
      name: "written column by column",
      says: {
        en: "the new places come column by column: they go row by row, as the old ones do",
        ru: "новые места идут по столбцам, а нужно по строкам, как старые",
      },
      fn: (positions, rows, columns) => {
        const E = positions.shape[1];
        const made = resize({})(positions, rows, columns);
        const turned = made
          .narrow(0, 1, rows * columns)
          .reshape([rows, columns, E])
          .transpose(0, 1);
        return nd.concat([made.narrow(0, 0, 1), turned.reshape([rows * columns, E])], 0);
      },
    },
    {
      name: "rows for columns",
      says: {
        en: "the new rows and columns are exchanged: there are `rows` from top to bottom, `columns` from left to right",
        ru: "новые строки и столбцы перепутаны: сверху вниз их `rows`, слева направо `columns`",
      },
      fn: (positions, rows, columns) => resize({})(positions, columns, rows),
    },
    {
      name: "zeros for the class token",
      says: {
        en: "the class token has become zeros: it keeps its vector",
        ru: "вместо токена класса нули, а его вектор сохраняется",
      },
      fn: resize({ classToken: (p) => p.narrow(0, 0, 1).mul(0) }),
    },
    {
      name: "the class token behind",
      says: {
        en: "the class token stands behind the places: it keeps row 0",
        ru: "токен класса стоит после мест, а у него строка 0",
      },
      fn: (positions, rows, columns) => resize({})(positions, rows, columns).roll(-1, 0),
    },
    {
      name: "stretched by the other way round",
      says: {
        en: "the place was taken as (i + ½) · count / S − ½: from a new line to an old one it goes by S / count",
        ru: "место взято как (i + ½) · count / S − ½, а от новой линии к старой ведёт S / count",
      },
      fn: resize({
        at: (i, count, S) => Math.min(Math.max(((i + 0.5) * count) / S - 0.5, 0), S - 1),
      }),
    },
    {
      name: "the class token resized too",
      says: {
        en: "the class token has changed: it has no place in the image, and keeps its vector",
        ru: "изменился токен класса: у него нет места в изображении, и его вектор сохраняется",
      },
      fn: resize({ classToken: (p) => p.mean(0, { keepDims: true }) }),
    },
    {
      name: "weights the wrong way round",
      says: {
        en: "near and far are exchanged: the nearer of two old places weighs more, 1 − distance",
        ru: "близкое и далёкое перепутаны: ближнее из двух старых мест весит больше, 1 − расстояние",
      },
      fn: resize({ blend: (part) => 1 - part }),
    },
  ],
  variants: [
    { name: "number by number", fn: resize({}) },
    {
      name: "tents: the weight falls off with the distance",
      fn: (positions, rows, columns) => {
        const [length, E] = positions.shape;
        const S = Math.round(Math.sqrt(length - 1));
        const tents = (count: number) => {
          const at = nd
            .arange(0, count)
            .add(0.5)
            .mul(S / count)
            .sub(0.5)
            .clamp(0, S - 1);
          return at.unsqueeze(1).sub(nd.arange(0, S)).abs().neg().add(1).relu();
        };
        const old = positions
          .narrow(0, 1, S * S)
          .reshape([S, S, E])
          .permute([2, 0, 1]);
        const made = tents(rows).matmul(old).matmul(tents(columns).transpose()); // (E, rows, columns)
        return nd.concat([positions.narrow(0, 0, 1), made.permute([1, 2, 0]).reshape([-1, E])]);
      },
    },
  ],
});
