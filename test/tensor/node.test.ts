import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile } from "./compiled";

describe("the door to Node", () => {
  let folder = "";
  beforeAll(() => {
    folder = compile("node-test", ["node"]).outDir;
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (before: string, program: string) =>
    execFileSync(
      process.execPath,
      ["-e", `${before}; const door = require("./node.js"); console.log(${program})`],
      {
        cwd: folder,
        encoding: "utf8",
      },
    ).trim();
  const show = `door.findNodeModule("node:path")?.join("a", "b"), door.nodeModule("node:path").join("c", "d")`;

  it("opens, also on Nodes that have no getBuiltinModule", () => {
    expect(run("", show)).toBe("a/b c/d");
    expect(run("delete process.getBuiltinModule", show)).toBe("a/b c/d");
  });

  it("in a browser says what is missing, when it is used", () => {
    const browser = "const { log } = console; globalThis.process = undefined";
    const attempt = `(() => {
      const fs = door.nodeModule("node:fs");
      try { fs.readFileSync("x"); } catch (error) { return error.message; }
    })(), door.findNodeModule("node:fs"), door.environment("PATH")`;
    expect(run(browser, attempt)).toBe(
      "node:fs: expected Node, got a browser; in a browser, fetch the data and pass their text or bytes null undefined",
    );
  });
});
