import { expect, it } from "vitest";
import { cdist, gradcheck, nd, randn, tensor } from "../../src";

const direct = (a: nd.NDArray, b: nd.NDArray) => a.unsqueeze(-2).sub(b.unsqueeze(-3)).norm(2, -1);

it("many rows: the same distances as by differences, batches too", () => {
  const [a, b] = [nd.randn([3, 31, 7]), nd.randn([3, 5, 7])];
  const error = nd.cdist(a, b).sub(direct(a, b)).abs().max().item();
  expect(error).toBeLessThan(1e-5);
  expect(nd.cdist(a, b).shape).toEqual([3, 31, 5]);
});

it("many rows: 0 and no gradient at the same point, never NaN", () => {
  const x = tensor(
    Array.from({ length: 30 }, (_, i) => [i % 5, 2 * (i % 3), 1]),
    { requiresGrad: true },
  );
  const y = tensor(x.data.clone());
  const d = cdist(x, y);
  for (let i = 0; i < 30; i++) expect(d.slice(i, i).item()).toBe(0);
  d.sum().backward();
  expect(x.grad?.isFinite().all().item()).toBe(1);
});

it("many rows: the gradient in float64", () => {
  const [a, b] = [randn([27, 3], { dtype: "float64" }), randn([4, 3], { dtype: "float64" })];
  gradcheck((x, y) => cdist(x, y), [a, b]);
});

it("many rows: the gradient where one side serves a whole batch, and NaN stays NaN", () => {
  const [a, b] = [randn([2, 27, 3], { dtype: "float64" }), randn([4, 3], { dtype: "float64" })];
  gradcheck((x, y) => cdist(x, y), [a, b]);
  const x = randn([30, 2], { requiresGrad: true });
  x.data.set([3, 1], Number.NaN);
  const y = randn([5, 2], { requiresGrad: true });
  const d = cdist(x, y);
  expect(d.isNaN().sum(1).toArray()).toEqual(Array.from({ length: 30 }, (_, i) => (i === 3 ? 5 : 0)));
  d.sum().backward();
  expect(x.grad?.isNaN().sum(1).toArray()).toEqual(Array.from({ length: 30 }, (_, i) => (i === 3 ? 2 : 0)));
});
