import {
  Dropout,
  detectAnomaly,
  Halted,
  init,
  isGradEnabled,
  Linear,
  Module,
  manualSeed,
  meta,
  nd,
  noGrad,
  relu,
  Sequential,
  summary,
  type Tensor,
  tensor,
  withinLimits,
} from "gradschool";
import { GPT } from "gradschool/lectures/gpt";
import { afterEach, describe, expect, it } from "vitest";

const fail = () => {
  throw new Error("on purpose");
};

/** A model of which one part stays in evaluation mode, as a frozen body does. */
function mixed() {
  manualSeed(0);
  const model = new GPT({
    vocabSize: 5,
    contextLength: 4,
    embedDim: 8,
    numHeads: 2,
    numLayers: 2,
    dropout: 0.5,
  });
  model.decoder.blocks[0].eval();
  return model;
}
const modesOf = (model: Module) => model.namedModules().map(([name, module]) => `${name} ${module.training}`);

describe("modes of a model come back as they were", () => {
  it("evaluating() runs in evaluation mode and returns what the function returns", () => {
    const model = mixed();
    const before = modesOf(model);
    expect(model.evaluating(() => model.namedModules().some(([, module]) => module.training))).toBe(false);
    expect(modesOf(model)).toEqual(before);
    expect(() => model.evaluating(fail)).toThrow("on purpose");
    expect(modesOf(model)).toEqual(before);
  });

  it("evaluating() inside evaluating()", () => {
    const model = mixed();
    const before = modesOf(model);
    model.evaluating(() => {
      expect(() => model.evaluating(fail)).toThrow("on purpose");
      expect(model.training).toBe(false);
    });
    expect(modesOf(model)).toEqual(before);
  });

  it("generate, when all goes well and when it throws at any point", () => {
    const model = mixed();
    const before = modesOf(model);
    model.generate([1], { maxNewTokens: 6 });
    expect(modesOf(model)).toEqual(before);
    const calls = [
      () => model.generate([], { maxNewTokens: 3 }),
      () => model.generate([99], { maxNewTokens: 3 }),
      () => model.generate([1], { maxNewTokens: 3, temperature: -1 }),
      () => model.generate([1], undefined as never),
    ];
    for (const call of calls) {
      expect(call).toThrow();
      expect(modesOf(model)).toEqual(before);
      expect(isGradEnabled()).toBe(true);
    }
  });

  it("summary, also of modules that bring a forward of their own", () => {
    class Own extends Module {
      inner = new Dropout(0.5);
      override forward = (x: Tensor) => this.inner.forward(x);
    }
    const model = new Sequential(new Own(), new Linear(3, 2), relu);
    model.layers[0] instanceof Module && model.layers[0].eval();
    const before = modesOf(model);
    const own = (model.layers[0] as Own).forward;
    summary(model, tensor(nd.ones([2, 3])));
    expect((model.layers[0] as Own).forward).toBe(own);
    expect(() => summary(model, tensor(nd.ones([2, 4])))).toThrow("Linear");
    expect(modesOf(model)).toEqual(before);
    expect((model.layers[0] as Own).forward).toBe(own);
    expect(Object.hasOwn(model.layers[1], "forward")).toBe(false);
  });

  it("after a call that is cut short from outside, where not even finally runs", () => {
    const model = mixed();
    const before = modesOf(model);
    const endless = () => {
      for (;;);
    };
    expect(() => withinLimits(() => noGrad(() => model.evaluating(endless)), { seconds: 0.1 })).toThrow(
      Halted,
    );
    expect(modesOf(model)).toEqual(before);
    expect(isGradEnabled()).toBe(true);
  });
});

describe("settings for the length of a call", () => {
  const isMetaNow = () => init.zeros([3]).data.length < 3;
  afterEach(() => {
    expect(isGradEnabled()).toBe(true);
    expect(isMetaNow()).toBe(false);
  });

  const settings: [string, <T>(fn: () => T) => T][] = [
    ["noGrad", noGrad],
    ["meta", meta],
    ["detectAnomaly", detectAnomaly],
    ["evaluating", (fn) => new Dropout().evaluating(fn)],
  ];
  it.each(settings)("%s is undone after an error, also inside another", (_, run) => {
    expect(() => run(fail)).toThrow("on purpose");
    noGrad(() => {
      expect(() => run(fail)).toThrow("on purpose");
      expect(isGradEnabled()).toBe(false);
    });
  });

  it.each(settings)(
    "%s refuses what only begins its work, and a failure of it later harms nobody",
    async (op, run) => {
      let reached = false;
      const later = async () => {
        await null;
        reached = true;
        throw new Error("nobody waits for this");
      };
      expect(() => run(later)).toThrow(`${op}: expected a synchronous function, got an async one`);
      expect(() => run(function* () {})).toThrow(
        `${op}: expected a synchronous function, got a generator one`,
      );
      expect(() => run(async function* () {})).toThrow(`${op}: expected a synchronous function`);
      expect(() => run(3 as never)).toThrow(`${op}: expected a function, got 3`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(reached).toBe(true);
    },
  );
});
