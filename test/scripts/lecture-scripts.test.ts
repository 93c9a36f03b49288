import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type Pretraining, pretrained, type Recording, recorded } from "../../src/data";

const root = fileURLToPath(new URL("../..", import.meta.url));
const script = (name: string) => import(/* @vite-ignore */ pathToFileURL(`${root}scripts/${name}.mjs`).href);
const { pretrainings, recordings } = await script("lecture-scripts");
const { record } = await script("record");
const { LARGEST, sha256 } = await script("pretrain");
const { codeHash, codeOf } = await script("notebooks/code-hash");

const names = (folder: string, end: string) => {
  const there = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
  return there.filter((name) => name.endsWith(end)).map((name) => basename(name, end));
};
const sourceOf = (scripts: { name: string; source: string }[], name: string) =>
  scripts.find((one) => one.name === name)?.source ?? "";

describe("the recorded runs", () => {
  it.each(names("recorded", ".json"))("%s comes from the code that there is", (name) => {
    const source = sourceOf(recordings(), name);
    expect(source, "no lecture has a script of that name").not.toBe("");
    const { code, command, seeds, data } = recorded(name);
    expect(command).toBe(`npm run record -- ${name}`);
    expect(data).toHaveLength(seeds.length);
    expect(code, `recorded/${name}.json was made by other code than there is now; run: ${command}`).toBe(
      codeHash(source),
    );
  });

  it("hold what each seed gave, and how they were made", async () => {
    const lines: string[] = [];
    const toy: Recording<number> = {
      says: "squares",
      seeds: [3, 5],
      async run(seed, log) {
        await Promise.resolve(); // as one that reads pictures has to
        log("done");
        return seed ** 2;
      },
    };
    const run = await record("toy", toy, { code: "ab", machine: "a desk" }, (line: string) =>
      lines.push(line),
    );
    expect(run).toMatchObject({
      ...{ name: "toy", says: "squares", seeds: [3, 5], data: [9, 25], code: "ab", machine: "a desk" },
      ...{ command: "npm run record -- toy", date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
      ...{ seconds: expect.any(Number), library: expect.any(String) },
    });
    expect(lines).toEqual(["seed 3: done", "seed 5: done"]);
  });
});

describe("the hash of their code", () => {
  const folder = mkdtempSync(join(tmpdir(), "gradschool-code-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("covers their helpers, and neither the lecture's models nor the library", () => {
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    mkdirSync(join(folder, "lectures", "toy", "recorded"), { recursive: true });
    write("lectures/toy/index.ts", 'export { M } from "./model"; export { run } from "./recorded/run";');
    write(
      "lectures/toy/recorded/run.ts",
      'import "../help"; import "../model"; import "../../other"; import "../../../nn";',
    );
    write("lectures/toy/help.ts", 'import "./recorded/run"; import "./deep"; import fs from "node:fs";');
    write("lectures/toy/deep.ts", "");
    write("lectures/toy/model.ts", "");
    write("lectures/other.ts", "");
    write("nn.ts", "");
    const found = codeOf(join(folder, "lectures", "toy", "recorded", "run.ts"), join(folder, "lectures"));
    expect(found.map((file: string) => basename(file)).sort()).toEqual(["deep.ts", "help.ts", "run.ts"]);
  });

  it("takes the solution of an exercise, and not its checks and titles", () => {
    const exercises = join(folder, "lectures", "toy", "exercises");
    mkdirSync(exercises, { recursive: true });
    const hashWith = (solution: string, rest: string, name = "twice.ts") => {
      const file = join(exercises, name);
      writeFileSync(file, `// BEGIN SOLUTION\n${solution}\n// END SOLUTION\n${rest}`);
      return codeHash(file);
    };
    expect(hashWith("2 * x", "title: Twice")).toBe(hashWith("2 * x", "title: Double"));
    expect(hashWith("2 * x", "title: Twice")).not.toBe(hashWith("x + x", "title: Twice"));
    expect(hashWith("", "x", "../help.ts")).not.toBe(hashWith("", "y", "../help.ts"));
  });

  it("differs from file to file", () => {
    const hashes = new Set([...recordings(), ...pretrainings()].map(({ source }) => codeHash(source)));
    expect(hashes.size).toBe(recordings().length + pretrainings().length);
  });
});

describe("the pretrained models", () => {
  const all = names("pretrained", ".safetensors");
  const fileOf = (name: string) => join(root, "pretrained", `${name}.safetensors`);

  it("are small enough for the repository", () => {
    const sizes = all.map((name) => statSync(fileOf(name)).size);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(LARGEST.one);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(LARGEST.all);
  });

  it.each(all)("%s is the file that its card describes, and as good as that says", async (name) => {
    const card = readFileSync(join(root, "pretrained", `${name}.md`), "utf8");
    expect(/\| SHA-256 \| `([0-9a-f]{64})` \|/.exec(card)?.[1]).toBe(sha256(fileOf(name)));
    const source = sourceOf(pretrainings(), name);
    const { pretraining } = (await import(/* @vite-ignore */ source)) as { pretraining: Pretraining };
    const checkpoint = pretrained(name);
    const { value, ...what } = await pretraining.measure(checkpoint);
    expect({ value, ...what }).toEqual({
      ...checkpoint.metric,
      value: expect.closeTo(checkpoint.metric.value, 3),
    });
    expect(card).toContain(`| metric | ${what.name}: ${checkpoint.metric.value.toFixed(4)} ${what.unit} |`);
  });
});
