import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(() => kernel.stop());

const value = async (code: string) => (await kernel.execute(code)).result();

describe("a cell that throws keeps what it had declared", () => {
  it("of every kind", async () => {
    await kernel.execute(`import { join } from "node:path";
      import * as os from "node:os";
      const number = 1, list = [1, 2];
      let free: string | undefined;
      const { length, nested: [inner] } = { length: 3, nested: [4] };
      class Point { x = 5; }
      enum Colour { Red, Green }
      interface Shape { sides: number }
      type Name = string;
      function twice(x: number) { return 2 * x; }
      throw new Error("here");`);
    expect(await value(`const s: Shape = { sides: 3 };\nconst n: Name = "n";
      [number, list, free, length, inner, new Point().x, Colour.Green, twice(4), join("a", "b"), typeof os.cpus, s, n].map(String)`))
      .toContain("'1',"); // biome-ignore format: one expression
    expect(await value("twice(number + length + inner)")).toBe("16");
  });

  it("and not what came after, of which the next error tells", async () => {
    await kernel.execute(
      `const first = 1;\nthrow new Error("here");\nconst second = 2, { third } = { third: 3 };`,
    );
    expect(await value("first")).toBe("1");
    for (const name of ["second", "third"]) {
      const cell = await kernel.execute(`${name} + 1`);
      expect(cell.traceback()).toMatch(
        /Cell \[\d+\] declares it, but stopped at line 2: run that cell again\./,
      );
    }
  });

  it("after an await, and from within a function of an earlier cell", async () => {
    await kernel.execute(`const fail = () => { throw new Error("inside"); };`);
    await kernel.execute("await 0;\nconst reached = 1;\n\nfail();\nconst unreached = 2;");
    expect(await value("reached")).toBe("1");
    expect((await kernel.execute("unreached")).traceback()).toContain("stopped at line 4");
  });

  it("and the earlier value of what it would have declared anew", async () => {
    await kernel.execute("const again = 1;\nlet other = 'x';");
    await kernel.execute(`throw new Error("before");\nconst again = "two";\nlet other = 3;`);
    expect(await value("[again + 1, other.length]")).toBe("[ 2, 1 ]");
    await kernel.execute(`const again = "two";\nthrow new Error("after");`);
    expect(await value("again.length")).toBe("3");
  });

  it("even an undefined", async () => {
    await kernel.execute("const none = undefined;\nlet later: number | undefined;\nthrow 1;");
    expect(await value("[none, later]")).toBe("[ undefined, undefined ]");
  });
});

it("a cell that never compiled is named by those that miss it", async () => {
  await kernel.execute("const wrong: string = 3;\nfunction answer(x) { return x; }");
  const cell = await kernel.execute("answer(1)");
  expect(cell.traceback()).toMatch(
    /Cell \[\d+\] declares it, but did not run: mend its errors, and run it again\./,
  );
});

it("a variable is known with its value, and whether an import made it", async () => {
  await kernel.execute(`import { join as glue } from "node:path";\nconst own = 3;`);
  const variable = (name: string) =>
    value(
      `JSON.stringify((globalThis as any)[Symbol.for("gradschool.kernel")].variable("${name}") ?? null, (_, x) => typeof x === "function" ? x.name : x)`,
    );
  expect(await variable("glue")).toContain('{"value":"join","imported":true}');
  expect(await variable("own")).toContain('{"value":3,"imported":false}');
  expect(await variable("nowhere")).toContain("null");
  expect(await variable("toString")).toContain("null");
  await kernel.execute("const glue = 4;");
  expect(await variable("glue")).toContain('{"value":4,"imported":false}');
});

describe("a function whose cell has failed since", () => {
  const outdated = "(globalThis as any)[Symbol.for('gradschool.kernel')].outdated(answer)";
  it.each([
    [
      "does not compile",
      "function answer(x: number) { return x.nope; }",
      "function answer(x: number) { return x; }",
    ],
    [
      "has an open brace",
      "function answer(x: number { return 1; }",
      "function answer(x: number) { return x; }",
    ],
    [
      "stops before it gets there",
      "throw 1;\nconst answer = (x: number) => 2 * x;",
      "const answer = (x: number) => x;",
    ],
  ])("is known to be outdated: it %s", async (_, broken, whole) => {
    await kernel.execute(whole);
    expect(await value(outdated)).toBe("false");
    await kernel.execute(broken);
    expect(await value(outdated)).toBe("true");
    expect(await value("answer(3)")).toBe("3");
    await kernel.execute(whole);
    expect(await value(outdated)).toBe("false");
  });

  it("does not pass its check, until it is whole again", async () => {
    await kernel.execute(
      'import { check, type NDArray } from "gradschool";\nimport { exercises } from "gradschool/lectures/gpt";',
    );
    await kernel.execute("const { solution } = exercises.nextTokenPairs;");
    const mine = (body: string) =>
      kernel.execute(
        `const myPairs = (documents: number[][], options: { bos: number; eos: number; length: number }) => ${body};`,
      );
    const points = () =>
      value(
        "const pairs = check(exercises.nextTokenPairs, myPairs);\ncheck.points(exercises.nextTokenPairs)",
      );
    await mine("solution(documents, options)");
    expect(await points()).toBe("3");
    await mine("solutoin(documents, options)");
    expect(await points()).toBe("0");
    expect(await value("pairs === solution")).toBe("true");
    await mine("solution(documents, options)");
    expect(await points()).toBe("3");
  });
});
