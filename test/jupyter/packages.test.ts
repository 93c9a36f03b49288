import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
const packages = mkdtempSync(join(tmpdir(), "gradschool-packages-"));
beforeAll(async () => {
  kernel = await KernelClient.start(undefined, { env: { GRADSCHOOL_PACKAGES: packages } });
});
afterAll(() => {
  kernel.stop();
  rmSync(packages, { recursive: true, force: true });
});

/** As npm would: files of a package, by path. */
function install(name: string, files: Record<string, string>): void {
  for (const [file, text] of Object.entries({
    "package.json": JSON.stringify({ name, version: "1.0.0" }),
    ...files,
  })) {
    const path = join(packages, "node_modules", name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

const typed = {
  "index.js": "exports.one = () => 1;",
  "index.d.ts": "export declare function one(): number;",
};

it("a missing package says what to type, and works once that is done", async () => {
  const missing = await kernel.execute(`import { one } from "some-package";\none()`);
  expect(missing.reply).toMatchObject({ status: "error", ename: "TypeScriptError" });
  expect(missing.traceback()).toContain(`In a terminal: npm install --prefix ${packages} some-package`);
  install("some-package", typed);
  expect((await kernel.execute(`import { one } from "some-package";\none()`)).result()).toBe("1");
  expect((await kernel.execute("const n: string = one();")).traceback()).toContain("Type 'number'");
  // The second one: by now the folder exists, and Node may remember what it did not find there.
  await kernel.execute(`import { two } from "@scope/other/part";`);
  install("@scope/other", {
    "package.json": JSON.stringify({ name: "@scope/other", exports: { "./part": "./lib/part.js" } }),
    "lib/part.js": "exports.two = 2;",
    "part.d.ts": "export declare const two: 2;",
  });
  expect((await kernel.execute(`import { two } from "@scope/other/part";\ntwo`)).result()).toBe("2");
});

it("names the package, not the part of it or a module of Node's", async () => {
  const cell = await kernel.execute(
    `import a from "@who/what/deep/part";\nimport b from "./nothing";\nimport c from "node:nothing";`,
  );
  expect(cell.traceback()).toContain(`${packages} @who/what\n`);
  expect(cell.traceback().match(/npm install/g)).toHaveLength(1);
  const late = await kernel.execute(`require("not-there")`);
  expect(late.reply.evalue).toBe(
    `not-there is not installed. In a terminal: npm install --prefix ${packages} not-there`,
  );
});

it("a package without types is any, with one note", async () => {
  install("untyped", { "index.js": "module.exports = { three: 3, f(x) { return x; } };" });
  const first = await kernel.execute(
    `import untyped, { f } from "untyped";\nconst text: string = untyped.three;\nf(text)`,
  );
  expect(first.reply.status).toBe("ok");
  expect(first.result()).toBe("3");
  expect(first.text("stdout")).toContain(`"untyped" comes without types, so all of it is \`any\``);
  expect(first.text("stdout")).toContain(`--prefix ${packages} @types/untyped`);
  const second = await kernel.execute(`import { f } from "untyped";\nf(untyped.three)`);
  expect(second.result()).toBe("3");
  expect(second.text("stdout")).toBe("");
  install("@types/untyped", {
    "index.d.ts": "export declare const three: number;\nexport declare function f<T>(x: T): T;",
  });
  expect(
    (await kernel.execute(`import { three } from "untyped";\nconst wrong: string = three;`)).traceback(),
  ).toContain("Type 'number'");
});

it("the course's own packages are there, and none of the student's takes the library's place", async () => {
  install("gradschool", { "index.js": "exports.nd = 'not the library';" });
  const cell = await kernel.execute(
    `import ts from "typescript";\nimport { nd } from "gradschool";\n[typeof ts.version, nd.ones([2]).sum().item()]`,
  );
  expect(cell.result()).toBe("[ 'string', 2 ]");
});
