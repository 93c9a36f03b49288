import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { brief, duplicateKey, listed, quoted, readText, replaceFile, temporaryFor } from "../../src/tensor";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const scraps = () => readdirSync(folder).filter((name) => name.endsWith(".tmp"));

describe("replaceFile", () => {
  it("writes the parts in order, and makes the folder", () => {
    const path = join(folder, "new", "text");
    replaceFile(path, ["a", Uint8Array.of(98), "ö"]);
    expect(readFileSync(path, "utf8")).toBe("abö");
    expect(readdirSync(join(folder, "new"))).toEqual(["text"]);
  });

  it("keeps the old file and leaves no scrap when a part cannot be made", () => {
    const path = join(folder, "x");
    writeFileSync(path, "old");
    const parts = function* () {
      yield "half of the new";
      throw new Error("out of ideas");
    };
    expect(() => replaceFile(path, parts())).toThrow("out of ideas");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["x"]);
  });
});

describe("what killed writers left", () => {
  /** The number of a process that is no more. */
  const deadPid = () => spawnSync(process.execPath, ["-e", ""]).pid;
  /** A temporary name as the process `pid` on this machine would give it. */
  const nameOf = (pid: number, file = "x") =>
    basename(temporaryFor(join(folder, file))).replace(`.${process.pid}-`, `.${pid}-`);
  const put = (name: string, daysAgo = 0) => {
    writeFileSync(join(folder, name), "half");
    const then = Date.now() / 1000 - daysAgo * 86400;
    utimesSync(join(folder, name), then, then);
    return name;
  };

  it("is removed by the next writer of the same file: of dead processes, and what is over a day old", () => {
    const dead = deadPid();
    const otherMachine = nameOf(dead).replace(/-[0-9a-f]{8}-/, "-00000000-");
    put(nameOf(dead));
    put(`x.${dead}.tmp`); // as earlier versions named it
    put(nameOf(process.ppid), 1.5);
    put(otherMachine.replace(/.{8}\.tmp$/, "deadbeef.tmp"), 1.5);
    const kept = [
      put(nameOf(process.ppid)), // alive
      put(otherMachine), // cannot be known
      put(nameOf(dead, "y")), // of another file
      put("x.notes.tmp", 9),
      put("x.1-2-3.tmp", 9),
      put("x.tmp", 9),
      put("data.tmp", 9),
    ];
    replaceFile(join(folder, "x"), ["new"]);
    expect(readdirSync(folder).sort()).toEqual([...kept, "x"].sort());
  });

  it("of a writer killed in the middle of it", async () => {
    const path = join(folder, "weights");
    const source = new URL("../../src/tensor/files.ts", import.meta.url).pathname;
    expect(existsSync(source)).toBe(true);
    // The same steps as the writer's, in a process that stops half way.
    const name = basename(temporaryFor(path)).split(`.${process.pid}-`)[1];
    const child = spawn(process.execPath, [
      "-e",
      `require("fs").writeFileSync(${JSON.stringify(`${path}.`)} + process.pid + ${JSON.stringify(`-${name}`)}, "half"); console.log("half"); setInterval(() => {}, 1000)`,
    ]);
    await new Promise((resolve) => child.stdout.once("data", resolve));
    replaceFile(path, ["mine"]);
    expect(scraps()).toHaveLength(1); // it lives
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    replaceFile(path, ["mine again"]);
    expect(readdirSync(folder)).toEqual(["weights"]);
  });
});

describe("readText", () => {
  it("takes off a byte order mark", () => {
    writeFileSync(join(folder, "x"), "\ufeffa\nö");
    expect(readText(join(folder, "x"))).toBe("a\nö");
  });

  it("says which file cannot be read, and why", () => {
    const path = join(folder, "x");
    expect(() => readText(path)).toThrow(`${path}: cannot be read: ENOENT`);
    expect(() => readText(folder)).toThrow(`${folder}: cannot be read: it is no file`);
    writeFileSync(path, Uint8Array.of(97, 255, 98));
    expect(() => readText(path)).toThrow(`${path}: expected text in UTF-8, found other bytes`);
    expect(() => readText(3 as unknown as string)).toThrow("readText: expected a path, got 3");
  });
});

describe("words for what came", () => {
  it("lists are cut", () => {
    expect(listed([])).toBe("");
    expect(listed([1, 2])).toBe("1, 2");
    expect(listed(Array.from({ length: 1242 }, (_, i) => i))).toBe(
      "0, 1, 2, 3, 4, 5, 6, 7, … and 1,234 more",
    );
    expect(listed([1, 2, 3], { most: 1, separator: "\n" })).toBe("1\n… and 2 more");
  });

  it("texts, nests and objects are cut", () => {
    expect(quoted('a"')).toBe('"a\\""');
    expect(quoted("a".repeat(70))).toBe(`"${"a".repeat(60)}"…`);
    expect(brief({ a: [1, [2, [3]]], b: null })).toBe('{"a": [1, [2, […]]], "b": null}');
    expect(brief(Array.from({ length: 20 }, () => 1))).toBe("[1, 1, 1, 1, 1, 1, 1, 1, … and 12 more]");
    expect(brief(undefined)).toBe("undefined");
  });
});

describe("duplicateKey", () => {
  it.each([
    ['{"a":1,"b":{"a":2},"c":["a","a"]}', undefined],
    ['{"a":1,"a":2}', "a"],
    ['{"a":1,"b":2,"c":3,"\\u0062":4}', "b"],
    ['{"x":{"a":"b","b":"a","a" \n: 3}}', "a"],
    ['[{"a":1},{"a":1}]', undefined],
    ['{"a\\"":1,"a":":","b":"{\\"b\\":1}"}', undefined],
    ['{"\\\\":1,"\\\\":2}', "\\"],
    ['{"__proto__":1,"b":2,"__proto__":3}', "__proto__"],
    ["3", undefined],
  ])("%s: %s", (text, want) => {
    expect(duplicateKey(text)).toBe(want);
  });
});
