import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../../src/autograd";
import { checks, exercise, gate, inspect, runChecks, seeded, withHidden } from "../../src/grading";
import { centre, centreHidden as hidden, centreExercise as task } from "./exercises";

const inputs = seeded(centre, { T: 2, C: 3 }, ({ T, C }, random) => [tensor(random.normal([T, C]))]);
/** The exercise with something else in it. */
const changed = (change: Partial<typeof task>) => exercise((x: Tensor) => centre(x), { ...task, ...change });

describe("gate", () => {
  it("lets a sound exercise through, and counts", () => {
    expect(inspect(task, { hidden })).toEqual({
      problems: [],
      caught: 4,
      inValue: 4,
      accepted: 2,
      seconds: expect.any(Number),
    });
  });

  it("reports a solution that fails, and a hole that passes", () => {
    const bad = { ...task, solution: (x: Tensor) => x };
    expect(gate(bad)).toContainEqual(expect.stringContaining('the solution fails "worked by hand"'));
    const hole = (() => tensor([1])) as never;
    expect(gate(task, { hole })).toContain("the untouched hole is not recognised as one");
  });

  it("reports mutants that pass, that another check catches, or that are told something else", () => {
    const mutant = (fn: typeof centre, caughtBy?: string, says = `wrong: ${fn}`) => ({
      ...{ name: "m", says, fn },
      ...(caughtBy ? { caughtBy } : {}),
    });
    const problems = gate(
      changed({
        checks: [checks.shape(inputs), checks.random(inputs, { points: 1 })],
        mutants: [
          mutant((x) => centre(x).mul(1)),
          mutant((x) => centre(x).sum(), "random input"),
          mutant((x) => x.mul(3), undefined, "first"),
          mutant((x) => x.mul(3), undefined, "second"),
        ],
      }),
    );
    expect(problems).toEqual([
      "2 checks, expected 4 to 8",
      'mutant "m" passes every check',
      expect.stringMatching(/^mutant "m" is caught by "shape", not by "random input": the result has shape/),
      expect.stringMatching(/^mutant "m" is told: .*first/s),
      "2 mutants are wrong in value alone, expected 3 or more: which mistakes do students make?",
    ]);
  });

  it("does not count as wrong in value what has another shape or dtype, is not finite, or equals the solution", () => {
    const fns: [string, (x: Tensor) => Tensor][] = [
      ["shape", (x) => centre(x).transpose()],
      ["dtype", (x) => centre(x).to("float64")],
      ["infinite", (x) => centre(x).div(0)],
      ["throws", (x) => centre(x).reshape([1000])],
      ["no gradient", (x) => centre(x).detach()],
    ];
    const mutants = fns.map(([name, fn]) => ({ name, says: `${name}!`, fn }));
    expect(inspect(changed({ mutants })).inValue).toBe(0);
  });

  it("wants enough of everything", () => {
    const [first] = task.variants;
    const few = changed({ mutants: task.mutants.slice(0, 3), variants: [first] });
    expect(gate(few)).toEqual([
      "3 mutants, expected 4 or more",
      "1 variants, expected 2 or more: how else is centre written rightly?",
    ]);
  });

  it("reports a check that does not look at the function, or not at its result", () => {
    const idle = checks.invariant(centre, "idle", { points: 0, broken: () => null });
    expect(gate(changed({ checks: [...task.checks.slice(0, 4), idle] }))).toContain(
      'the solution fails "idle": the function was not called',
    );
    const blind = {
      ...task.checks[3],
      name: "blind",
      points: 0,
      run: (fn: (x: never) => unknown) => {
        fn(tensor([[1, 2]]) as never);
        return null;
      },
    };
    const problems = gate(changed({ checks: [...task.checks.slice(0, 4), blind] }));
    expect(problems).toContain('a function that returns nothing passes "blind"');
    expect(problems).toContain('a function whose numbers are all wrong passes "blind"');
  });

  it("puts variants to the hidden checks too, and accepts none that fails there", () => {
    const [first] = task.variants;
    const fixed = {
      name: "for three axes and two",
      fn: (x: Tensor) => (x.shape.at(-1) === 9 ? x : centre(x)),
    };
    const report = inspect(changed({ variants: [first, fixed] }), { hidden });
    expect(report.accepted).toBe(1);
    expect(report.problems).toEqual([
      expect.stringContaining('variant "for three axes and two" fails "a table"'),
    ]);
  });
});

describe("withHidden", () => {
  it("is what is graded: more checks, more points", () => {
    const graded = withHidden(task, hidden);
    expect(graded).toMatchObject({ points: 7, hidden: 0 });
    expect(runChecks(task, centre)).toMatchObject({ earned: 5, points: 5, hidden: 2 });
    expect(runChecks(graded, centre)).toMatchObject({ earned: 7, points: 7, hidden: 0 });
    const memorised = (x: Tensor) => (x.shape.at(-1) === 9 ? x : centre(x));
    expect(runChecks(task, memorised).status).toBe("passed");
    expect(runChecks(graded, memorised)).toMatchObject({ status: "failed", earned: 6 });
  });

  it("wants as many as the exercise says, one point each, with names of their own", () => {
    expect(() => withHidden(task, hidden.slice(1))).toThrow(
      "exercise centre: there are 1 hidden checks, so write `hidden: 1` in the exercise",
    );
    const twice = [{ ...hidden[0], name: "shape" }, hidden[1]];
    expect(() => withHidden(task, twice)).toThrow('a hidden check is named "shape", as another one is');
    const dear = [{ ...hidden[0], points: 2 }, hidden[1]];
    expect(() => withHidden(task, dear)).toThrow(
      'the hidden check "a table" is worth 2 points; each is worth one',
    );
  });
});
