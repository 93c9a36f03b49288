import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradcheck, noGrad, softmax, Tensor, tensor } from "../../../src/autograd";
import { Linear } from "../../../src/nn";
import * as nd from "../../../src/tensor";
import { Generator, NDArray } from "../../../src/tensor";
import { pair, walled } from "./loopback";

/** What comes back of a value that goes there. */
const sent = <T>(value: T): T => walled((x: unknown) => [x])(value as never)[0] as T;
/** The same through the other side's memory: what it makes of it anew. */
const copied = <T>(value: T): T => walled(() => value)() as T;

describe("values", () => {
  it.each([
    [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53],
    ["", "text", "ключ", "\u0000\ud800", "__proto__"],
    [true, false, null, undefined],
    [10n, -(2n ** 100n)],
  ])("cross as they are: case %#", (...list) => {
    for (const one of list) expect(Object.is(copied(one), one)).toBe(true);
    expect(copied(list)).toEqual(list);
  });

  it("of any form cross both ways", () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withDate: true,
          withSparseArray: true,
          withNullPrototype: true,
        }),
        (value) => {
          expect(copied(value)).toEqual(value);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("keep their identity within a call: one object named twice, and one that holds itself", () => {
    const one = { n: 1 };
    const [a, b] = copied([one, one]);
    expect(a).toBe(b);
    const round: unknown[] = [];
    round.push(round);
    const back = copied(round);
    expect(back[0]).toBe(back);
    const mine = { own: true };
    expect(sent(mine)).toBe(mine);
  });

  it("may be frozen, and have holes, and odd names", () => {
    expect(Object.isFrozen(copied(Object.freeze([1])))).toBe(true);
    const holes = [1, 2, 3];
    delete holes[1];
    expect(1 in copied(holes)).toBe(false);
    const odd = JSON.parse('{"__proto__": 1, "constructor": 2}');
    expect(Object.entries(copied(odd))).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("arrays", () => {
  const x = new Generator(1).normal([3, 4, 5]);
  it.each([
    ["contiguous", x],
    ["transposed", x.transpose()],
    ["a slice", x.slice("1:", ":", "::2")],
    ["reversed", x.flip(0)],
    ["expanded", nd.arange(0, 3).unsqueeze(1).expand([3, 7])],
    ["a small view of much", nd.zeros([100, 100]).select(0, 3)],
    ["empty", nd.zeros([0, 3])],
    ["a scalar", nd.array(7, { dtype: "float64" })],
    ["int32", nd.array([[1, -2]], { dtype: "int32" })],
    ["bool", nd.array([true, false])],
  ])("cross: %s", (_, array) => {
    const back = copied(array);
    expect(back).toBeInstanceOf(NDArray);
    expect([back.dtype, back.shape, back.toArray()]).toEqual([array.dtype, array.shape, array.toArray()]);
  });

  it("stay views, of one memory", () => {
    const back = copied([x, x.transpose()]);
    expect(back[1].strides).toEqual(x.transpose().strides);
    back[0].fill(9);
    expect(back[1].get([0, 0, 0])).toBe(9);
    expect(x.get([0, 0, 0])).not.toBe(9);
  });
});

describe("what is lent", () => {
  it("is changed here when it is changed there", () => {
    const array = nd.arange(0, 6).reshape([2, 3]);
    const row = nd.zeros([50, 50]).select(0, 1);
    const list = [3, 1, 2];
    const record: Record<string, unknown> = { a: 1, gone: true };
    const map = new Map([[1, "one"]]);
    const x = tensor([1, 2]);
    const random = new Generator(5);
    const state = random.state();
    walled(
      (
        a: NDArray,
        b: NDArray,
        l: number[],
        r: Record<string, unknown>,
        m: Map<number, string>,
        t: Tensor,
        g: Generator,
      ) => {
        a.set([1, 2], 99);
        b.fill(4);
        l.sort();
        l.push(7);
        delete r.gone;
        r.list = l;
        m.set(2, "two");
        t.data = t.data.mul(2);
        g.normal([3]);
      },
    )(array, row, list, record, map, x, random);
    expect(array.toArray()).toEqual([
      [0, 1, 2],
      [3, 4, 99],
    ]);
    expect(row.sum().item()).toBe(200);
    expect(list).toEqual([1, 2, 3, 7]);
    expect(record).toEqual({ a: 1, list });
    expect(record.list).toBe(list);
    expect([...map.keys()]).toEqual([1, 2]);
    expect(x.toArray()).toEqual([2, 4]);
    const other = new Generator(0).setState(state);
    other.normal([3]);
    expect(random.state()).toEqual(other.state());
  });

  it("is left alone otherwise: nothing crosses for it", () => {
    const { judge, student, crossed } = pair();
    student.open(() => 0);
    const large = nd.ones([1000]);
    judge.call(0, undefined, [large]);
    expect(crossed.bytes).toBeLessThan(4000 + 600);
  });

  it("is put back when all is over, for others will be lent the same", () => {
    const { judge, student } = pair();
    student.open(
      (
        array: NDArray,
        row: NDArray,
        list: number[],
        record: object,
        map: Map<number, number>,
        set: Set<number>,
        x: Tensor,
        random: Generator,
      ) => {
        array.fill(7);
        row.fill(7);
        list.length = 0;
        Object.assign(record, { a: 9, b: 9 });
        map.set(1, 9);
        set.clear();
        x.data = array;
        random.normal([2]);
      },
    );
    const lent = () =>
      [
        nd.arange(0, 6),
        nd.arange(0, 2000).reshape([2, 1000]).select(1, 5),
        [1, 2],
        { a: 1 },
        new Map([[1, 2]]),
        new Set([4]),
        tensor([1, 2]),
        new Generator(4),
      ] as const;
    const state = (list: ReturnType<typeof lent>) =>
      JSON.stringify(
        list.map((one) =>
          one instanceof Generator
            ? one.state()
            : one instanceof Map || one instanceof Set
              ? [...one]
              : "toArray" in one
                ? one.toArray()
                : one,
        ),
      );
    const mine = lent();
    judge.call(0, undefined, mine);
    judge.call(0, undefined, mine);
    expect(state(mine)).not.toBe(state(lent()));
    judge.putBack();
    expect(state(mine)).toBe(state(lent()));
  });

  it("cannot be changed where it is frozen", () => {
    const list = Object.freeze([2, 1]);
    expect(() => walled((l: number[]) => l.sort())(list as unknown as number[])).toThrow("read only");
  });
});

describe("functions", () => {
  it("are called across, and back, and keep their identity", () => {
    const calls: number[] = [];
    const twice = walled((fn: (x: number) => number) => [fn(1), fn(fn(2)), fn] as const);
    const mine = (x: number) => {
      calls.push(x);
      return x + 10;
    };
    const [a, b, same] = twice(mine);
    expect([a, b]).toEqual([11, 22]);
    expect(same).toBe(mine);
    expect(calls).toEqual([1, 2, 12]);
  });

  it("may be returned, and remember", () => {
    const counter = walled(() => {
      let n = 0;
      return { next: () => ++n };
    })();
    expect([counter.next(), counter.next()]).toEqual([1, 2]);
  });

  it("throw across: errors by name and text, and the same one where it comes home", () => {
    class Special extends RangeError {
      override name = "Special";
    }
    const thrown = (fn: () => unknown) => {
      try {
        fn();
      } catch (error) {
        return error as Error;
      }
    };
    const there = thrown(
      walled(() => {
        throw new Special("no");
      }),
    );
    expect([there?.name, there?.message]).toEqual(["Special", "no"]);
    const own = new Error("mine");
    expect(
      thrown(() =>
        walled((fn: () => void) => fn())(() => {
          throw own;
        }),
      ),
    ).toBe(own);
    expect(
      thrown(
        walled(() => {
          throw null;
        }),
      ),
    ).toBe(null);
  });

  it("of a class of one's own stay there: fields and methods are asked for", () => {
    class Counter {
      count = 1;
      add(n: number) {
        this.count += n;
        return this;
      }
    }
    const made = walled(() => new Counter())();
    expect(made.add(4).count).toBe(5);
    expect(made.constructor.name).toBe("Counter");
    expect("count" in made && !("other" in made)).toBe(true);
    made.count = 8;
    expect(made.add(1).count).toBe(9);
  });

  it("call no deeper than is sensible", () => {
    const { judge, student } = pair();
    student.open((fn: (self: unknown) => unknown) => fn(fn));
    const down = (): unknown => judge.call(0, undefined, [down]);
    expect(down).toThrow("Maximum call stack size exceeded");
  });
});

describe("the side of the checks", () => {
  it("lends nothing that the engine brings", () => {
    const graph: Record<string, unknown> = { a: [] };
    const look = walled((get: (name: string) => unknown, name: string) => get(name));
    for (const name of ["constructor", "toString", "hasOwnProperty"])
      expect(() => look((key) => graph[key], name)).toThrow();
    expect(look((key) => graph[key], "__proto__")).toEqual({});
    expect(() => look(() => globalThis, "")).toThrow();
    expect(() => look(() => process, "")).toThrow();
  });

  it("shows of its objects no more than their own fields and methods", () => {
    const layer = new Linear(2, 3);
    const seen = walled((module: Linear) => {
      const open = module as unknown as Record<string, unknown>;
      return [
        typeof open.forward,
        open.prototype,
        Reflect.get(open, "__proto__"),
        open.hasOwnProperty,
        open.__defineGetter__,
      ];
    })(layer);
    expect(seen).toEqual(["function", undefined, undefined, undefined, undefined]);
    expect(() =>
      walled((module: Linear) => {
        (module as unknown as { inFeatures: number }).inFeatures = 9;
      })(layer),
    ).toThrow();
  });
});

describe("gradients", () => {
  const random = new Generator(3);
  const attention = (q: Tensor, k: Tensor, v: Tensor) => softmax(q.matmul(k.transpose())).matmul(v);
  const inputs = [
    [3, 4],
    [5, 4],
    [5, 2],
  ].map((shape) => random.normal(shape));

  it("cross as if there were no wall", () => {
    expect(gradcheck(walled(attention), inputs)).toBe(true);
    const run = (fn: typeof attention) => {
      const [q, k, v] = inputs.map((x) => new Tensor(x, { requiresGrad: true }));
      fn(q, k, v).sum().backward();
      return [q, k, v].map((x) => x.grad?.toArray());
    };
    expect(run(walled(attention))).toEqual(run(attention));
  });

  it("of tensors in lists and records, of several results, and none where there is none", () => {
    const fn = walled(({ a, list }: { a: Tensor; list: Tensor[] }) => ({
      sum: a.add(list[0]),
      product: list[0].mul(list[1]),
      alone: a.detach(),
    }));
    const [a, b, c] = [2, 3, 5].map((x) => tensor([x], { requiresGrad: true }));
    const { sum, product, alone } = fn({ a, list: [b, c] });
    expect(alone.requiresGrad).toBe(false);
    product.sum().backward();
    expect([a.grad, b.grad?.item(), c.grad?.item()]).toEqual([null, 5, 3]);
    sum.sum().backward();
    expect([a.grad?.item(), b.grad?.item()]).toEqual([1, 6]);
  });

  it("through functions that are called back, and through their parameters", () => {
    const layer = new Linear(4, 4);
    const block = (x: Tensor, part: (x: Tensor) => Tensor) => x.add(part(x.mul(2))).tanh();
    const part = (x: Tensor) => layer.forward(x).tanh();
    const run = (fn: typeof block) => {
      const x = new Tensor(inputs[0], { requiresGrad: true });
      layer.zeroGrad();
      fn(x, part).sum().backward();
      return [x, ...layer.parameters()].map(({ grad }) => grad?.toArray());
    };
    const there = run(walled(block));
    expect(there).toEqual(run(block));
    expect(there.every((grad) => grad !== undefined)).toBe(true);
    const square = walled((x: Tensor, fn: (x: Tensor) => Tensor) => fn(fn(x)).mul(x));
    expect(gradcheck((x) => square(x, (y) => y.tanh().mul(y)), [inputs[0]])).toBe(true);
  });

  it("through modules, which stay on their side", () => {
    const layer = new Linear(4, 2);
    const use = walled((module: Linear, x: Tensor) => module.forward(x).exp());
    const x = new Tensor(inputs[0], { requiresGrad: true });
    use(layer, x).sum().backward();
    expect(x.grad?.shape).toEqual([3, 4]);
    expect(layer.weight.grad?.shape).toEqual([2, 4]);
  });

  it("through what a function kept of an earlier call", () => {
    const make = walled((x: Tensor) => (y: Tensor) => x.mul(y));
    const [x, y] = [tensor([3], { requiresGrad: true }), tensor([4], { requiresGrad: true })];
    make(x)(y).sum().backward();
    expect([x.grad?.item(), y.grad?.item()]).toEqual([4, 3]);
  });

  it("are not kept under noGrad", () => {
    const fn = walled((x: Tensor) => x.mul(x));
    const x = tensor([3], { requiresGrad: true });
    expect(noGrad(() => fn(x)).requiresGrad).toBe(false);
    expect(fn(x).requiresGrad).toBe(true);
  });
});

describe("what is too much for one message costs that call alone", () => {
  const { judge, student } = pair();
  const grown: unknown[][] = [];
  student.open(() => ({
    floats: () => new Float64Array(2 ** 23 + 1),
    two: () => [nd.zeros([2 ** 23 + 2]), nd.zeros([2 ** 23 + 2])],
    list: () => new Array(9e6).fill(1),
    lists: () => Array.from({ length: 9 }, () => new Array(1e6).fill(1)),
    digits: () => Array.from({ length: 1e6 }, (_, i) => -(i + 1) / 3e7),
    names: () => Array.from({ length: 17 }, (_, i) => String(i).repeat(1e6)),
    error: () => {
      throw Object.assign(new Error("x".repeat(2 ** 25)), { rest: new Float64Array(2 ** 24) });
    },
    grow: (list: unknown[]) => {
      for (let i = 0; i < 9; i++) list.push(new Array(1e6).fill(1));
      grown.push(list);
      return 1;
    },
  }));
  const answers = judge.call(0, undefined, []) as Record<string, (...args: unknown[]) => unknown>;

  it.each(["floats", "two", "list", "lists", "digits", "names"])("%s", (name) => {
    expect(() => (answers[name]() as { result: unknown }).result).toThrow(
      /too much for one message: \d+ MiB in arrays and \d+ MiB besides, expected at most 64 MiB and 16 MiB/,
    );
    expect(() => answers.error()).toThrow(/^x{2000}/);
  });

  it("and so does an argument that was made too large", () => {
    expect(() => (answers.grow([]) as { result: unknown }).result).toThrow(/too much for one message/);
    expect(answers.grow.name).toBe("grow");
    expect(answers.floats.name).toBe("floats");
    expect(grown).toHaveLength(1);
  });
});
