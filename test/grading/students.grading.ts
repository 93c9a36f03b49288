import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

/** The bundle of `npm run release -- --students` in a fresh folder, by the commands that students type. */
const root = fileURLToPath(new URL("../..", import.meta.url));
const outer = mkdtempSync(join(tmpdir(), "gradschool students "));
const bundle = join(outer, "the course");
const mine = join(bundle, "my-course");
afterAll(() => rmSync(outer, { recursive: true, force: true }));

function run(command: string, args: string[], cwd = bundle, more: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, GRADSCHOOL_COURSE: "", INIT_CWD: cwd, ...more };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  return { status, said: `${stdout}${stderr}` };
}
const npm = (...args: string[]) => run("npm", args, bundle, { CI: "1" });
const release = () =>
  run(process.execPath, [join(root, "scripts", "release.mjs"), "--students", bundle], root);

describe.skipIf(process.platform === "win32")("a student's bundle", () => {
  it("is written, and proves that it holds no solution", () => {
    const { status, said } = release();
    expect(status, said).toBe(0);
    expect(said).toMatch(/none of \d{3,} solutions and hidden checks is in it/);
    expect(existsSync(join(bundle, "jupyter", "grading"))).toBe(false);
    expect(existsSync(join(bundle, "src"))).toBe(false);
  });

  it("sets itself up, and every command of its package.json is there", () => {
    const { status, said } = npm("start", "--", "--check");
    expect(said).toContain("The course can run.");
    expect(said).not.toMatch(/✗|npm run build|wall/);
    expect(status, said).toBe(0);
    const { scripts } = JSON.parse(readFileSync(join(bundle, "package.json"), "utf8"));
    for (const command of Object.values<string>(scripts))
      for (const file of command.match(/scripts\/\S+/g) ?? [])
        expect(existsSync(join(bundle, file)), file).toBe(true);
  });

  it("opens JupyterLab, and runs a notebook", () => {
    const opened = npm("start");
    expect(opened.status, opened.said).toBe(0);
    expect(opened.said).toContain("JupyterLab answered");
    const ran = npm("start", "--", "--run", "00-start-here");
    expect(ran.status, ran.said).toBe(0);
    expect(existsSync(join(bundle, "out", "00-start-here.ipynb"))).toBe(true);
  });

  it("tests itself: notebooks run, and a name that is none is said", () => {
    const tested = npm("test", "--", "00-start-here");
    expect(tested.status, tested.said).toBe(0);
    expect(tested.said).toMatch(/00-start-here-students: all \d+ cells ran/);
    expect(tested.said).toContain("The course works here: 1 notebook ran from top to bottom.");
    const wrong = npm("test", "--", "09-nothing");
    expect(wrong.status).toBe(1);
    expect(wrong.said).toContain("09-nothing");
  });

  it("hands in, tells progress, updates", () => {
    const early = npm("run", "hand-in");
    expect(early.status).toBe(1);
    expect(early.said).toContain("no exercise is written yet");
    const file = join(mine, "00-start-here.ipynb");
    const nb = JSON.parse(readFileSync(file, "utf8"));
    nb.cells.find((cell: { id: string }) => cell.id === "centre-answer").source =
      "function myCentre(x: Tensor): Tensor {\n  return x.sub(x.mean());\n}";
    writeFileSync(file, JSON.stringify(nb));

    const handed = npm("run", "hand-in", "--", "--name", "Anna");
    expect(handed.status, handed.said).toBe(0);
    expect(handed.said).toMatch(/(\d) of \1 visible checks pass; 2 more run at grading/);
    expect(readdirSync(join(mine, "hand-ins")).filter((name) => /^Anna .*\.zip$/.test(name))).toHaveLength(1);
    for (const command of ["progress", "update"]) {
      const { status, said } = npm("run", command);
      expect(status, said).toBe(0);
    }
  });

  it("is replaced by a newer one without losing what else lies there", () => {
    const { status, said } = release();
    expect(status, said).toBe(0);
    expect(existsSync(join(mine, "hand-ins"))).toBe(true);
    const updated = npm("run", "update");
    expect(updated.said).toContain("Your notebooks are those of this version of the course.");
  });
});
