import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { crossEntropy, relu, type Tensor, tensor } from "../../src/autograd";
import { DataLoader } from "../../src/data";
import * as nn from "../../src/nn";
import {
  array,
  defaultGenerator,
  Generator,
  loadSafetensors,
  manualSeed,
  type NDArray,
  randn,
  SafetensorsFile,
  saveSafetensors,
} from "../../src/tensor";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "training-"));
  path = join(folder, "run.safetensors");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Dropout from the default generator and from one of its own, batch norm with its counts, a tied parameter. */
class Net extends nn.Module {
  readonly first = new nn.Linear(6, 5);
  readonly norm = new nn.LayerNorm(5);
  readonly drop = new nn.Dropout(0.3);
  readonly ownDrop = new nn.Dropout(0.3, { generator: new Generator(11) });
  readonly second = new nn.Linear(5, 3);
  readonly tied = this.second.weight;
  readonly average = nn.buffer(array([0, 0, 0], { dtype: "float64" }));
  readonly count = nn.buffer(array(0, { dtype: "int32" }));

  forward(x: Tensor): Tensor {
    const h = this.ownDrop.forward(this.drop.forward(relu(this.norm.forward(this.first.forward(x)))));
    const y = this.second.forward(h);
    if (this.training) {
      this.count.data.fill(this.count.data.item() + 1);
      const { data } = this.average;
      data.assign(data.mul(0.9).add(y.data.mean(0).to("float64").mul(0.1)));
    }
    return y;
  }
}

/** Like PyTorch's ReduceLROnPlateau: what it does next depends on the losses that it has seen. */
class Plateau implements nn.Stateful {
  best = Number.POSITIVE_INFINITY;
  waited = 0;
  constructor(readonly optimizer: nn.Optimizer<{ lr: number }>) {}
  step(loss: number): void {
    if (loss < this.best - 0.05) [this.best, this.waited] = [loss, 0];
    else if (++this.waited > 1) {
      this.waited = 0;
      for (const group of this.optimizer.paramGroups) group.lr *= 0.7;
    }
  }
  stateDict() {
    return { best: this.best, waited: this.waited };
  }
  loadStateDict({ best, waited }: { best: number; waited: number }) {
    [this.best, this.waited] = [best, waited];
  }
}

const makers: Record<string, (net: Net) => nn.Optimizer<{ lr: number }>> = {
  "AdamW in two groups": (net) =>
    new nn.AdamW(
      [
        { params: [net.first.weight, net.second.weight], weightDecay: 0.1 },
        { params: [net.first.bias!, net.norm.weight!], lr: 0.02 },
      ],
      { lr: 0.01, betas: [0.8, 0.9] },
    ),
  "Adam, amsgrad": (net) => new nn.Adam(net.parameters(), { lr: 0.01, amsgrad: true }),
  "SGD with momentum": (net) => new nn.SGD(net.parameters(), { lr: 0.05, momentum: 0.9 }),
  "plain SGD": (net) => new nn.SGD(net.parameters(), { lr: 0.05 }),
  RMSprop: (net) => new nn.RMSprop(net.parameters(), { centered: true, momentum: 0.5 }),
  Adagrad: (net) => new nn.Adagrad(net.parameters(), { lrDecay: 0.1 }),
};

const samples = Array.from({ length: 23 }, (_, i) => {
  const x = new Generator(100 + i).normal([6]);
  return [x, x.sum().item() > 0 ? 1 : x.max().item() > 1 ? 2 : 0] as const;
});

interface Kind {
  optimizer: string;
  scheduler: "cosine" | "plateau";
  seed?: number;
}

/** Everything as a program makes it at its start, whatever numbers were drawn before. */
function parts(kind: Kind, start: number) {
  manualSeed(start);
  const model = new Net();
  const optimizer = makers[kind.optimizer](model);
  const scheduler =
    kind.scheduler === "cosine"
      ? new nn.LRScheduler(optimizer, nn.cosineWithWarmup({ warmupSteps: 3, totalSteps: 30 }))
      : new Plateau(optimizer);
  const loader = new DataLoader(samples, { batchSize: 4, shuffle: true, seed: kind.seed });
  const generator = new Generator(start + 5);
  return { model, optimizer, scheduler, loader, generator };
}
type Parts = ReturnType<typeof parts>;

/** Train until `end` steps are done; returns the losses. `after` is called after every step. */
function train(p: Parts, step: number, end: number, after: (step: number) => void = () => {}): number[] {
  const losses: number[] = [];
  while (step < end) {
    for (const [x, y] of p.loader as Iterable<[NDArray, NDArray]>) {
      const noisy = x.add(p.generator.normal(x.shape, { std: 0.1 })).add(randn(x.shape).mul(0.1));
      const loss = crossEntropy(p.model.forward(tensor(noisy)), y);
      p.optimizer.zeroGrad();
      loss.backward();
      p.optimizer.step();
      p.scheduler.step(loss.item());
      losses.push(loss.item());
      after(++step);
      if (step === end) break;
    }
  }
  return losses;
}

/** All numbers that a training is made of. */
const everything = ({ model, optimizer, scheduler, loader, generator }: Parts) => ({
  model: [...model.stateDict()].map(([name, x]) => [name, x.dtype, Array.from(x.flat())]),
  averages: [...optimizer.stateDict().state]
    .map(([name, x]) => ({ name, dtype: x.dtype, values: Array.from(x.flat()) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1)),
  groups: optimizer.stateDict().groups,
  scheduler: scheduler.stateDict(),
  epoch: loader.epoch,
  generators: [generator.state(), defaultGenerator().state(), model.ownDrop.generator?.state()],
});

describe("a training goes on bit for bit", () => {
  const kinds: Kind[] = [
    ...Object.keys(makers).map((optimizer): Kind => ({ optimizer, scheduler: "cosine" })),
    { optimizer: "AdamW in two groups", scheduler: "plateau" },
    { optimizer: "Adam, amsgrad", scheduler: "plateau", seed: 4 },
  ];
  // Epochs have 6 batches: in the middle of the first, at its end, at the start of the second, after several.
  const cases = kinds.flatMap((kind) => [1, 4, 6, 7, 14].map((at) => ({ ...kind, at })));

  it.each(cases)("$optimizer, $scheduler, seed $seed, after step $at", ({ at, ...kind }) => {
    const whole = parts(kind, 1);
    const losses = train(whole, 0, 17);

    const first = parts(kind, 1);
    train(first, 0, at, (step) => {
      if (step === at)
        nn.saveCheckpoint(path, { ...first, step, extra: { best: -0, list: [Number.NaN, null] } });
    });
    const again = parts(kind, 77);
    again.generator.normal([3]);
    const { step, extra } = nn.loadCheckpoint(path, again);
    expect(step).toBe(at);
    expect(extra).toEqual({ best: -0, list: [Number.NaN, null] });
    expect(train(again, step, 17)).toEqual(losses.slice(at));
    expect(everything(again)).toEqual(everything(whole));
  });

  it("saving changes nothing, and a second save of the same gives the same file", () => {
    const kind: Kind = { optimizer: "AdamW in two groups", scheduler: "cosine" };
    const [plain, saved] = [parts(kind, 1), parts(kind, 1)];
    manualSeed(3);
    const losses = train(plain, 0, 9);
    manualSeed(3);
    const other = train(saved, 0, 9, (step) => nn.saveCheckpoint(path, { ...saved, step }));
    expect(other).toEqual(losses);
    nn.saveCheckpoint(path, { ...saved, step: 9 });
    const before = readFileSync(path);
    const again = parts(kind, 5);
    nn.loadCheckpoint(path, again);
    nn.saveCheckpoint(join(folder, "2"), { ...again, step: 9 });
    expect(readFileSync(join(folder, "2")).length).toBe(before.length);
    expect(loadSafetensors(join(folder, "2"))).toEqual(loadSafetensors(path));
  });
});

describe("the file", () => {
  const model = () => new nn.Linear(2, 3);

  it("is one, whole, and may be named by its folder", () => {
    nn.saveCheckpoint(path, { model: model() });
    nn.saveCheckpoint(path, { model: model() });
    expect(readdirSync(folder)).toEqual(["run.safetensors"]);
    mkdirSync(join(folder, "there"));
    for (const place of [join(folder, "there"), `${join(folder, "new", "er")}/`]) {
      expect(nn.hasCheckpoint(place)).toBe(false);
      nn.saveCheckpoint(place, { model: model(), step: 4 });
      expect(readdirSync(place)).toEqual(["checkpoint.safetensors"]);
      expect(nn.hasCheckpoint(place)).toBe(true);
      expect(nn.loadCheckpoint(place, { model: model() })).toEqual({ step: 4, extra: undefined });
    }
  });

  it("holds tied arrays once, in the words of the model", () => {
    nn.saveCheckpoint(path, { model: new Net() });
    expect([...loadSafetensors(path).keys()].filter((name) => /second|tied/.test(name)).sort()).toEqual([
      "model.second.bias",
      "model.tied",
    ]);
    const again = new Net();
    nn.loadCheckpoint(path, { model: again });
    expect(again.tied).toBe(again.second.weight);
  });

  it("keeps the old one when the new one cannot be written", () => {
    nn.saveCheckpoint(path, { model: model(), step: 1 });
    for (const extra of [new Map(), { at: [new Date()] }, () => 1, 3n, { a: new Float32Array(1) }])
      expect(() => nn.saveCheckpoint(path, { model: model(), step: 2, extra })).toThrow(
        /^saveCheckpoint\.extra.*: expected what JSON can hold/,
      );
    const loop: unknown[] = [];
    loop.push(loop);
    expect(() => nn.saveCheckpoint(path, { model: model(), extra: loop })).toThrow(/does it contain itself/);
    expect(() => nn.saveCheckpoint(path, { model: model(), extra: { $number: 1 } })).toThrow(
      "the name $number is taken",
    );
    expect(readdirSync(folder)).toEqual(["run.safetensors"]);
    expect(nn.loadCheckpoint(path, { model: model() }).step).toBe(1);
  });

  it("gives the model alone, and leaves the rest as it is", () => {
    const kind: Kind = { optimizer: "AdamW in two groups", scheduler: "cosine" };
    const saved = parts(kind, 1);
    train(saved, 0, 3);
    nn.saveCheckpoint(path, { ...saved, step: 3 });
    const { model } = parts(kind, 2);
    const luck = defaultGenerator().state();
    expect(() => nn.loadCheckpoint(path, { model })).toThrow(
      `loadCheckpoint: ${path} does not fit: optimizer: the file holds one; give it too, or { strict: false } to leave it out
  scheduler: the file holds one; give it too, or { strict: false } to leave it out
  loader: the file holds one; give it too, or { strict: false } to leave it out
  "generator": the file holds a generator of this name, which is not here
nothing was loaded`,
    );
    expect(nn.loadCheckpoint(path, { model }, { strict: false }).step).toBe(3);
    expect(model.first.weight.toArray()).toEqual(saved.model.first.weight.toArray());
    expect(defaultGenerator().state()).toEqual(luck);
  });
});

describe("what does not fit is told at once, and nothing is loaded", () => {
  const kind: Kind = { optimizer: "AdamW in two groups", scheduler: "cosine" };
  let saved: Parts;
  beforeEach(() => {
    saved = parts(kind, 1);
    train(saved, 0, 4, (step) => step === 3 && nn.saveCheckpoint(path, { ...saved, step }));
  });
  /** The message with which `other` refuses the file; checks that it stayed as it was. */
  const refusal = (other: Parts, given: nn.TrainingParts = other): string => {
    const before = structuredClone(everything(other));
    let message = "";
    try {
      nn.loadCheckpoint(path, given);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(everything(other)).toEqual(before);
    return message;
  };

  it("of every part", () => {
    const other = parts(kind, 2);
    const model = new nn.Sequential(new nn.Linear(6, 5));
    const loader = new DataLoader(samples, { batchSize: 5, shuffle: true });
    const optimizer = new nn.SGD(other.model.parameters(), { momentum: 0.9 });
    const scheduler = new nn.LRScheduler(optimizer, nn.linearLR());
    const message = refusal(other, {
      model,
      optimizer,
      scheduler,
      loader,
      generator: { noise: new Generator(1) },
    });
    for (const part of [
      "model: missing     0.weight (5, 6)",
      "model: unexpected  first.weight (5, 6)",
      'optimizer: saved by "AdamW", this is SGD',
      'optimizer: "0.expAvg" is not of this optimiser, which keeps momentumBuffer of a parameter',
      "optimizer: expected 1 groups of settings, got 2",
      "scheduler: expected 1 rates, got 2",
      "loader: expected batchSize 5, got 4",
      "generator.noise: the file holds none of this name",
      '"generator": the file holds a generator of this name, which is not here',
    ])
      expect(message.split("\n").length > 9 && message).toContain(part);
    expect(message.endsWith("\nnothing was loaded")).toBe(true);
  });

  it("of the same shapes in another order", () => {
    const other = parts(kind, 2);
    const { first, second, norm } = other.model;
    const optimizer = new nn.AdamW([
      { params: [first.weight, second.weight] },
      { params: [norm.weight!, first.bias!] },
    ]);
    const scheduler = new nn.LRScheduler(optimizer, nn.cosineWithWarmup({ warmupSteps: 3, totalSteps: 30 }));
    expect(refusal({ ...other, optimizer, scheduler })).toContain(
      'optimizer: its parameter 2 was "first.bias", here it is "norm.weight"; nothing was loaded',
    );
  });

  it("of another float type", () => {
    const other = parts(kind, 2);
    other.model.to("float64");
    expect(refusal(other)).toContain("model: wrong dtype first.weight: expected float64, got float32");
  });

  it("of a part of your own that refuses late", () => {
    const plateau = parts({ ...kind, scheduler: "plateau" }, 1);
    nn.saveCheckpoint(path, { ...plateau, step: 0 });
    const other = parts({ ...kind, scheduler: "plateau" }, 2);
    const loader = {
      stateDict: () => other.loader.stateDict(),
      loadStateDict: () => {
        throw new Error("not today");
      },
    };
    other.scheduler.step(0.25);
    expect(refusal(other, { ...other, loader })).toBe(
      "loadCheckpoint: loader: not today; nothing was loaded",
    );
  });

  it.each<[string, (metadata: Map<string, string>) => void, RegExp]>([
    ["of another kind", (m) => m.clear(), /expected a file that saveCheckpoint\(\) wrote/],
    [
      "of a newer version",
      (m) => m.set("version", "2"),
      /has version 2, and this library reads up to 1; update it/,
    ],
    [
      "with half its words",
      (m) => m.set("training", (m.get("training") as string).slice(0, 40)),
      /is damaged: /,
    ],
    ["with other words", (m) => m.set("training", "[1, 2]"), /is damaged: \[1, 2\]/],
    [
      "with a number that is none",
      (m) => m.set("training", '{"step":{"$number":"12"}}'),
      /is damaged: expected a number/,
    ],
    [
      "with a generator that stands still",
      (m) =>
        m.set(
          "training",
          (m.get("training") as string).replace(/"generator":\[[^\]]*\]/, '"generator":[0,0,0,0]'),
        ),
      /generator: expected four whole numbers from state\(\)/,
    ],
    [
      "with rates that are words",
      (m) => m.set("training", (m.get("training") as string).replaceAll('"lr":', '"lr":"fast","x":')),
      /optimizer: group 0: expected a number as lr, got "fast"/,
    ],
    [
      "with a lost state",
      (m) =>
        m.set("training", (m.get("training") as string).replace('"stepped":[0,1,2,3]', '"stepped":[0,1,2]')),
      /optimizer: parameter 3 has a state, but is not among those in stepped/,
    ],
  ])("of a file %s", (_, change, message) => {
    const open = new SafetensorsFile(path);
    const metadata = new Map(open.metadata);
    open.close();
    const before = JSON.stringify([...metadata]);
    change(metadata);
    expect(JSON.stringify([...metadata])).not.toBe(before);
    saveSafetensors(path, loadSafetensors(path), metadata);
    expect(refusal(parts(kind, 2))).toMatch(message);
  });

  it("of a file that is not there, or no such file", () => {
    const { model } = parts(kind, 2);
    expect(() => nn.loadCheckpoint(join(folder, "none"), { model })).toThrow(
      /there is no .*none; nothing was loaded/,
    );
    writeFileSync(path, "hello, I am a text");
    expect(() => nn.loadCheckpoint(path, { model })).toThrow(/^safetensors: /);
  });

  it("of arguments", () => {
    const { model } = parts(kind, 2);
    const load = (parts: object) => () => nn.loadCheckpoint(path, parts as nn.TrainingParts);
    expect(load({})).toThrow("loadCheckpoint: expected a Module as model, got undefined");
    expect(load({ model, optimizer: model })).toThrow("expected an Optimizer as optimizer, got a Net");
    expect(load({ model, scheduler: 3 })).toThrow(
      "something with stateDict() and loadStateDict() as scheduler, got 3",
    );
    expect(load({ model, generator: [1] })).toThrow("a Generator, or several by name, as generator");
    expect(load({ model, optimiser: 1 })).toThrow("got an object { optimiser }");
    expect(() => nn.saveCheckpoint(path, { model, step: -1 })).toThrow("expected a number of steps, got -1");
    expect(() => nn.saveCheckpoint("", { model })).toThrow("expected the path of a file or folder");
  });
});
