import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Execution, KernelClient } from "./client";

/** A student's folder, with the real kernel in it. */
const place = join(mkdtempSync(join(tmpdir(), "gradschool-student-")), "мой курс");
const progress = (name: string) => readFileSync(join(place, "progress", name), "utf8");

let kernel: KernelClient;
beforeAll(async () => {
  mkdirSync(join(place, "progress"), { recursive: true });
  writeFileSync(join(place, "progress", "course.json"), "{}");
  kernel = await KernelClient.start(place);
});
afterAll(() => {
  kernel.stop();
  rmSync(join(place, ".."), { recursive: true, force: true });
});

const shown = (cell: Execution) =>
  cell.all("display_data").map((content) => (content.data as Record<string, string>)["text/plain"]);
async function run(code: string, on = kernel): Promise<string[]> {
  const cell = await on.execute(code);
  expect(cell.traceback()).toBe("");
  return shown(cell);
}

describe("a check in a student's notebook", () => {
  it("remembers what was written, with all that it needs from other cells, and nothing else", async () => {
    await run(`import { check, NotImplemented, type Tensor, nd as arrays } from "gradschool";
import { exercises } from "gradschool/lectures/start";
let myCentre: unknown;`);
    await run(
      `const one = 1;\nconst train = () => { throw new Error("not to be run"); };\nconst mean = train;`,
    );
    await run(`/** По-русски. */\nfunction average(x: Tensor): Tensor {\n  return x.mean().mul(one);\n}`);
    await run(`function myCentre(x: Tensor): Tensor {\n  const mean = average(x);\n  return x.sub(mean);\n}`);
    const [verdict] = await run("const centre = check(exercises.centre, myCentre);");
    expect(verdict).toContain("Remembered in progress/centre.ts.");
    expect(progress("centre.ts")).toBe(`import { type Tensor } from "gradschool";

const one = 1;

/** По-русски. */
function average(x: Tensor): Tensor {
  return x.mean().mul(one);
}

function myCentre(x: Tensor): Tensor {
  const mean = average(x);
  return x.sub(mean);
}

export default myCentre;
`);
  });

  it("counts what fails, and nothing that was only shown", async () => {
    await run("function myCentre(x: Tensor): Tensor {\n  return x;\n}");
    await run("check(exercises.centre, myCentre);");
    await run("check(exercises.centre, (x: Tensor) => x.add(1), { remember: false });");
    const entry = JSON.parse(progress("centre.json"));
    expect(entry).toMatchObject({ count: 2, passed: { points: 2 }, best: { earned: 2 } });
    expect(entry.attempts.map((one: { status: string }) => one.status)).toEqual(["passed", "failed"]);
    expect(progress("centre.ts")).toContain("average");
  });

  it("has the cell's last word: a helper that was written anew, a function that stands in the call", async () => {
    await run("const one = 1.0;\nconst spare = one;");
    await run(`check(exercises["centre"], (x: Tensor) => x.sub(average(x)).mul(spare));`);
    expect(progress("centre.ts")).toMatch(
      /const one = 1\.0;\n\nconst spare = one;\n\nexport default \(x: Tensor\)/,
    );
    expect(progress("centre.ts").match(/const one/g)).toHaveLength(1);
  });

  it("keeps apart what two cells call by one name", async () => {
    await run("const k = 3;\nfunction thrice(x: Tensor): Tensor {\n  return x.mul(k);\n}");
    await run("const k = 1 / 3;");
    await run("check(exercises.centre, (x: Tensor) => thrice(x.sub(x.mean())).mul(k));");
    expect(progress("centre.ts")).toMatch(
      /^const (k_\d+) = 3;\n\nfunction thrice\(x: Tensor\): Tensor {\n {2}return x\.mul\(\1\);\n}\n\nconst k = 1 \/ 3;\n/m,
    );
  });

  it("takes what is assigned after `let`, in a cell of its own too", async () => {
    await run("let mine: (x: Tensor) => Tensor;");
    await run("mine = function (x: Tensor): Tensor {\n  return x.sub(x.mean());\n};");
    await run("check(exercises.centre, mine);");
    expect(progress("centre.ts")).toMatch(
      /let mine: \(x: Tensor\) => Tensor;\n\nmine = function \(x: Tensor\): Tensor {\n {2}return x\.sub\(x\.mean\(\)\);\n};\n\nexport default mine;\n$/,
    );
  });

  it("never fails, whatever lies there", async () => {
    writeFileSync(join(place, "progress", "centre.json"), "{ half");
    const [verdict] = await run("check(exercises.centre, (x: Tensor) => x.sub(x.mean()));");
    expect(verdict).toMatch(/could not be read\. It is kept as .*damaged-1\.json.*Remembered in progress/);
    expect(progress("centre.damaged-1.json")).toBe("{ half");
  });

  it("shows the progress, and the map", async () => {
    const cell = await kernel.execute(`import { progress } from "gradschool/lectures/start";\nprogress();`);
    expect(cell.result()).toMatch(
      /^1 of \d+ exercises passed, 2 of \d+ points\n\n00 Start here {2}2\/2\n {3}✓ Centre/,
    );
    expect(cell.result()).toContain(join(place, "progress"));
  });
});

describe("another notebook", () => {
  it("takes the student's function, checked anew, and the reference for what has not passed", async () => {
    await run(`check(exercises.centre, (x: Tensor) => x.sub(average(x)).mul(spare));`);
    const other = await KernelClient.start(place);
    try {
      await run(
        `import { nd, tensor } from "gradschool";\nimport { use } from "gradschool/lectures/start";`,
        other,
      );
      const told = await run(`const { centre, splitHeads } = use("mine");`, other);
      expect(told).toEqual([
        expect.stringMatching(/^✓ centre: yours, passed on \d+ \w+ \d{4}\.$/),
        "○ splitHeads: the reference; yours has not passed yet.",
      ]);
      const cell = await other.execute(
        `[centre.toString().includes("spare"), centre(tensor([1, 2, 6])).data.toArray(), splitHeads(tensor(nd.zeros([1, 2, 6])), 3).shape]`,
      );
      expect(cell.result()?.replace(/\s+/g, " ")).toBe("[ true, [ -2, -1, 3 ], [ 1, 3, 2, 2 ] ]");
      const wrong = await other.execute(`use("mine").centring`);
      expect(wrong.traceback()).toContain("Property 'centring' does not exist");
    } finally {
      other.stop();
    }
  });

  it("outside of the student's folder remembers nothing, says so once, and goes on", async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "gradschool-elsewhere-"));
    const other = await KernelClient.start(elsewhere);
    try {
      await run(
        `import { check, type Tensor } from "gradschool";\nimport { exercises, use } from "gradschool/lectures/start";`,
        other,
      );
      const call = "check(exercises.centre, (x: Tensor) => x.sub(x.mean()));";
      expect((await run(call, other))[0]).toContain("does not lie in your course folder");
      expect((await run(call, other))[0]).not.toContain("course folder");
      expect(await run(`const { centre } = use("mine");`, other)).toEqual([
        "○ centre: the reference; no progress is kept here.",
      ]);
      expect(existsSync(join(elsewhere, "progress"))).toBe(false);
    } finally {
      other.stop();
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
});
