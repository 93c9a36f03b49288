import { afterEach, describe, expect, it, vi } from "vitest";
import { Tensor, tensor } from "../../src/autograd";
import { check, runChecks } from "../../src/grading";
import { exercises } from "../../src/lectures/gpt";
import { NDArray } from "../../src/tensor";
import { inKernel } from "../notebook/fake-kernel";
import { centre, centreExercise as task } from "./exercises";

const refuse = () => {
  throw new Error("no");
};
/** Answers every question by throwing. */
const shut = (target: object = {}) =>
  new Proxy(target, {
    get: refuse,
    has: refuse,
    ownKeys: refuse,
    getPrototypeOf: refuse,
    getOwnPropertyDescriptor: refuse,
  });
const throws = (what: unknown) => () => {
  throw what;
};
class MessageThrows extends Error {
  override get message(): string {
    throw this;
  }
}
const cyclic: unknown[] = [];
cyclic.push(cyclic);

/** A verdict is data, but for the way back to the call that failed, which stands under a symbol. */
const named = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, named(field)]));
};

/** What a student's function may do, and what must be told. */
const hostile: [string, unknown, RegExp][] = [
  ["throws a Proxy that answers nothing", throws(shut()), /the function threw an object that cannot be read/],
  [
    "throws an Error whose message throws",
    throws(new MessageThrows()),
    /the function threw something that cannot/,
  ],
  ["throws a Symbol", throws(Symbol("x")), /the function threw Symbol\(x\)/],
  ["throws undefined", throws(undefined), /the function threw undefined/],
  ["throws an object without prototype", throws(Object.create(null)), /the function threw/],
  ["throws a very long message", throws(new Error("x".repeat(1e6))), /^.{0,700}$/s],
  [
    "returns a Proxy that answers nothing",
    () => shut(),
    /the result is an object that cannot be read, expected/,
  ],
  ["returns a cycle", () => cyclic, /the result cannot be used: RangeError: more than 1000 levels/],
  ["returns a getter that throws", () => ({ get output() { return refuse(); } }), /the result cannot be used: Error: no/], // biome-ignore format: one line
  ["returns a getter without end", () => ({ get output() { for (;;); } }), /took longer than/], // biome-ignore format: one line
  // biome-ignore lint/suspicious/noThenProperty: that is what is tried
  ["returns something to await", () => ({ then: refuse }), /the function is `async`/],
  ["is async, and fails", async () => refuse(), /the function is `async`/],
  ["is a generator", function* () { yield 1; }, /write `function`, and `return`/], // biome-ignore format: one line
  ["is a class", class Centre {}, /got a class.*write `function`, not `class`/s],
  ["is a Proxy", shut(), /expected a function/],
  ["is a function behind a shut Proxy", shut(() => 1), /./],
  ["is missing", undefined, /there is no function to check.*run the cell above/s],
  ["is null", null, /expected a function, got null/],
  ["is a promise of a function", Promise.resolve(centre), /expected a function/],
  ["returns a list of a billion", () => new Array(1e9), /an array of 1000000000/],
  ["returns a huge string", () => "x".repeat(1e7), /the string/],
  ["calls itself without end", function again(x: Tensor): unknown { return again(x); }, /does it call itself without end/], // biome-ignore format: one line
  ["loops without end", () => { for (;;); }, /took longer than 0\.\d s.*is there a loop that never ends/s], // biome-ignore format: one line
  ["takes memory without end", () => { const all = []; for (;;) all.push(new Float64Array(1e6).fill(1)); }, /took (more than 512 MiB|longer)/], // biome-ignore format: one line
];

const told = (fn: unknown) => {
  const verdict = runChecks(task, fn, { seconds: 0.5 });
  const failure = verdict.checks.find((one) => one.failure)?.failure;
  return { verdict, text: [failure?.message, ...(failure?.details ?? []), failure?.cause ?? ""].join("\n") };
};

describe("a check survives a function that", () => {
  it.each(hostile)("%s", (_, fn, says) => {
    const { verdict, text } = told(fn);
    expect(verdict.status).toMatch(/failed|missing/);
    expect(verdict.earned).toBe(0);
    expect(text).toMatch(says);
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(named(verdict));
  });

  it("is given no exercise", () => {
    const outputs = inKernel(() => expect(check(undefined as never, centre)).toBe(centre));
    expect(outputs[0][0]["text/plain"]).toBe("check: expected an exercise, got undefined");
  });

  it("changes its argument, and is told so beside what is wrong", () => {
    const { text } = told((x: Tensor) => tensor(x.data.fill(0).flat().length));
    expect(text).toMatch(/besides, the function changed its argument 1/);
  });

  it("gives its argument back", () => {
    expect(told((x: Tensor) => x).verdict).toMatchObject({ status: "failed", earned: 0 });
    expect(told((x: Tensor) => x.reshape(x.shape)).verdict.status).toBe("failed");
  });
});

const wrong = (x: Tensor) => tensor(x.data.mul(0).toArray() as number[][]);

describe("what a cell has made of built-in objects", () => {
  // Nothing here may use what is patched: lists, loops over them, calls by name.
  let undo = () => {};
  afterEach(() => undo());
  function patch(owner: object, key: PropertyKey, descriptor: PropertyDescriptor): void {
    const { defineProperty, deleteProperty } = Reflect;
    const before = Object.getOwnPropertyDescriptor(owner, key);
    const earlier = undo;
    undo = () => {
      if (before) defineProperty(owner, key, before);
      else deleteProperty(owner, key);
      undo = earlier;
    };
    defineProperty(owner, key, { configurable: true, writable: true, ...descriptor });
  }

  const floats = Object.getPrototypeOf(Float32Array.prototype) as object;
  const patches: [string, object, PropertyKey, unknown][] = [
    ["Array.prototype.map", Array.prototype, "map", () => []],
    ["Array.prototype.some", Array.prototype, "some", () => false],
    ["Array.prototype.find", Array.prototype, "find", () => undefined],
    ["Array.prototype.filter", Array.prototype, "filter", () => []],
    ["Array.prototype.reduce", Array.prototype, "reduce", () => 5],
    ["Array.prototype.push", Array.prototype, "push", () => 0],
    ["Array.prototype[Symbol.iterator]", Array.prototype, Symbol.iterator, function* () {}],
    ["%TypedArray%.prototype.every", floats, "every", () => true],
    ["%TypedArray%.prototype.findIndex", floats, "findIndex", () => -1],
    ["Object.is", Object, "is", () => true],
    ["Object.entries", Object, "entries", () => []],
    ["Object.prototype.tolerance", Object.prototype, "tolerance", { absolute: 1e9, relative: 1 }],
    ["Object.prototype.failure", Object.prototype, "failure", null],
    ["Math.abs", Math, "abs", () => 0],
    ["Number.isFinite", Number, "isFinite", () => true],
    ["JSON.stringify", JSON, "stringify", () => "{}"],
    ["Map.prototype.get", Map.prototype, "get", () => undefined],
    ["Reflect.apply", Reflect, "apply", (_: unknown, __: unknown, [x]: [Tensor]) => centre(x)],
    ["Function.prototype.call", Function.prototype, "call", () => null],
    ["Tensor.prototype.data", Tensor.prototype, "clone", () => tensor([0])],
    ["NDArray.prototype.flat", NDArray.prototype, "flat", () => new Float32Array(0)],
  ];

  it.each(patches)("%s cannot make a wrong function pass", (_, owner, key, value) => {
    patch(owner, key, { value });
    const verdict = runChecks(task, wrong);
    const facts = { status: verdict.status, passes: verdict.earned > 1, notes: verdict.notes.length };
    undo();
    expect(facts).toEqual({ status: "failed", passes: false, notes: 1 });
  });

  it.each([...patches.slice(0, 11), patches[patches.length - 1]])(
    "%s, replaced inside of the function, neither",
    (_, owner, key, value) => {
      let patched = false;
      const verdict = runChecks(task, (x: Tensor) => {
        const y = wrong(x);
        if (!patched) patch(owner, key, { value });
        patched = true;
        return y;
      });
      const status = verdict.status;
      undo();
      expect(status).toBe("failed");
    },
  );

  it("leaves a right function its own methods, and the notebook what it had", () => {
    patch(Array.prototype, "last", { value: function (this: number[]) { return this[this.length - 1]; } }); // biome-ignore format: one line
    const mine = (x: Tensor) => x.sub(x.mean(-1, { keepDims: true })).div(Math.sqrt((x.shape as never as { last(): number }).last())); // biome-ignore format: one line
    const { status, notes } = runChecks(task, mine);
    expect("last" in Array.prototype).toBe(true);
    expect(status).toBe("passed");
    expect(notes).toEqual([
      "This notebook has changed Array.prototype.last; the checks work with the original.",
    ]);
  });
});

describe("an exercise", () => {
  it("is frozen, deeply", () => {
    const change = (body: () => unknown) => expect(body).toThrow(TypeError);
    const all = exercises as unknown as Record<string, Record<string, unknown>>;
    const one = exercises.causalAttention;
    change(() => Object.assign(all, { causalAttention: {} }));
    change(() => Object.assign(one, { solution: () => 1 }));
    change(() => (one.checks as unknown as unknown[]).pop());
    change(() => Object.assign(one.checks[0], { run: () => null }));
    change(() => Object.assign(one.mutants[0], { says: "" }));
    change(() => Object.assign(one.solution, { call: () => null }));
    change(() => Object.assign(one.title as object, { en: "" }));
  });
});

describe("what the function prints", () => {
  it("stands under the check that called it, shortened, and nowhere else", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const { checks } = runChecks(task, (x: Tensor) => {
      process.stdout.write(`shape ${x.shape}\n`);
      process.stderr.write("careful\n");
      if (x.shape.length === 2) process.stdout.write("y".repeat(5000));
      return centre(x);
    });
    expect(write).not.toHaveBeenCalled();
    write.mockRestore();
    expect(checks[0].printed).toEqual([{ input: "Tensor (3, 5, 7)", text: "shape 3,5,7\ncareful\n" }]);
    expect(checks[2].printed[0].input).toBe("Tensor [[1, 2, 3, 6]]");
    expect(checks[2].printed[0].text.length).toBeLessThan(2100);
    expect(checks[3].printed).toHaveLength(3);
    expect(checks[3].printedMore).toBe(1);
  });
});

describe("the points of a check", () => {
  it("are a number, 0 before the first verdict", () => {
    inKernel(() => {
      expect(check.points({ id: "never" })).toBe(0);
      check(task, centre);
      expect(check.points(task)).toBe(5);
      check(task, (x: Tensor) => x.sub(x.mean(-1, { keepDims: true })));
      expect(check.points(task)).toBe(1);
      check(task, undefined);
      expect(check.points(task)).toBe(0);
    });
  });
});

it("what a cell has replaced and locked makes every check fail (last here: it cannot be undone)", () => {
  Object.defineProperty(Array.prototype, "copyWithin", {
    value: () => 0,
    configurable: false,
    writable: false,
  });
  const { status, earned, checks } = runChecks(task, centre);
  expect([status, earned]).toEqual(["failed", 0]);
  expect(checks[0].failure?.message).toBe(
    "this notebook has replaced Array.prototype.copyWithin and locked it",
  );
});
