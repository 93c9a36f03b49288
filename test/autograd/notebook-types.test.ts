import path from "node:path";
import type ts from "typescript";
import { expect, it } from "vitest";

// Notebooks are compiled by tslab's own TypeScript, older than ours: what a student writes must pass there too.

const cell = `
import { gradcheck, record, Tensor, tensor } from "./index";
const square = (x: Tensor) => record("square", [x], (x) => [x.mul(x), (g) => [g.mul(x).mul(2)]]);
const times = (a: Tensor, b: Tensor) => record("times", [a, b], (a, b) => [a.mul(b), (g) => [g.mul(b), () => g.mul(a)]]);
gradcheck(square, [tensor([1, 2, 3])]);
// @ts-expect-error one gradient for two inputs
const half = (a: Tensor, b: Tensor) => record("half", [a, b], (a, b) => [a.mul(b), (g) => [g.mul(b)]]);
// @ts-expect-error an axis that the slice does not know
tensor([1]).slice("a");
// @ts-expect-error sizes one by one
tensor([1]).reshape(1, 1);
`;

it("record, slices and shapes infer in the notebooks' TypeScript", { timeout: 60_000 }, async () => {
  const lib = "@tslab/typescript-for-tslab";
  const { default: compiler } = (await import(lib)) as { default: typeof ts };
  const file = path.resolve("src/autograd/cell.ts");
  const options = { strict: true, noEmit: true, target: compiler.ScriptTarget.ES2022, types: [] };
  const moduleResolution = compiler.ModuleResolutionKind.NodeJs;
  const host = compiler.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, ...rest) =>
    name === file
      ? compiler.createSourceFile(name, cell, compiler.ScriptTarget.ES2022)
      : getSourceFile(name, ...rest);
  const program = compiler.createProgram([file], { ...options, moduleResolution }, host);
  const wrong = program.getSemanticDiagnostics(program.getSourceFile(file));
  expect(wrong.map((d) => compiler.flattenDiagnosticMessageText(d.messageText, "\n"))).toEqual([]);
});
