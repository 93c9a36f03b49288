import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const script = (name: string) => import(/* @vite-ignore */ pathToFileURL(`${root}scripts/${name}.mjs`).href);
const { committed, LIMITS, resultsIn, tooLong } = await script("course");
const { choose } = await script("generate-notebooks");
const { sourcesHash } = await script("notebooks/sources");

describe("a full run", () => {
  const nb = { cells: [{ id: "a", cell_type: "code", source: "1" }], metadata: { kernelspec: {} } };
  const named = { name: "loss", unit: "nats", values: [4.5], mean: 4.5 };
  const outputs = [
    { output_type: "stream", text: "loss" },
    { output_type: "display_data", data: { "application/vnd.gradschool.result+json": named } },
  ];
  const run = { cells: [{ ...nb.cells[0], outputs, execution_count: 3 }], metadata: { language_info: {} } };

  it("is written with its outputs, and with the hash of what it came from", () => {
    const made = committed(nb, run, "gpt", "ru");
    expect(made.cells[0]).toMatchObject({ source: "1", outputs, execution_count: 3 });
    expect(made.metadata).toEqual({
      kernelspec: {},
      gradschool: {
        lecture: "gpt",
        sources: sourcesHash("gpt", "ru"),
        library: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      },
    });
  });

  it("has results where a cell has named them", () => {
    expect(resultsIn(run)).toEqual([named]);
    expect(resultsIn(nb)).toEqual([]);
  });

  it("tells what took longer than it may", () => {
    const ran = (notebook: string, ...cells: number[]) => ({
      notebook,
      language: "en",
      seconds: cells.reduce((sum, one) => sum + one, 0),
      cells: cells.map((seconds, i) => ({ cell: `cell ${i}`, seconds })),
    });
    expect(tooLong([ran("a", LIMITS.cell, 10), ran("b", 100, 100, 100)])).toEqual([]);
    expect(tooLong([ran("a", 181, 1), ran("b", 101, 100, 100)])).toEqual([
      `a: the cell "cell 0" took 181 s, and may take 180`,
      "b took 301 s, and may take 300",
    ]);
    const all = Array.from({ length: 8 }, (_, i) => ran(`${i}`, 150, 120));
    expect(tooLong(all)).toEqual(["the course (en) took 2160 s, and may take 2100"]);
    const both = all.map((one, i) => ({ ...one, language: i % 2 === 0 ? "en" : "ru" }));
    expect(tooLong(both)).toEqual([]);
  });

  it("is of the lectures that were asked for, by either name", () => {
    const written = [
      { name: "bert", notebook: "04-bert" },
      { name: "gpt", notebook: "05-gpt" },
    ];
    expect(choose(written, [])).toEqual(written);
    expect(choose(written, ["05-gpt", "bert"])).toEqual([written[1], written[0]]);
    expect(() => choose(written, ["gtp"])).toThrow("There is no lecture gtp.");
  });
});

describe("the hash of a lecture's sources", () => {
  const folder = mkdtempSync(join(tmpdir(), "gradschool-sources-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const hash = (language = "ru") => sourcesHash("toy", language, folder);
  mkdirSync(join(folder, "exercises"));
  write("toy.nb.ts", "// %%\n1\n");
  write("toy.ru.md", "один\n");
  write("model.ts", "1\n");
  write("exercises/one.ts", "1\n");

  it("changes with source, texts and exercises, and with nothing else", () => {
    const first = hash();
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    write("toy.nb.ts", "// %%\r\n1\r\n");
    write("model.ts", "2\n");
    expect(hash()).toBe(first);
    const seen = new Set([first]);
    for (const name of ["toy.nb.ts", "toy.ru.md", "exercises/one.ts", "exercises/one.hidden.ts"]) {
      write(name, "other");
      seen.add(hash());
    }
    expect(seen.size).toBe(5);
  });

  it("is another in each language, and English does not change with the Russian texts", () => {
    const [english, russian] = [hash("en"), hash("ru")];
    write("toy.ru.md", "два\n");
    expect(hash("en")).toBe(english);
    expect(new Set([english, russian, hash("ru")]).size).toBe(3);
    write("toy.nb.ts", "// %%\n2\n");
    expect(hash("en")).not.toBe(english);
  });
});
