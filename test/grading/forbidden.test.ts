import { describe, expect, it } from "vitest";
import { softmax, type Tensor, tensor } from "../../src/autograd";
import { runChecks } from "../../src/grading";
import { forbiddenUse, type Lookup } from "../../src/grading/forbidden";
import { verdictView } from "../../src/grading/view";
import { displaySymbol } from "../../src/notebook";
import { centre, centreExercise as task } from "./exercises";

/** A function of this text, as a cell makes it. */
const written = (text: string) => new Function(`return ${text}`)() as (x: never) => unknown;
const nothing: Lookup = () => undefined;
const find = (text: string, names = ["softmax"], lookup = nothing) =>
  forbiddenUse(written(text), names, lookup);

describe("a forbidden name", () => {
  it.each([
    ["a call", "(x) => softmax(x)"],
    ["an import, compiled", "(x) => (0, gradschool_1.softmax)(x)"],
    ["an import, as cells have it", "(x) => exports.softmax(x)"],
    ["a method", "(x) => x.add(1)\n  .softmax(-1)"],
    ["a method by its name", "(x) => x['softmax']()"],
    ["a method by its name, quoted otherwise", "(x) => x[`softmax`]()"],
    [
      "taken out of an object",
      "(x) => { const { softmax: s } = nd; return s(x); }".replace("softmax: s", "a, softmax"),
    ],
    ["within a template", "(x) => `$" + "{softmax(x)}`"],
    ["behind a comment", "(x) => /* as before */ softmax(x) // so"],
    [
      "beside a name of one's own that holds it",
      "(x) => { const softmaxed = softmax(x); return softmaxed; }",
    ],
  ])("is found in %s", (_, text) => expect(find(text)).toBe("softmax"));

  it.each([
    ["a comment", "(x) => x /* softmax */ // softmax(x)"],
    ["a text", `(x) => { if (!x) throw new Error("softmax(x): no"); return 'a softmax'; }`],
    ["the text of a template", "(x) => `softmax of $" + "{x}`"],
    ["a longer name", "(x) => mySoftmax(softmax2(logSoftmax(x)))"],
    ["a function of one's own", "(x) => { const softmax = (y) => y.exp(); return softmax(x); }"],
    ["a key", "(x) => ({ softmax: 1 })"],
  ])("is not found in %s", (_, text) => expect(find(text)).toBeNull());

  it("with a dot means methods alone", () => {
    expect(find("(x) => x.softmax()", [".softmax"])).toBe(".softmax");
    expect(find("(x) => softmax(x)", [".softmax"])).toBeNull();
  });

  it("is found under another name, and in functions of other cells", () => {
    const cells: Record<string, { value: unknown; imported: boolean }> = {
      sm: { value: softmax, imported: true },
      helper: { value: written("(x) => deeper(x)"), imported: false },
      deeper: { value: written("(x) => helper(x.softmax())"), imported: false },
      library: { value: written("(x) => softmax(x)"), imported: true },
    };
    const lookup: Lookup = (name) => cells[name];
    expect(find("(x) => exports.sm(x)", ["softmax"], lookup)).toBe("softmax");
    expect(find("(x) => helper(x)", ["softmax"], lookup)).toBe("softmax");
    expect(find("(x) => library(x)", ["softmax"], lookup)).toBeNull();
  });

  it("is no question to what cannot be read", () => {
    expect(forbiddenUse(Math.max as never, ["softmax"], nothing)).toBeNull();
    const { proxy, revoke } = Proxy.revocable(() => 1, {});
    revoke();
    expect(forbiddenUse(proxy as never, ["softmax"], nothing)).toBeNull();
  });
});

describe("a solution by what the exercise forbids", () => {
  const borrowed = { ...task, forbids: ["mean"] };

  it("does not pass, however right it is, and is told why", () => {
    const verdict = runChecks(borrowed, (x: Tensor) =>
      x.sub(x.mean(-1, { keepDims: true })).div(Math.sqrt(x.shape.at(-1)!)),
    );
    expect(verdict).toMatchObject({ status: "forbidden", earned: 0 });
    const text = verdictView(verdict, { title: "Centre", id: "centre" })[displaySymbol]()["text/plain"];
    expect(text).toBe(`✗ Centre: 0 of 5 points
  your function uses \`mean\`, which already does what the exercise asks for
  Likely cause: write it from simpler operations; if \`mean\` is a function of your own, give it another name
centre is the reference for now, so the notebook goes on. Mend yours and run this cell again.`);
  });

  it("passes when it is written from what is allowed", () => {
    const own = (x: Tensor) => {
      const n = x.shape.at(-1)!;
      return x.sub(x.sum(-1, { keepDims: true }).div(n)).div(Math.sqrt(n));
    };
    expect(own(tensor([[1, 3]])).toArray()).toEqual(centre(tensor([[1, 3]])).toArray());
    expect(runChecks(borrowed, own).status).toBe("passed");
  });
});
