import type { Mutant, Variant } from "../../../grading";
import * as nd from "../../../tensor";
import type { nextTokenPairs } from "./next-token-pairs";

type Pairs = typeof nextTokenPairs;
type Options = Parameters<Pairs>[1];

interface Parts {
  /** Every document as a stretch of the stream. */
  join(ids: number[], bos: number, eos: number): number[];
  /** All documents as one stream. */
  stream(documents: number[][], options: Options): number[];
  rows(tokens: number, length: number): number;
  /** Where inputs and targets start in the stream. */
  inputs: number;
  targets: number;
  dtype: nd.DType;
}

/** The solution with another part in one place. */
function pairs(parts: Partial<Parts>): Pairs {
  const {
    join = (ids, bos, eos) => [bos, ...ids, eos],
    stream = (documents, { bos, eos }) => documents.flatMap((ids) => join(ids, bos, eos)),
    rows = (tokens, length) => Math.floor((tokens - 1) / length),
    inputs = 0,
    targets = 1,
    dtype = "int32",
  } = parts;
  return (documents, options) => {
    const { length } = options;
    const tokens = stream(documents, options);
    const count = rows(tokens.length, length);
    const cut = (start: number) =>
      nd.array(tokens.slice(start, start + count * length), { dtype }).reshape([count, length]);
    return { inputs: cut(inputs), targets: cut(targets) };
  };
}

const joined = (documents: number[][], { bos, eos }: Options) =>
  documents.flatMap((ids) => [bos, ...ids, eos]);
const table = (rows: number[][]) => nd.array(rows, { dtype: "int32" });
/** Rows of `length`, each starting `step` after the one before. */
const windows = (tokens: number[], length: number, step: number) => {
  const rows: { inputs: number[]; targets: number[] }[] = [];
  for (let at = 0; at + length < tokens.length; at += step)
    rows.push({ inputs: tokens.slice(at, at + length), targets: tokens.slice(at + 1, at + length + 1) });
  return { inputs: table(rows.map((row) => row.inputs)), targets: table(rows.map((row) => row.targets)) };
};

/** Wrong, and how students are told. */
export const mutants: readonly Mutant<Pairs>[] = [
  {
    name: "shifted the wrong way",
    says: {
      en: "inputs and targets have changed places: the target is what comes after the input, not before",
      ru: "inputs и targets поменялись местами: цель — это то, что идёт после входа, а не до него",
    },
    fn: pairs({ inputs: 1, targets: 0 }),
  },
  {
    name: "not shifted",
    says: {
      en: "targets are the inputs themselves: the model would learn to copy. Start the targets one place later",
      ru: "цели — это сами входы: модель научилась бы списывать. Начните цели на одно место дальше",
    },
    fn: pairs({ targets: 0 }),
  },
  {
    name: "shifted by two",
    says: {
      en: "targets start two places later, so the model would skip a token",
      ru: "цели начинаются на два места дальше: модель перескакивала бы через токен",
    },
    fn: pairs({ targets: 2, rows: (tokens, length) => Math.floor((tokens - 2) / length) }),
  },
  {
    name: "no eos",
    says: {
      en: "no document ends with eos: the model would never learn to stop",
      ru: "ни один документ не кончается eos: модель никогда не научилась бы останавливаться",
    },
    fn: pairs({ join: (ids, bos) => [bos, ...ids] }),
  },
  {
    name: "no bos",
    says: {
      en: "no document starts with bos: the model would never learn how texts begin",
      ru: "ни один документ не начинается с bos: модель никогда не узнала бы, как начинаются тексты",
    },
    fn: pairs({ join: (ids, _, eos) => [...ids, eos] }),
  },
  {
    name: "neither bos nor eos",
    says: {
      en: "bos and eos are missing: every document starts with bos and ends with eos",
      ru: "нет ни bos, ни eos: каждый документ начинается с bos и кончается eos",
    },
    fn: pairs({ join: (ids) => ids }),
  },
  {
    name: "bos and eos exchanged",
    says: { en: "bos and eos have changed places", ru: "bos и eos поменялись местами" },
    fn: pairs({ join: (ids, bos, eos) => [eos, ...ids, bos] }),
  },
  {
    name: "bos and eos around the whole text",
    says: {
      en: "bos and eos stand only at the two ends of the whole text: every document has its own",
      ru: "bos и eos стоят только по краям всего текста, а у каждого документа должны быть свои",
    },
    fn: pairs({ stream: (documents, { bos, eos }) => [bos, ...documents.flat(), eos] }),
  },
  {
    name: "one token between documents",
    says: {
      en: "between two documents stands eos alone: the next one starts with a bos of its own",
      ru: "между двумя документами стоит только eos, а следующий начинается со своего bos",
    },
    fn: pairs({
      stream: (documents, { bos, eos }) => [bos, ...documents.flatMap((ids) => [...ids, eos])],
    }),
  },
  {
    name: "rows shifted one by one",
    says: {
      en: "the last target of each row is the first token of the same row: shift the stream before you cut it",
      ru: "последняя цель каждой строки — первый токен той же строки: сначала сдвигайте поток, потом режьте",
    },
    fn: (documents, options) => {
      const { inputs } = pairs({})(documents, options);
      return { inputs, targets: inputs.roll(-1, -1) };
    },
  },
  {
    name: "rows end with eos",
    says: {
      en: "the last target of each row is eos, whatever comes next: shift the stream before you cut it",
      ru: "последняя цель каждой строки — eos, что бы ни шло дальше: сначала сдвигайте поток, потом режьте",
    },
    fn: (documents, options) => {
      const { inputs } = pairs({})(documents, options);
      const shifted = inputs.narrow(1, 1, options.length - 1);
      const last = nd.full([inputs.shape[0], 1], options.eos, { dtype: "int32" });
      return { inputs, targets: nd.concat([shifted, last], 1) };
    },
  },
  {
    name: "rows of one token more",
    says: {
      en: "every row starts one token too late: rows of T + 1 tokens were cut, but only the target reaches beyond the row. Rows start at 0, T, 2T, …",
      ru: "строки нарезаны по T + 1 токенов, и каждая следующая начинается на токен позже, чем надо: за край строки выходит только цель. Начала строк: 0, T, 2T, …",
    },
    fn: (documents, options) => windows(joined(documents, options), options.length, options.length + 1),
  },
  {
    name: "sliding windows",
    says: {
      en: "the rows overlap: each starts one token after the one before. They start at 0, T, 2T, …",
      ru: "строки перекрываются: каждая начинается на один токен позже предыдущей. Начала строк: 0, T, 2T, …",
    },
    fn: (documents, options) => windows(joined(documents, options), options.length, 1),
  },
  {
    name: "every document cut alone",
    says: {
      en: "every document was cut on its own: join all of them to one stream first, then cut",
      ru: "каждый документ нарезан сам по себе: сначала соедините все в один поток, потом режьте",
    },
    fn: (documents, options) => {
      const tables = documents.map((ids) => pairs({})([ids], options));
      return {
        inputs: nd.concat(tables.map(({ inputs }) => inputs)),
        targets: nd.concat(tables.map(({ targets }) => targets)),
      };
    },
  },
  {
    name: "no token for the last target",
    says: {
      en: "the last row has no token left for its last target: N is floor((tokens − 1) / T)",
      ru: "последней строке не хватает токена для последней цели: N — это floor((токены − 1) / T)",
    },
    fn: pairs({ rows: (tokens, length) => Math.floor(tokens / length) }),
  },
  {
    name: "no Math.floor",
    says: {
      en: "the number of rows is not a whole number: round it down with Math.floor",
      ru: "число строк не целое: округлите его вниз с помощью Math.floor",
    },
    fn: pairs({ rows: (tokens, length) => (tokens - 1) / length }),
  },
  {
    name: "rounded up",
    says: {
      en: "the number of rows is rounded up: what does not fill a row is left out, so Math.floor",
      ru: "число строк округлено вверх, а что не заполняет строку, отбрасывается: нужен Math.floor",
    },
    fn: pairs({ rows: (tokens, length) => Math.ceil((tokens - 1) / length) }),
  },
  {
    name: "one row too few",
    says: {
      en: "one row too few: N is floor((tokens − 1) / T), and nothing is taken off after that",
      ru: "на одну строку меньше, чем надо: N — это floor((токены − 1) / T), и больше ничего вычитать не нужно",
    },
    fn: pairs({ rows: (tokens, length) => Math.floor((tokens - 1) / length) - 1 }),
  },
  {
    name: "a row less to be safe",
    says: {
      en: "a whole row is left out for the last target: one token is enough, floor((tokens − 1) / T)",
      ru: "ради последней цели отброшена целая строка, а хватит одного токена: floor((токены − 1) / T)",
    },
    fn: pairs({ rows: (tokens, length) => Math.floor(tokens / length) - 1 }),
  },
  {
    name: "the remainder filled up",
    says: {
      en: "the last row is filled up with made-up tokens: leave out what does not fill a row",
      ru: "последняя строка дополнена выдуманными токенами: что не заполняет строку, отбросьте",
    },
    fn: pairs({
      stream: (documents, options) => {
        const tokens = joined(documents, options);
        while ((tokens.length - 1) % options.length > 0) tokens.push(options.eos);
        return tokens;
      },
    }),
  },
  {
    name: "the last target from the beginning",
    says: {
      en: "the last target is the first token of the stream: nothing comes after the end, so the row is left out",
      ru: "последняя цель — первый токен потока, но после конца ничего нет: такую строку отбросьте",
    },
    fn: (documents, options) => {
      const tokens = joined(documents, options);
      const count = Math.floor(tokens.length / options.length);
      const cut = (list: number[]) =>
        table(
          Array.from({ length: count }, (_, i) => list.slice(i * options.length, (i + 1) * options.length)),
        );
      return { inputs: cut(tokens), targets: cut([...tokens.slice(1), tokens[0]]) };
    },
  },
  {
    name: "columns for rows",
    says: {
      en: "the table is turned: rows have T tokens, so reshape to [N, T]",
      ru: "таблица повёрнута: в строке T токенов, поэтому reshape в [N, T]",
    },
    fn: (documents, options) => {
      const { inputs, targets } = pairs({})(documents, options);
      const turned = [...inputs.shape].reverse();
      return { inputs: inputs.reshape(turned), targets: targets.reshape(turned) };
    },
  },
  {
    name: "read down the columns",
    says: {
      en: "the stream runs down the columns: it must run along the rows",
      ru: "поток идёт вниз по столбцам, а должен идти вдоль строк",
    },
    fn: (documents, options) => {
      const { inputs, targets } = pairs({})(documents, options);
      const down = (x: nd.NDArray) => x.reshape([x.shape[1], x.shape[0]]).transpose();
      return { inputs: down(inputs), targets: down(targets) };
    },
  },
  {
    name: "ids as float32",
    says: {
      en: 'ids are names, not quantities: make the arrays with { dtype: "int32" }',
      ru: 'номера токенов — это имена, а не величины: создавайте массивы с { dtype: "int32" }',
    },
    fn: pairs({ dtype: "float32" }),
  },
  {
    name: "documents changed in place",
    says: {
      en: "push() and unshift() change the caller's documents; build new lists with [bos, ...ids, eos]",
      ru: "push() и unshift() меняют чужие документы; создавайте новые списки: [bos, ...ids, eos]",
    },
    fn: (documents, options) => {
      const { bos, eos } = options;
      for (const ids of documents) {
        ids.unshift(bos);
        ids.push(eos);
      }
      return pairs({ join: (ids) => ids })(documents, options);
    },
  },
];

/** Right, written in other ways. */
export const variants: readonly Variant<Pairs>[] = [
  {
    name: "a loop over tokens",
    fn: (documents, { bos, eos, length }) => {
      const stream: number[] = [];
      for (const ids of documents) {
        stream.push(bos);
        for (const id of ids) stream.push(id);
        stream.push(eos);
      }
      const inputs: number[][] = [];
      const targets: number[][] = [];
      for (let start = 0; start + length + 1 <= stream.length; start += length) {
        inputs.push(stream.slice(start, start + length));
        targets.push(stream.slice(start + 1, start + length + 1));
      }
      return { inputs: table(inputs), targets: table(targets) };
    },
  },
  {
    name: "arrays all the way, cut from one",
    fn: (documents, options) => {
      const { length } = options;
      const stream = nd.array(joined(documents, options), { dtype: "int32" });
      const rows = Math.trunc((stream.size - 1) / length);
      const part = (from: number) => stream.narrow(0, from, rows * length).reshape([rows, length]);
      return { inputs: part(0), targets: part(1) };
    },
  },
  {
    name: "rows counted as bits, built by index",
    fn: (documents, options) => {
      const { length } = options;
      const stream = documents.reduce<number[]>((all, ids) => all.concat(options.bos, ids, options.eos), []);
      const rows = ((stream.length - 1) / length) | 0;
      const build = (shift: number) =>
        table(
          Array.from({ length: rows }, (_, row) =>
            Array.from({ length }, (_, column) => stream[row * length + column + shift]),
          ),
        );
      return { targets: build(1), inputs: build(0) };
    },
  },
];
