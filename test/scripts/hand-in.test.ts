import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import yauzl from "yauzl";

const root = fileURLToPath(new URL("../..", import.meta.url));
const outer = mkdtempSync(join(tmpdir(), "gradschool hand-in "));
const place = join(outer, "мои лекции");
afterAll(() => rmSync(outer, { recursive: true, force: true }));

interface Line {
  id: string;
  status: string;
  earned: number;
  points: number;
  visible: { passed: number; checks: number };
  hidden: number;
}
interface HandedIn {
  zip: string;
  receipt: string[];
  manifest: {
    student: string | null;
    notebooks: { file: string; warnings: string[]; exercises: Line[] }[];
    own: { earned: number; points: number; hidden: number };
  };
}
interface Trial {
  seconds: number;
  failures: string[];
  verdicts: Map<string, object>;
}
type Run = (notebook: { name: string; file: string }) => Promise<Trial>;
interface Code {
  id?: string;
  cell_type: string;
  metadata: object;
  source: string | string[];
}

/** A script of the project's, whose types are in comments. */
const load = (name: string) => import(/* @vite-ignore */ join(root, "scripts", `${name}.mjs`));
const { handIn, fileName } = (await load("student/hand-in")) as {
  handIn(place: string, words: string[], options: { name?: string; run?: Run }): Promise<HandedIn>;
  fileName(name: string): string;
};
const { tryOut } = (await load("student/trial")) as {
  tryOut(jupyter: object, place: string, notebook: object, limits: object): Promise<Trial>;
};
const { makeCopies } = await load("student/copies");
const { presentJupyter } = await load("python");
const { registerKernel } = await load("kernelspec");

const fileOf = (name: string) => join(place, `${name}.ipynb`);
const read = (name: string): { cells: Code[] } => JSON.parse(readFileSync(fileOf(name), "utf8"));
function change(name: string, edit: (cells: Code[]) => Code[]) {
  const nb = read(name);
  writeFileSync(fileOf(name), JSON.stringify({ ...nb, cells: edit(nb.cells) }));
}
const answer = (id: string, source: string) => (cells: Code[]) =>
  cells.map((cell) => (cell.id === `${id}-answer` ? { ...cell, source } : cell));
const own = (id: string, source: string): Code =>
  ({ id, cell_type: "code", metadata: {}, source, outputs: [], execution_count: null }) as Code;
const right = "function myCentre(x: Tensor): Tensor {\n  return x.sub(x.mean());\n}";

/** The files in a zip, by name. */
const unzip = (file: string) =>
  new Promise<Record<string, string>>((resolve, reject) => {
    const found: Record<string, string> = {};
    yauzl.open(file, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      zip.on("end", () => resolve(found));
      zip.on("error", reject);
      zip.on("entry", (entry) =>
        zip.openReadStream(entry, async (failed, stream) => {
          if (failed) return reject(failed);
          const chunks: Buffer[] = [];
          for await (const chunk of stream) chunks.push(chunk as Buffer);
          found[entry.fileName] = Buffer.concat(chunks).toString();
          zip.readEntry();
        }),
      );
      zip.readEntry();
    });
  });

const verdict = (exercise: string, status: string, passes: boolean[], earned: number, points: number) => ({
  ...{ exercise, status, earned, points, notes: [], hidden: 2 },
  checks: passes.map((pass) => ({ failure: pass ? null : { message: "wrong" } })),
});
const passing: Run = async () => ({
  ...{ seconds: 1.2, failures: [] },
  verdicts: new Map([["centre", verdict("centre", "passed", [true, true, true, true], 2, 2)]]),
});

beforeEach(() => {
  rmSync(place, { recursive: true, force: true });
  makeCopies(place);
});

describe("a hand-in", () => {
  it("holds the notebooks as they are saved, their progress, and hashes of both", async () => {
    change("00-start-here", answer("centre", right));
    for (const [file, text] of [
      ["centre.json", '{"attempts":[]}'],
      ["centre.ts", right],
      ["attention.ts", "// of another lecture"],
    ])
      writeFileSync(join(place, "progress", file), text);
    const { zip, manifest, receipt } = await handIn(place, [], { name: "Анна Петрова", run: passing });
    const files = await unzip(zip);
    expect(Object.keys(files).sort()).toEqual([
      "00-start-here.ipynb",
      "manifest.json",
      "progress/centre.json",
      "progress/centre.ts",
    ]);
    expect(files["00-start-here.ipynb"]).toBe(readFileSync(fileOf("00-start-here"), "utf8"));
    const written = JSON.parse(files["manifest.json"]);
    expect(written).toEqual(JSON.parse(JSON.stringify(manifest)));
    expect(written).toMatchObject({
      format: 1,
      student: "Анна Петрова",
      own: { earned: 2, points: 2, hidden: 2 },
    });
    expect(written.versions.node).toBe(process.versions.node);
    for (const { file, sha256, bytes } of written.files) {
      expect(createHash("sha256").update(files[file]).digest("hex")).toBe(sha256);
      expect(Buffer.byteLength(files[file])).toBe(bytes);
    }
    expect(zip).toMatch(/hand-ins.Анна Петрова 00-start-here \d{4}-\d\d-\d\d \d\d-\d\d-\d\d\.zip$/);
    expect(readdirSync(join(place, "hand-ins")).filter((name) => !/\.(zip|txt)$/.test(name))).toEqual([]);
    const text = receipt.join("\n");
    expect(text).toContain("4 of 4 visible checks pass; 2 more run at grading");
    expect(text).not.toMatch(/all (checks )?passed/i);
    expect(text).toContain(createHash("sha256").update(readFileSync(zip)).digest("hex"));
    // The name is kept for the next time, and a change of the language does not lose it.
    expect((await handIn(place, [], {})).manifest.student).toBe("Анна Петрова");
  });

  it("takes the notebooks that were begun, or those that are named", async () => {
    await expect(handIn(place, [], {})).rejects.toThrow("no exercise is written yet");
    change("05-gpt", answer("nextTokenPairs", "function myNextTokenPairs() { return 1; }"));
    const names = async (...words: string[]) =>
      (await handIn(place, words, {})).manifest.notebooks.map(({ file }) => file);
    expect(await names()).toEqual(["05-gpt.ipynb"]);
    expect(await names("start-here", "05")).toEqual(["00-start-here.ipynb", "05-gpt.ipynb"]);
    expect(await names("05-gpt.ipynb", "gpt")).toEqual(["05-gpt.ipynb"]);
    expect((await names("all")).length).toBeGreaterThanOrEqual(6);
    await expect(handIn(place, ["gtp"], {})).rejects.toThrow("Did you mean gpt?");
    rmSync(fileOf("05-gpt"));
    await expect(handIn(place, ["gpt"], {})).rejects.toThrow("is not there");
  });

  it("says what is missing, doubled, or newer than the file", async () => {
    change("03-transformer", (cells) =>
      cells
        .filter(({ id }) => !/^(splitHeads|mergeHeads)-/.test(id ?? "") && id !== "padBatch-check")
        .concat([
          own("mine-1", "const myAttention = 1;\nimport { helper } from './helper';"),
          own("mine-2", "function myMergeHeads() {}"),
        ]),
    );
    const [{ warnings, exercises }] = (await handIn(place, ["transformer"], {})).manifest.notebooks;
    const told = warnings.join("\n");
    expect(told).toMatch(/splitHeads: its cell is gone. To have it back: npm run reset -- splitHeads/);
    expect(told).not.toContain("mergeHeads: its cell is gone");
    expect(told).toMatch(/attention: written in cells \d+ and \d+; the last one counts/);
    expect(told).toContain("padBatch: its check is gone; the grader puts it back");
    expect(told).toContain("It imports ./helper, which does not come along");
    expect(exercises.map(({ id }) => id)).toContain("splitHeads");

    const saved = new Date(Date.now() - 60_000);
    utimesSync(fileOf("03-transformer"), saved, saved);
    const attempts = [{ time: new Date().toISOString() }];
    writeFileSync(join(place, "progress", "attention.json"), JSON.stringify({ attempts }));
    const late = (await handIn(place, ["transformer"], {})).manifest.notebooks[0].warnings;
    expect(late[0]).toMatch(/last saved at .*, and a check ran at .*: save it/);
    expect(warnings.join()).not.toContain("last saved");
  });

  it("is told in the student's language", async () => {
    change("00-start-here", answer("centre", right));
    writeFileSync(join(place, "progress", "course.json"), JSON.stringify({ format: 1, language: "ru" }));
    await expect(handIn(place, ["nothing"], { run: passing })).rejects.toThrow(
      "Тетради nothing в курсе нет.",
    );
    const { receipt } = await handIn(place, [], { run: passing });
    const told = receipt.join("\n");
    expect(told).toMatch(
      /centre +2 из 2 +пройдено видимых проверок: 4 из 4; при оценивании запустятся ещё 2/,
    );
    expect(told).toContain("Всего 2 из 2 баллов по видимым проверкам; ещё 2 — при оценивании.");
  });

  it("tells where the page says something else than a run from the top", async () => {
    const shown = { "application/vnd.gradschool.verdict+json": verdict("centre", "passed", [true], 2, 2) };
    change("00-start-here", (cells) =>
      cells.map((cell) =>
        cell.id === "centre-check"
          ? { ...cell, outputs: [{ output_type: "display_data", metadata: {}, data: shown }] }
          : cell,
      ),
    );
    const failing = verdict("centre", "failed", [true, false, true, false], 1, 2);
    const run: Run = async () => ({
      seconds: 1,
      failures: ["a cell"],
      verdicts: new Map([["centre", failing]]),
    });
    const { manifest, receipt } = await handIn(place, ["00"], { run });
    expect(manifest.notebooks[0].warnings).toEqual([
      "centre: the page shows 2 of 2, and run from the top it is 1 of 2.",
    ]);
    expect(receipt.join("\n")).toContain("2 of 4 visible checks pass; 2 more run at grading");
    expect(receipt.join("\n")).toContain(
      "In all 1 of 2 points by the checks that you see; 2 more at grading.",
    );
  });

  it("refuses a notebook that cannot be read, and writes nothing then", async () => {
    writeFileSync(fileOf("00-start-here"), "{ half");
    await expect(handIn(place, ["00"], {})).rejects.toThrow("cannot be read");
    expect(existsSync(join(place, "hand-ins"))).toBe(false);
  });

  it("makes file names of names", () => {
    expect(fileName("../../Émile «O'Neil»: x")).not.toMatch(/[/«:']|^\./);
    expect(fileName("Ёлка\n1")).toBe("Ёлка_1");
  });
});

const jupyter = presentJupyter();
describe.skipIf(!jupyter)(
  `a run before handing in${jupyter ? "" : " (no JupyterLab: see npm start -- --check)"}`,
  () => {
    it("goes on after cells that fail, and ends those that never end", { timeout: 240_000 }, async () => {
      change("00-start-here", (cells) => [
        ...answer("centre", right)(cells).filter(({ id }) => /^centre|^links/.test(id ?? "")),
      ]);
      const setUp = read("00-start-here").cells;
      const imports =
        'import { check, NotImplemented, type Tensor } from "gradschool";\nimport { exercises } from "gradschool/lectures/start";';
      change("00-start-here", () => [
        own("a", imports),
        own("b", "const wrong: number = 'a text';"),
        own("c", "await null;\nfor (;;) {}"),
        own("d", "throw new Error('mine');"),
        ...setUp.filter(({ cell_type }) => cell_type === "code"),
      ]);
      cpSync(join(root, "package.json"), join(place, "progress", "kept.txt"));
      const env = registerKernel(jupyter!).env;
      const run: Run = (notebook) =>
        tryOut({ ...jupyter, env }, place, notebook, { cell: 15, notebook: 200 });
      const { manifest, receipt } = await handIn(place, ["00"], { run });
      expect(manifest.notebooks[0].exercises).toEqual([
        {
          id: "centre",
          status: "passed",
          earned: 2,
          points: 2,
          visible: { passed: 4, checks: 4 },
          hidden: 2,
        },
      ]);
      const text = receipt.join("\n");
      expect(text).toContain("Type 'string' is not assignable to type 'number'");
      expect(text).toContain("the cell was stopped");
      expect(text).toContain("Error: mine");
      // The run leaves nothing in the student's own progress.
      expect(readdirSync(join(place, "progress")).sort()).toEqual(["course.json", "kept.txt"]);
    });
  },
);
