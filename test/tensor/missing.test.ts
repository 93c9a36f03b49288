import { inspect } from "node:util";
import { describe, expect, it, test } from "vitest";
import {
  AdamW,
  init,
  Linear,
  LRScheduler,
  Module,
  NDArray,
  nd,
  ReduceLROnPlateau,
  Tensor,
  tensor,
} from "../../src";

const anyOf = (x: unknown) => x as Record<string, (...args: unknown[]) => unknown>;
const array = nd.ones([2, 3]);
const x = tensor([[1, 2, 3]]);
const layer = new Linear(3, 2);
const adam = new AdamW(layer.parameters());
const schedule = new LRScheduler(adam, (_, base) => base);
const plateau = new ReduceLROnPlateau(adam);

describe("a name that is not there", () => {
  test.each<[string, () => unknown, string]>([
    ["a slip", () => anyOf(nd).onse([2]), "nd.onse: no such function; did you mean nd.ones?"],
    ["PyTorch's spelling", () => anyOf(nd).zeros_like(array), "did you mean nd.zerosLike?"],
    ["PyTorch's name", () => anyOf(nd).cat([array]), "did you mean nd.concat?"],
    ["a method sought as a function", () => anyOf(nd).cosh(array), "nd.cosh: no such function; "],
    ["sizes not in a list", () => anyOf(nd).ones.call(nd, 2, 3), "put the sizes in an array: ones([2, …])"],
    ["view", () => anyOf(array).view([6]), "NDArray.view: no such member; ours is reshape"],
    ["view of a Tensor", () => anyOf(x).view([3]), "Tensor.view: no such member; ours is reshape"],
    ["permute_", () => anyOf(x).permute_([1, 0]), "Tensor.permute_: no such member; ours is permute"],
    ["unsqueeze_", () => anyOf(array).unsqueeze_(0), "ours is unsqueeze"],
    ["masked_fill", () => anyOf(x).masked_fill(array), "ours is maskedFill"],
    ["mm", () => anyOf(x).mm(x), "ours is matmul"],
    ["numpy", () => anyOf(x).numpy(), "ours is toArray()"],
    ["cuda", () => anyOf(x).cuda(), "the device that setDevice() chooses"],
    ["requires_grad", () => anyOf(x).requires_grad, "ours is requiresGrad"],
    ["a model's cuda", () => anyOf(layer).cuda(), "Module.cuda: no such member; ours is nothing"],
    ["state_dict", () => anyOf(layer).state_dict(), "Module.state_dict: no such member; ours is stateDict"],
    ["zero_grad", () => anyOf(layer).zero_grad(), "ours is zeroGrad"],
    ["register_buffer", () => anyOf(layer).register_buffer("a", x), "ours is this.name = buffer(values)"],
    ["get_submodule", () => anyOf(layer).get_submodule("a"), "ours is namedModules()"],
    [
      "an optimiser's zero_grad",
      () => anyOf(adam).zero_grad(),
      "Optimizer.zero_grad: no such member; ours is zeroGrad",
    ],
    ["state_dict of one", () => anyOf(adam).state_dict(), "ours is stateDict"],
    ["param_groups", () => anyOf(adam).param_groups, "ours is paramGroups"],
    ["the rate of one", () => anyOf(adam).lr, "ours is paramGroups[0].lr"],
    [
      "get_last_lr",
      () => anyOf(schedule).get_last_lr(),
      "LRScheduler.get_last_lr: no such member; ours is lr",
    ],
    ["load_state_dict of a plateau", () => anyOf(plateau).load_state_dict({}), "ours is loadStateDict"],
    [
      "xavier_uniform_",
      () => anyOf(init).xavier_uniform_(x),
      "init.xavier_uniform_: no such function; did you mean init.xavierUniform?",
    ],
    ["trunc_normal_", () => anyOf(init).trunc_normal_(x), "did you mean init.truncatedNormal?"],
    ["dirac_", () => anyOf(init).dirac_(x), "init.dirac_: no such function; there are "],
  ])("%s", (_, run, message) => expect(run).toThrow(message));

  it("may be asked for", async () => {
    for (const one of [nd, init, array, x, layer, adam, schedule, plateau]) {
      expect("onse" in one).toBe(false);
      expect("view" in one).toBe(false);
      expect(anyOf(one).then).toBeUndefined();
      expect(anyOf(one).toJSON).toBeUndefined();
      expect(await one).toBe(one);
      expect(one instanceof Object).toBe(true);
      expect(String(inspect(one)).length).toBeGreaterThan(0);
      expect(Object.hasOwn(one, "view")).toBe(false);
    }
    expect(JSON.parse(JSON.stringify(array)).dtype).toBe("float32");
    expect(Object.keys(nd)).toContain("zerosLike");
    expect(structuredClone({ ...array }).dtype).toBe("float32");
    expect(array).toBeInstanceOf(NDArray);
    expect(layer).toBeInstanceOf(Module);
    expect(x).toEqual(tensor([[1, 2, 3]]).data && x);
    expect(Object.prototype.toString.call(x)).toBe("[object Object]");
    expect(Object.getPrototypeOf(Tensor.prototype)).not.toBeNull();
  });

  it("may be a field of one's own", () => {
    class Mine extends Module {
      head?: Linear;
      forward(): void {}
    }
    const mine = new Mine();
    expect(mine.head).toBeUndefined();
    expect(anyOf(mine).dropout).toBeUndefined();
    (mine as unknown as { extra: number }).extra = 3;
    expect(Object.keys(mine)).toContain("extra");
  });
});
