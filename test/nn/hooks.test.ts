import { expect, test } from "vitest";
import { ones, randn, type Tensor } from "../../src/autograd";
import { BatchNorm1d, Dropout, Linear, Sequential } from "../../src/nn";

test("a forward hook sees inputs and output, may replace the output, and can be removed", () => {
  const model = new Sequential(new Linear(3, 4), new Linear(4, 2));
  const layer = model.layers[0] as Linear;
  const x = ones([1, 3]);
  const before = model.forward(x);
  const keys = Object.keys(layer);
  const seen: Tensor[] = [];
  const looks = layer.registerForwardHook((module, [input], output) => {
    expect(module).toBe(layer);
    expect(input).toBe(x);
    seen.push(output);
  });
  expect(model.forward(x).toArray()).toEqual(before.toArray());
  expect(seen[0].shape).toEqual([1, 4]);
  const doubles = layer.registerForwardHook((_, __, output) => output.mul(0));
  expect(model.forward(x).toArray()).toEqual(
    (model.layers[1] as Linear).forward(ones([1, 4]).mul(0)).toArray(),
  );
  expect(Object.keys(layer)).toEqual(keys);
  expect([...model.stateDict().keys()]).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
  doubles.remove();
  doubles.remove();
  looks.remove();
  model.forward(x);
  expect(seen).toHaveLength(2);
  expect(Object.hasOwn(layer, "forward")).toBe(false);
});

test("a hook before forward may replace the inputs; hooks run in their order", () => {
  const layer = new Linear(3, 2);
  const x = randn([1, 3]);
  const order: string[] = [];
  const first = layer.registerForwardPreHook((_, [input]) => {
    order.push("first");
    return input.mul(2);
  });
  layer.registerForwardPreHook((_, [input]) => {
    order.push("second");
    return [input.mul(3)];
  });
  const after = layer.registerForwardHook(() => void order.push("after"));
  const got = layer.forward(x);
  expect(order).toEqual(["first", "second", "after"]);
  after.remove();
  first.remove();
  expect(got.toArray()).toEqual(layer.forward(x.mul(2)).toArray());
  expect(() => layer.registerForwardHook(3 as never)).toThrow(
    "registerForwardHook: expected a function, got 3",
  );
});

test("a hook may remove itself, and a forward that is the module's own property comes back", () => {
  const layer = new Dropout(0);
  const own = (x: Tensor) => x.mul(5);
  layer.forward = own;
  let calls = 0;
  const handle = layer.registerForwardHook(() => {
    calls++;
    handle.remove();
  });
  expect(layer.forward(ones([1])).item()).toBe(5);
  expect(layer.forward(ones([1])).item()).toBe(5);
  expect(calls).toBe(1);
  expect(layer.forward).toBe(own);
});

test("buffers by name, and parameters by path", () => {
  const norm = new BatchNorm1d(3);
  const model = new Sequential(new Linear(2, 3), norm, norm);
  expect(model.namedBuffers().map(([name]) => name)).toEqual([
    "1.runningMean",
    "1.runningVar",
    "1.numBatchesTracked",
  ]);
  expect(model.buffers()[1]).toBe(norm.runningVar);
  expect(model.getParameter("0.weight")).toBe((model.layers[0] as Linear).weight);
  expect(model.getParameter("2.bias")).toBe(norm.bias); // each path, though the norm is there twice
  expect(() => model.getParameter("0.wieght")).toThrow(
    'getParameter: expected the path of a parameter of Sequential, got "0.wieght"; did you mean "0.weight"?',
  );
  expect(() => model.getParameter("1.runningMean")).toThrow("that is a buffer");
  expect(() => model.getParameter(3 as never)).toThrow("got 3");
});
