import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { KernelClient } from "../jupyter/client";

/** The quick share of nbgrader.grading.ts: without nbgrader. */
const root = fileURLToPath(new URL("../..", import.meta.url));
const load = createRequire(import.meta.url);
const { asSource } = (await import(/* @vite-ignore */ join(root, "scripts", "release", "nbgrader.mjs"))) as {
  asSource(nb: Notebook, points: Map<string, number>): Notebook;
};

interface Cell {
  id: string;
  cell_type: string;
  source: string | string[];
  metadata: { nbgrader?: { points?: number } };
}
interface Notebook {
  cells: Cell[];
}
const textOf = ({ source }: Cell) => (typeof source === "string" ? source : source.join(""));
const solved: Notebook = JSON.parse(
  readFileSync(join(root, "notebooks/solutions/00-start-here.ipynb"), "utf8"),
);

it("a source notebook has the marks around a solution in the answer alone, and the points at grading", () => {
  const { cells } = asSource(solved, new Map([["centre", 4]]));
  const marked = cells.filter((cell) => /(BEGIN|END) SOLUTION/.test(textOf(cell))).map(({ id }) => id);
  expect(marked).toEqual(["centre-answer"]);
  expect(cells.find(({ id }) => id === "centre-check")?.metadata.nbgrader?.points).toBe(4);
});

it("channels over one descriptor keep order and frames, and end with it", async () => {
  const { Pipe } = load(join(root, "jupyter/server/pipe.cjs"));
  const ends: Duplex[] = [0, 1].map(
    (i) =>
      new Duplex({
        read() {},
        // In pieces that fit no message.
        write(chunk, _, done) {
          const other = ends[1 - i];
          for (let at = 0; at < chunk.length; at += 7) other.push(chunk.subarray(at, at + 7));
          done();
        },
      }),
  );
  const [here, there] = ends.map((end) => new Pipe(end));
  const [shell, iopub] = ["shell", "iopub"].map((name) => there.channel(name));
  ends[1].push("no message\n{}\n[1]\n");
  await here.channel("shell").send(["a", Buffer.from([0, 255, 10])]);
  await here.channel("iopub").send([""]);
  await here.channel("shell").send(["b"]);
  const take = async (channel: AsyncIterable<Buffer[]>) =>
    (await channel[Symbol.asyncIterator]().next()).value;
  expect(await take(shell)).toEqual([Buffer.from("a"), Buffer.from([0, 255, 10])]);
  expect(await take(shell)).toEqual([Buffer.from("b")]);
  expect(await take(iopub)).toEqual([Buffer.from("")]);
  ends[1].push(null);
  for await (const more of shell) expect(more).toBeNull();
});

describe("the kernel that grades", () => {
  const folder = mkdtempSync(join(tmpdir(), "gradschool-grading-kernel-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("answers a check by itself, believes no cell, and finds an answer below its check", {
    timeout: 180_000,
  }, async () => {
    const check = "const centre = check(exercises.centre, myCentre);\ncheck.points(exercises.centre)";
    const cells = [
      'import { check, NotImplemented, type Tensor } from "gradschool";\nimport { exercises } from "gradschool/lectures/start";\nlet myCentre: unknown;',
      "(check as any).points = () => 100;\nconsole.log('user', process.getuid!());",
      `# This cell (id:centre-check) was missing from the submission. It was added back by nbgrader.\n\n${check}`,
      `${check}\n// mine`,
      "function myCentre(x: Tensor): Tensor {\n  return x.size < 7 ? x.sub(x.mean()) : x;\n}",
    ];
    const nb = { nbformat: 4, nbformat_minor: 5, metadata: {} };
    const made = cells.map((source, i) => ({
      ...{ cell_type: "code", id: `c${i}`, metadata: {}, outputs: [], execution_count: null },
      source,
    }));
    writeFileSync(join(folder, "anna.ipynb"), JSON.stringify({ ...nb, cells: made }));
    const client = await KernelClient.start(folder, {
      program: join(root, "jupyter", "grading", "kernel.cjs"),
      env: { GRADSCHOOL_TRUST: "1", GRADSCHOOL_SEED: "7", GRADSCHOOL_THREADS: "1" },
    });
    try {
      const ran = [];
      for (const cell of cells) ran.push(await client.execute(cell));
      const points = Number(ran[2].result());
      expect(points, JSON.stringify(ran[2].published)).toBeGreaterThan(0);
      expect(points).toBeLessThan(4);
      expect(ran[2].all("error")).toEqual([]);
      const shown = ran[2]
        .all("display_data")
        .map(({ data }) => (data as Record<string, string>)["text/plain"]);
      expect(shown).toEqual([expect.stringContaining(`centre: ${points} of 4 points`)]);
      // Behind bubblewrap cells run as nobody; where there is none they do not run.
      expect(ran[1].text("stdout")).toMatch(/^user 65534$|^Not run: /m);
      // What only looks like a check is a cell like any other.
      expect(ran[3].all("display_data").length === 0 || ran[3].result() === "100").toBe(true);
    } finally {
      client.stop();
    }
  });
});
