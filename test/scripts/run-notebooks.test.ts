import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const python = join(root, process.platform === "win32" ? ".venv/Scripts/python.exe" : ".venv/bin/python");
const ready = existsSync(join(root, ".venv", "gradschool.json"));
const folder = mkdtempSync(join(tmpdir(), "gradschool-run-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Cell = string | { source: string; tags: string[] };

/** Write a notebook of these code cells. */
function notebook(name: string, cells: readonly Cell[]): string {
  const file = join(folder, `${name}.ipynb`);
  const made = cells.map((cell, id) => ({
    cell_type: "code",
    id: `cell-${id}`,
    execution_count: 7, // as if an earlier run had been saved
    metadata: typeof cell === "string" ? {} : { tags: cell.tags },
    outputs: [],
    source: typeof cell === "string" ? cell : cell.source,
  }));
  const kernelspec = { name: "tslab", display_name: "TypeScript", language: "typescript" };
  writeFileSync(
    file,
    JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells: made }),
  );
  return file;
}

/** Run notebooks, several at once, as `npm start -- --run` and `npm test` do. */
function run(notebooks: Record<string, readonly Cell[]>, more: readonly string[] = []) {
  const files = Object.entries(notebooks).map(([name, cells]) => notebook(name, cells));
  const json = join(folder, "results.json");
  const script = join(root, "scripts", "run_notebooks.py");
  const plotly = join(folder, "plotly.js");
  writeFileSync(plotly, "window.Plotly = {}; // </script>");
  const options = ["--out", join(folder, "out"), "--json", json, "--plotly", plotly, "--jobs", "2", ...more];
  const { status, stdout } = spawnSync(python, [script, ...files, ...options], { encoding: "utf8" });
  const results: { name: string; ok: boolean; failures: string[]; cells: object[] }[] = JSON.parse(
    readFileSync(json, "utf8"),
  );
  const failures = Object.fromEntries(results.map((result) => [result.name, result.failures.join("\n")]));
  return { status, stdout, failures, results };
}

describe.skipIf(!ready)(`the strict runner${ready ? "" : " (no .venv: see npm start -- --check)"}`, () => {
  it("finds every way in which a notebook can fail", { timeout: 240_000 }, () => {
    const { status, failures, stdout } = run({
      fine: ["const a = 1;", "", "a + 1", { source: `throw new Error("meant")`, tags: ["raises-exception"] }],
      thrown: [`throw new Error("boom");`, "1"],
      type: [`const text: string = 1;`],
      late: [`setTimeout(() => { throw new Error("too late"); }, 300);`],
      rejected: ["0", `void (async () => { await null; throw new Error("unseen"); })();`],
      stderr: [`console.error("a warning");`],
      dead: [`process.kill(process.pid, "SIGKILL");`, "1"],
    });
    expect(status).toBe(1);
    expect(failures.fine).toBe("");
    expect(failures.thrown).toContain(`Error: boom`);
    expect(failures.thrown).toContain("1 more cell did not run");
    expect(failures.type).toContain("line 1, column 7: Type 'number' is not assignable to type 'string'");
    expect(failures.late).toContain("too late");
    expect(failures.rejected).toContain("unseen");
    expect(failures.stderr).toContain("wrote to stderr:\na warning");
    expect(failures.dead).toContain("DeadKernelError");
    expect(stdout).toMatch(/fine: all 3 cells ran/);
  });

  it("ends at once when it is stopped, and calls nothing a failure", { timeout: 120_000 }, () => {
    const file = notebook("stopped", [
      'process.kill(process.ppid, "SIGINT");\nawait new Promise((wait) => setTimeout(wait, 60_000));',
      "1",
    ]);
    const args = [join(root, "scripts", "run_notebooks.py"), file, "--out", join(folder, "out")];
    const { status, stdout, stderr } = spawnSync(python, args, { encoding: "utf8" });
    expect(status).toBe(130);
    expect(stdout + stderr).not.toMatch(/FAILED|did not run|Traceback/);
  });

  it("writes the executed notebook and a page that needs nothing else", { timeout: 120_000 }, () => {
    const figure = `({ [Symbol.for("gradschool.display")]: () => ({ "text/html": "<script>Plotly</script>" }) })`;
    expect(run({ page: [figure, "1 + 1"] }).status).toBe(0);
    const executed = JSON.parse(readFileSync(join(folder, "out", "page.ipynb"), "utf8"));
    expect(executed.cells[1].outputs[0].data["text/plain"]).toEqual(["2"]);
    const page = readFileSync(join(folder, "out", "page.html"), "utf8");
    expect(page).toContain("window.Plotly = {}; // <\\/script>");
    expect(page).not.toMatch(/<(script|link|img)[^>]+(src|href)="https?:/);
    expect(page).not.toMatch(/import\(["']https?:/);
  });
});

describe.skipIf(!ready)("a run of the course", () => {
  it("has an empty folder for each notebook, and tells what each cell took", { timeout: 120_000 }, () => {
    const scratch = join(folder, "scratch");
    const write = `import { existsSync, writeFileSync } from "node:fs";
      console.log(existsSync("mine"), process.cwd()); writeFileSync("mine", "");`;
    mkdirSync(join(scratch, "one"), { recursive: true });
    writeFileSync(join(scratch, "one", "mine"), "of an earlier run");
    const cells = { one: [write, "// a note\n1 + 1"] };
    const { status, results } = run(cells, ["--scratch", scratch, "--no-pages"]);
    expect(status).toBe(0);
    expect(results[0].cells).toEqual([
      { cell: expect.stringContaining("console.log"), seconds: expect.any(Number) },
      { cell: "1 + 1", seconds: expect.any(Number) },
    ]);
    const executed = JSON.parse(readFileSync(join(folder, "out", "one.ipynb"), "utf8"));
    expect(executed.cells[0].outputs[0].text[0]).toMatch(/^false .*scratch.one\n$/);
    expect(readFileSync(join(scratch, "one", "mine"), "utf8")).toBe("");
    expect(existsSync(join(folder, "out", "one.html"))).toBe(false);
  });
});

describe("npm start", () => {
  const start = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/start.mjs", ...args], {
      cwd: root,
      encoding: "utf8",
    });
    return { status, output: stdout + stderr };
  };

  it("explains itself", () => {
    expect(start("--help")).toMatchObject({ status: 0, output: expect.stringContaining("--run gpt") });
  });

  it("suggests what an unknown argument may have meant", () => {
    expect(start("--chekc")).toMatchObject({
      status: 1,
      output: expect.stringContaining("Unknown argument --chekc. Did you mean: npm start -- --check ?"),
    });
    expect(start("--run").output).toContain("--run needs a value, for example --run gpt");
    expect(start("--students").output).toContain("--students goes with --run");
    expect(start("--run", "x", "--jobs", "none").output).toContain(
      "--jobs: expected a whole number from 1 on, got none",
    );
  });
});

describe("Python", () => {
  /** What choosePython says when `script` is the only python3 there is. */
  const choose = (script: string) => {
    const path = mkdtempSync(join(folder, "bin-"));
    writeFileSync(join(path, "python3"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const program = `import("./scripts/python.mjs").then((p) => p.choosePython()).then((p) => console.log(p.text), (e) => console.log(e.message, e.remedy))`;
    return execFileSync(process.execPath, ["-e", program], {
      cwd: root,
      env: { PATH: path },
      encoding: "utf8",
    });
  };

  it.skipIf(process.platform === "win32")("that does not fit is told with the remedy", () => {
    expect(choose("echo 3 12 1 True")).toBe("3.12.1\n");
    expect(choose("exit 1")).toContain("No Python was found; JupyterLab needs Python 3.10 or newer.");
    expect(choose("echo 3 9 18 True")).toContain("Python 3.9.18 is too old");
    expect(choose("echo 3 12 1 False")).toContain("sudo apt install python3-venv");
  });
});
