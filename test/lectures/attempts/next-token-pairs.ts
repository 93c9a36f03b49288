import { Tensor } from "../../../src/autograd";
import * as nd from "../../../src/tensor";
import type { Attempts } from "./attempt";

type Documents = number[][];
interface Options {
  bos: number;
  eos: number;
  length: number;
}

const int = (values: nd.Nested) => nd.array(values, { dtype: "int32" });
const join = (documents: Documents, { bos, eos }: Options) => documents.flatMap((ids) => [bos, ...ids, eos]);
const rowsOf = (list: readonly number[], length: number, count: number) =>
  Array.from({ length: count }, (_, i) => list.slice(i * length, (i + 1) * length));
/** Right, from a stream of one's own. */
const cut = (stream: number[], { length }: Options) => {
  const count = Math.max(0, Math.floor((stream.length - 1) / length));
  return {
    inputs: int(rowsOf(stream, length, count)),
    targets: int(rowsOf(stream.slice(1), length, count)),
  };
};

export const nextTokenPairs: Attempts = {
  wrong: [
    { name: "nothing returned", fn: () => {}, told: /is undefined.*is there a `return`\?/s },
    {
      name: "lists",
      fn: (d: Documents, o: Options) => {
        const { inputs, targets } = cut(join(d, o), o);
        return { inputs: inputs.toArray(), targets: targets.toArray() };
      },
      told: /inputs is an array of 3 arrays, expected an int32 NDArray/,
    },
    {
      name: "a pair",
      fn: (d: Documents, o: Options) => Object.values(cut(join(d, o), o)),
      told: /has no field "inputs"/,
    },
    {
      name: "other names",
      fn: (d: Documents, o: Options) => {
        const { inputs, targets } = cut(join(d, o), o);
        return { x: inputs, y: targets };
      },
      told: /has no field "inputs", it is an object \{ x, y \}/,
    },
    {
      name: "Tensors",
      fn: (d: Documents, o: Options) => {
        const { inputs, targets } = cut(join(d, o), o);
        return { inputs: new Tensor(inputs), targets: new Tensor(targets) };
      },
      told: /take `.data` of the Tensor/,
    },
    {
      name: "only targets int32",
      fn: (d: Documents, o: Options) => {
        const { inputs, targets } = cut(join(d, o), o);
        return { inputs: inputs.to("float32"), targets };
      },
      told: /inputs has dtype float32, expected int32/,
    },
    {
      name: "flat",
      fn: (d: Documents, o: Options) => {
        const { inputs, targets } = cut(join(d, o), o);
        return { inputs: inputs.flatten(), targets: targets.flatten() };
      },
      told: /inputs has shape \(15,\), expected \(3, 5\)/,
    },
    {
      name: "joined with a comma",
      fn: (d: Documents, o: Options) =>
        cut(
          d.flatMap((ids) => [o.bos, ids as never, o.eos]),
          o,
        ),
      told: /threw|shape/,
    },
    {
      name: "one bos for all",
      fn: (d: Documents, o: Options) => cut([o.bos, ...d.flatMap((ids) => [...ids, o.eos])], o),
      told: /between two documents stands eos alone/,
    },
    {
      name: "bos at both ends",
      fn: (d: Documents, o: Options) => cut(join(d, { ...o, eos: o.bos }), o),
      told: /inputs\[1, 1\] is 1, expected 2/,
    },
    {
      name: "eos at both ends",
      fn: (d: Documents, o: Options) => cut(join(d, { ...o, bos: o.eos }), o),
      told: /inputs\[0, 0\] is 2, expected 1/,
    },
    {
      name: "fixed ids for bos and eos",
      fn: (d: Documents, o: Options) => cut(join(d, { ...o, bos: 1, eos: 2 }), o),
      told: /random seeded|seeded random|inputs\[/,
    },
    {
      name: "fixed length",
      fn: (d: Documents, o: Options) => cut(join(d, o), { ...o, length: 5 }),
      told: /expected \(2, 3\)/,
    },
    {
      name: "rows end one token early",
      fn: (d: Documents, { length, ...o }: Options) => {
        const { inputs, targets } = cut(join(d, { length, ...o }), { ...o, length });
        return { inputs: inputs.narrow(1, 0, length - 1), targets: targets.narrow(1, 0, length - 1) };
      },
      told: /axis 1 is one too short/,
    },
    {
      name: "target of the last place is the input",
      fn: (d: Documents, o: Options) => {
        const { inputs } = cut(join(d, o), o);
        const rest = inputs.narrow(1, 1, o.length - 1);
        return { inputs, targets: nd.concat([rest, inputs.narrow(1, o.length - 1, 1)], 1) };
      },
      told: /targets\[0, 2\] is 8, expected 9/,
    },
    {
      name: "targets one row further",
      fn: (d: Documents, o: Options) => {
        const stream = join(d, o);
        const count = Math.floor(stream.length / o.length) - 1;
        return {
          inputs: int(rowsOf(stream, o.length, count)),
          targets: int(rowsOf(stream.slice(o.length), o.length, count)),
        };
      },
      told: /expected \(2, 3\)|expected 7/,
    },
    {
      name: "documents sorted",
      fn: (d: Documents, o: Options) =>
        cut(
          join(
            [...d].sort((a, b) => a.length - b.length),
            o,
          ),
          o,
        ),
      told: /expected/,
    },
    {
      name: "documents reversed in place",
      fn: (d: Documents, o: Options) => cut(join(d.reverse(), o), o),
      told: /besides, the function changed its argument 1|changed its argument 1/,
    },
    {
      name: "stream right, documents emptied",
      fn: (d: Documents, o: Options) => {
        const stream: number[] = [];
        for (const ids of d) {
          stream.push(o.bos);
          while (ids.length > 0) stream.push(ids.shift() as number);
          stream.push(o.eos);
        }
        return cut(stream, o);
      },
      told: /the function changed its argument 1.*make a copy first/s,
    },
    {
      name: "remembers the stream",
      fn: (() => {
        const stream: number[] = [];
        return (d: Documents, o: Options) => {
          stream.push(...join(d, o));
          return cut(stream, o);
        };
      })(),
      told: /expected/,
    },
    {
      name: "remembers the first answer",
      fn: (() => {
        const answers = new Map<number, unknown>();
        return (d: Documents, o: Options) => {
          if (!answers.has(o.length)) answers.set(o.length, cut(join(d, o), o));
          return answers.get(o.length);
        };
      })(),
      told: /seeded random input/,
    },
    {
      name: "empty documents dropped",
      fn: (d: Documents, o: Options) =>
        cut(
          join(
            d.filter((ids) => ids.length > 0),
            o,
          ),
          o,
        ),
      told: /seeded random input/,
    },
    {
      name: "ids that are falsy dropped",
      fn: (d: Documents, o: Options) => cut(join(d, o).filter(Boolean), o),
      told: /expected/,
    },
    {
      name: "duplicates dropped",
      fn: (d: Documents, o: Options) => cut([...new Set(join(d, o))], o),
      told: /expected/,
    },
    {
      name: "Math.round",
      fn: (d: Documents, o: Options) => {
        const stream = join(d, o);
        const count = Math.round((stream.length - 1) / o.length);
        const part = (at: number) => int(stream.slice(at, at + count * o.length)).reshape([count, o.length]);
        return { inputs: part(0), targets: part(1) };
      },
      told: /the function threw .*reshape.*called with/s,
    },
    {
      name: "slice end counted from start",
      fn: (d: Documents, o: Options) => {
        const stream = join(d, o);
        const count = Math.floor((stream.length - 1) / o.length);
        const part = (at: number) => int(stream.slice(at, count * o.length)).reshape([count, o.length]);
        return { inputs: part(0), targets: part(1) };
      },
      told: /the function threw .*reshape/,
    },
    {
      name: "[T, N]",
      fn: (d: Documents, o: Options) => {
        const stream = join(d, o);
        const count = Math.floor((stream.length - 1) / o.length);
        const part = (at: number) => int(stream.slice(at, at + count * o.length)).reshape([o.length, count]);
        return { inputs: part(0), targets: part(1) };
      },
      told: /the table is turned/,
    },
    {
      name: "the last row first",
      fn: (d: Documents, o: Options) => {
        const { inputs, targets } = cut(join(d, o), o);
        return { inputs: inputs.flip(0), targets: targets.flip(0) };
      },
      told: /axis 0 runs backwards|expected 1/,
    },
    {
      name: "cut from the end",
      fn: (d: Documents, o: Options) => {
        const stream = join(d, o);
        const spare = (stream.length - 1) % o.length;
        return cut(stream.slice(spare), o);
      },
      told: /expected 1/,
    },
    {
      name: "one batch axis too many",
      fn: (d: Documents, o: Options) => {
        const { inputs, targets } = cut(join(d, o), o);
        return { inputs: inputs.unsqueeze(0), targets: targets.unsqueeze(0) };
      },
      told: /an axis of size 1 is left over/,
    },
    { name: "async", fn: async (d: Documents, o: Options) => cut(join(d, o), o), told: /is `async`/ },
    {
      name: "targets only where a document goes on",
      fn: (d: Documents, o: Options) => {
        const { inputs, targets } = cut(join(d, o), o);
        return { inputs, targets: targets.maskedFill(inputs.eq(o.eos), -1) };
      },
      told: /targets\[1, 1\] is -1, expected 1/,
    },
  ],
  right: [
    { name: "rows of lists", fn: (d: Documents, o: Options) => cut(join(d, o), o) },
    {
      name: "push in a loop",
      fn: (d: Documents, o: Options) => {
        const stream: number[] = [];
        for (const ids of d) stream.push(o.bos, ...ids, o.eos);
        return cut(stream, o);
      },
    },
    {
      name: "concat",
      fn: (d: Documents, o: Options) =>
        cut(
          d.flatMap((ids) => [o.bos].concat(ids).concat([o.eos])),
          o,
        ),
    },
    {
      name: "copies that are changed",
      fn: (d: Documents, o: Options) => {
        const copies = structuredClone(d);
        for (const ids of copies) {
          ids.unshift(o.bos);
          ids.push(o.eos);
        }
        return cut(copies.flat(), o);
      },
    },
    {
      name: "a typed array",
      fn: (d: Documents, o: Options) => {
        const stream = Int32Array.from(join(d, o));
        const count = Math.floor((stream.length - 1) / o.length);
        const part = (at: number) =>
          nd
            .array(Array.from(stream.subarray(at, at + count * o.length)), { dtype: "int32" })
            .reshape([-1, o.length]);
        return { inputs: part(0), targets: part(1) };
      },
    },
    {
      name: "views into one array",
      fn: (d: Documents, o: Options) => {
        const all = int(join(d, o));
        const count = Math.floor((all.size - 1) / o.length) * o.length;
        return {
          inputs: all.slice(`:${count}`).reshape([-1, o.length]),
          targets: all.slice(`1:${count + 1}`).reshape([-1, o.length]),
        };
      },
    },
    {
      name: "windows with the stride T",
      fn: (d: Documents, o: Options) => {
        const stream = join(d, o);
        const [x, y]: [number[][], number[][]] = [[], []];
        for (let i = 0; i + o.length < stream.length; i += o.length) {
          x.push(stream.slice(i, i + o.length));
          y.push(stream.slice(i + 1, i + 1 + o.length));
        }
        return { targets: int(y), inputs: int(x) };
      },
    },
    {
      name: "with more in the answer",
      fn: (d: Documents, o: Options) => ({ ...cut(join(d, o), o), stream: join(d, o) }),
    },
    {
      name: "float first, then int32",
      fn: (d: Documents, o: Options) => {
        const { inputs, targets } = cut(join(d, o), o);
        return { inputs: inputs.to("float32").to("int32"), targets: targets.to("float64").to("int32") };
      },
    },
    {
      name: "a class of its own",
      fn: (d: Documents, o: Options) => {
        class Pairs {
          constructor(
            readonly inputs: nd.NDArray,
            readonly targets: nd.NDArray,
          ) {}
        }
        const { inputs, targets } = cut(join(d, o), o);
        return new Pairs(inputs, targets);
      },
    },
    {
      name: "shifted by dropping the first and last token",
      fn: (d: Documents, o: Options) => {
        const stream = join(d, o);
        const all = { x: stream.slice(0, -1), y: stream.slice(1) };
        const count = Math.floor(all.x.length / o.length);
        return {
          inputs: int(rowsOf(all.x, o.length, count)),
          targets: int(rowsOf(all.y, o.length, count)),
        };
      },
    },
  ],
};
