import { fold, maxPool2d, nd, type Tensor, tensor, unfold } from "gradschool";
import { expect, it } from "vitest";

const x = () => tensor(nd.arange(0, 24, 1, { dtype: "float32" }).reshape([2, 3, 4]), { requiresGrad: true });
const image = () => x().reshape([1, 2, 3, 4]);

/** Operations that take a list, and need it again in backward. */
const operations: [string, number[], (x: Tensor, list: number[]) => Tensor][] = [
  ["sum", [0, 2], (x, axes) => x.sum(axes).square()],
  ["mean", [0, 2], (x, axes) => x.mean(axes).square()],
  ["var", [0, 2], (x, axes) => x.var(axes)],
  ["std", [0, 2], (x, axes) => x.std(axes)],
  ["max", [0, 2], (x, axes) => x.max(axes)],
  ["prod", [0, 2], (x, axes) => x.add(1).prod(axes)],
  ["logsumexp", [0, 2], (x, axes) => x.logsumexp(axes)],
  ["norm", [0, 2], (x, axes) => x.norm(3, axes)],
  ["permute", [2, 0, 1], (x, axes) => x.permute(axes).mul(tensor(nd.arange(0, 3)))],
  ["flip", [0, 2], (x, axes) => x.flip(axes).mul(tensor(nd.arange(0, 4)))],
  ["roll", [1, 2], (x, shifts) => x.roll(shifts, [1, 2]).mul(tensor(nd.arange(0, 4)))],
  ["roll's axes", [1, 2], (x, axes) => x.roll([1, 2], axes).mul(tensor(nd.arange(0, 4)))],
  ["pad", [1, 2], (x, pair) => x.pad([pair as unknown as [number, number]]).mul(tensor(nd.arange(0, 7)))],
  ["reshape", [4, 6], (x, shape) => x.reshape(shape).mul(tensor(nd.arange(0, 6)))],
];

it.each(operations)("%s does not look at the caller's list again in backward", (_, given, op) => {
  const gradient = (change: (list: number[]) => void) => {
    const input = x();
    const list = [...given];
    const y = op(input, list).sum();
    change(list);
    y.backward();
    return input.grad?.toArray();
  };
  const expected = gradient(() => {});
  expect(gradient((list) => list.fill(0))).toEqual(expected);
  expect(gradient((list) => list.splice(0))).toEqual(expected);
});

it("windows do not look at the caller's options again in backward", () => {
  const grad = (f: (x: Tensor, pair: [number, number]) => Tensor, change: boolean) => {
    const leaf = tensor(image().data.clone(), { requiresGrad: true });
    const pair: [number, number] = [2, 2];
    const y = f(leaf, pair).square().sum();
    if (change) pair.fill(1);
    y.backward();
    return leaf.grad?.toArray();
  };
  const cases = [
    (x: Tensor, kernel: [number, number]) => unfold(x, { kernelSize: kernel }),
    (x: Tensor, kernel: [number, number]) =>
      fold(unfold(x, { kernelSize: [2, 2] }), [3, 4], { kernelSize: kernel }),
    (x: Tensor, kernel: [number, number]) => maxPool2d(x, kernel, { stride: kernel }),
  ];
  for (const f of cases) expect(grad(f, true)).toEqual(grad(f, false));
});
