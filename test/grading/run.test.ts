import { describe, expect, it, vi } from "vitest";
import { Tensor, tensor } from "../../src/autograd";
import { check, checks, exercise, NotImplemented, runChecks, seeded } from "../../src/grading";
import { verdictView } from "../../src/grading/view";
import { displaySymbol } from "../../src/notebook";
import { array, ones } from "../../src/tensor";
import { centre, centreExercise as task } from "./exercises";

/** The first check that fails, and all that it tells. */
function complaint(fn: unknown) {
  const first = runChecks(task, fn).checks.find(({ failure }) => failure);
  return {
    check: first?.name,
    message: first?.failure?.message,
    details: first?.failure?.details.join("\n"),
    cause: first?.failure?.cause ?? null,
  };
}

describe("runChecks", () => {
  it("gives a right function all points, and says nothing", () => {
    const verdict = runChecks(task, centre);
    expect(verdict).toMatchObject({ exercise: "centre", status: "passed", earned: 5, points: 5 });
    expect(verdict.checks.map(({ failure }) => failure)).toEqual([null, null, null, null, null, null]);
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  });

  it("accepts another way to the same numbers", () => {
    const other = (x: Tensor) =>
      x.sub(x.sum(-1, { keepDims: true }).div(x.shape.at(-1)!)).mul(x.shape.at(-1)! ** -0.5);
    expect(runChecks(task, other).status).toBe("passed");
  });

  it("knows an untouched hole, and gives it nothing", () => {
    const hole = () => {
      throw new NotImplemented();
    };
    expect(runChecks(task, hole)).toMatchObject({ status: "unwritten", earned: 0 });
  });

  it("counts checks one by one", () => {
    const noGradient = (x: Tensor) => centre(x.detach());
    expect(runChecks(task, noGradient)).toMatchObject({ status: "failed", earned: 4 });
    expect(complaint(noGradient)).toMatchObject({
      check: "gradients",
      message: "no gradient reaches argument 1",
      cause: expect.stringContaining("detach()"),
    });
  });

  it("takes no gradient for one of zeros, where the result does not move", () => {
    const capped = (x: Tensor) => x.clamp(-Infinity, 1);
    const above = seeded(capped, { B: 2, C: 3 }, ({ B, C }, random) => [
      tensor(random.uniform([B, C], { low: 2, high: 3 })),
    ]);
    const flat = checks.gradient(capped, above, { points: 1, out: (y) => y });
    const constant = (x: Tensor) => tensor(ones(x.shape));
    expect(flat.run(constant, capped)).toBeNull();
    const moving = seeded(capped, { B: 2, C: 3 }, ({ B, C }, random) => [
      tensor(random.uniform([B, C], { low: 0, high: 2 })),
    ]);
    const steep = checks.gradient(capped, moving, { points: 1, out: (y) => y });
    expect(steep.run(constant, capped)?.message).toBe("no gradient reaches argument 1");
  });

  it("recognises a mutant however it is written", () => {
    const unscaled = (x: Tensor) => x.add(x.mean(-1, { keepDims: true }).neg());
    expect(complaint(unscaled).cause).toBe("nothing is divided by √C");
  });

  it("recognises a mutant that explains most of what is wrong, though not all that the function does", () => {
    const unscaled = (x: Tensor) => x.sub(x.mean(-1, { keepDims: true }));
    const here = (x: Tensor) => (x.size > 50 ? unscaled(x) : centre(x));
    expect(complaint(here).cause).toBe("nothing is divided by √C");
    const elsewhere = (x: Tensor) => (x.size > 50 ? centre(x).mul(3).add(1) : unscaled(x));
    expect(complaint(elsewhere).cause).toBe("every value is 2 times what is wanted"); // of the first result alone
  });

  it("knows the axis that a reduction took away by the error to which it led", () => {
    expect(complaint((x: Tensor) => x.sub(x.mean(-1)))).toMatchObject({
      message: expect.stringContaining("do not broadcast"),
      cause: expect.stringContaining("keepDims"),
    });
    expect(complaint((x: Tensor) => x.sub(x.narrow(-1, 1, 2))).cause).toBeNull();
  });

  it("does not compare the words of errors that students raise themselves", () => {
    const doubled = (least: number, words: string) => (n: number) => {
      if (n < least) throw new Error(words);
      return 2 * n;
    };
    const picky = exercise(doubled(0, "below 0"), {
      id: "doubled",
      title: "Twice",
      minutes: 1,
      forbids: [],
      checks: [
        checks.byHand(doubled(0, ""), { points: 1, args: () => [0], expected: 0, because: "2 · 0 = 0" }),
        checks.byHand(doubled(0, ""), {
          name: "5",
          points: 1,
          args: () => [5],
          expected: 10,
          because: "2 · 5",
        }),
      ],
      mutants: [{ name: "0 refused", says: "0 is refused, too", fn: doubled(1, "no") }],
      variants: [],
    });
    const [zero] = runChecks(picky, doubled(1, "only from 1 on")).checks;
    expect(zero.failure).toMatchObject({
      message: "the function threw Error: only from 1 on",
      cause: "0 is refused, too",
    });
  });

  it("says where and how much", () => {
    const off = (x: Tensor) => {
      const y = centre(x).data.clone();
      if (y.size > 4) y.set([1, 2, 3], 9);
      return new Tensor(y);
    };
    const { check, message, details } = complaint(off);
    expect(check).toBe("random input");
    expect(message).toMatch(/^result\[1, 2, 3\] is 9, expected -?0\.\d+$/);
    expect(details).toMatch(/104 of 105 values are right \(99 %\); the largest difference is/);
    expect(details).toContain("B = 3, T = 5, C = 7");
  });

  it("names a factor by the axis whose size makes it", () => {
    const doubled = (x: Tensor) => centre(x).mul(7);
    expect(runChecks(task, doubled).checks[3].failure?.cause).toBe(
      "every value is 7 times what is wanted, which is C (C = 7): did you scale?",
    );
  });

  it.each([
    [
      "nothing returned",
      () => undefined,
      "the result is undefined, expected a float32 Tensor of shape (3, 5, 7)",
      "is there a `return`?",
    ],
    [
      "a promise",
      async (x: Tensor) => centre(x),
      "the result is a Promise, expected",
      "the function is `async`; write it without",
    ],
    [
      "an array",
      (x: Tensor) => centre(x).data,
      "the result is a float32 NDArray of shape (3, 5, 7), expected a float32 Tensor",
      "no gradient could flow",
    ],
    ["a list", () => [1, 2], "the result is an array of 2 numbers, expected", null],
    ["no function", 3, "expected a function, got the number 3", "run the cell above first"],
    [
      "a lost axis",
      (x: Tensor) => centre(x).select(0, 0),
      "the result has shape (5, 7), expected (3, 5, 7)",
      "the batch axis was lost",
    ],
    [
      "swapped axes",
      (x: Tensor) => centre(x).transpose(),
      "the result has shape (3, 7, 5), expected (3, 5, 7)",
      "two axes are swapped",
    ],
    [
      "an axis of size 1",
      (x: Tensor) => centre(x).unsqueeze(0),
      "the result has shape (1, 3, 5, 7), expected (3, 5, 7)",
      "an axis of size 1 is left over",
    ],
    [
      "another dtype",
      (x: Tensor) => centre(x).to("float64"),
      "the result has dtype float64, expected float32",
      null,
    ],
    ["NaN", (x: Tensor) => centre(x).log(), "is NaN, expected a finite number", null],
    ["an error", (x: Tensor) => centre(x.matmul(x)), "the function threw RangeError: matmul: ", null],
    [
      "a thrown string",
      () => {
        throw "no";
      },
      'the function threw the string "no"',
      null,
    ],
  ])("understands %s", (_, fn, message, cause) => {
    const got = complaint(fn);
    expect(got.message).toContain(message);
    if (cause === null) expect(got.cause).toBeNull();
    else expect(got.cause).toContain(cause);
  });

  it("catches a function that changes its arguments", () => {
    const inPlace = (x: Tensor) => {
      const y = centre(x);
      x.data.fill(0);
      return y;
    };
    const { message, cause } = complaint(inPlace);
    expect(message).toBe("the function changed its argument 1, a float32 Tensor of shape (3, 5, 7)");
    expect(cause).toContain("make a copy first");
  });
});

describe("exercise", () => {
  const inputs = seeded(centre, { T: 2, C: 3 }, ({ T, C }, random) => [tensor(random.normal([T, C]))]);
  it("refuses what a student would stumble over", () => {
    const make = (list: typeof task.checks) => () => exercise(centre, { ...task, checks: list, mutants: [] });
    expect(make([checks.shape(inputs)])).toThrow("the checks are worth no points");
    expect(make([checks.shape(inputs), checks.shape(inputs)])).toThrow('two checks are named "shape"');
    expect(make([checks.random(inputs, { points: 1 }), checks.shape(inputs)])).toThrow(
      'check "shape" stands too late',
    );
    expect(() => seeded(centre, { B: 2, T: 2 }, () => [tensor([1])])).toThrow("swapped axes could hide");
    expect(() => seeded(centre, { B: 1 }, () => [tensor([1])])).toThrow("expected different sizes above 1");
  });
});

describe("check", () => {
  const run = (fn: unknown) => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const given = check(task, fn);
    const text = write.mock.calls.map(([part]) => String(part)).join("");
    write.mockRestore();
    return { given, text };
  };

  it("gives the student's function if it is right", () => {
    const mine = (x: Tensor) => centre(x);
    const { given, text } = run(mine);
    expect(given).toBe(mine);
    expect(text).toBe(
      "✓ Centre the <rows>: 5 of 5 points\n6 of 6 visible checks pass; 2 more run at grading.\nFrom here on centre is your function.\n",
    );
  });

  it("gives the reference if not, and says so", () => {
    const { given, text } = run((x: Tensor) => x.sub(x.mean(-1, { keepDims: true })));
    expect(given).toBe(centre);
    expect(text).toContain("✗ Centre the <rows>: 1 of 5 points");
    expect(text).toContain("Likely cause: nothing is divided by √C");
    expect(text).toContain("centre is the reference for now");
  });

  it("is friendly to a hole", () => {
    const { given, text } = run(() => {
      throw new NotImplemented();
    });
    expect(given).toBe(centre);
    expect(text).toMatch(/^○ Centre the <rows>: 0 of 5 points\nNot done yet, and that is fine/);
  });

  it("shows HTML with everything escaped, and the verdict as data", () => {
    const verdict = runChecks(task, () => array([[1]]));
    const bundle = verdictView(verdict, { title: "Centre the <rows>", id: "centre" })[displaySymbol]();
    expect(bundle["text/html"]).toContain("Centre the &lt;rows&gt;");
    expect(bundle["text/html"]).not.toContain("<rows>");
    expect(bundle["application/vnd.gradschool.verdict+json"]).toBe(verdict);
  });
});
