import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Node } from "typescript";
import { describe, expect, it } from "vitest";
import * as gradschool from "../../src";
import { type Exercise, runChecks } from "../../src/grading";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The scripts are plain JavaScript without types. */
const script = (name: string) =>
  import(/* @vite-ignore */ pathToFileURL(`${root}scripts/notebooks/${name}.mjs`).href);
const { parsePercent, withExercises } = await script("percent");
const { links } = await script("links");
const { exerciseSource, studentName } = await script("exercise-source");
const { expand, withHoleImport } = await script("expand");
const { sameSources, textOf, withOutputs, stable } = await script("ipynb");
const ts = createRequire(import.meta.url)("typescript") as typeof import("typescript");

const folder = `${root}src/lectures/gpt`;
const { exercises: all } = (await import("../../src/lectures/gpt")) as unknown as {
  exercises: Record<string, Exercise>;
};
/** Three of them, which the source below asks for. */
const { nextTokenPairs, causalAttention, nextTokenProbabilities } = all;
const exercises = { nextTokenPairs, causalAttention, nextTokenProbabilities };

interface Cell {
  id: string;
  cell_type: string;
  source: string[];
  metadata: { nbgrader?: { grade_id: string; grade: boolean; solution: boolean; points?: number } };
}

const source = `// a note
// %% [markdown]
// # Title
//
// Text.
// %%
import { check } from "gradschool";

${["causalAttention", "nextTokenPairs", "nextTokenProbabilities"].map(asked).join("")}`;

/** The five cells of an exercise. */
function asked(id: string): string {
  const part = (name: string) => `// %% [markdown] ${name}: ${id}\n// The ${name} of ${id}.\n`;
  return `${part("task")}${part("plan")}${part("help")}// %% exercise: ${id}\nconst stand = "in";\n${part("after")}`;
}

const make = (options: object = {}, text = source) =>
  expand(parsePercent(text), { name: "gpt", exercises, folder, solved: false, ...options }) as {
    cells: Cell[];
  };

describe("the import of NotImplemented, which holes throw", () => {
  it("comes with check, however that is written", () => {
    const written: [string, string][] = [
      [`import { check } from "gradschool";`, `import { check, NotImplemented } from "gradschool";`],
      [
        `import { a, check, type B } from 'gradschool'`,
        `import { a, check, NotImplemented, type B } from 'gradschool'`,
      ],
      [
        `const a = 1;\nimport {\n  attention, // of ours\n  check,\n  nd,\n} from "gradschool";`,
        `const a = 1;\nimport {\n  attention, // of ours\n  check, NotImplemented,\n  nd,\n} from "gradschool";`,
      ],
      [
        `import { NotImplemented, check } from "gradschool";`,
        `import { NotImplemented, check } from "gradschool";`,
      ],
    ];
    for (const [text, wanted] of written) expect(withHoleImport(text)).toBe(wanted);
  });

  it.each([
    "const x = 1;",
    `// import { check } from "gradschool";`,
    `import * as gradschool from "gradschool";`,
    `import { check as test } from "gradschool";`,
    `import { check } from "elsewhere";`,
    `import type { check } from "gradschool";`,
    `const text = 'import { check } from "gradschool";';`,
  ])("is refused where it cannot come: %s", (text) => {
    expect(withHoleImport(text)).toBeNull();
    const without = source.replace(`import { check } from "gradschool";`, text);
    expect(() => make({}, without)).toThrow(
      `gpt: expected a cell above exercise causalAttention with import { check, … } from "gradschool"`,
    );
  });
});

describe("percent format", () => {
  it("cuts cells, and takes the comment signs from prose", () => {
    const cells = parsePercent(source);
    expect(cells.map(({ kind }: { kind: string }) => kind)).toEqual([
      ...["markdown", "code"],
      ...Array.from({ length: 3 }, () => ["task", "plan", "help", "exercise", "after"]).flat(),
    ]);
    expect(cells[0].text).toBe("# Title\n\nText.");
    expect(cells[1].text).toBe('import { check } from "gradschool";');
    expect(cells[5]).toMatchObject({ id: "causalAttention", text: 'const stand = "in";', line: 15 });
  });

  it("gathers what belongs to an exercise", () => {
    const cells = withExercises(parsePercent(source));
    expect(cells.map(({ kind }: { kind: string }) => kind)).toEqual([
      ...["markdown", "code", "exercise", "exercise", "exercise"],
    ]);
    expect(cells[3]).toMatchObject({ id: "nextTokenPairs", plan: { text: "The plan of nextTokenPairs." } });
  });

  it.each([
    [
      "a part is missing",
      (text: string) => text.replace(/.*help: causal.*\n.*\n/, ""),
      '13: expected the cell "help: causalAttention"',
    ],
    [
      "the order is another",
      (text: string) => text.replace("task: causal", "plan: causal"),
      '9: expected the cell "task: causalAttention"',
    ],
    [
      "ids differ",
      (text: string) => text.replace("plan: causal", "plan: other"),
      '11: expected the cell "plan: causalAttention"',
    ],
    [
      "it ends too early",
      (text: string) => text.replace(/.*after: nextTokenProb.*\n.*\n/, ""),
      'expected the cell "after: nextTokenProbabilities"',
    ],
  ])("says where %s", (_, change, message) => {
    expect(() => withExercises(parsePercent(change(source)), "a.nb.ts")).toThrow(message);
  });

  it("names the line that is wrong", () => {
    expect(() => parsePercent("// %% [markdown]\nlet x;", "a.nb.ts")).toThrow(
      "a.nb.ts:2: expected every line",
    );
    expect(() => parsePercent("// %% exercize: x", "a.nb.ts")).toThrow("a.nb.ts:1: expected");
  });
});

describe("exercise source", () => {
  it("cuts the hole out of the solution", () => {
    const { solution, hole } = exerciseSource(folder, "causalAttention");
    expect(solution).toMatch(/^\/\*\*[\s\S]*\nfunction myCausalAttention\(/);
    expect(solution).toContain("softmax(scores");
    expect(hole).toMatch(
      /const \[T, D\] = query\.shape\.slice\(-2\);\n {2}\/\/ YOUR CODE HERE\n {2}throw new NotImplemented\(\);\n}$/,
    );
    expect(hole).not.toContain("softmax(scores");
  });

  for (const [id, exercise] of Object.entries(exercises)) {
    it(`${id}: what students get fails every check that counts`, () => {
      const source = exerciseSource(folder, id).hole;
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: { target: ts.ScriptTarget.ES2022 },
      });
      const names = Object.keys(gradschool);
      const evaluate = new Function(...names, `${outputText}\nreturn ${studentName(id)};`);
      const hole = evaluate(...Object.values(gradschool));
      // Of the exercise itself the gate (gate.test.ts) says the rest.
      const { status, checks } = runChecks(exercise, hole);
      expect(status).toBe("unwritten");
      expect(checks.length).toBeGreaterThan(0);
      expect(checks.filter(({ points, failure }) => points > 0 && !failure)).toEqual([]);
    });
  }
});

describe("expand", () => {
  it("makes four cells of an exercise, three with nbgrader's metadata", () => {
    const { cells } = make();
    const four = cells.filter(({ id }) => id.startsWith("causalAttention-"));
    expect(four.map(({ id }) => id)).toEqual(
      ["task", "answer", "check", "after"].map((role) => `causalAttention-${role}`),
    );
    const own = four.slice(0, 3);
    expect(textOf(four[3])).toMatch(
      /^<details><summary>.*<\/summary>\n\nThe after of causalAttention\.\n\n<\/details>$/,
    );
    expect(textOf(own[0])).toMatch(
      /^### ✏️ Exercise 1: Causal attention\n\n\*5 points and 2 more at grading, about 15 minutes\*/,
    );
    expect(textOf(own[0])).toContain(
      "The task of causalAttention.\n\n*Without `scaledDotProductAttention`, `MultiHeadAttention`, which do it already.*",
    );
    expect(textOf(own[2])).toBe(
      "const causalAttention = check(exercises.causalAttention, myCausalAttention);\ncheck.points(exercises.causalAttention)",
    );
    expect(own.map(({ metadata }) => metadata.nbgrader)).toMatchObject([
      { grade: false, solution: false, locked: true, schema_version: 3 },
      { grade: false, solution: true, locked: false, schema_version: 3 },
      { grade: true, solution: false, locked: true, schema_version: 3, points: 5 },
    ]);
    for (const { metadata } of own) expect(metadata.nbgrader!.grade_id).toMatch(/^[\w-]+$/);
  });

  it("shows the solution only to who has opened two folds", () => {
    const [student, solution] = [false, true].map((solved) =>
      make({ solved }).cells.map((cell) => ({ id: cell.id, text: textOf(cell) as string })),
    );
    const answer = "const future = nd.ones";
    expect(solution.find(({ id }) => id === "causalAttention-answer")?.text).toContain(answer);
    const shown = student.filter(({ text }) => text.includes(answer));
    expect(shown.map(({ id }) => id)).toEqual(["causalAttention-task"]);
    const before = shown[0].text.slice(0, shown[0].text.indexOf(answer));
    const last = before.slice(before.lastIndexOf("Hint 3"));
    expect(last.match(/<details>/g)).toHaveLength(1);
    expect(last).toMatch(/^Hint 3: the solution<\/summary>\n\nHave you run your own/);
  });

  it("gives cells ids that stay, and are unique", () => {
    const ids = (text: string) => make({}, text).cells.map(({ id }) => id);
    const twice = `${source}// %%\nconst x = 1;\n`;
    const more = ids(twice.replace("// a note", "// %%\nconst x = 1;"));
    expect(more.slice(1).filter((id) => !ids(twice).includes(id))).toEqual([`${more[0]}-2`]);
    expect(new Set(more).size).toBe(more.length);
    for (const id of more) expect(id).toMatch(/^[\w-]{1,64}$/);
  });

  it("notices exercises that do not exist, or are left out", () => {
    expect(() => make({}, asked("lost"))).toThrow("there is no exercise lost, only nextTokenPairs");
    expect(() => make({}, "// %%\n1")).toThrow(
      "gpt: the notebook leaves out nextTokenPairs, causalAttention",
    );
  });

  it("compares what was written, not what running it left behind", () => {
    const nb = make();
    const run = {
      ...nb,
      cells: nb.cells.map((cell) => ({ ...cell, execution_count: 3, outputs: [{ text: "hi" }] })),
    };
    const executed = withOutputs(nb, run);
    expect(sameSources(executed, nb)).toBe(true);
    expect(stable(executed)).toContain('"text": "hi"');
    expect(sameSources(make({ solved: true }), nb)).toBe(false);
  });
});

describe("links", () => {
  const lecture = (number: number, name: string) => ({
    number,
    name,
    notebook: `0${number}-${name}`,
    title: name,
  });
  const written = [lecture(0, "start"), lecture(3, "transformer"), lecture(5, "gpt"), lecture(6, "vit")];

  it("lead to the lectures that are there", () => {
    expect(links(written, "start", "en")).toBe("[03 transformer →](03-transformer.ipynb)");
    expect(links(written, "gpt", "en")).toBe(
      "[← 03 transformer](03-transformer.ipynb) · [00 start](00-start.ipynb) · [06 vit →](06-vit.ipynb)",
    );
    expect(links(written.slice(2, 3), "gpt", "en")).toBe("");
  });

  it("stand at both ends", () => {
    const { cells } = make({ above: "above", below: "below" });
    expect([cells[0], cells.at(-1)!].map((cell) => textOf(cell))).toEqual(["above", "below"]);
  });
});

describe("the lectures", () => {
  const sourceOf = (name: string) => `${root}src/lectures/${name}/${name}.nb.ts`;
  const written = readdirSync(`${root}src/lectures`).filter((name) => existsSync(sourceOf(name)));

  it.each(written)("%s has cells that fit on a slide", (name) => {
    for (const { kind, text, line } of parsePercent(readFileSync(sourceOf(name), "utf8")))
      if (kind === "code" && !text.startsWith("import"))
        expect(text.split("\n").length, `line ${line}`).toBeLessThanOrEqual(25);
  });

  it.each(written)("%s shows every picture that it makes", (name) => {
    const makers =
      /^(attentionMap|audio|bar|field|graph|heatmaps?|imageGrid|line|predictions|scatter|summary)$/;
    for (const { kind, text, line } of parsePercent(readFileSync(sourceOf(name), "utf8"))) {
      if (kind !== "code") continue;
      const { statements } = ts.createSourceFile("cell.ts", text, ts.ScriptTarget.Latest, true);
      const visit = (node: Node) => {
        // A notebook shows by itself what a cell ends in, and nothing else.
        const expression = ts.isExpressionStatement(node) && node !== statements.at(-1) && node.expression;
        const made = expression && ts.isCallExpression(expression) && expression.expression.getText();
        expect(made || "", `line ${line}: ${made}(…) without .show()`).not.toMatch(makers);
        ts.forEachChild(node, visit);
      };
      statements.forEach(visit);
    }
  });
});
