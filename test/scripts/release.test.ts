import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { allExercises } from "../../src/lectures/exercises";

const root = fileURLToPath(new URL("../..", import.meta.url));
const outer = mkdtempSync(join(tmpdir(), "gradschool release "));
afterAll(() => rmSync(outer, { recursive: true, force: true }));
const load = (name: string) => import(/* @vite-ignore */ join(root, "scripts", `${name}.mjs`));

interface Secret {
  what: string;
  text: string;
}
const { scan, secrets } = (await load("release/scan")) as {
  scan(
    folder: string,
    wanted: Secret[],
    options?: { except?: (cell: { id?: string }) => boolean },
  ): { file: string; what: string }[];
  secrets(): Secret[];
};
const { GRADERS } = (await load("release/students")) as { GRADERS: readonly string[] };
const { sealExercises } = (await load("release/seal")) as { sealExercises(dist: string): number };

const wanted = secrets();
const folder = (name: string, files: Record<string, string>) => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(outer, name, file, ".."), { recursive: true });
    writeFileSync(join(outer, name, file), text);
  }
  return join(outer, name);
};
const source = (path: string) => readFileSync(join(root, "src", "lectures", path), "utf8");

describe("the scan of a students' bundle", () => {
  it("knows a solution of nearly every exercise, and every file of hidden checks", () => {
    const told = new Set(wanted.map(({ what }) => what));
    const files = (kind: string) =>
      Object.keys(allExercises)
        .map((id) => `${id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.${kind}`)
        .filter((file) => ![...told].some((what) => what.endsWith(`/${file}`)));
    expect(files("hidden.ts")).toEqual([]);
    // Bodies of a few characters stand in any program.
    expect(files("ts").length).toBeLessThanOrEqual(3);
  });

  it("finds one in code, compiled code, source maps, notebooks and texts, however it is laid out", () => {
    const attention = source("gpt/exercises/causal-attention.ts");
    const body = /BEGIN SOLUTION\n([\s\S]*?)\n\s*\/\/ END SOLUTION/.exec(attention)![1];
    const built = readFileSync(join(root, "dist/lectures/gpt/exercises/causal-attention.js"), "utf8");
    const hidden = source("bert/exercises/encode-pair.hidden.ts");
    const cell = (id: string, text: string) =>
      JSON.stringify({ cells: [{ id, source: text.split(/(?<=\n)/) }] });
    const place = folder("leaks", {
      "src/a.ts": `  function other() {\n// mine\n${body.replaceAll("\n", "\r\n    /* and */")}\n}`,
      "dist/b.js": built,
      "dist/c.js.map": JSON.stringify({ sourcesContent: [attention] }),
      "notebooks/d.ipynb": cell("mine", body),
      "docs/e.md": `Look: \`\`\`${body}\`\`\``,
      "f.txt": hidden.slice(hidden.indexOf("checks.cases"), hidden.indexOf("checks.invariant") - 4),
      "g.hidden.js": "",
      "notebooks/h.ipynb": cell("causalAttention-task", body),
      "fine.js": "const weights = softmax(scores);",
    });
    const except = ({ id }: { id?: string }) => /-task$/.test(id ?? "");
    const found = scan(place, wanted, { except });
    expect([...new Set(found.map(({ file }) => file))].sort()).toEqual([
      "dist/b.js",
      "dist/c.js.map",
      "docs/e.md",
      "f.txt",
      "g.hidden.js",
      "notebooks/d.ipynb",
      "src/a.ts",
    ]);
    expect(found.find(({ file }) => file === "f.txt")?.what).toContain("a hidden check, bert");
    expect(scan(place, wanted).map(({ file }) => file)).toContain("notebooks/h.ipynb");
  });
});

it("what is mistyped is told, and nothing is written", { timeout: 120_000 }, () => {
  const course = join(outer, "course");
  const release = (...args: string[]) => {
    const program = join(root, "scripts", "release.mjs");
    return spawnSync(process.execPath, [program, ...args], { cwd: root, encoding: "utf8" });
  };
  const mistyped = release("--nbgrader", course, "tensor");
  expect(mistyped.stderr).toContain("There is no lecture tensor. Did you mean tensors?");
  const meaningless = release("--students", course, "gpt");
  expect(meaningless.stderr).toContain("The bundle has all lectures; gpt says nothing to it.");
  expect([mistyped.status, meaningless.status, existsSync(course)]).toEqual([1, 1, false]);
});

it("sealed exercises check as before, and show neither their sources nor other solutions", {
  timeout: 120_000,
}, () => {
  const dist = join(outer, "bundle", "dist");
  cpSync(join(root, "dist"), dist, {
    recursive: true,
    filter: (file) => !GRADERS.some((room) => file === join(root, "dist", "grading", room)),
  });
  expect(sealExercises(dist)).toBeGreaterThan(40);
  expect(scan(dist, wanted)).toEqual([]);
  expect(existsSync(join(dist, "lectures", "gpt", "exercises", "causal-attention.d.ts"))).toBe(true);
  const program = `
    const { runChecks } = require("./grading");
    const { allExercises } = require("./lectures/exercises");
    const wrong = [];
    for (const one of Object.values(allExercises)) {
      const { id, solution, mutants, variants } = one;
      if (runChecks(one, solution).status !== "passed") wrong.push(id + " does not pass");
      if (variants.length > 0 || [solution, ...mutants.map(({ fn }) => fn)].some((fn) => !/native code/.test(String(fn))))
        wrong.push(id + " shows its source");
      if (solution.name !== id) wrong.push(id + " has another name");
    }
    const { centre } = allExercises;
    const told = runChecks(centre, (x) => x.sub(x.mean(-1, { keepDims: true })));
    console.log(JSON.stringify({ wrong, count: Object.keys(allExercises).length, cause: told.checks.find((one) => one.failure).failure.cause }));`;
  writeFileSync(join(dist, "try.cjs"), program);
  const env = { ...process.env, NODE_PATH: join(root, "node_modules"), GRADSCHOOL_THREADS: "1" };
  const { stdout, stderr } = spawnSync(process.execPath, [join(dist, "try.cjs")], { encoding: "utf8", env });
  const { wrong, count, cause } = JSON.parse(stdout || `{"wrong":${JSON.stringify(stderr)}}`);
  expect(wrong).toEqual([]);
  expect(count).toBe(Object.keys(allExercises).length);
  expect(cause).toContain("every row was centred by its own mean");
});
