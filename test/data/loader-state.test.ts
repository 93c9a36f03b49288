import { describe, expect, it } from "vitest";
import { DataLoader, type DataLoaderOptions, type LoaderState } from "../../src/data";
import { defaultGenerator, manualSeed, type NDArray, randn } from "../../src/tensor";

const samples = Array.from({ length: 11 }, (_, i) => i);
type Options = DataLoaderOptions<number, NDArray>;
const make = (options: Options = {}) =>
  new DataLoader<number, NDArray>(samples, { batchSize: 3, ...options });
const throughJson = (state: LoaderState): LoaderState => JSON.parse(JSON.stringify(state));

/** Batches from here to the end of epoch 3, something drawn from the default generator at each. */
function rest(loader: DataLoader<number, NDArray>, each: (i: number) => void = () => {}): unknown[] {
  const seen: unknown[] = [];
  while (loader.epoch < 3) {
    for (const batch of loader) {
      seen.push([...batch.flat(), randn([1]).item()]);
      each(seen.length);
    }
  }
  return seen;
}

describe("a loader goes on where it stood", () => {
  const kinds: Options[] = [
    {},
    { shuffle: true },
    { shuffle: true, seed: 5 },
    { shuffle: true, dropLast: true },
    { dropLast: true, batchSize: 4 },
  ];
  it.each(kinds)("%o: after every batch", (options) => {
    manualSeed(2);
    const states: { loader: LoaderState; luck: ReturnType<ReturnType<typeof defaultGenerator>["state"]> }[] =
      [];
    const first = make(options);
    const whole = rest(first, () =>
      states.push({ loader: throughJson(first.stateDict()), luck: defaultGenerator().state() }),
    );
    expect(states.length).toBe(3 * first.length);
    states.forEach(({ loader, luck }, i) => {
      manualSeed(99);
      const again = make(options);
      again.loadStateDict(loader);
      expect(again.stateDict()).toEqual(loader);
      defaultGenerator().setState(luck);
      expect(rest(again)).toEqual(whole.slice(i + 1));
    });
  });

  it("between epochs, before the first and after a break", () => {
    const loader = make({ shuffle: true, seed: 1 });
    expect(loader.stateDict()).toMatchObject({ epoch: 0, batch: 0, order: null });
    for (const _ of loader) break;
    expect(loader.stateDict()).toMatchObject({ epoch: 1, batch: 0, order: null });
    expect([...loader].length).toBe(4);
    expect(loader.stateDict()).toMatchObject({ epoch: 2, batch: 0 });
  });

  it("unless another epoch is chosen afterwards", () => {
    const loader = make();
    const iterator = loader[Symbol.iterator]();
    iterator.next();
    const again = make();
    again.loadStateDict(loader.stateDict());
    again.epoch = 7;
    expect([...again].length).toBe(4);
    expect(again.epoch).toBe(8);
  });
});

describe("a state that does not fit is refused", () => {
  const loader = make({ shuffle: true });
  const state = (changes: object) => ({ ...loader.stateDict(), ...changes }) as LoaderState;
  it.each<[unknown, string]>([
    [undefined, "expected a state as stateDict() gives, got undefined"],
    [[1], "got a list of 1"],
    [state({ samples: 12 }), "expected samples 11, got 12"],
    [
      state({ batchSize: 4, seed: 3 }),
      "expected batchSize 3, got 4\n  expected seed null, got 3; nothing was loaded",
    ],
    [state({ shuffle: false }), "expected shuffle true, got false"],
    [state({ dropLast: undefined }), "expected dropLast false, got undefined"],
    [state({ epoch: -1 }), "expected a whole number of epochs, got -1"],
    [state({ epoch: "1" }), 'got "1"'],
    [state({ batch: 4, order: [1, 2, 3, 4] }), "expected a batch from 0 to 3, got 4"],
    [state({ batch: 0.5, order: [1, 2, 3, 4] }), "got 0.5"],
    [state({ batch: 2 }), "order: expected four whole numbers from state()"],
    [state({ batch: 2, order: [0, 0, 0, 0] }), "order: expected four whole numbers from state()"],
  ])("%j", (saved, message) => {
    const before = loader.stateDict();
    expect(() => loader.loadStateDict(saved as LoaderState)).toThrow(message);
    expect(() => loader.loadStateDict(saved as LoaderState)).toThrow(/^DataLoader\.loadStateDict: /);
    expect(loader.stateDict()).toEqual(before);
  });
  it("as is an order where there is none to be had", () => {
    const plain = make();
    expect(() => plain.loadStateDict({ ...plain.stateDict(), order: [1, 2, 3, 4] })).toThrow(
      "expected no order",
    );
  });
});
