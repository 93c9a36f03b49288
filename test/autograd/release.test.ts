import { beforeAll, describe, expect, test } from "vitest";
import * as autograd from "../../src/autograd";
import { record, Tensor, tensor } from "../../src/autograd";
import * as internal from "../../src/autograd/record";
import { full, type NDArray, setDevice } from "../../src/tensor";

/** Long enough to lie in the device's heap, where memory is handed out again. */
const N = 64;
const leaf = (value: number) => new Tensor(full([N], value), { requiresGrad: true });
const all = (x: NDArray | null, value: number) => expect(x?.toArray()).toEqual(Array(N).fill(value));

/** Uses up every array of this length that backward gave back, with other numbers. */
function reuse(): void {
  for (let i = 0; i < 40; i++) leaf(-9).mul(-9).mul(-9).sum().backward();
  for (let i = 0; i < 200; i++) full([N], -1).mul(7);
}

describe("memory that backward gives back is never memory that someone may still read", () => {
  beforeAll(() => void setDevice("wasm"));

  test("gradients of leaves, also of leaves that shared one gradient", () => {
    const [a, b, c] = [leaf(1), leaf(2), leaf(3)];
    a.add(b)
      .add(c.reshape([8, 8]).reshape([N]))
      .mul(5)
      .sum()
      .backward();
    reuse();
    for (const x of [a, b, c]) all(x.grad, 5);
  });

  test("a gradient that adds up over two calls", () => {
    const a = leaf(1);
    for (let i = 0; i < 2; i++) {
      a.mul(3).mul(2).sum().backward();
      reuse();
    }
    all(a.grad, 12);
  });

  test("what retainGrad keeps, and what a hook saw or gave", () => {
    const a = leaf(1);
    const seen: NDArray[] = [];
    const given = full([N], 4);
    const b = a.mul(2).retainGrad();
    const c = b.mul(3);
    c.registerHook((g) => void seen.push(g));
    const d = c.mul(1);
    d.registerHook(() => given);
    d.mul(10).sum().backward();
    reuse();
    all(seen[0], 4);
    all(given, 4);
    all(b.grad, 12);
    all(a.grad, 24);
  });

  test("there is one record: code of the library means the same in a notebook", () => {
    expect(record).toBe(internal.record);
    // The other is for lists, of more inputs than a call can have arguments; it has no way out of the room.
    const named = (exports: object) => Object.keys(exports).filter((name) => /record|operation/i.test(name));
    expect(named(internal)).toEqual(["record", "recordList"]);
    expect(named(autograd)).toEqual(["record"]);
  });

  test("an operation that promises to keep no gradient has its memory used again; by default none is", () => {
    const seenBy = (options?: { keepsGrads: boolean }) => {
      const kept: NDArray[] = [];
      const rule = (x: NDArray) =>
        [x.mul(3), (g: NDArray) => [kept[kept.push(g.mul(3)) - 1]] as [NDArray]] as const;
      record("mine", [leaf(1).mul(2)], rule, options)
        .mul(5)
        .sum()
        .backward();
      reuse();
      return kept[0].toArray();
    };
    expect(seenBy()).toEqual(Array(N).fill(15));
    expect(seenBy({ keepsGrads: true })).toEqual(Array(N).fill(15));
    expect(seenBy({ keepsGrads: false })).not.toEqual(Array(N).fill(15));
  });

  test("what an operation of the student's own keeps", () => {
    const a = leaf(1);
    const kept: NDArray[] = [];
    const mine = record("mine", [a.mul(2)], (x) => [
      x.mul(3),
      (g) => {
        const pulled = g.mul(3);
        kept.push(g, pulled);
        return [pulled];
      },
    ]);
    mine.mul(5).sum().backward();
    reuse();
    all(kept[0], 5);
    all(kept[1], 15);
    all(a.grad, 30);
  });

  test("the gradient to start from, tensors of the forward pass, and a graph that is kept", () => {
    const a = leaf(1);
    const h = a.mul(2);
    const y = h.mul(h);
    const seed = full([N], 3);
    for (let i = 0; i < 2; i++) {
      y.backward(seed, { retainGraph: true });
      reuse();
    }
    all(seed, 3);
    all(h.data, 2);
    all(y.data, 4);
    all(a.grad, 48); // 2 · 3 · 2h · 2
  });

  test("sums over many uses of one tensor", () => {
    const a = leaf(1);
    const h = a.mul(1);
    let total = tensor(0) as Tensor;
    for (let i = 1; i <= 5; i++) total = total.add(h.mul(i).sum());
    total.backward();
    reuse();
    all(a.grad, 15);
  });
});

test("half of what a step writes is used again", () => {
  const device = setDevice("wasm");
  const used = () => Number(device.info().heapUsedMiB);
  const x = new Tensor(full([1 << 18], 1), { requiresGrad: true });
  const run = () => {
    let h: Tensor = x;
    for (let i = 0; i < 10; i++) h = h.mul(1.5);
    const before = used();
    h.sum().backward();
    return used() - before;
  };
  run();
  // Ten gradients of 1 MiB pass by; the leaf keeps one, and no more than two are on the way at once.
  expect(run()).toBeLessThan(4);
});
