import ts from "typescript";
import { describe, expect, it } from "vitest";
import { declarationsOf, forbiddenInCells } from "../../../src/grading/wall/source";

const forbidden = (code: string, names = ["softmax"], own = {}) =>
  forbiddenInCells("answer", declarationsOf(ts, { code, own }), names);

describe("what cells use", () => {
  it.each([
    ["itself", "function answer(x) { return gs.softmax(x); }"],
    ["as translated", "const gs = require('gradschool');\nfunction answer(x) { return (0, gs.softmax)(x); }"],
    ["as a method", "const answer = (x) => x.softmax(-1);"],
    ["by a text", 'const answer = (x) => x["softmax"](-1);'],
    ["through a helper", "const helper = (x) => gs.softmax(x);\nfunction answer(x) { return helper(x); }"],
    [
      "through a class",
      "class Helper { run(x) { return gs.softmax(x); } }\nconst answer = (x) => new Helper().run(x);",
    ],
    ["taken apart", "const { softmax } = gs;\nconst answer = (x) => softmax(x);"],
    ["given later", "let answer;\nanswer = (x) => gs.softmax(x);"],
  ])("is found: %s", (_, code) => expect(forbidden(code)).toBe("softmax"));

  it.each([
    ["in a comment", "function answer(x) {\n  // not softmax\n  return x;\n}"],
    ["beside the answer", "function answer(x) { return x; }\ngs.softmax(1);\nshow(gs.softmax(2));"],
    ["in a helper that it does not use", "const helper = (x) => gs.softmax(x);\nconst answer = (x) => x;"],
    [
      "a function of its own",
      "const answer = (x) => { const softmax = (y) => y.exp(); return softmax(x); };",
    ],
    ["a key of its own", "const answer = (x) => ({ softmax: x });"],
  ])("is not found: %s", (_, code) => expect(forbidden(code)).toBeNull());

  it("knows a method alone, and the student's earlier functions", () => {
    expect(forbidden("const answer = (x) => gs.softmax(x).softmax();", [".softmax"])).toBe(".softmax");
    const own = { earlier: { code: "function mine(x) { return gs.softmax(x); }", name: "mine" } };
    expect(forbidden("const answer = (x) => earlier(x);", ["softmax"], own)).toBe("softmax");
    expect(forbidden("const answer = (x) => x;", ["softmax"], own)).toBeNull();
  });

  it("reads what is no program", () => {
    expect(forbidden("function answer(x) { return gs.softmax(x)")).toBe("softmax");
    expect(forbidden("}}} ((( `")).toBeNull();
  });
});
