import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Execution, KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(() => kernel.stop());

const show = `const show = (bundle: object) => (globalThis as any)[Symbol.for("gradschool.kernel")].display(bundle);`;
const size = (cell: Execution) => JSON.stringify(cell.published).length;
const last = (cell: Execution) => cell.all("stream").at(-1)?.text as string;

describe("what a cell shows is limited", () => {
  it.each(["log", "error"])("in lines of console.%s", async (method) => {
    const cell = await kernel.execute(`for (let i = 0; i < 100_000; i++) console.${method}(i);\n"result"`);
    const text = cell.text(method === "log" ? "stdout" : "stderr");
    const lines = text.split("\n").slice(0, 20_000);
    expect(lines).toEqual(Array.from({ length: 20_000 }, (_, i) => String(i)));
    expect(last(cell)).toContain("[80,000 lines (480,000 characters) left out.");
    expect(last(cell)).toContain("appendFileSync");
    expect(cell.result()).toBe("'result'");
    expect(cell.all("stream").length).toBeLessThan(200);
  });

  it("in lines of both streams together", async () => {
    const cell = await kernel.execute(
      `for (let i = 0; i < 15_000; i++) { console.log(i); console.error(i); }`,
    );
    expect(last(cell)).toContain("[10,000 lines");
  });

  it("in characters", async () => {
    for (const code of [
      `console.log("x".repeat(5e6));`,
      `"x\\n".repeat(5e6)`,
      `process.stdout.write("é".repeat(5e6)); 0`,
    ]) {
      const cell = await kernel.execute(code);
      expect(size(cell)).toBeLessThan(2_100_000);
      expect(last(cell)).toMatch(/\[.* left out\./);
    }
  });

  it("in displays", async () => {
    const many = await kernel.execute(
      `${show}\nfor (let i = 0; i < 3000; i++) show({ "text/plain": String(i) });`,
    );
    expect(many.all("display_data")).toHaveLength(1000);
    expect(last(many)).toContain("[2,000 displays left out.");
    const large = await kernel.execute(
      `${show}\nfor (let i = 0; i < 50; i++) show({ "text/html": "x".repeat(1e6) });`,
    );
    expect(large.all("display_data")).toHaveLength(20);
    expect(last(large)).toContain("[30 displays left out.");
    const tslab = await kernel.execute(
      `import * as tslab from "tslab";\nfor (let i = 0; i < 1001; i++) tslab.display.html("<i>x</i>");`,
    );
    expect(last(tslab)).toContain("[1 display left out.");
  });

  it("in errors", async () => {
    const cell = await kernel.execute(`throw new Error("m".repeat(1e7));`);
    expect(size(cell)).toBeLessThan(200_000);
    expect(cell.reply.evalue).toMatch(/^m+… \(9,980,000 more characters\)$/);
  });

  it("in what its timers write later", async () => {
    const first = await kernel.execute(
      `const written = new Promise<void>((done) => {
        setTimeout(() => { for (let i = 0; i < 50_000; i++) console.log(i); done(); }, 500);
      });
0`,
    );
    const next = await kernel.execute("await written;");
    // Such output belongs to the cell that runs by then.
    expect(size(first)).toBeLessThan(1000);
    expect(size(next)).toBeGreaterThan(100_000);
    expect(size(next)).toBeLessThan(200_000);
  });

  it("and leaves the next cell its own room", async () => {
    expect((await kernel.execute(`console.log("all of it")`)).text("stdout")).toBe("all of it\n");
  });
});
