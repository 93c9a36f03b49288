import { describe, expect, it, vi } from "vitest";
import { Tensor, tensor } from "../../src/autograd";
import { check, checks, exercise, type Failure, runChecks } from "../../src/grading";
import { argumentsAsCode } from "../../src/grading/code";
import { pictureOf } from "../../src/grading/picture";
import { verdictView } from "../../src/grading/view";
import { displaySymbol } from "../../src/notebook";
import { Generator, type NDArray } from "../../src/tensor";
import * as nd from "../../src/tensor/nd";
import { centre, centreExercise as task } from "./exercises";

/** What a cell makes of the code. */
const run = (code: string) => new Function("nd", "tensor", `return [${code}]`)(nd, tensor) as unknown[];

describe("arguments as code", () => {
  it("make the same values, bit by bit", () => {
    const random = new Generator(1);
    const list: unknown[] = [
      ...[1, -0, 0.1, Number.NaN, -Infinity, 'a"b\n', true, null, undefined, [], {}],
      { topK: 3, "odd key": [1, [2, "x"]] },
      new Float32Array([0.1, 3]),
      Int32Array.of(1, -2),
    ];
    expect(run(argumentsAsCode(list)!)).toEqual(list);
    const arrays = [
      random.normal([2, 3]),
      random.normal([5]).to("float64"),
      random.integers([3, 2], { low: -9, high: 9 }),
      random.normal([2, 2]).gt(0),
      nd.array([Number.NaN, Infinity, -0, 1e-40, 16777217]),
      nd.array(5),
    ];
    for (const x of arrays) {
      const [again] = run(argumentsAsCode([x])!) as NDArray[];
      expect([again.dtype, again.shape]).toEqual([x.dtype, x.shape]);
      expect([...again.flat()].every((value, i) => Object.is(value, x.flat()[i]))).toBe(true);
    }
    const [t] = run(argumentsAsCode([tensor([[0.1]])])!) as Tensor[];
    expect(t).toBeInstanceOf(Tensor);
    expect(t.data.get([0, 0])).toBe(Math.fround(0.1));
  });

  it("is short", () => {
    expect(argumentsAsCode([tensor([[0.1, 1 / 3]]), { bos: 1 }])).toBe(
      "tensor([[0.1, 0.33333334]]), { bos: 1 }",
    );
    expect(argumentsAsCode([nd.array([1, 2], { dtype: "int32" })])).toBe(
      'nd.array([1, 2], { dtype: "int32" })',
    );
  });

  it("is not there for what it cannot say", () => {
    expect(argumentsAsCode([nd.zeros([40, 40])])).toBeNull();
    expect(argumentsAsCode([nd.arange(0, 6).reshape([2, 3]).transpose()])).toBeNull();
    expect(argumentsAsCode([nd.zeros([0, 3])])).toBeNull();
    expect(argumentsAsCode([() => 1])).toBeNull();
    expect(argumentsAsCode([new Generator(1)])).toBeNull();
    expect(argumentsAsCode(["x".repeat(1000)])).toBeNull();
  });
});

const firstFailure = (fn: unknown) =>
  runChecks(task, fn).checks.find(({ failure }) => failure)!.failure as Failure;
const shown = (fn: unknown) =>
  verdictView(runChecks(task, fn), { title: "Centre", id: "centre" })[displaySymbol]();

describe("a failure", () => {
  const wrong = (x: Tensor) => centre(x).mul(x.ndim === 2 ? 2 : 1);

  it("has its call with it, as code where that is short", () => {
    expect(firstFailure(wrong).input).toBe("tensor([[1, 2, 3, 6]])");
    expect(shown(wrong)["text/plain"]).toContain("Try it in a cell: myCentre(tensor([[1, 2, 3, 6]]))");
    expect(shown(wrong)["text/html"]).toContain("myCentre(tensor([[1, 2, 3, 6]]))</pre>");
    const everywhere = (x: Tensor) => x;
    expect(structuredClone(runChecks(task, everywhere))).toEqual(
      JSON.parse(JSON.stringify(runChecks(task, everywhere))),
    );
  });

  it("of large input has a call that asks for it, and gets what was given", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const large = (x: Tensor) => centre(x).mul(x.ndim === 3 ? 2 : 1);
    check(task, large);
    const text = write.mock.calls.join("");
    write.mockRestore();
    expect(text).toContain("Try it in a cell: myCentre(...check.input(exercises.centre))");
    const [x] = check.input(task) as Tensor[];
    expect(x.shape).toEqual([3, 5, 7]);
    expect(large(x).sub(centre(x)).data.abs().max().item()).toBeGreaterThan(0.1);
    expect(check.input(task)).not.toBe(check.input(task));
  });

  it("by an error has the call that threw", () => {
    const throws = (x: Tensor) => (x.ndim === 2 ? centre(x.reshape([99])) : centre(x));
    expect(firstFailure(throws).input).toBe("tensor([[1, 2, 3, 6]])");
  });

  it("of no single call offers none", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    check(task, (x: Tensor) => (x.shape.join() === "2,3" ? centre(x).add(1) : centre(x)));
    check({ ...task, id: "never" } as never, centre);
    write.mockRestore();
    expect(() => check.input({ ...task, id: "never" } as never)).toThrow(
      "check.input: expected an exercise whose check has just failed on a call",
    );
  });
});

describe("a picture", () => {
  const table = (values: number[][]) => nd.array(values);
  it("shows the matrix that is wrong, and where it stands", () => {
    const expected = { a: nd.zeros([2, 2]), b: [nd.zeros([2, 3, 2, 4]), nd.ones([3])] };
    const off = nd.zeros([2, 3, 2, 4]);
    off.set([1, 2, 0, 3], 5);
    expect(pictureOf({ a: nd.zeros([2, 2]), b: [off, nd.ones([3])] }, expected)).toEqual({
      of: "b[0][1, 2]",
      got: [
        [0, 0, 0, 5],
        [0, 0, 0, 0],
      ],
      expected: [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ],
    });
    expect(pictureOf(expected, expected)).toBeNull();
    expect(pictureOf(table([[1, 2]]), table([[1, 3]]))).toBeNull(); // three numbers are read, not looked at
    expect(pictureOf(nd.zeros([3]), nd.zeros([4]))).toBeNull();
  });

  it("is drawn where the check asks for it", () => {
    const drawn = exercise(centre, {
      ...task,
      mutants: [],
      checks: [
        checks.byHand(centre, {
          ...{ points: 1, picture: true, because: "the mean is 3 and √4 is 2" },
          args: () => [tensor([[1, 2, 3, 6]])],
          expected: [[-1, -0.5, 0, 1.5]],
        }),
      ],
    });
    const verdict = runChecks(drawn, (x: Tensor) => x);
    expect(verdict.checks[0].failure?.picture).toEqual({
      ...{ of: "result", got: [[1, 2, 3, 6]], expected: [[-1, -0.5, 0, 1.5]] },
    });
    const html = String(
      verdictView(verdict, { title: "Centre", id: "centre" })[displaySymbol]()["text/html"],
    );
    expect(html).toContain("data:image/svg+xml");
    expect(String(shown((x: Tensor) => x)["text/html"])).not.toContain("data:image/svg+xml");
  });
});
