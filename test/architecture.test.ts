import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/** The rooms, and which others each may enter. Data flows one way; see the README's map of the house. */
const mayImport: Record<string, readonly string[]> = {
  tensor: [],
  autograd: ["tensor"],
  data: ["tensor"],
  nn: ["tensor", "autograd"],
  notebook: ["tensor", "autograd", "nn"],
  grading: ["tensor", "autograd", "nn", "notebook"],
  lectures: ["tensor", "autograd", "data", "nn", "notebook", "grading"],
};

interface Import {
  /** As written. */
  name: string;
  typeOnly: boolean;
}

/** Every module a file names: imports, re-exports, `import()`, `import("...")` types and `require()`. */
function importsOf(file: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, importsTypesOnly(node.importClause));
    if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    if (ts.isExternalModuleReference(node)) add(node.expression, false);
    if (ts.isCallExpression(node) && node.arguments.length > 0) {
      const { expression } = node;
      const loads = expression.kind === ts.SyntaxKind.ImportKeyword || expression.getText() === "require";
      if (loads) add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  const add = (name: ts.Expression, typeOnly: boolean) => {
    if (ts.isStringLiteralLike(name)) found.push({ name: name.text, typeOnly });
  };
  visit(file);
  return found;
}

function importsTypesOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return !clause.name && !!named && ts.isNamedImports(named) && named.elements.every((e) => e.isTypeOnly);
}

const roomOf = (path: string) => path.match(/^src\/([^/]+)\//)?.[1];

/** The file that a relative import means, among `files`; undefined if it is none of them. */
function resolve(from: string, name: string, files: ReadonlyMap<string, string>): string | undefined {
  const path = posix.join(posix.dirname(from), name);
  return [path, `${path}.ts`, `${path}/index.ts`].find((candidate) => files.has(candidate));
}

/** What only the tensor room may name: what a device computes, and on what. */
const kernelNames = new Set(["kernels", "Kernels", "Floats", "getDevice"]);

/** The names among these that a file takes: by import or export from anywhere, as a member, out of an object, as a string. */
function kernelsNamed(file: ts.SourceFile): string[] {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    for (const name of namesTaken(node)) if (kernelNames.has(name)) found.add(name);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...found];
}

function namesTaken(node: ts.Node): string[] {
  const textOf = (name: ts.Node | undefined) =>
    name && (ts.isIdentifier(name) || ts.isStringLiteralLike(name)) ? [name.text] : [];
  // What is exported under another room's name was imported, or made here.
  if (ts.isExportSpecifier(node) && !node.parent.parent.moduleSpecifier) return [];
  if (ts.isImportSpecifier(node) || ts.isExportSpecifier(node)) return textOf(node.propertyName ?? node.name);
  if (ts.isPropertyAccessExpression(node)) return textOf(node.name);
  if (ts.isQualifiedName(node)) return textOf(node.right);
  if (ts.isImportTypeNode(node)) return textOf(node.qualifier);
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent))
    return textOf(node.propertyName ?? node.name);
  return ts.isStringLiteralLike(node) ? [node.text] : [];
}

/** Everything in `files` (path from the project's root -> text) that breaks the house's order, in words. */
function violations(files: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const values = new Map<string, string[]>();
  for (const [path, text] of files) {
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
    const room = roomOf(path);
    if (room && !(room in mayImport)) found.push(`${path}: src has no room called ${room}`);
    // A lecture may show devices; its models may not need them.
    const isShown = room === "lectures" && (path.endsWith(".nb.ts") || path.includes("/exercises/"));
    if (room && room !== "tensor" && !isShown) {
      for (const name of kernelsNamed(file))
        found.push(`${path}: ${name} stays inside tensor; tensor/fused has operations on arrays`);
    }
    for (const { name, typeOnly } of importsOf(file)) {
      if (!name.startsWith(".")) {
        if (name.startsWith("node:") && !typeOnly)
          found.push(`${path}: ${name} is reached through src/tensor/node.ts`);
        if (name === "@huggingface/hub" && !typeOnly)
          found.push(
            `${path}: ${name} needs Node, and bundlers of web pages fail at it: createRequire loads it`,
          );
        if (/^(vitest|fast-check)(\/|$)/.test(name)) found.push(`${path}: ${name} belongs in test/`);
        if (/^gradschool(\/|$)/.test(name) && !path.endsWith(".nb.ts"))
          found.push(`${path}: only notebooks import "${name}"; import the room`);
        continue;
      }
      const target = resolve(path, name, files);
      if (!target) {
        if (!posix.join(posix.dirname(path), name).startsWith("src/"))
          found.push(`${path}: ${name} lies outside src`);
        continue;
      }
      if (target.endsWith(".hidden.ts")) found.push(`${path}: only the grader loads hidden checks, ${name}`);
      if (!typeOnly) values.set(path, [...(values.get(path) ?? []), target]);
      const other = roomOf(target);
      if (room === undefined || other === room) continue;
      if (other === undefined) found.push(`${path}: ${target} stands above the rooms`);
      else if (!mayImport[room]?.includes(other)) found.push(`${path}: ${room} must not import ${other}`);
      else if (target !== `src/${other}/index.ts`)
        found.push(`${path}: ${name} goes past src/${other}/index.ts`);
    }
  }
  return [...found, ...cycles(values)];
}

/** Circles of value imports; each is told once, as the path around it. */
function cycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      found.push(`cycle: ${[...trail.slice(at), path].join(" → ")}`);
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) walk(path, []);
  return found;
}

/** The library's sources. AssemblyScript is another language, under its own roof. */
function sources(): Map<string, string> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const names = readdirSync(`${root}/src`, { recursive: true, encoding: "utf8" });
  const paths = names.map((name) => `src/${name.replaceAll("\\", "/")}`);
  const ours = paths.filter((path) => path.endsWith(".ts") && !path.includes("/wasm/assembly/"));
  return new Map(ours.map((path) => [path, readFileSync(root + path, "utf8")]));
}

describe("the house", () => {
  it("keeps its order: imports point left, through index.ts, without cycles", () => {
    const files = sources();
    expect(files.size).toBeGreaterThan(10);
    expect(violations(files)).toEqual([]);
  });
});

describe("devices", () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const filesOf = (folder: string) =>
    readdirSync(root + folder).flatMap((name) => (name.endsWith(".ts") ? [name.replace(".ts", "")] : []));
  const kernelFiles = filesOf("src/tensor/devices/reference").filter((name) => name !== "index");

  it.each(["src/tensor/devices/wasm", "src/tensor/devices/wasm/assembly", "test/tensor/conformance"])(
    "what belongs together has one name: %s",
    (folder) => {
      expect(kernelFiles.length).toBeGreaterThan(10);
      expect(filesOf(folder)).toEqual(expect.arrayContaining(kernelFiles));
    },
  );
});

describe("the checker", () => {
  const check = (files: Record<string, string>) => violations(new Map(Object.entries(files)));
  const tensor = { "src/tensor/index.ts": `export * from "./shape";`, "src/tensor/shape.ts": "" };

  it("lets a room use those to its left", () => {
    expect(
      check({
        ...tensor,
        "src/index.ts": `export * as nd from "./tensor"; export * from "./nn";`,
        "src/nn/index.ts": `import { size } from "../tensor"; import type * as FS from "node:fs";`,
        "src/lectures/gpt/index.ts": `import "../../nn"; import type { T } from "../../tensor/index";`,
        "src/lectures/gpt/gpt.nb.ts": `import { size } from "gradschool";`,
      }),
    ).toEqual([]);
  });

  it("finds an import that points right, of types too", () => {
    const nn = { "src/nn/index.ts": "" };
    expect(check({ ...nn, "src/tensor/a.ts": `import { Linear } from "../nn";` })).toEqual([
      "src/tensor/a.ts: tensor must not import nn",
    ]);
    expect(check({ ...nn, "src/data/a.ts": `export type { Linear } from "../nn";` })).toHaveLength(1);
    expect(check({ ...nn, "src/autograd/a.ts": `let x: import("../nn").Linear;` })).toHaveLength(1);
    expect(check({ ...nn, "src/autograd/a.ts": `const x = require("../nn");` })).toHaveLength(1);
    expect(check({ ...nn, "src/autograd/a.ts": `const x = await import("../nn");` })).toHaveLength(1);
  });

  it("finds a way past another room's index", () => {
    expect(check({ ...tensor, "src/nn/a.ts": `import { size } from "../tensor/shape";` })).toEqual([
      "src/nn/a.ts: ../tensor/shape goes past src/tensor/index.ts",
    ]);
  });

  it("finds circles of values, not of types", () => {
    const a = { "src/nn/a.ts": `import { b } from "./b";` };
    expect(check({ ...a, "src/nn/b.ts": `import { a } from "./a";` })).toEqual([
      "cycle: src/nn/a.ts → src/nn/b.ts → src/nn/a.ts",
    ]);
    expect(check({ ...a, "src/nn/b.ts": `import type { a } from "./a";` })).toEqual([]);
    expect(check({ ...a, "src/nn/b.ts": `import { type a } from "./a";` })).toEqual([]);
  });

  it("finds a way to the hidden checks", () => {
    const hidden = { "src/lectures/gpt/exercises/a.hidden.ts": `import { a } from "./a";` };
    expect(check({ ...hidden, "src/lectures/gpt/exercises/a.ts": "" })).toEqual([]);
    expect(
      check({ ...hidden, "src/lectures/gpt/exercises/a.ts": `import { hidden } from "./a.hidden";` }),
    ).toContain("src/lectures/gpt/exercises/a.ts: only the grader loads hidden checks, ./a.hidden");
  });

  it("finds a second door to Node", () => {
    const through = (path: string) => [`${path}: node:fs is reached through src/tensor/node.ts`];
    expect(check({ "src/nn/a.ts": `import { readFileSync } from "node:fs";` })).toEqual(
      through("src/nn/a.ts"),
    );
    expect(check({ "src/nn/a.ts": `const fs = await import("node:fs");` })).toEqual(through("src/nn/a.ts"));
    expect(check({ "src/nn/a.ts": `const fs = require("node:fs");` })).toEqual(through("src/nn/a.ts"));
    const other = [...sources()].filter(
      ([path, text]) => /getBuiltinModule/.test(text) && path !== "src/tensor/node.ts",
    );
    expect(other.map(([path]) => path)).toEqual([]);
  });

  it("finds kernels outside the tensor room, however they are reached", () => {
    const told = (path: string, name: string) => [
      `${path}: ${name} stays inside tensor; tensor/fused has operations on arrays`,
    ];
    for (const room of ["autograd", "nn", "data", "notebook", "lectures"]) {
      const path = `src/${room}/a.ts`;
      const given = (text: string) => check({ ...tensor, [path]: text });
      expect(given(`import { kernels } from "../tensor"; kernels().matmul();`)).toEqual(
        told(path, "kernels"),
      );
      expect(given(`import { type Floats } from "../tensor";`)).toEqual(told(path, "Floats"));
      expect(given(`import { getDevice as made } from "../tensor";`)).toEqual(told(path, "getDevice"));
      expect(given(`import * as nd from "../tensor"; nd.kernels();`)).toEqual(told(path, "kernels"));
      expect(given(`import { device } from "../tensor"; device().kernels.adam();`)).toEqual(
        told(path, "kernels"),
      );
      const { kernels } = { kernels: told(path, "kernels") };
      expect(given(`import { device } from "../tensor"; const { kernels } = device();`)).toEqual(kernels);
      expect(given(`import { device } from "../tensor"; const { kernels: k } = device();`)).toEqual(kernels);
      expect(given(`import { device } from "../tensor"; device()["kernels"].adam();`)).toEqual(kernels);
      expect(given(`import { device } from "../tensor"; Reflect.get(device(), "kernels");`)).toEqual(kernels);
      expect(given(`import * as nd from "../tensor"; const { getDevice: of } = nd;`)).toEqual(
        told(path, "getDevice"),
      );
      expect(given(`let x: import("../tensor").Floats;`)).toEqual(told(path, "Floats"));
      expect(given(`import type * as nd from "../tensor"; let x: nd.Kernels;`)).toEqual(
        told(path, "Kernels"),
      );
      const other = { [`src/${room}/b.ts`]: `export * from "../tensor";` };
      expect(check({ ...tensor, ...other, [path]: `import { kernels } from "./b";` })).toEqual(kernels);
      expect(given(`import { size } from "../tensor"; const kernels = size;`)).toEqual([]);
    }
    expect(check({ ...tensor, "src/nn/exercises/a.ts": `device().kernels;` })).toHaveLength(1);
    expect(check({ ...tensor, "src/nn/a.nb.ts": `device().kernels;` })).toHaveLength(1);
    expect(
      check({ "src/tensor/a.ts": `import { kernels } from "./device";`, "src/tensor/device.ts": "" }),
    ).toEqual([]);
  });

  it("finds what does not belong in src at all", () => {
    expect(check({ "src/nn/a.ts": `import { helper } from "../../test/helper";` })).toHaveLength(1);
    expect(check({ "src/nn/a.ts": `import { it } from "vitest";` })).toHaveLength(1);
    expect(check({ "src/nn/a.ts": `import { Tensor } from "gradschool";` })).toHaveLength(1);
    expect(check({ "src/index.ts": "", "src/nn/a.ts": `import { Tensor } from "..";` })).toHaveLength(1);
    expect(check({ "src/attic/a.ts": "" })).toHaveLength(1);
  });
});
