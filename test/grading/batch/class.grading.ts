/** A whole class in one run: memory that does not grow with it, and the time beside nbgrader's. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Command, classOf } from "../queue/redis";
import { bytesOf, notebook, root, textOf } from "../submission/course";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), "gradschool-whole-class-"));
  folders.push(folder);
  return folder;
};
const resultsIn = (out: string) => JSON.parse(readFileSync(join(out, "results.json"), "utf8"));

/** The GPT lecture by so many students: some leave exercises open, all write them in their own words. */
function gptClass(count: number): string {
  const folder = newFolder();
  const holes = new Map(notebook("05-gpt", { solved: false }).cells.map((cell) => [cell.id, textOf(cell)]));
  for (let i = 0; i < count; i++) {
    const nb = notebook("05-gpt");
    nb.cells
      .filter(({ id }) => /-answer$/.test(id ?? ""))
      .forEach((cell, k) => {
        cell.source = (i + k) % 5 === 0 ? holes.get(cell.id)! : `${textOf(cell)}\n// by student ${i}`;
      });
    mkdirSync(join(folder, `student ${i}`));
    writeFileSync(join(folder, `student ${i}`, "05-gpt.ipynb"), bytesOf(nb));
  }
  return folder;
}

/** MiB that a process has in memory; null where the system does not say. */
function memoryOf(pid: number | undefined): number | null {
  const file = `/proc/${pid}/status`;
  const [, kib] = (existsSync(file) && /VmRSS:\s+(\d+) kB/.exec(readFileSync(file, "utf8"))) || [];
  return kib ? Number(kib) / 1024 : null;
}

describe("a whole class", () => {
  it("of 200 is graded in memory that does not grow with it", { timeout: 1_800_000 }, async () => {
    const out = newFolder();
    const grading = new Command("grade.mjs", [gptClass(200), "--out", out, "--seed", "3", "--trust"]);
    const seen: number[] = [];
    const watch = setInterval(() => {
      const now = memoryOf(grading.pid);
      if (now !== null) seen.push(now);
    }, 500);
    expect(await grading.ended, grading.output).toBe(0);
    clearInterval(watch);
    const { submissions } = resultsIn(out);
    expect(submissions).toHaveLength(200);
    const [, rate] = /, (\d+) a minute/.exec(grading.output) ?? [];
    const most = (list: number[]) => Math.round(Math.max(...list));
    if (seen.length > 20) {
      const [early, late] = [seen.slice(0, seen.length / 2), seen.slice(seen.length / 2)];
      console.log(`200 submissions, ${rate} a minute; at most ${most(early)}, then ${most(late)} MiB`);
      expect(most(late)).toBeLessThan(most(early) + 400);
      expect(most(late)).toBeLessThan(3000);
    }
    // Each exercise is open for every fifth student.
    for (const id of ["mergeOnce", "attendWithCache"]) {
      const states = submissions.map(
        (one: { exercises: { id: string; status: string }[] }) =>
          one.exercises.find((mark) => mark.id === id)!.status,
      );
      expect(states.filter((state: string) => state === "empty")).toHaveLength(40);
      expect(states.filter((state: string) => state === "passed")).toHaveLength(160);
    }
  });

  const nbgrader = join(root, ".cache", "nbgrader-0.9.5", "bin", "nbgrader");
  const why = existsSync(nbgrader) ? null : "nbgrader is not there; nbgrader.grading.ts installs it";
  it.skipIf(why !== null)(`takes less time than nbgrader${why ? ` (${why})` : ""}`, async () => {
    const COUNT = 8;
    const [submissions, course, out] = [classOf(COUNT), newFolder(), newFolder()];
    folders.push(submissions);
    // It calls programs of its own environment by their names, and finds our kernel beside the course.
    const env = {
      ...process.env,
      PATH: `${dirname(nbgrader)}${delimiter}${process.env.PATH}`,
      JUPYTER_PATH: join(course, "jupyter"),
    };
    const run = (command: string, args: string[], cwd: string) => {
      const start = performance.now();
      const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
      return { status, said: `${stdout}${stderr}`, seconds: (performance.now() - start) / 1000 };
    };
    const released = run(
      process.execPath,
      [join(root, "scripts", "release.mjs"), "--nbgrader", course, "start"],
      root,
    );
    expect(released.status, released.said).toBe(0);
    const made = run(nbgrader, ["generate_assignment", "00-start-here"], course);
    expect(made.status, made.said).toBe(0);
    for (const student of readdirSync(submissions)) {
      const to = join(course, "submitted", student.replaceAll(" ", "_"), "00-start-here");
      mkdirSync(to, { recursive: true });
      const text = readFileSync(join(submissions, student, "00-start-here.ipynb"));
      writeFileSync(join(to, "00-start-here.ipynb"), text);
    }
    const theirs = run(nbgrader, ["autograde", "00-start-here"], course);
    const ours = run(
      process.execPath,
      [join(root, "scripts", "grade.mjs"), submissions, "--out", out, "--trust"],
      root,
    );
    expect(ours.status, ours.said).toBe(0);
    const rate = ({ seconds }: { seconds: number }) => ((60 * COUNT) / seconds).toFixed(1);
    const ratio = theirs.seconds / ours.seconds;
    console.log(
      `npm run grade ${rate(ours)}, nbgrader ${rate(theirs)} submissions a minute: ${ratio.toFixed(1)} times as many`,
    );
    expect(ratio).toBeGreaterThan(1);
  });
});
