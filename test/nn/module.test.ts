import { describe, expect, test } from "vitest";
import { relu, type Tensor, tensor } from "../../src/autograd";
import {
  BatchNorm2d,
  buffer,
  Conv2d,
  Dropout,
  Flatten,
  Identity,
  init,
  Linear,
  MaxPool2d,
  Module,
  meta,
  Parameter,
  parameter,
  Sequential,
  SGD,
} from "../../src/nn";
import { array, type NDArray, ones, zeros } from "../../src/tensor";

class Block extends Module {
  readonly inner: Linear;
  readonly scale: Parameter;
  constructor(size: number) {
    super();
    this.inner = new Linear(size, size, { bias: false });
    this.scale = parameter(ones([size]));
  }
  forward(x: Tensor): Tensor {
    return this.inner.forward(x).mul(this.scale);
  }
}

class Net extends Module {
  readonly table = parameter(zeros([4, 3]));
  readonly blocks = [new Block(3), new Block(3)];
  readonly biases = [[parameter(zeros([3]))], [parameter(zeros([2]))]];
  readonly seen = buffer(zeros([], { dtype: "int32" }));
  readonly plain = tensor([1, 2], { requiresGrad: true });
  readonly constant = ones([7]);
  readonly dropout = new Dropout(0.5);
  readonly head = new Linear(3, 4);
  forward(x: Tensor): Tensor {
    return this.head.forward(this.blocks.reduce((h, block) => block.forward(h), x));
  }
}

const names = [
  "table",
  "biases.0.0",
  "biases.1.0",
  "blocks.0.scale",
  "blocks.0.inner.weight",
  "blocks.1.scale",
  "blocks.1.inner.weight",
  "head.weight",
  "head.bias",
];

describe("finding parameters", () => {
  test("names are paths through properties and arrays; plain tensors and arrays are not found", () => {
    const net = new Net();
    expect(net.namedParameters().map(([name]) => name)).toEqual(names);
    expect(net.parameters().every((p) => p instanceof Parameter && p.requiresGrad)).toBe(true);
    expect(net.parameters()).not.toContain(net.plain);
    expect(net.parameterCount()).toBe(12 + 3 + 2 + 2 * (3 + 9) + 12 + 4);
  });

  test("plain objects are looked into, also those that contain themselves", () => {
    class Heads extends Module {
      readonly heads = { start: new Linear(2, 1, { bias: false }), end: [parameter(ones([1]))] };
      readonly config: Record<string, unknown> = { size: 2 };
      constructor() {
        super();
        this.config.self = this.config;
      }
      forward(x: Tensor): Tensor {
        return this.heads.start.forward(x);
      }
    }
    expect([...new Heads().stateDict().keys()]).toEqual(["heads.end.0", "heads.start.weight"]);
  });

  test("tied parameters count once, and appear under each name in the state", () => {
    class Tied extends Module {
      readonly token = new Linear(5, 2, { bias: false });
      readonly head = new Linear(5, 2, { bias: false });
      constructor() {
        super();
        this.head.weight = this.token.weight;
      }
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    const model = new Tied();
    expect(model.namedParameters().map(([name]) => name)).toEqual(["token.weight"]);
    expect(model.parameterCount()).toBe(10);
    expect([...model.stateDict().keys()]).toEqual(["token.weight", "head.weight"]);
  });

  test("children, all modules, and a module used twice", () => {
    const net = new Net();
    expect(net.namedChildren().map(([name]) => name)).toEqual(["blocks.0", "blocks.1", "dropout", "head"]);
    expect(net.children()[0]).toBe(net.blocks[0]);
    const paths = net.namedModules().map(([name]) => name);
    expect(paths).toEqual([
      "",
      "blocks.0",
      "blocks.0.inner",
      "blocks.1",
      "blocks.1.inner",
      "dropout",
      "head",
    ]);
    const layer = new Linear(2, 2);
    expect(new Sequential(layer, layer).namedModules()).toHaveLength(2);
  });

  test("a module inside itself is named", () => {
    const net = new Net();
    Object.assign(net.blocks[1], { parent: net });
    expect(() => net.parameters()).toThrow(/Net: a module cannot contain itself, found at "blocks.1.parent"/);
  });

  test("a subclass of layers may have its own signature", () => {
    class Picker extends Module {
      readonly weight = parameter(array([[1, 2, 3]]));
      forward(ids: NDArray, scale: number): Tensor {
        return this.weight.slice(":", ids.item()).mul(scale);
      }
    }
    expect(new Picker().forward(array(2, { dtype: "int32" }), 10).toArray()).toEqual([30]);
  });

  test("a parameter made from a strided view is laid out in a row, a contiguous one keeps its memory", () => {
    const data = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(parameter(data).data.data).toBe(data.data);
    const turned = parameter(data.transpose());
    expect([...turned.data.data]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(() => parameter(zeros([2], { dtype: "int32" }))).toThrow(
      /only float tensors can require a gradient/,
    );
  });
});

describe("modes", () => {
  test("train and eval reach every module, apply goes from the leaves up", () => {
    const net = new Net();
    expect(net.training).toBe(true);
    expect(net.eval()).toBe(net);
    expect(net.namedModules().map(([, module]) => module.training)).toEqual(Array(7).fill(false));
    net.train();
    expect(net.dropout.training).toBe(true);
    const visited: Module[] = [];
    net.apply((module) => void visited.push(module));
    expect(visited[0]).toBe(net.blocks[0].inner);
    expect(visited.at(-1)).toBe(net);
    net.apply((module) => {
      if (module instanceof Linear) module.weight.data.fill(0.5);
    });
    expect(net.blocks[1].inner.weight.data.sum().item()).toBe(4.5);
  });

  test("frozen parts get no gradient and do not move; unfrozen they do", () => {
    const net = new Net();
    net.blocks[0].freeze();
    expect(net.parameterCount({ trainableOnly: true })).toBe(net.parameterCount() - 12);
    const step = () => {
      const optimizer = new SGD(net.parameters(), { lr: 0.1 });
      optimizer.zeroGrad();
      net
        .forward(tensor([[1, 2, 3]]))
        .sum()
        .backward();
      optimizer.step();
    };
    const before = net.blocks[0].inner.weight.data.clone();
    const other = net.blocks[1].inner.weight.data.clone();
    step();
    expect(net.blocks[0].inner.weight.grad).toBeNull();
    expect(net.blocks[0].inner.weight.toArray()).toEqual(before.toArray());
    expect(net.blocks[1].inner.weight.toArray()).not.toEqual(other.toArray());
    net.unfreeze();
    step();
    expect(net.blocks[0].inner.weight.toArray()).not.toEqual(before.toArray());
    net.freeze();
    expect(net.parameters().some((p) => p.grad)).toBe(false);
  });

  test("zeroGrad", () => {
    const net = new Net();
    net
      .forward(tensor([[1, 2, 3]]))
      .sum()
      .backward();
    expect(net.head.bias?.grad?.toArray()).toEqual([1, 1, 1, 1]);
    net.zeroGrad();
    expect(net.parameters().every((p) => p.grad === null)).toBe(true);
  });

  test("to changes float parameters and buffers, and nothing else", () => {
    const net = new Net().to("float64");
    expect(net.parameters().every((p) => p.dtype === "float64")).toBe(true);
    expect(net.seen.dtype).toBe("int32");
    expect(new BatchNorm2d(2).to("float64").runningVar?.dtype).toBe("float64");
    expect(() => net.to("int32")).toThrow('Module.to: expected "float32" or "float64", got "int32"');
  });
});

describe("printing", () => {
  test("nested, equal neighbours once", () => {
    expect(new Net().toString()).toBe(
      `Net(
  (blocks.0-1): 2 x Block(
    (inner): Linear(inFeatures=3, outFeatures=3, bias=false)
  )
  (dropout): Dropout(p=0.5)
  (head): Linear(inFeatures=3, outFeatures=4, bias=true)
)`,
    );
  });

  test("layers of one line", () => {
    const net = new Sequential(
      new Conv2d(3, 8, [3, 5], { padding: 1 }),
      relu,
      new MaxPool2d(2, { stride: 1 }),
      new Flatten(),
      new Identity(),
    );
    expect(net.toString()).toBe(
      `Sequential(
  (0): Conv2d(3, 8, kernelSize=[3, 5], stride=1, padding=1, bias=true)
  (2): MaxPool2d(kernelSize=2, stride=1)
  (3): Flatten()
  (4): Identity()
)`,
    );
  });
});

describe("Sequential", () => {
  test("modules and functions, named by their place", () => {
    const net = new Sequential(new Linear(2, 3), relu, new Linear(3, 1));
    expect(net.namedParameters().map(([name]) => name)).toEqual(["0.weight", "0.bias", "2.weight", "2.bias"]);
    const x = tensor([[1, -2]]);
    const [first, , last] = net.layers as [Linear, unknown, Linear];
    expect(net.forward(x).toArray()).toEqual(last.forward(relu(first.forward(x))).toArray());
  });
});

describe("meta", () => {
  test("shapes without memory, counted at once", () => {
    const net = meta(() => new Linear(1_000_000, 1_000_000));
    expect(net.parameterCount()).toBe(1e12 + 1e6);
    expect(net.weight.shape).toEqual([1e6, 1e6]);
    expect(net.weight.data.data).toHaveLength(1);
  });

  test("ends with the function, also when that throws", () => {
    expect(() =>
      meta(() => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(new Linear(2, 3).weight.data.data).toHaveLength(6);
    expect(init.zeros([2]).data).toHaveLength(2);
  });

  test("loadStateDict gives real numbers", () => {
    const source = new Block(3);
    const target = meta(() => new Block(3));
    Object.assign(target, { scale: meta(() => parameter(init.zeros([3]))) });
    target.loadStateDict(source.stateDict());
    expect(target.inner.weight.toArray()).toEqual(source.inner.weight.toArray());
    expect(target.inner.weight.data.data).not.toBe(source.inner.weight.data.data);
  });
});
