import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
  await kernel.execute(`import { crossEntropy, Linear, nd, tensor } from "gradschool";
const x = tensor([1]);
class Base {
  private secret = 1;
  protected inherited = 2;
  #own = 3;
  _convention = 4;
  /** @internal */
  wiring = 5;
  open = 6;
  use() { return this.secret + this.#own; }
}
/**
 * The sum of both, see {@link Base} and {@link Base.open | its field}.
 *
 *     s = a + b
 *
 * @param a the first
 * @param b the second
 * @returns the sum
 * @throws {RangeError} never
 * @example
 * add(1, 2)
 */
function add(a: number, b: number) { return a + b; }`);
});
afterAll(() => kernel.stop());

const inspect = async (code: string, cursor_pos = code.length) =>
  (await kernel.request("inspect_request", { code, cursor_pos, detail_level: 0 })).reply as {
    found: boolean;
    data: Record<string, string>;
  };
const complete = async (code: string, cursor_pos = code.length) =>
  (await kernel.request("complete_request", { code, cursor_pos })).reply as {
    matches: string[];
    cursor_start: number;
    cursor_end: number;
  };

describe("Shift+Tab", () => {
  it("shows signature, docstring and tags as Markdown, with links resolved", async () => {
    const { found, data } = await inspect("add(1, 2)", 2);
    expect(found).toBe(true);
    expect(data["text/markdown"]).toBe(`\`\`\`typescript
function add(a: number, b: number): number
\`\`\`

The sum of both, see \`Base\` and \`its field\`.

    s = a + b

\`a\`: the first

\`b\`: the second

**returns** the sum

**throws** {RangeError} never

**example** 
\`\`\`typescript
add(1, 2)
\`\`\``);
    expect(data["text/plain"]).toContain("The sum of both, see Base and its field.");
  });

  it("shows the library's formulas", async () => {
    const { data } = await inspect("crossEntropy");
    expect(data["text/markdown"]).toContain("    loss = −Σ_c q_c log softmax(x)_c");
    expect(data["text/markdown"]).not.toMatch(/\(alias\)|^import /m);
  });

  it("shows the docstring of a method that arrays and tensors share", async () => {
    for (const [code, says] of [
      ["x.rsqrt()", "1 / √x"],
      ["x.topk(1)", "k largest"],
      ["nd.ones([2]).softmax()", "exp(x − max)"],
      ["nd.ones([2]).isClose(1)", "atol + rtol"],
    ]) {
      const { data } = await inspect(code, code.lastIndexOf("(") - 1);
      expect(data["text/markdown"]).toContain(says);
    }
    expect((await inspect("x.topk(1)", 4)).data["text/plain"]).toContain("k: number");
  });

  it("works inside the parentheses of a call, closed or not", async () => {
    for (const code of ["add(", "add(1, ", "x.add(add(1, ", "const y = add(1, [2, { a: (3"])
      expect((await inspect(code)).data["text/plain"]).toContain("add(a: number, b: number)");
    expect((await inspect("add(1, 2)", 8)).data["text/plain"]).toContain("add(a: number");
  });

  it("has nothing to say of nothing", async () => {
    for (const code of ["", "   ", "(", "nonsense", "if ("]) expect((await inspect(code)).found).toBe(false);
  });

  it("counts characters as Jupyter does", async () => {
    expect((await inspect(`"𝒳𝒳𝒳"; add`, 9)).data["text/plain"]).toContain("add(a: number");
    const { cursor_start, cursor_end, matches } = await complete(`"𝒳𝒳𝒳"; ad`);
    expect([cursor_start, cursor_end]).toEqual([7, 9]);
    expect(matches).toContain("add");
  });
});

describe("Tab", () => {
  it("offers an object's public members alone", async () => {
    expect((await complete("new Base().")).matches).toEqual(["open", "use"]);
    expect((await complete("class Sub extends Base { f() { this.", 36)).matches).toContain("inherited");
  });

  it("offers the methods that arrays and tensors share", async () => {
    const shared = ["add", "eq", "rsqrt", "sum", "topk", "slice", "matmul", "isClose", "argsort", "chunk"];
    for (const code of ["x.", "nd.ones([2])."])
      expect((await complete(code)).matches).toEqual(expect.arrayContaining(shared));
  });

  it("offers no names of the kernel's or of the wrapping", async () => {
    const { matches } = await complete("");
    expect(matches).toContain("add");
    expect(
      matches.filter((name) => /^_|^#|tslab|tsLastExpr|^exports$|^module$|Symbol\(/i.test(name)),
    ).toEqual([]);
    await kernel.execute("3");
    expect((await complete("ts")).matches).not.toContain("tsLastExpr");
  });

  it("offers names with an underscore to who begins one", async () => {
    await kernel.execute("const _mine = 1;");
    expect((await complete("_m")).matches).toEqual(["_mine"]);
  });

  it("offers no internals of the library", async () => {
    const { matches } = await complete("nd.");
    expect(matches).toEqual(expect.arrayContaining(["ones", "arange", "NDArray"]));
    expect(
      matches.filter((name) => /^(check|survives|saveState|expected|kernels|sizeOf|words)/.test(name)),
    ).toEqual([]);
  });
});

it("the same cell runs again and again, also between requests for help", async () => {
  const cell = "const again = [x.shape[0]];\nagain.length + again[0]";
  for (const between of [() => {}, () => inspect(cell, 8), () => complete(cell), () => {}, () => {}]) {
    await between();
    const run = await kernel.execute(cell);
    expect([run.reply.status, run.result()]).toEqual(["ok", "2"]);
    expect((await kernel.execute("1 + 1")).result()).toBe("2"); // a cell that declares nothing
  }
  expect((await inspect("again")).data["text/plain"]).toContain("number[]");
  for (let i = 0; i < 3; i++) expect((await kernel.execute(cell)).result()).toBe("2");
  expect(kernel.stderr).toBe("");
});
